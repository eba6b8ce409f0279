import assert from "node:assert/strict";
import { test } from "node:test";
import { lineKind, rowText, shownCharacters } from "../../web/model/line-kind.js";

const kinds = [
    ["--- podwire: lines missing between T1 and T2: rotated ---", "gap"],
    ["--- podwire: lines may be missing between T1 and T2: restart ---", "gap"],
    ["JOB_OUT rows=12", "output"],
    ["JOB_OUT[token] rows=", "output"],
    ["JOB_OUT 1rows=12", "text"],
    ["", "text"],
];

for (const [text, kind] of kinds) {
    test(`"${text}" is ${kind}`, () => assert.equal(lineKind(text), kind));
}

test("a row shows a line without its carriage return, and says how much of it is cut", () => {
    assert.equal(rowText("a\r"), "a");
    assert.match(rowText("x".repeat(shownCharacters + 1_500)), /x … 1,500 more characters$/);
});
