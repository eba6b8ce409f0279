import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchLines } from "../../web/net/line-range.js";

const base = "http://127.0.0.1/";
const stream = { namespace: "n", pod: "p", container: "c", uid: "u", attempt: 0 };

/** A daemon that serves `lines`, keeps none before `oldest`, and notes what it was asked. */
function daemon(lines, { oldest = 0, asked = [] } = {}) {
    return async (url) => {
        const from = Math.max(oldest, Number(url.searchParams.get("from")));
        const limit = Number(url.searchParams.get("limitBytes"));
        asked.push(limit);
        const text = lines.slice(from).map((line) => `${line}\n`).join("");
        const bytes = new TextEncoder().encode(text).slice(0, limit);
        return new Response(bytes, { headers: { "Podwire-From": String(from) } });
    };
}

test("exactly the lines that were asked for come back, over as many answers as it takes", async () => {
    const lines = Array.from({ length: 2_000 }, (_, number) => `${number} ${"ü".repeat(500)}`);
    const asked = [];
    const range = { from: 100, to: 1_500, get: daemon(lines, { asked }) };
    const result = await fetchLines(base, stream, range);
    assert.equal(result.from, 100);
    assert.deepEqual(result.lines, lines.slice(100, 1_500));
    assert.ok(asked.length > 3);
});

test("a line longer than one answer is fetched with larger ones", async () => {
    const lines = ["short", "x".repeat(1024 * 1024), "end"];
    const { lines: got } = await fetchLines(base, stream, { from: 0, to: 3, get: daemon(lines) });
    assert.deepEqual(got, lines);
});

test("lines that are no longer kept are left out, and the first number says so", async () => {
    const lines = ["a", "b", "c", "d"];
    const get = daemon(lines, { oldest: 2 });
    assert.deepEqual(await fetchLines(base, stream, { from: 0, to: 4, get }),
        { from: 2, lines: ["c", "d"] });
});
