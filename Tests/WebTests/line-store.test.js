import assert from "node:assert/strict";
import { test } from "node:test";
import { LineStore } from "../../web/model/line-store.js";

const numbered = (from, to) => Array.from({ length: to - from }, (_, index) => `${from + index}`);
const colour = (number) => ({ foreground: `var(--c${number})` });

test("lines are held by number, from wherever they came, and stay as they are", () => {
    const store = new LineStore();
    store.put(1_000, numbered(1_000, 1_600));
    store.put(100, numbered(100, 200));
    store.put(150, ["another"]);
    assert.equal(store.get(1_599).text, "1599");
    assert.equal(store.get(150).text, "150");
    assert.equal(store.get(99), undefined);
    assert.equal(store.get(1_600), undefined);
});

test("a line tells its number, its time, its text and what it is", () => {
    const store = new LineStore();
    const time = "2026-01-01T00:00:00.000000000Z";
    store.put(7, [`${time} JOB_OUT rows=1`]);
    assert.deepEqual(store.get(7), { number: 7, raw: `${time} JOB_OUT rows=1`, time,
        text: "JOB_OUT rows=1", kind: "output", style: {} });
});

test("what is missing is told from a multiple of 256 on, up to the end", () => {
    const store = new LineStore();
    const missing = (from, to, end = 100_000) => {
        store.wanted = { from, to };
        return store.missing(end);
    };
    store.put(256, numbered(256, 512));
    assert.deepEqual(missing(10, 700), { from: 0, to: 1024 });
    assert.deepEqual(missing(300, 513), { from: 512, to: 512 + 1024 });
    assert.deepEqual(missing(300, 513, 600), { from: 512, to: 600 });
    assert.equal(missing(256, 512), undefined);
    assert.equal(missing(0, 0), undefined);
});

test("what is missing goes on behind lines that are held, however few came", () => {
    const store = new LineStore();
    store.wanted = { from: 10, to: 20 };
    store.put(0, numbered(0, 7));
    assert.deepEqual(store.missing(100), { from: 7, to: 100 });
});

test("beyond its limit the lines that came first are forgotten, but none that is wanted", () => {
    const store = Object.assign(new LineStore(), { limit: 3 * 1_000 });
    const put = (number) => store.put(number, ["x".repeat(900)]);
    put(0);
    put(1);
    put(2);
    store.wanted = { from: 0, to: 1 };
    put(3);
    put(4);
    assert.deepEqual([0, 1, 2, 3, 4].filter((number) => store.get(number)), [0, 3, 4]);
    store.wanted = { from: 3, to: 20 };
    for (let number = 5; number < 20; number += 1) put(number);
    assert.equal(store.get(0), undefined);
    assert.ok(numbered(3, 20).every((number) => store.get(Number(number))));
});

test("a style goes on from line to line, also to lines that came before", () => {
    const store = new LineStore();
    const style = (number) => store.get(number).style;
    store.put(256, ["plain", "\x1b[1mbold", "still"]);
    assert.deepEqual(style(258), { bold: true });
    assert.deepEqual(style(256), {});
    store.put(0, [...numbered(0, 255), "\x1b[31mred"]);
    assert.deepEqual(style(256), colour(1));
    assert.deepEqual(style(258), { ...colour(1), bold: true });
    store.put(259, ["\x1b[0mend", "after"]);
    assert.deepEqual(style(259), { ...colour(1), bold: true });
    assert.deepEqual(style(260), {});
});
