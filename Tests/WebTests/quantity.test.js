import assert from "node:assert/strict";
import { test } from "node:test";
import { ageText, countText, durationText, runTimeText } from "../../web/model/quantity.js";

const minute = 60_000;
const durations = [
    [-5, "0 s"], [59_999, "59 s"], [4 * minute + 5_000, "4 m 05 s"],
    [192 * minute, "3 h 12 m"], [52 * 60 * minute, "2 d 4 h"],
];

for (const [milliseconds, text] of durations) {
    test(`${milliseconds} ms read "${text}"`, () => {
        assert.equal(durationText(milliseconds), text);
    });
}

test("a running job's time goes on, an ended one's does not", () => {
    const startedAt = "2026-01-01T00:00:00Z";
    const now = Date.parse("2026-01-01T00:01:00Z");
    assert.equal(runTimeText({ startedAt, status: "running" }, now), "1 m 00 s");
    const endedAt = "2026-01-01T00:00:20Z";
    assert.equal(runTimeText({ startedAt, endedAt, status: "end" }, now), "20 s");
    assert.equal(runTimeText({ startedAt, status: "end" }, now), "");
    assert.equal(runTimeText({ status: "pending" }, now), "");
});

test("an age has one unit, and none when the moment cannot be read", () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    assert.equal(ageText("2026-01-01T23:59:20Z", now), "40 s ago");
    assert.equal(ageText("2026-01-01T00:00:00Z", now), "1 d ago");
    assert.equal(ageText(undefined, now), "");
});

test("a count has its noun in the right number", () => {
    assert.equal(countText(1, "line"), "1 line");
    assert.equal(countText(1204, "line"), "1,204 lines");
});
