import assert from "node:assert/strict";
import { test } from "node:test";
import { endingOf, instancesAt, instancesOf } from "../../web/model/log-choice.js";

const attempts = [{ attempt: 0, exitCode: 1, reason: "Error" },
    { attempt: 1, exitCode: 3, reason: "OOMKilled" }];
const job = {
    namespace: "team", workflow: "etl", job: "load", status: "end", outcome: "failure",
    exitCode: 3, pods: [{ name: "load-x", uid: "u1", containers: [
        { name: "fetch", kind: "init", attempts: [{ attempt: 0, exitCode: 0 }] },
        { name: "main", kind: "main", attempts },
    ] }],
};

const at = (address) => instancesAt(instancesOf(job), address);

test("every container instance can be chosen, by a label that tells it apart", () => {
    assert.deepEqual(instancesOf(job).map(({ label }) => label),
        ["fetch (init)", "main attempt 0", "main attempt 1"]);
    assert.deepEqual(instancesOf({ namespace: "team" }), []);
    assert.deepEqual(instancesOf(undefined), []);
});

test("an instance has what its address is made of", () => {
    const { namespace, workflow, job: name, run, pod, uid, container, attempt } =
        instancesOf({ ...job, uid: "run" })[2];
    assert.deepEqual([namespace, workflow, name, run], ["team", "etl", "load", "run"]);
    assert.deepEqual([pod, uid, container, attempt], ["load-x", "u1", "main", 1]);
});

test("an address without an attempt means the latest", () => {
    const [{ attempt, latest }, ...others] = at({ pod: "load-x", container: "main" });
    assert.deepEqual([attempt, latest, others], [1, 1, []]);
    assert.equal(at({ pod: "load-x", container: "main", attempt: 0 })[0].latest, 1);
    assert.deepEqual(at({ pod: "gone", container: "main" }), []);
    assert.deepEqual(at({ pod: "load-x", uid: "u0", container: "main" }), []);
});

test("all containers are meant at their latest attempts", () => {
    assert.deepEqual(at({ pod: "load-x", uid: "u1", container: "*" }).map(({ label }) => label),
        ["fetch (init)", "main attempt 1"]);
});

test("only the latest attempt of a main container ended as the job did", () => {
    const ending = (container, attempt) => {
        const { status, outcome, exitCode, reason } =
            endingOf(job, at({ pod: "load-x", uid: "u1", container, attempt })[0]);
        return [status, outcome, exitCode, reason];
    };
    assert.deepEqual(ending("main", 1), ["end", "failure", 3, "OOMKilled"]);
    assert.deepEqual(ending("main", 0), [undefined, undefined, 1, "Error"]);
    assert.deepEqual(ending("fetch", 0), [undefined, undefined, 0, undefined]);
});
