import { Emitter } from "../model/emitter.js";
import { parseLine } from "../model/log-line.js";
import { fetchLines } from "./line-range.js";

const blockLines = 256;
/** The newest may have to be put in order again. */
const unsettledLines = 512;
const nearLines = 1024;

/** Logs as one, in order of time: it finds a place by time, and puts lines in order from there. */
export class MergedLog extends Emitter {
  /** In each block one: counts of the lines of each log before it. */
  #places = [];
  #lines = [];
  #first = 0;
  #isLooking = false;
  /** Looking by time leads no nearer than here. */
  #last;

  constructor(daemon, readers) {
    super();
    Object.assign(this, { daemon, readers });
    for (const reader of readers) reader.addEventListener("change", () => this.fire("change"));
  }

  get start() {
    return sum(this.#all("start"));
  }

  get end() {
    return this.#all("isOpen").includes(false) ? 0 : sum(this.#all("end"));
  }

  line(index) {
    const { stream, line } = this.#lines[index - this.#first] ?? {};
    return line && { ...line, number: index, source: stream.container,
      origin: { ...stream, lines: { first: line.number } } };
  }

  need(from, to) {
    if (this.#isLooking) return;
    const settled = this.end - unsettledLines;
    const wanted = Math.min(from, settled);
    const low = this.#places.findLast((place) => sum(place) <= wanted) ?? this.#all("start");
    const isNear = sum(low) >= wanted - nearLines || sum(low) === this.#last;
    if (isNear) this.#walk(low, to, settled);
    else this.#look(low, wanted - nearLines / 2);
  }

  #all(key) {
    return this.readers.map((reader) => reader[key]);
  }

  #keep(place) {
    this.#places[Math.floor(sum(place) / blockLines)] = place;
  }

  #walk(low, to, settled) {
    let place = low;
    this.#first = sum(low);
    this.#lines = [];
    for (let index = this.#first; index < to; index += 1) {
      const next = earliest(this.readers, place);
      if (!next) break;
      if (index % blockLines === 0 && index <= settled) this.#keep(place);
      this.#lines.push(next);
      place = place.with(next.log, place[next.log] + 1);
    }
    this.readers.forEach((reader, log) =>
      reader.need(low[log], Math.min(place[log] + blockLines, reader.end)));
  }

  /** Comes nearer by the time of a line in between. */
  async #look(low, wanted) {
    const from = sum(low);
    const high = this.#places.find((place) => sum(place) > from) ?? this.#all("end");
    const spans = low.map((count, log) => high[log] - count);
    const log = spans.indexOf(Math.max(...spans));
    const share = (wanted - from) / sum(spans);
    const number = low[log] + Math.floor(spans[log] * Math.min(0.8, Math.max(0.2, share)));
    this.#isLooking = true;
    this.#last = from;
    try {
      const { lines } = await fetchLines(this.daemon, this.readers[log].stream,
        { from: number, to: number + 1 });
      const sinceTime = parseLine(lines[0]).time;
      const place = await Promise.all(this.readers.map(async ({ stream, end }) => {
        const url = this.daemon.logUrl(stream, { sinceTime, lines: 1, limitBytes: 1 });
        return end && Number((await this.daemon.fetch(url)).headers.get("Podwire-From"));
      }));
      if (sum(place) > from && sum(place) < sum(high)) {
        this.#keep(place);
        this.#last = undefined;
      }
    } catch (error) {
      console.warn("on the way line by line", error);
    }
    this.#isLooking = false;
    this.fire("change");
  }
}

/** The earliest of the lines at a place; undefined while one of them is not there. */
function earliest(readers, place) {
  let first;
  for (const [log, reader] of readers.entries()) {
    if (place[log] >= reader.end) continue;
    const line = reader.line(place[log]);
    if (!line) return undefined;
    const { time = "" } = line;
    if (!(first?.time <= time)) first = { log, stream: reader.stream, time, line };
  }
  return first;
}

function sum(numbers) {
  return numbers?.reduce((total, number) => total + number) ?? NaN;
}
