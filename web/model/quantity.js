// Durations, counts and sizes as text.

const counts = new Intl.NumberFormat("en");

/** A duration in at most two units: `40 s`, `4 m 05 s`, `3 h 12 m`, `2 d 4 h`. */
export function durationText(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days > 0) return `${days} d ${hours % 24} h`;
    if (hours > 0) return `${hours} h ${two(minutes % 60)} m`;
    if (minutes > 0) return `${minutes} m ${two(seconds % 60)} s`;
    return `${seconds} s`;
}

/**
 * How long a job ran, or has run by `now` (milliseconds since 1970). Empty when it has not
 * started, or when a time cannot be read.
 */
export function runTimeText({ startedAt, endedAt, status }, now) {
    const start = Date.parse(startedAt);
    const end = endedAt === undefined && status !== "end" ? now : Date.parse(endedAt);
    return Number.isNaN(start) || Number.isNaN(end) ? "" : durationText(end - start);
}

/** How long ago a moment was: `4 m ago`, in one unit. Empty when it cannot be read. */
export function ageText(moment, now) {
    const then = Date.parse(moment);
    if (Number.isNaN(then)) return "";
    const seconds = Math.floor((now - then) / 1000);
    if (seconds < 5) return "now";
    if (seconds < 60) return `${seconds} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    return `${Math.floor(seconds / 86400)} d ago`;
}

/** A number with its thousands apart: `1,204`. */
export function numberText(number) {
    return counts.format(number);
}

/** A count with its noun: `1 line`, `1,204 lines`. */
export function countText(count, noun) {
    return `${counts.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function two(number) {
    return String(number).padStart(2, "0");
}
