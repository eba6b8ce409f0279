import { plainStyle, styleAfter } from "./ansi.js";
import { parseLine } from "./log-line.js";

const lineCharacters = 100;
const blockLines = 256;
const fetchLimit = 1024;

/** The lines that came last, up to a number of characters. */
export class LineStore {
  #lines = new Map();
  #characters = 0;
  wanted = { from: 0, to: 0 };
  limit = 8 * 1024 * 1024;

  get(number) {
    return this.#lines.get(number);
  }

  put(from, lines) {
    lines.forEach((raw, index) => {
      const number = from + index;
      if (this.#lines.has(number)) return;
      this.#lines.set(number, { number, raw, ...parseLine(raw) });
      this.#characters += raw.length + lineCharacters;
    });
    this.#carryStyles(from, from + lines.length);
    for (const [number, { raw }] of this.#lines) {
      if (this.#characters <= this.limit) return;
      if (number >= this.wanted.from && number < this.wanted.to) continue;
      this.#characters -= raw.length + lineCharacters;
      this.#lines.delete(number);
    }
  }

  /** Lines to fetch; undefined when all that are wanted are held. */
  missing(end) {
    let { from } = this.wanted;
    while (from < this.wanted.to && this.#lines.has(from)) from += 1;
    if (from >= this.wanted.to) return undefined;
    while (from % blockLines > 0 && !this.#lines.has(from - 1)) from -= 1;
    return { from, to: Math.min(end, from + fetchLimit) };
  }

  #carryStyles(from, to) {
    let before = this.#lines.get(from - 1);
    for (let number = from, line; (line = this.#lines.get(number)); number += 1) {
      const style = before ? styleAfter(before.text, before.style) : line.style ?? plainStyle;
      if (number >= to && line.style === style) return;
      line.style = style;
      before = line;
    }
  }
}
