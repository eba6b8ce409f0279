import assert from "node:assert/strict";
import { test } from "node:test";
import { logFinder } from "../../web/view/log-finder.js";

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

/** A search for `text`, with the lines that were brought into sight. */
async function searched(test, route) {
    const ends = new AbortController();
    test.after(() => ends.abort());
    const revealed = [];
    const daemon = {
        logUrl: () => "",
        async* objects() {
            for (const line of [3, 90, 200]) yield { line, text: "text", match: true, ranges: [] };
            yield { end: { searchedTo: 500, complete: true } };
        },
    };
    const finder = logFinder({ daemon, route: { q: "text", ...route }, log: { end: 500 },
        scroller: { reveal: (line) => revealed.push(line) }, signal: ends.signal,
        say() {}, change() {} });
    await settled();
    return { finder, revealed };
}

test("a search begins at its first match", async (test) => {
    const { finder, revealed } = await searched(test);
    assert.deepEqual([finder.current, revealed], [3, [3]]);
});

test("a link to lines with a search leads to the lines", async (test) => {
    const { finder, revealed } = await searched(test, { lines: { first: 90, last: 95 } });
    assert.deepEqual([finder.current, revealed], [90, []]);
    finder.step(1);
    assert.deepEqual(revealed, [200]);
});
