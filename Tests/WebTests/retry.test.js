import assert from "node:assert/strict";
import { test } from "node:test";
import { Retry } from "../../web/model/retry.js";

/** Timers that are worked by hand. */
function clock(test) {
    const waits = [];
    const actions = [];
    test.mock.method(globalThis, "setTimeout", (action, wait) => {
        waits.push(wait);
        return actions.push(action) - 1;
    });
    test.mock.method(globalThis, "clearTimeout", (timer) => { delete actions[timer]; });
    return { waits, actions };
}

test("waits double up to the last, and are short again after a success", (test) => {
    test.mock.method(Math, "random", () => 0);
    const { waits, actions } = clock(test);
    const retry = new Retry();
    for (let tries = 0; tries < 8; tries += 1) retry.later(() => {});
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    assert.equal(retry.tries, 8);
    retry.tries = 0;
    retry.later(() => {});
    assert.equal(waits.at(-1), 250);
});

test("chance shortens a wait by a half at most", (test) => {
    test.mock.method(Math, "random", () => 0.999);
    const { waits, actions } = clock(test);
    new Retry().later(() => {});
    assert.ok(waits[0] >= 125 && waits[0] < 126);
});

test("what waits is done once: in a hurry, or when its time has come, and not after a cancel", (test) => {
    const { waits, actions } = clock(test);
    const retry = new Retry();
    let done = 0;
    retry.later(() => done += 1);
    Retry.hurry();
    Retry.hurry();
    assert.deepEqual([done, actions.filter(Boolean).length], [1, 0]);
    retry.later(() => done += 1);
    actions.at(-1)();
    assert.equal(done, 2);
    retry.later(() => done += 1);
    retry.cancel();
    Retry.hurry();
    assert.deepEqual([done, actions.filter(Boolean).length], [2, 0]);
});
