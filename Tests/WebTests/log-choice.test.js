import assert from "node:assert/strict";
import { test } from "node:test";
import { endingOf, firstInstance, instancesAt, instancesOf } from "../../web/model/log-choice.js";

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

/** The address of the instance to open first. */
function first(pods, status = "running") {
    const { pod, uid, container, attempt } = firstInstance({ status, pods }) ?? {};
    return pod && [pod, uid, container, attempt].join(" ");
}

const numbered = (length) => Array.from({ length }, (_, attempt) => ({ attempt }));
const podOf = (name, mainAttempts, initAttempts = 1) => ({ name, uid: `${name}-1`, containers: [
    { name: "setup", kind: "init", attempts: numbered(initAttempts) },
    { name: "work", kind: "main", attempts: numbered(mainAttempts) },
] });

test("the log to open first is the newest Pod's main container, at its latest attempt", () => {
    assert.equal(first([podOf("a", 1), podOf("b", 2)]), "b b-1 work 1");
    assert.equal(first(undefined), undefined);
});

test("while a job runs the log is that of its main container, which may be yet to come", () => {
    assert.equal(first([podOf("a", 0)]), undefined);
    assert.equal(first([podOf("a", 1), podOf("b", 0, 0)]), undefined);
    assert.equal(first([podOf("a", 0)], "end"), "a a-1 setup 0");
});

test("a job whose last Pod never began opens the log of the Pod before", () => {
    assert.equal(first([podOf("a", 2), podOf("b", 0, 0)], "end"), "a a-1 work 1");
    assert.equal(first([podOf("a", 1), { name: "b", uid: "b-1" }], "end"), "a a-1 work 0");
    assert.equal(first([podOf("a", 0, 0)], "end"), undefined);
});
