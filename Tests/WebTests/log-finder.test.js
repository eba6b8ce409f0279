import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../web/model/emitter.js";
import { logFinder } from "../../web/view/log-finder.js";

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

/** A search for `text` that fails as often, with the lines that were brought into sight. */
async function searched(test, route, fails = 0) {
    const ends = new AbortController();
    test.after(() => ends.abort());
    const revealed = [];
    const feed = new Emitter();
    const daemon = {
        logUrl: () => "",
        async* objects() {
            if (fails > 0) {
                fails -= 1;
                throw new Error("503 Service Unavailable");
            }
            for (const line of [3, 90, 200]) yield { line, text: "text", match: true, ranges: [] };
            yield { end: { searchedTo: 500, complete: true } };
        },
    };
    const finder = logFinder({ daemon, feed, route: { q: "text", ...route }, log: { end: 500 },
        scroller: { reveal: (line) => revealed.push(line) }, signal: ends.signal,
        say() {}, change() {} });
    await settled();
    return { finder, feed, revealed };
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

test("a step searches again after a failure, which is not done by itself", async (test) => {
    const { finder, revealed } = await searched(test, {}, 2);
    assert.equal(finder.search.problem, "503 Service Unavailable");
    finder.step(-1);
    await settled();
    assert.equal(finder.search.problem, "503 Service Unavailable");
    finder.step(1);
    await settled();
    assert.deepEqual([finder.search.problem, finder.current, revealed], ["", 3, [3]]);
});

test("a search that failed goes on when the daemon is back, not at other news", async (test) => {
    const { finder, feed } = await searched(test, {}, 1);
    feed.fire("news", "team/etl/load");
    await settled();
    assert.equal(finder.search.problem, "503 Service Unavailable");
    feed.fire("news");
    await settled();
    assert.deepEqual([finder.search.problem, finder.current], ["", 3]);
});
