import { plainStyle } from "../model/ansi.js";
import { lineKind } from "../model/log-line.js";

const pageMatches = 2000;
const around = 2;
const characterLimit = 32 * 1024 * 1024;

// The word may be behind a colour.
export const errorPattern =
  "(?i)(?:\\b|\\[[0-9;]*m)(error|fatal|panic|exception|traceback|failed|oomkilled)\\b";

export async function firstMatch(daemon, stream, grep, signal) {
  try {
    const url = daemon.logUrl(stream, { grep, limit: 1 });
    for await (const object of daemon.objects(url, { signal })) if (object.match) return object;
  } catch (error) {
    console.warn(`not searched for ${grep}`, error);
  }
  return {};
}

/** A search through a log. It is a log, too: of lines that match and those around them. */
export class LogSearch {
  #ends = new AbortController();
  #lines = [];
  #characters = 0;
  matches = [];
  ranges = new Map();
  isRunning = false;
  isComplete = false;
  searchedTo = 0;
  /** How many match, where one answer does not hold all. */
  total = 0;
  problem = "";
  start = 0;

  constructor(daemon, route, onChange) {
    Object.assign(this, { daemon, route, onChange });
  }

  get end() {
    return this.#lines.length;
  }

  line(index) {
    const line = this.#lines[index];
    return line && { ...line, isMatch: this.ranges.has(line.number) };
  }

  indexOf(number) {
    return this.#lines.findIndex((line) => line.number >= number);
  }

  need(_, to) {
    if (to >= this.end) this.more();
  }

  /** Goes on at the limit of an answer, or at what was the log's `end`. */
  async more(end = 0) {
    if (this.isRunning || this.problem || (this.isComplete && end <= this.searchedTo)) return;
    this.isRunning = true;
    const { signal } = this.#ends;
    try {
      const url = this.#url(
        { from: this.searchedTo, before: around, after: around, limit: pageMatches });
      for await (const object of this.daemon.objects(url, { signal })) this.#take(object);
      if (!this.isComplete && this.total === 0) {
        const answer = this.daemon.json(this.#url({ count: true }), { signal });
        this.total = await answer.catch(() => 0);
      }
    } catch (error) {
      this.problem = error.message;
    }
    this.isRunning = false;
    if (!signal.aborted) this.onChange();
  }

  /** Goes on after a problem. */
  retry() {
    if (!this.problem) return;
    this.problem = "";
    this.more(Infinity);
  }

  close() {
    this.#ends.abort();
  }

  #url(parameters) {
    const { q, regex, case: isCase } = this.route;
    return this.daemon.logUrl(this.route, { [regex ? "grep" : "fixed"]: q,
      ignoreCase: isCase ? undefined : true, ...parameters });
  }

  #take({ line: number, time, text, match, ranges, gap, end, error }) {
    const before = this.#lines.at(-1)?.number ?? number - 1;
    if (number > before) {
      const raw = text ?? gap;
      this.#characters += raw.length;
      if (this.#characters > characterLimit) throw new Error("more than the page can hold");
      this.#lines.push({ number, time, raw, text: raw, kind: lineKind(raw), style: plainStyle,
        isApart: number > before + 1 });
    }
    if (match) {
      this.matches.push(number);
      this.ranges.set(number, ranges);
      this.searchedTo = number + 1;
    }
    if (error) throw error;
    if (end) {
      this.isComplete = end.complete;
      this.searchedTo = end.searchedTo;
    }
    this.onChange();
  }
}
