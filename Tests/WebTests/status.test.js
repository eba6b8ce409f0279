import assert from "node:assert/strict";
import { test } from "node:test";
import { endingWords, statuses, statusLook } from "../../web/model/status.js";

const known = [
    ...["pending", "scheduling", "running", "paused"].map((status) => ({ status })),
    ...["success", "failure", "timeout", "canceled"].map((outcome) => ({ status: "end", outcome })),
];

test("every status and outcome has a shape of its own, and all can be filtered by", () => {
    assert.equal(new Set(known.map((job) => statusLook(job).shape)).size, known.length);
    assert.deepEqual(statuses, known.map((job) => statusLook(job).key));
});

test("a status that is not known shows as it is", () => {
    assert.equal(statusLook({ status: "constructor" }).label, "constructor");
    assert.equal(statusLook({ status: "end", outcome: "lost" }).label, "lost");
    assert.equal(statusLook({}).label, "unknown");
});

test("the ending is in words, and says nothing where there is nothing to say", () => {
    assert.equal(endingWords({ exitCode: 3, reason: "OOMKilled" }), "exit 3, OOMKilled");
    assert.equal(endingWords({ exitCode: 0, reason: "Completed" }), "exit 0");
    assert.equal(endingWords({}), "");
});
