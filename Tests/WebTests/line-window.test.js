import assert from "node:assert/strict";
import { test } from "node:test";
import { LineWindow } from "../../web/model/line-window.js";

const limits = { lineLimit: 4, characterLimit: 100 };
const contents = (window) => [window.start, ...window.linesFrom(window.start)];

test("lines beyond the limit fall out at the other end", () => {
    const window = new LineWindow({ start: 10, ...limits });
    window.append(10, ["a", "b", "c", "d", "e"]);
    assert.deepEqual(contents(window), [11, "b", "c", "d", "e"]);
    window.prepend(9, ["y", "z"]);
    assert.deepEqual(contents(window), [9, "y", "z", "b", "c"]);
});

test("lines that are there already are not added again", () => {
    const window = new LineWindow({ start: 0, ...limits });
    window.append(0, ["a", "b"]);
    window.append(1, ["b", "c"]);
    window.append(0, ["a"]);
    assert.deepEqual(contents(window), [0, "a", "b", "c"]);
});

test("lines after a hole start the window anew, and the hole is told", () => {
    const window = new LineWindow({ start: 0, ...limits });
    assert.equal(window.append(0, ["a"]), false);
    assert.equal(window.append(5, ["f"]), true);
    assert.deepEqual(contents(window), [5, "f"]);
});

test("lines that would leave a hole above are not taken", () => {
    const window = new LineWindow({ start: 9, ...limits });
    window.append(9, ["j"]);
    window.prepend(2, ["c", "d"]);
    assert.deepEqual(contents(window), [9, "j"]);
});

test("characters are bounded too, but one line always stays", () => {
    const window = new LineWindow({ start: 0, ...limits });
    window.append(0, ["x".repeat(60), "y".repeat(60)]);
    assert.deepEqual(contents(window), [1, "y".repeat(60)]);
    window.append(2, ["z".repeat(500)]);
    assert.deepEqual(contents(window), [2, "z".repeat(500)]);
    assert.equal(window.room, 0);
});
