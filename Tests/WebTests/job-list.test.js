import assert from "node:assert/strict";
import { test } from "node:test";
import { JobList } from "../../web/model/job-list.js";

function job(name, fields = {}) {
    return { namespace: "team", workflow: "etl", job: name, uid: `${name}-1`, status: "running",
        createdAt: "2026-01-01T00:00:00Z", ...fields };
}

function listed(...items) {
    const list = new JobList();
    for (const item of items) list.put(item);
    return list;
}

const names = (list, filter = {}) => list.rows(filter).map((each) => each.job);
const load = { namespace: "team", workflow: "etl", job: "load" };

test("jobs are in order of creation, newest first", () => {
    const list = listed(job("new", { createdAt: "2026-03-01T00:00:00Z" }), job("old"),
        job("middle", { createdAt: "2026-02-01T00:00:00Z" }));
    assert.deepEqual(names(list), ["new", "middle", "old"]);
});

test("of two answers that of the later question stays, whichever came first", () => {
    const list = listed(job("load", { askedAt: 1 }));
    list.put(job("load", { askedAt: 3, status: "end", outcome: "failure" }));
    list.put(job("load", { askedAt: 2 }));
    assert.equal(list.find(load).outcome, "failure");
});


test("a new run under the name of an ended job leaves the ended one as it is", () => {
    const list = listed(job("load", { status: "end", outcome: "success" }));
    const second = { uid: "load-2", createdAt: "2026-01-02T00:00:00Z", status: "pending" };
    list.put(job("load", second));
    assert.equal(list.find(load).uid, "load-2");
    assert.equal(list.find({ ...load, run: "load-1" }).outcome, "success");
    assert.equal(list.size, 2);
});

test("jobs can be forgotten", () => {
    const list = listed(job("load", { askedAt: 2 }), job("other", { askedAt: 1 }));
    list.forgetBefore(2);
    assert.deepEqual(names(list), ["load"]);
});

test("a job is found by its Pod", () => {
    const list = listed(job("load", { pods: [{ name: "load-x", uid: "u1" }] }));
    assert.equal(list.find({ namespace: "team", pod: "load-x" }).job, "load");
    const other = { namespace: "team", pod: "load-x", uid: "u2" };
    assert.equal(list.find(other), undefined);
});

test("the filter wants every word, and the status or outcome", () => {
    const list = listed(job("load"), job("load-more", { status: "end", outcome: "timeout" }));
    assert.deepEqual(names(list, { text: "MORE etl" }), ["load-more"]);
    assert.deepEqual(names(list, { text: "more absent" }), []);
    assert.deepEqual(names(list, { status: "timeout" }), ["load-more"]);
    assert.deepEqual(names(list, { status: "running" }), ["load"]);
    assert.equal(list.rows({}).length, 2);
});
