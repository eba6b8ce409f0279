import { numberText } from "./quantity.js";

const gap = /^--- podwire: lines (may be )?missing .* ---$/;
const output = /^JOB_OUT(\[[^\]]*\])? ?[A-Za-z_][A-Za-z0-9_.-]{0,127}=/;

/** What a line is to the eye: `gap` where lines are missing, `output`, or plain `text`. */
export function lineKind(text) {
    if (gap.test(text)) return "gap";
    return output.test(text) ? "output" : "text";
}

/** Characters of a line that a row shows; browsers lay out longer ones slowly. */
export const shownCharacters = 16 * 1024;

/** A line as its row shows it: without a final carriage return, and cut visibly when too long. */
export function rowText(text) {
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (line.length <= shownCharacters) return line;
    const more = line.length - shownCharacters;
    return `${line.slice(0, shownCharacters)} … ${numberText(more)} more characters`;
}
