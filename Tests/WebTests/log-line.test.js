import assert from "node:assert/strict";
import { test } from "node:test";
import { lineKind, parseLine, timeText } from "../../web/model/log-line.js";

const time = "2026-01-01T00:00:01.250000001Z";

test("a line is a time and a text; a part of a long line has no time", () => {
    assert.deepEqual(parseLine(`${time} a  b`), { time, text: "a  b", kind: "text" });
    assert.deepEqual(parseLine(`${time} `), { time, text: "", kind: "text" });
    assert.deepEqual(parseLine("later part"),
        { time: undefined, text: "later part", kind: "text" });
});

test("gap records and outputs are told from other lines", () => {
    const gap = "--- podwire: lines may be missing between T1 and T2: the log was rotated ---";
    assert.equal(lineKind(gap), "gap");
    assert.equal(lineKind(gap.replace("may be ", "")), "gap");
    assert.equal(lineKind(`x ${gap}`), "text");
    assert.equal(lineKind("JOB_OUT rows=7"), "output");
    assert.equal(lineKind("JOB_OUT[tok] rows="), "output");
    assert.equal(lineKind("JOB_OUT 7rows=1"), "text");
});

test("a time is shown of the day, or since the first line, or not at all", () => {
    const first = "2026-01-01T00:00:00.000000000Z";
    assert.equal(timeText(time, "off", first), "");
    assert.equal(timeText(time, "relative", first), "+1.250");
    assert.equal(timeText(first, "relative", time), "-1.250");
    assert.match(timeText(time, "absolute", first), /^\d\d:\d\d:01\.250$/);
    assert.equal(timeText(undefined, "absolute", first), "");
});
