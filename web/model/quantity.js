const units = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]];

/** `40 s`, `4 m 05 s`, `3 h 12 m`, `2 d 4 h` */
export function durationText(milliseconds, isRough = false) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [[unit, size], next] = units.slice(units.findIndex((each) => seconds >= each[1]));
  const text = `${Math.floor(seconds / size)} ${unit}`;
  if (isRough || !next) return text;
  const rest = String(Math.floor(seconds % size / next[1]));
  return `${text} ${unit === "d" ? rest : rest.padStart(2, "0")} ${next[0]}`;
}

export function runTime({ startedAt, endedAt, status }, now) {
  const end = endedAt === undefined && status !== "end" ? now : Date.parse(endedAt);
  return end - Date.parse(startedAt);
}

export function runTimeText(job, now) {
  const span = runTime(job, now);
  return Number.isNaN(span) ? "" : durationText(span);
}

export function ageText(moment, now) {
  const age = now - Date.parse(moment);
  if (Number.isNaN(age)) return "";
  return age < 5000 ? "now" : `${durationText(age, true)} ago`;
}

export const numberText = new Intl.NumberFormat("en").format;

export function countText(count, noun) {
  return `${numberText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
