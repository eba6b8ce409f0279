import assert from "node:assert/strict";
import { test } from "node:test";
import { LogReader } from "../../web/net/log-reader.js";
import { logText } from "../../web/net/log-text.js";

/** A daemon with a log, which notes what it was asked, and serves `most` lines at a time. */
function daemonOf(count, { most = Infinity, oldest = 0 } = {}) {
    const asked = [];
    const lines = Array.from({ length: count }, (_, number) => `line ${number}`);
    return {
        asked,
        logUrl: (_, parameters) => parameters,
        socket: () => ({ close: () => {} }),
        async fetch({ from, lines: length }) {
            asked.push([from, from + length]);
            await new Promise((resolve) => { setImmediate(resolve); });
            const first = Math.max(from, oldest);
            const found = lines.slice(first, Math.min(from + length, first + most));
            return new Response(found.map((line) => `${line}\n`).join(""),
                { headers: { "Podwire-From": String(first) } });
        },
    };
}

function readerOf(daemon, end) {
    const reader = new LogReader(daemon, {});
    reader.end = end;
    return reader;
}

test("lines that are needed are fetched once, an answer at a time", async () => {
    const daemon = daemonOf(5_000);
    const reader = readerOf(daemon, 5_000);
    await Promise.all([reader.need(300, 400), reader.need(310, 410)]);
    assert.deepEqual(daemon.asked, [[256, 1_280]]);
    assert.equal(reader.line(1_279).text, "line 1279");
    assert.equal(reader.line(1_280), undefined);
    const needed = [];
    reader.addEventListener("change", () => needed.push(reader.need(4_990, 5_000)));
    needed.push(reader.need(2_000, 2_100), reader.need(3_000, 3_100));
    while (needed.length > 0) await needed.shift();
    assert.deepEqual(daemon.asked.slice(1), [[1_792, 2_816], [4_864, 5_000]]);
    assert.equal(reader.line(4_999).text, "line 4999");
});

test("the first line that is still kept is known once one asked for older ones", async () => {
    const reader = readerOf(daemonOf(1_000, { oldest: 600 }), 1_000);
    let changes = 0;
    reader.addEventListener("change", () => { changes += 1; });
    await reader.need(0, 100);
    assert.equal(reader.start, 600);
    assert.equal(changes, 1);
    reader.need(0, 700);
    assert.equal(reader.line(600).text, "line 600");
});

test("text is that of all lines, over as many answers as it takes", async () => {
    const reader = readerOf(daemonOf(100, { most: 7 }), 100);
    const text = await logText(reader, 10, 59);
    assert.equal(text, Array.from({ length: 50 }, (_, index) => `line ${10 + index}\n`).join(""));
    assert.equal(await logText(reader, 99, 199), "line 99\n");
});

test("text of lines that are no longer kept is left out", async () => {
    const reader = readerOf(daemonOf(100, { oldest: 60 }), 100);
    assert.equal(await logText(reader, 10, 61), "line 60\nline 61\n");
    assert.equal(await logText(reader, 10, 20), "");
});

test("what cannot be fetched is told until it is, or no longer needed", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const daemon = daemonOf(3_000);
    const reader = readerOf(daemon, 3_000);
    const fails = async (from, to) => {
        test.mock.method(daemon, "fetch", async () => { throw new Error("gone"); }, { times: 1 });
        const told = new Promise((resolve) => {
            reader.addEventListener("change", resolve, { once: true });
        });
        const asked = reader.need(from, to);
        await told;
        assert.equal(reader.problem, "gone");
        test.mock.timers.tick(2_000);
        await asked;
        assert.equal(reader.problem, "gone");
    };
    await fails(0, 10);
    await reader.need(0, 10);
    await reader.need(0, 10);
    assert.equal(reader.problem, "");
    await fails(2_000, 2_010);
    await reader.need(0, 10);
    assert.equal(reader.problem, "");
});
