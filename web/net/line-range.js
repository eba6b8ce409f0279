import { LineAssembler } from "../model/line-assembler.js";
import { logUrl } from "./address.js";
import { fetchBody } from "./fetching.js";

/** Bytes asked for at first; doubled whenever not one whole line fits, up to the limit. */
const firstBytes = 256 * 1024;
const lastBytes = 64 * 1024 * 1024;

/**
 * Fetches the lines `from` up to, not including, `to` of a stream: `{ from, lines }`. The first
 * number is larger than asked for when older lines are no longer kept. Throws `RefusedError`.
 */
export async function fetchLines(base, stream, { from, to, signal, get = fetchBody }) {
    const lines = [];
    let first = from;
    let next = from;
    let limitBytes = firstBytes;
    while (next < to && limitBytes <= lastBytes) {
        const response = await get(logUrl(base, stream, { from: next, limitBytes }), { signal });
        const given = Number(response.headers.get("Podwire-From") ?? next);
        if (given > next && lines.length > 0) break;
        if (given > next) first = next = given;
        const bytes = await response.arrayBuffer();
        const assembler = new LineAssembler(next);
        const whole = assembler.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
        const isCut = bytes.byteLength >= limitBytes;
        const last = isCut ? [] : assembler.finish().lines;
        for (const line of [...whole.lines, ...last].slice(0, to - next)) lines.push(line);
        if (!isCut) break;
        if (whole.lines.length === 0) limitBytes *= 2;
        next = first + lines.length;
    }
    return { from: first, lines };
}
