import assert from "node:assert/strict";
import { test } from "node:test";
import { jobsAddress, logAddress, parseRoute } from "../../web/model/route.js";

test("a log address names the same log when it is read again", () => {
    const log = { namespace: "team", pod: "pod.x-1", container: "main", uid: "u/1", attempt: 2,
        workflow: "e t l", job: "a&b", run: "r?1" };
    assert.deepEqual(parseRoute(logAddress(log)), { name: "log", ...log });
});

test("a log address may leave out everything but the path", () => {
    const { namespace, pod, container, attempt } = parseRoute("#/logs/n/p/c");
    assert.deepEqual([namespace, pod, container, attempt], ["n", "p", "c", undefined]);
    assert.equal(parseRoute("#/logs/n/p/c?attempt=-1").attempt, undefined);
});

test("no hash is the job list, and a filter survives the address", () => {
    assert.deepEqual(parseRoute(""), { name: "jobs", text: "", status: "" });
    const filter = { text: "a b", status: "failure" };
    assert.deepEqual(parseRoute(jobsAddress(filter)), { name: "jobs", ...filter });
    assert.equal(jobsAddress(), "#/");
});

test("an address that names no page is unknown, also when it cannot be decoded", () => {
    for (const hash of ["#/nowhere", "#/logs/only/two", "#/logs/a/b/%E0%A4%A"]) {
        assert.equal(parseRoute(hash).name, "unknown");
    }
});
