/**
 * What turns the rows for the lines `shown` into the rows for the lines `wanted` (both
 * `{ start, end }`, the end not included): how many rows to drop at either end, then the lines
 * to add at either end. Rows that stay are never touched.
 */
export function rowChanges(shown, wanted) {
    const start = Math.max(shown.start, wanted.start);
    const end = Math.min(shown.end, wanted.end);
    if (start >= end) {
        return {
            dropFirst: shown.end - shown.start, dropLast: 0,
            above: { start: wanted.start, end: wanted.start },
            below: { start: wanted.start, end: wanted.end },
        };
    }
    return {
        dropFirst: start - shown.start, dropLast: shown.end - end,
        above: { start: wanted.start, end: start },
        below: { start: end, end: wanted.end },
    };
}
