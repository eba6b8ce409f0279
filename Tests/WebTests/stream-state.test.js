import assert from "node:assert/strict";
import { test } from "node:test";
import { streamState } from "../../web/model/stream-state.js";

const failure = { status: "end", outcome: "failure", exitCode: 3, reason: "OOMKilled" };
const cases = [
    [{ phase: "connecting" }, "connecting"],
    [{ phase: "live", lastLineAt: 0, now: 9_000 }, "live"],
    [{ phase: "live", lastLineAt: 0, now: 40_000 }, "live, quiet since 40 s"],
    [{ phase: "waiting", tries: 1 }, "reconnecting"],
    [{ phase: "connecting", tries: 5 }, "reconnecting"],
    [{ phase: "waiting", tries: 6 }, "daemon unreachable"],
    [{ phase: "ended", ending: failure }, "ended: failure, exit 3, OOMKilled"],
    [{ phase: "ended", ending: { status: "running" } }, "ended"],
    [{ phase: "connecting", job: { status: "scheduling", reason: "ErrImagePull" } },
        "waiting for image: ErrImagePull"],
    [{ phase: "connecting", job: { status: "running" } }, "connecting"],
    [{ phase: "connecting", job: { status: "end", outcome: "timeout", reason: "DeadlineExceeded" } },
        "ended without a log, timeout: DeadlineExceeded"],
    [{ phase: "ended" }, "ended"],
    [{ phase: "refused", refusal: "not found" }, "not found"],
];

function stateOf({ now, ending, job, lastLineAt, ...connection }) {
    return streamState([{ connection, lastLineAt }], { now, ending, job });
}

const read = ({ text, quiet }) => [text, quiet].filter(Boolean).join(", ");

for (const [state, text] of cases) {
    test(`the state reads "${text}" when ${JSON.stringify(state)}`, () => {
        assert.equal(read(stateOf(state)), text);
    });
}

test("growing quiet is nothing to announce", () => {
    const at = (now) => stateOf({ phase: "live", lastLineAt: 0, now }).text;
    assert.equal(at(1_000), at(60_000));
});

test("several go on as long as one of them does, and are quiet when all are", () => {
    const live = { connection: { phase: "live" }, lastLineAt: 0 };
    const ended = { connection: { phase: "ended" }, lastLineAt: 20_000 };
    assert.equal(read(streamState([ended, live], { now: 25_000 })), "live");
    assert.equal(read(streamState([ended, live], { now: 60_000 })), "live, quiet since 40 s");
    assert.equal(read(streamState([ended, ended], { now: 60_000 })), "ended");
    assert.equal(read(streamState([], {})), "connecting");
});
