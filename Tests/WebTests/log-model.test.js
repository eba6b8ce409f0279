import assert from "node:assert/strict";
import { test } from "node:test";
import { LogModel, pageLength } from "../../web/model/log-model.js";

const numbered = (from, to) => Array.from({ length: to - from }, (_, index) => `${from + index}`);

function opened(from, to, lineLimit = 1_000) {
    const model = new LogModel({ lineLimit });
    model.begin(from);
    model.receive(from, numbered(from, to));
    return model;
}

function assertHolds(model, start, end) {
    assert.deepEqual([model.view.start, model.view.end], [start, end]);
    assert.deepEqual(model.view.linesFrom(start), numbered(start, end));
}

test("a followed log shows its newest lines, as many as the limit", () => {
    const model = opened(0, 2_500);
    assertHolds(model, 1_500, 2_500);
    assert.equal(model.newLines, 0);
});

test("a reader who stops following keeps the view while new lines are counted", () => {
    const model = opened(100, 1_100);
    model.stopFollowing();
    model.receive(1_100, numbered(1_100, 1_350));
    assertHolds(model, 100, 1_100);
    assert.equal(model.newLines, 250);
});

test("a view that is not full goes on filling, and loses nothing at its beginning", () => {
    const model = opened(0, 900);
    model.stopFollowing();
    model.receive(900, numbered(900, 1_200));
    assertHolds(model, 0, 1_000);
});

test("following again shows the tail, from near and from far behind", () => {
    const near = opened(0, 1_000);
    near.stopFollowing();
    near.receive(1_000, numbered(1_000, 1_010));
    near.follow();
    assertHolds(near, 10, 1_010);
    const far = opened(0, 1_000);
    far.stopFollowing();
    far.receive(1_000, numbered(1_000, 9_000));
    far.follow();
    assertHolds(far, 8_000, 9_000);
    assert.equal(far.newLines, 0);
});

test("a page above is added where the view begins, and pushes out what is below", () => {
    const model = opened(700, 1_700);
    model.stopFollowing();
    assert.deepEqual(model.pageAbove, { from: 200, to: 700 });
    model.addAbove(200, numbered(200, 700));
    assertHolds(model, 200, 1_200);
    model.addAbove(0, numbered(0, 200));
    assertHolds(model, 0, 1_000);
    assert.equal(model.pageAbove, null);
});

test("a page above that comes after following has begun again is not added", () => {
    const model = opened(700, 1_700);
    model.addAbove(200, numbered(200, 700));
    assertHolds(model, 700, 1_700);
});

test("moving down goes through fetched pages, then through the tail, without a hole", () => {
    const model = opened(5_000, 6_000);
    model.show(0, numbered(0, pageLength));
    assert.equal(model.following, false);
    for (let step = 0; step < 100 && model.view.end < model.end; step += 1) {
        const page = model.pageBelow;
        if (page !== null) model.addBelow(page.from, numbered(page.from, page.to));
        else assert.equal(model.moveDown(), true);
        assertHolds(model, model.view.start, model.view.end);
    }
    assert.equal(model.view.end, 6_000);
    assert.equal(model.moveDown(), false);
});

test("lines that come twice show once", () => {
    const model = opened(0, 10);
    model.receive(5, numbered(5, 15));
    assertHolds(model, 0, 15);
});

test("a stream that goes on at a later number says which lines are missing", () => {
    const model = opened(0, 10);
    assert.deepEqual(model.receive(50, numbered(50, 60)), { from: 10, to: 50 });
    assertHolds(model, 50, 60);
});
