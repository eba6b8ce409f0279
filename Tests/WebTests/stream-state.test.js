import assert from "node:assert/strict";
import { test } from "node:test";
import { streamState } from "../../web/model/stream-state.js";

const failure = { status: "end", outcome: "failure", exitCode: 3, reason: "OOMKilled" };
const cases = [
    [{ phase: "connecting" }, "connecting"],
    [{ phase: "live", lastLineAt: 0, now: 9_000 }, "live"],
    [{ phase: "live", lastLineAt: 0, now: 40_000 }, "live, quiet for 40 s"],
    [{ phase: "waiting", tries: 1 }, "reconnecting"],
    [{ phase: "connecting", tries: 5 }, "reconnecting"],
    [{ phase: "waiting", tries: 6 }, "daemon unreachable"],
    [{ phase: "ended", ending: failure }, "ended: failure, exit 3, OOMKilled"],
    [{ phase: "ended", ending: { status: "running" } }, "ended"],
    [{ phase: "ended" }, "ended"],
    [{ phase: "refused", refusal: "not found" }, "not found"],
];

for (const [state, text] of cases) {
    test(`the state reads "${text}" when ${JSON.stringify(state)}`, () => {
        assert.equal(streamState(state).text, text);
    });
}

test("growing quiet is nothing to announce", () => {
    const at = (now) => streamState({ phase: "live", lastLineAt: 0, now }).key;
    assert.equal(at(1_000), at(60_000));
});
