import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../web/model/backoff.js";

test("waits double up to the last, and are short again after a success", () => {
    const backoff = new Backoff({ first: 100, last: 500, random: () => 0 });
    assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [100, 200, 400, 500, 500]);
    assert.equal(backoff.tries, 5);
    backoff.reset();
    assert.equal(backoff.tries, 0);
    assert.equal(backoff.next(), 100);
});

test("chance shortens a wait by a half at most", () => {
    const backoff = new Backoff({ first: 100, random: () => 0.999 });
    assert.equal(backoff.next(), 50);
});
