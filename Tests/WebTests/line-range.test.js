import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchLines, limitBytes, lineParts, partBytes } from "../../web/net/line-range.js";

const stream = {};
const stamp = "2026-01-01T00:00:00.000000000Z ";

/** A daemon that serves `lines`, keeps none before `oldest`, and notes what it was asked. */
function daemon(lines, { oldest = 0, asked = [] } = {}) {
    return {
        logUrl: (_, parameters) => parameters,
        fetch: async ({ from, limitBytes, ...others }) => {
            asked.push({ limitBytes, ...others });
            const first = Math.max(oldest, from);
            const text = lines.slice(first, from + others.lines).map((line) => `${line}\n`);
            const bytes = new TextEncoder().encode(text.join("")).slice(0, limitBytes);
            return new Response(bytes, { headers: { "Podwire-From": String(first) } });
        },
    };
}

test("an answer has lines that were asked for, each of them whole", async () => {
    const lines = Array.from({ length: 2_000 }, (_, number) => `${number} ${"ü".repeat(500)}`);
    const asked = [];
    const result = await fetchLines(daemon(lines, { asked }), stream, { from: 100, to: 1_500 });
    assert.equal(result.from, 100);
    assert.ok(result.lines.length > 1_000 && result.lines.length < 1_400);
    assert.deepEqual(result.lines, lines.slice(100, 100 + result.lines.length));
    assert.equal(asked[0].lines, 1_400);
    assert.deepEqual((await fetchLines(daemon(lines), stream, { from: 100, to: 200 })).lines,
        lines.slice(100, 200));
});

test("the longest line comes whole, wherever the answer is cut", async () => {
    const lines = [`${stamp}${"x".repeat(partBytes)}`, "end"];
    assert.deepEqual((await fetchLines(daemon(lines), stream, { from: 0, to: 2 })).lines, lines);
    for (let more = 0; more < 3; more += 1) {
        const short = "s".repeat(limitBytes - lines[0].length - 1 - more);
        const { lines: got } = await fetchLines(daemon([short, ...lines]), stream,
            { from: 0, to: 3 });
        assert.deepEqual(got.map((line) => line.length),
            [short, lines[0]].slice(0, more < 1 ? 1 : 2).map((line) => line.length), `${more}`);
    }
});

test("a line that is stored in parts has the numbers of its parts", async () => {
    const long = "a".repeat(partBytes) + "b".repeat(partBytes) + "c";
    const parts = lineParts(stamp + long);
    assert.deepEqual(parts.map((line) => line.length), [partBytes + stamp.length, partBytes, 1]);
    assert.equal(parts[1][0] + parts[2], "bc");
    const got = await fetchLines(daemon([stamp + long, `${stamp}next`]), stream,
        { from: 0, to: 4 });
    assert.deepEqual(got.lines, [parts[0]]);
    const rest = await fetchLines(daemon(["b".repeat(1000), `${stamp}next`]), stream,
        { from: 0, to: 4 });
    assert.deepEqual(rest.lines, ["b".repeat(1000), `${stamp}next`]);
});

test("parts are counted in bytes", () => {
    const umlauts = "ü".repeat(partBytes);
    const half = umlauts.slice(partBytes / 2);
    assert.deepEqual(lineParts(umlauts), [half, half]);
    assert.deepEqual(lineParts("ü"), ["ü"]);
    assert.deepEqual(lineParts(""), [""]);
});

test("lines that are no longer kept are left out, and the first number says so", async () => {
    const server = daemon(["a", "b", "c", "d"], { oldest: 2 });
    assert.deepEqual(await fetchLines(server, stream, { from: 0, to: 4 }),
        { from: 2, lines: ["c", "d"] });
});

test("bytes that are not text, a byte order mark and a carriage return are lines like others", async () => {
    const lines = ["\ufeffmark", "\r", "", "end"];
    assert.deepEqual((await fetchLines(daemon(lines), stream, { from: 0, to: 4 })).lines, lines);
});
