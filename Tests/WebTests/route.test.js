import assert from "node:assert/strict";
import { test } from "node:test";
import {
    addressOf, jobLogAddress, logAddress, parseRoute,
} from "../../web/model/route.js";

test("a log address names the same log when it is read again", () => {
    const log = { namespace: "team", pod: "pod.x-1", container: "main", uid: "u/1", attempt: 2,
        workflow: "e t l", job: "a&b", run: "r?1", q: "#L1 &", regex: "1", case: undefined,
        filter: undefined, lines: { first: 7, last: 9 } };
    assert.deepEqual(parseRoute(logAddress(log)), { name: "log", ...log });
    const whole = { ...log, attempt: undefined, lines: undefined };
    assert.deepEqual(parseRoute(logAddress(whole)), { name: "log", ...whole });
});

test("a log address may leave out everything but the path", () => {
    const { namespace, pod, container, attempt } = parseRoute("#/logs/n/p/c");
    assert.deepEqual([namespace, pod, container, attempt], ["n", "p", "c", undefined]);
    assert.equal(parseRoute("#/logs/n/p/c?attempt=-1").attempt, undefined);
});

test("no hash is the job list, and a filter survives the address", () => {
    assert.equal(parseRoute("").name, "jobs");
    const filter = { text: "a b", status: "failure", namespace: "team", workflow: "w/1" };
    assert.deepEqual(parseRoute(addressOf("jobs", filter)), { name: "jobs", ...filter });
    assert.equal(addressOf("jobs"), "#/");
});

test("an address that names no page is unknown, also when it cannot be decoded", () => {
    for (const hash of ["#/nowhere", "#/logs/only/two", "#/logs/a/b/%E0%A4%A"]) {
        assert.equal(parseRoute(hash).name, "unknown");
    }
});

test("jobs and workflows have addresses of their own", () => {
    const job = { namespace: "team", workflow: "w/1", job: "load", uid: "u1" };
    assert.deepEqual(parseRoute(jobLogAddress(job)),
        { name: "job", namespace: "team", workflow: "w/1", job: "load", run: "u1" });
    const { namespace, workflow } = job;
    assert.deepEqual(parseRoute(addressOf("workflow", job)), { name: "workflow", namespace, workflow });
});

test("lines are meant by one number or two, in any order", () => {
    assert.deepEqual(parseRoute("#/logs/a/b/c#L5").lines, { first: 5, last: 5 });
    assert.deepEqual(parseRoute("#/logs/a/b/c?uid=1#L140-L120").lines, { first: 120, last: 140 });
    assert.equal(parseRoute("#/logs/a/b/c").lines, undefined);
});
