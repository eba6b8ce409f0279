import { runTime } from "./quantity.js";

const day = 86_400;
const roundSeconds = [1, 60, 3600].flatMap((unit) =>
  [1, 2, 5, 10, 20, 30].map((count) => count * unit));

/** Runs that have started as bars, by attempt, and marks at round times, in milliseconds. */
export function timeline(runs, now) {
  const started = runs.map((run) =>
    ({ run, from: Date.parse(run.startedAt), length: Math.max(0, runTime(run, now)) }))
    .filter(({ length }) => length >= 0)
    .sort((one, other) => one.run.attempt - other.run.attempt);
  const start = Math.min(...started.map(({ from }) => from));
  const bars = started.map(({ run, from, length }) => ({ run, from: from - start, length }));
  const quarter = Math.max(1, ...bars.map(({ from, length }) => from + length)) / 4000;
  const step = roundSeconds.find((each) => each >= quarter) ?? Math.ceil(quarter / day) * day;
  const marks = Array.from({ length: Math.ceil(4 * quarter / step) },
    (_, index) => index * step * 1000);
  return { marks, span: marks.length * step * 1000, bars };
}
