import assert from "node:assert/strict";
import { test } from "node:test";
import { firstStream, JobList } from "../../web/model/job-list.js";

function job(name, fields = {}) {
    return { namespace: "team", workflow: "etl", job: name, uid: `${name}-1`, status: "running",
        createdAt: "2026-01-01T00:00:00Z", ...fields };
}

function listed(...items) {
    const list = new JobList();
    list.replace({ items, sequence: 10 });
    return list;
}

function event(id, type, name, data) {
    return { id: String(id), type: `podwire.job.${type}`, subject: `team/etl/${name}`, data,
        time: "2026-01-01T00:05:00Z" };
}

const names = (list, filter) => list.rows(filter).jobs.map((each) => each.job);
const load = { namespace: "team", workflow: "etl", job: "load" };

test("jobs are in order of creation, newest first, across pages", () => {
    const list = listed(job("new", { createdAt: "2026-03-01T00:00:00Z" }), job("old"));
    list.addPage({ items: [job("middle", { createdAt: "2026-02-01T00:00:00Z" })], continue: "" });
    assert.deepEqual(names(list), ["new", "middle", "old"]);
    assert.equal(list.rest, undefined);
});

test("a status event changes the job and asks for what it does not say", () => {
    const list = listed(job("load", { status: "scheduling" }));
    const subject = list.apply(event(11, "status", "load", { to: "running" }));
    assert.equal(subject, "team/etl/load");
    assert.equal(list.find(load).status, "running");
    assert.equal(list.find(load).startedAt, "2026-01-01T00:05:00Z");
    assert.equal(list.sequence, 11);
});

test("an event that the list reflects already changes nothing", () => {
    const list = listed(job("load"));
    assert.equal(list.apply(event(10, "status", "load", { to: "paused" })), null);
    assert.equal(list.find(load).status, "running");
});

test("outputs are added one by one, and the last of a key wins", () => {
    const list = listed(job("load"));
    assert.equal(list.apply(event(11, "output", "load", { key: "a", value: "1" })), null);
    list.apply(event(12, "output", "load", { key: "b", value: "2" }));
    list.apply(event(13, "output", "load", { key: "a", value: "3" }));
    assert.deepEqual(list.find(load).outputs, { a: "3", b: "2" });
});

test("an end event gives the outcome", () => {
    const list = listed(job("load"));
    list.apply(event(11, "status", "load", { from: "running", to: "end" }));
    list.apply(event(12, "end", "load",
        { outcome: "failure", exitCode: 3, reason: "OOMKilled", lines: 9 }));
    const { status, outcome, exitCode, reason, lines } = list.find(load);
    assert.deepEqual({ status, outcome, exitCode, reason, lines },
        { status: "end", outcome: "failure", exitCode: 3, reason: "OOMKilled", lines: 9 });
});

test("an event of a job that nobody knows asks for that job", () => {
    assert.equal(listed().apply(event(11, "status", "fresh", { to: "pending" })),
        "team/etl/fresh");
});

test("a new run under the name of an ended job leaves the ended one as it is", () => {
    const list = listed(job("load", { status: "end", outcome: "success" }));
    assert.equal(list.apply(event(11, "status", "load", { to: "pending" })), "team/etl/load");
    assert.equal(list.find(load).outcome, "success");
    const second = { uid: "load-2", createdAt: "2026-01-02T00:00:00Z", status: "pending" };
    list.put(job("load", second));
    assert.equal(list.find(load).uid, "load-2");
    assert.equal(list.find({ ...load, run: "load-1" }).outcome, "success");
    assert.equal(list.size, 2);
});

test("a job is found by its Pod", () => {
    const list = listed(job("load", { pods: [{ name: "load-x", uid: "u1" }] }));
    assert.equal(list.findByPod({ namespace: "team", pod: "load-x" }).job, "load");
    const other = { namespace: "team", pod: "load-x", uid: "u2" };
    assert.equal(list.findByPod(other), undefined);
});

test("the filter wants every word, and the status group", () => {
    const list = listed(job("load"), job("load-more", { status: "end", outcome: "timeout" }));
    assert.deepEqual(names(list, { text: "MORE etl" }), ["load-more"]);
    assert.deepEqual(names(list, { text: "more absent" }), []);
    assert.deepEqual(names(list, { status: "failure" }), ["load-more"]);
    assert.deepEqual(names(list, { status: "running" }), ["load"]);
    assert.equal(list.rows({}, 1).jobs.length, 1);
    assert.equal(list.rows({}, 1).matching, 2);
});

test("the log to open first is the newest Pod's main container, at its latest attempt", () => {
    const containers = [
        { name: "fetch", kind: "init", attempts: [{ attempt: 0 }] },
        { name: "work", kind: "main", attempts: [{ attempt: 0 }, { attempt: 1 }] },
    ];
    const pods = [{ name: "a", uid: "1", containers: [] }, { name: "b", uid: "2", containers }];
    assert.deepEqual(firstStream(job("load", { pods })),
        { pod: "b", uid: "2", container: "work", attempt: 1 });
    assert.equal(firstStream(job("load")), undefined);
});
