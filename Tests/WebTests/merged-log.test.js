import assert from "node:assert/strict";
import { test } from "node:test";
import { logText } from "../../web/net/log-text.js";
import { MergedLog } from "../../web/net/merged-log.js";

const time = (milliseconds) => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString().replace("Z", "000000Z");

/** A log with a line at each of these times, that holds only what was asked for. */
class Reader extends EventTarget {
    isOpen = true;
    start = 0;
    #held = new Set();

    constructor(container, times) {
        super();
        this.stream = { container };
        this.times = times;
    }

    get end() {
        return this.times.length;
    }

    line(number) {
        if (!this.#held.has(number)) return undefined;
        return { number, time: this.times[number], text: `${this.stream.container} ${number}` };
    }

    need(from, to) {
        for (let number = from; number < Math.min(to, this.end); number += 1) {
            this.#held.add(number);
        }
        queueMicrotask(() => this.dispatchEvent(new Event("change")));
    }
}

/** Answers where a line is by number or by time, and with the lines there. */
function daemon(readers) {
    return {
        logUrl: (stream, parameters) => ({ stream, ...parameters }),
        async fetch({ stream, sinceTime, from, lines = Infinity }) {
            const { times } = readers.find((reader) => reader.stream === stream);
            const since = times.findIndex((each) => each >= sinceTime);
            const first = from ?? (since < 0 ? times.length : since);
            const text = times.slice(first, first + lines).map((moment, index) =>
                `${moment ? `${moment} ` : ""}${stream.container} ${first + index}\n`).join("");
            return new Response(text, { headers: { "Podwire-From": first } });
        },
    };
}

function merge(...readers) {
    return new MergedLog(daemon(readers), readers);
}

/** Asks for lines again and again, as a page does that is drawn anew. */
async function lines(log, from, to) {
    for (let tries = 0; tries < 200; tries += 1) {
        log.need(from, to);
        await new Promise((resolve) => { setImmediate(resolve); });
    }
    return Array.from({ length: to - from }, (_, index) => {
        const line = log.line(from + index);
        return line && `${line.source} ${line.origin.lines.first}`;
    });
}

const every = (step, count, first = 0) =>
    Array.from({ length: count }, (_, index) => time(first + index * step));

test("lines are in order of time, those of the first log first", async () => {
    const log = merge(new Reader("a", every(10, 3)), new Reader("b", every(5, 4)));
    assert.equal(log.end, 7);
    assert.deepEqual(await lines(log, 0, 7), ["a 0", "b 0", "b 1", "a 1", "b 2", "b 3", "a 2"]);
});

test("a place far inside is found by time, and is the same as by going there", async () => {
    const make = () => merge(new Reader("a", every(7, 9_000)), new Reader("b", every(3, 20_000)));
    const near = await lines(make(), 0, 12_000);
    assert.deepEqual(await lines(make(), 11_000, 12_000), near.slice(11_000));
});

test("the end is found where one log began after the other had ended", async () => {
    const log = merge(new Reader("a", every(1, 5_000)), new Reader("b", every(1, 5_000, 60_000)));
    assert.deepEqual(await lines(log, 9_990, 10_000),
        Array.from({ length: 10 }, (_, index) => `b ${4_990 + index}`));
});

test("later parts of a long line stay behind its first", async () => {
    const times = [time(0), undefined, undefined, time(50)];
    const log = merge(new Reader("a", [time(1), time(2)]), new Reader("b", times));
    assert.deepEqual(await lines(log, 0, 6), ["b 0", "b 1", "b 2", "a 0", "a 1", "b 3"]);
});

test("one may go forth and back, by leaps or by reading on, and finds the same lines", async () => {
    const logs = { a: every(7, 40_000), b: every(5, 60_000) };
    const expected = Object.entries(logs).flatMap(([name, times]) =>
        times.map((moment, number) => ({ moment, line: `${name} ${number}` })))
        .sort((left, right) => (left.moment < right.moment ? -1 : Number(left.moment > right.moment)))
        .map(({ line }) => line);
    const log = merge(new Reader("a", logs.a), new Reader("b", logs.b));
    const check = async (from) => assert.deepEqual(await lines(log, from, from + 300),
        expected.slice(from, from + 300), `from ${from}`);
    for (const from of [90_000, 200, 60_000, 59_700, 59_000, 99_700, 0]) await check(from);
    for (let from = 60_000; from < 99_000; from += 900) {
        log.need(from, from + 300);
        await new Promise((resolve) => { setImmediate(resolve); });
    }
    await check(98_900);
    await check(60_000);
});

test("lines that were written earlier but came later are put in order", async () => {
    const late = new Reader("a", [time(1)]);
    const log = merge(late, new Reader("b", [time(3), time(4)]));
    assert.deepEqual(await lines(log, 0, 3), ["a 0", "b 0", "b 1"]);
    late.times.push(time(2));
    assert.deepEqual(await lines(log, 0, 4), ["a 0", "a 1", "b 0", "b 1"]);
});

test("a line has its number in the merged log, and where it stands in its own", async () => {
    const log = merge(new Reader("a", every(10, 3)), new Reader("b", every(5, 4)));
    await lines(log, 0, 7);
    const { number, origin } = log.line(3);
    assert.deepEqual([number, origin], [3, { container: "a", lines: { first: 1 } }]);
});

test("text is in order of time as well, wherever it is", async () => {
    const log = merge(new Reader("a", every(7, 9_000)), new Reader("b", every(3, 20_000)));
    const shown = await lines(log, 20_000, 20_300);
    assert.deepEqual((await logText(log, 20_000, 20_299)).split("\n"), [...shown, ""]);
    assert.deepEqual((await logText(log, 28_999, 29_499)).split("\n"),
        [...await lines(log, 28_999, 29_000), ""]);
});

test("many lines of one time are gone through, as no time leads into them", async () => {
    const log = merge(new Reader("a", Array(5_000).fill(time(1))), new Reader("b", [time(0)]));
    assert.deepEqual(await lines(log, 4_000, 4_002), ["a 3999", "a 4000"]);
});

test("what is no longer kept is left out", async () => {
    const cut = new Reader("a", every(10, 30));
    cut.start = 20;
    const log = merge(cut, new Reader("b", [time(0)]));
    assert.equal(log.start, 20);
    assert.deepEqual(await lines(log, 20, 22), ["b 0", "a 20"]);
});
