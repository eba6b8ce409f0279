const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /;
const gap = /^--- podwire: lines (may be )?missing .* ---$/;
const output = /^JOB_OUT(\[[^\]]*\])? ?[A-Za-z_][A-Za-z0-9_.-]{0,127}=/;
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** Later parts of a long line have no time. */
export function parseLine(raw) {
  const time = stamp.test(raw) ? raw.slice(0, 30) : undefined;
  const text = time ? raw.slice(31) : raw;
  return { time, text, kind: lineKind(text) };
}

export function lineKind(text) {
  return gap.test(text) ? "gap" : output.test(text) ? "output" : "text";
}

/** `off`, `absolute` in local time, or `relative` to the first line's. */
export function timeText(time, mode, first = time) {
  if (!time || mode === "off") return "";
  if (mode === "absolute") return `${clock.format(new Date(time))}.${time.slice(20, 23)}`;
  const elapsed = Date.parse(time) - Date.parse(first);
  return `${elapsed < 0 ? "-" : "+"}${(Math.abs(elapsed) / 1000).toFixed(3)}`;
}
