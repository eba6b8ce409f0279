import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenAttempt, endingOf, logChoices } from "../../web/model/log-choice.js";

const attempts = [{ attempt: 0, exitCode: 1, reason: "Error" },
    { attempt: 1, exitCode: 3, reason: "OOMKilled" }];
const job = {
    namespace: "team", workflow: "etl", job: "load", status: "end", outcome: "failure",
    exitCode: 3, pods: [{ name: "load-x", uid: "u1", containers: [
        { name: "fetch", kind: "init", attempts: [{ attempt: 0, exitCode: 0 }] },
        { name: "main", kind: "main", attempts },
    ] }],
};

test("every container instance can be chosen, by a label that tells it apart", () => {
    assert.deepEqual(logChoices(job).map(({ label }) => label),
        ["fetch (init)", "main attempt 0", "main attempt 1"]);
    assert.deepEqual(logChoices({ namespace: "team" }), []);
});

test("an address without an attempt means the latest", () => {
    const chosen = chosenAttempt(job, { pod: "load-x", container: "main" });
    assert.equal(chosen.attempt.attempt, 1);
    assert.equal(chosen.isLatest, true);
    assert.equal(chosenAttempt(job, { pod: "gone", container: "main" }), undefined);
});

test("only the latest attempt of a main container ended as the job did", () => {
    const ending = (container, attempt) =>
        endingOf(job, chosenAttempt(job, { pod: "load-x", uid: "u1", container, attempt }));
    assert.deepEqual(ending("main", 1),
        { status: "end", outcome: "failure", exitCode: 3, reason: "OOMKilled" });
    assert.deepEqual(ending("main", 0), { exitCode: 1, reason: "Error" });
    assert.deepEqual(ending("fetch", 0), { exitCode: 0, reason: undefined });
});
