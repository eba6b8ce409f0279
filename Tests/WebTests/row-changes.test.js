import assert from "node:assert/strict";
import { test } from "node:test";
import { rowChanges } from "../../web/model/row-changes.js";

const range = (start, end) => Array.from({ length: end - start }, (_, index) => start + index);

test("the changes turn any window of rows into any other", () => {
    const ends = [0, 3, 5, 8];
    const windows = ends.flatMap((start) => ends.filter((end) => end >= start)
        .map((end) => ({ start, end })));
    for (const shown of windows) {
        for (const wanted of windows) {
            const { dropFirst, dropLast, above, below } = rowChanges(shown, wanted);
            const rows = range(shown.start, shown.end);
            const kept = rows.slice(dropFirst, rows.length - dropLast);
            const result = [...range(above.start, above.end), ...kept,
                ...range(below.start, below.end)];
            assert.deepEqual(result, range(wanted.start, wanted.end));
        }
    }
});

test("rows that stay are not touched", () => {
    const { dropFirst, dropLast, above, below } =
        rowChanges({ start: 0, end: 5_000 }, { start: 3, end: 5_003 });
    assert.deepEqual([dropFirst, dropLast], [3, 0]);
    assert.equal(above.end - above.start, 0);
    assert.deepEqual(below, { start: 5_000, end: 5_003 });
});
