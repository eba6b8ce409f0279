import assert from "node:assert/strict";
import { test } from "node:test";
import { errorPattern, firstMatch, LogSearch } from "../../web/net/log-search.js";

/** A daemon that gives these answers, one a request, and notes what it was asked. */
function daemon(...answers) {
    const asked = [];
    return {
        asked,
        logUrl: (_, parameters) => parameters,
        async* objects(parameters) {
            asked.push(parameters);
            for (const object of answers.shift() ?? []) yield object;
        },
        json: async () => 1234,
    };
}

const match = (line) => ({ line, time: "T", text: `text ${line}`, match: true, ranges: [[0, 4]] });
const around = (line) => ({ line, time: "T", text: `text ${line}`, match: false });
const end = (searchedTo, complete = true) => ({ end: { matches: 1, searchedTo, complete } });
const ignore = () => {};

test("matches are known by line, with what to mark in them", async () => {
    const server = daemon([match(3), match(90), end(100)]);
    const search = new LogSearch(server, { q: "text" }, ignore);
    await search.more();
    assert.deepEqual(search.matches, [3, 90]);
    assert.deepEqual(search.ranges.get(90), [[0, 4]]);
    assert.deepEqual([search.isComplete, search.isRunning], [true, false]);
    const { fixed, ignoreCase, from } = server.asked[0];
    assert.deepEqual([fixed, ignoreCase, from], ["text", true, 0]);
});

test("a log that has grown is searched from where the search ended", async () => {
    const server = daemon([match(3), end(100)], [match(105), end(110)]);
    const search = new LogSearch(server, { q: "text" }, ignore);
    await search.more();
    await search.more();
    await search.more(100);
    assert.equal(server.asked.length, 1);
    await search.more(110);
    assert.equal(server.asked[1].from, 100);
    assert.deepEqual(search.matches, [3, 105]);
});

test("a search that has reached its limit goes on behind its last line, and is counted", async () => {
    const server = daemon([match(3), match(4), end(5, false)], [match(8), end(20)]);
    const search = new LogSearch(server, { q: "text" }, ignore);
    await search.more();
    assert.equal(search.total, 1234);
    await search.more();
    assert.equal(server.asked[1].from, 5);
    assert.deepEqual(search.matches, [3, 4, 8]);
});

test("the filter is a log of matches and what is around them, each line once", async () => {
    const server = daemon([around(1), match(2), around(3), around(8), match(9), end(100)]);
    const search = new LogSearch(server, { q: "text", regex: 1 }, ignore);
    await search.more();
    const lines = [0, 1, 2, 3, 4].map((index) => search.line(index));
    assert.deepEqual(lines.map(({ number }) => number), [1, 2, 3, 8, 9]);
    assert.deepEqual(lines.map(({ isMatch }) => isMatch), [false, true, false, false, true]);
    assert.deepEqual(lines.map(({ isApart }) => isApart), [false, false, false, true, false]);
    assert.equal(search.indexOf(9), 4);
    assert.equal(server.asked[0].grep, "text");
});

test("a match that was shown around another one is found, and shown once", async () => {
    const server = daemon([match(1), around(2), end(2, false)], [match(2), around(3), end(9)]);
    const search = new LogSearch(server, { q: "text" }, ignore);
    await search.more();
    await search.more();
    assert.deepEqual(search.matches, [1, 2]);
    assert.deepEqual([0, 1, 2].map((index) => search.line(index).number), [1, 2, 3]);
    assert.equal(search.line(1).isMatch, true);
});

test("the first line that matches is told", async () => {
    assert.equal((await firstMatch(daemon([around(6), match(7), end(9)]), {}, "text")).line, 7);
    assert.deepEqual(await firstMatch(daemon([end(9)]), {}, "text"), {});
});

test("what the daemon refuses is told, and not asked again by itself", async () => {
    const server = daemon([match(1), { error: { message: "the pattern takes too long" } }]);
    const search = new LogSearch(server, { q: "text" }, ignore);
    await search.more();
    assert.equal(search.problem, "the pattern takes too long");
    await search.more(1000);
    assert.equal(server.asked.length, 1);
});

test("a search that failed goes on where it was when it is tried again", async () => {
    const server = daemon([around(2), match(3), around(4)], [match(4), end(20)]);
    const { objects } = server;
    server.objects = async function* cutObjects(parameters) {
        yield* objects(parameters);
        if (server.asked.length === 1) throw new TypeError("network error");
    };
    let goesOn;
    const search = new LogSearch(server, { q: "text" }, () => {
        if (search.isComplete && !search.isRunning) goesOn();
    });
    const done = new Promise((resolve) => { goesOn = resolve; });
    await search.more();
    assert.equal(search.problem, "network error");
    search.retry();
    assert.deepEqual([search.problem, search.isRunning], ["", true]);
    await done;
    assert.equal(server.asked[1].from, 4);
    assert.deepEqual([search.problem, search.matches], ["", [3, 4]]);
    assert.deepEqual([0, 1, 2].map((index) => search.line(index).number), [2, 3, 4]);
    search.retry();
    assert.equal(server.asked.length, 2);
});

test("what is kept is bounded, and the search says where it ended", async () => {
    const text = "x".repeat(1024 * 1024);
    const server = daemon(Array.from({ length: 100 }, (_, line) => ({ ...match(line), text })));
    const search = new LogSearch(server, { q: "x" }, ignore);
    await search.more();
    assert.deepEqual([search.matches.length, search.end], [32, 32]);
    assert.equal(search.problem, "more than the page can hold");
});

test("lines of failures look like errors, also behind colours, and others do not", () => {
    const pattern = new RegExp(errorPattern.replace("(?i)", ""), "i");
    for (const line of ["ERROR: no table", "\x1b[31merror\x1b[0m", "panic: nil", "OOMKilled",
        "Traceback (most recent call last):", "3 tests failed"]) assert.match(line, pattern);
    for (const line of ["errors=0", "terror", "all is well"]) assert.doesNotMatch(line, pattern);
});
