/** A longer line has parts, each with a number of its own. */
export const partBytes = 1024 * 1024;
/** Of the time before a line, but not before its later parts. */
const stampBytes = 31;
/** Of an answer: room for any part. */
export const limitBytes = 1.25 * partBytes;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** At least one line, if there is one; the first number is larger where older ones are gone. */
export async function fetchLines(daemon, stream, { from, to }) {
  const response = await daemon.fetch(
    daemon.logUrl(stream, { from, lines: to - from, limitBytes, timestamps: true }));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { from: Number(response.headers.get("Podwire-From") ?? from),
    lines: numbered(bytes, bytes.length >= limitBytes) };
}

export function lineParts(line) {
  return line.length * 3 < partBytes ? [line] : numbered(new TextEncoder().encode(line), false);
}

function numbered(bytes, isCut) {
  const lines = [];
  for (let start = 0, end; start < bytes.length; start = bytes[end] === 10 ? end + 1 : end) {
    const hasTime = decoder.decode(bytes.subarray(start, start + stampBytes)).endsWith("Z ");
    const newline = bytes.indexOf(10, start);
    end = Math.min(newline < 0 ? bytes.length : newline,
      start + partBytes + (hasTime ? stampBytes : 0));
    if (isCut && end === bytes.length) break;
    lines.push(decoder.decode(bytes.subarray(start, end)));
  }
  return lines;
}
