import assert from "node:assert/strict";
import { test } from "node:test";
import { timeline } from "../../web/model/time-axis.js";

const at = (seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const now = Date.parse(at(100));

test("marks are at round times, a few of them, and the axis ends at the next", () => {
    const steps = [[0, 1], [3, 1], [61, 20], [4000, 1200], [90_000, 36_000], [600_000, 172_800]];
    for (const [seconds, step] of steps) {
        const runs = [{ job: "a", status: "end", startedAt: at(0), endedAt: at(seconds) }];
        const { marks, span } = timeline(runs, now);
        assert.ok(span >= seconds * 1000 && span - seconds * 1000 <= step * 1000, `${seconds}`);
        assert.deepEqual(marks, [0, 1, 2, 3].slice(0, marks.length).map((mark) => mark * step * 1000));
        assert.equal(span, marks.length * step * 1000);
    }
    assert.deepEqual(timeline([], now), { marks: [0], span: 1000, bars: [] });
});

test("every try of a job is a bar, earliest first, and one that runs ends now", () => {
    const runs = [
        { job: "a", uid: "2", attempt: 2, status: "running", startedAt: at(50) },
        { job: "a", uid: "1", attempt: 1, status: "end", startedAt: at(0), endedAt: at(25) },
        { job: "b", uid: "3", attempt: 1, status: "pending" },
    ];
    const { span, bars } = timeline(runs, now);
    assert.equal(span, 120_000);
    assert.deepEqual(bars.map(({ run: { uid }, from, length }) => [uid, from, length]),
        [["1", 0, 25_000], ["2", 50_000, 50_000]]);
});

test("tries that began in the same second are in their order", () => {
    const runs = [2, 3, 1].map((attempt) =>
        ({ job: "a", attempt, status: "end", startedAt: at(0), endedAt: at(1) }));
    const { bars } = timeline(runs, now);
    assert.deepEqual(bars.map(({ run }) => run.attempt), [1, 2, 3]);
});

test("a job that never began and ended has no bar", () => {
    const runs = [{ job: "a", uid: "1", status: "end", endedAt: at(5) }];
    assert.deepEqual(timeline(runs, now).bars, []);
});

test("a run that begins by another clock later than now has an empty bar", () => {
    const runs = [{ job: "a", status: "running", startedAt: at(101) }];
    assert.equal(timeline(runs, now).bars[0].length, 0);
});
