import assert from "node:assert/strict";
import { test } from "node:test";
import { soon } from "../../web/model/soon.js";

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test("what is asked for in a burst is done once, and never twice at a time", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const ends = [];
    const ask = soon(() => new Promise((resolve) => { ends.push(resolve); }));
    const tick = async () => {
        test.mock.timers.tick(200);
        await settled();
    };
    ask();
    ask();
    assert.equal(ends.length, 0);
    await tick();
    assert.equal(ends.length, 1);
    ask();
    await tick();
    assert.equal(ends.length, 1);
    ends[0]();
    await settled();
    await tick();
    await tick();
    assert.equal(ends.length, 2);
    ends[1]();
    await settled();
    await tick();
    assert.equal(ends.length, 2);
});
