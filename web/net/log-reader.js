import { Emitter } from "../model/emitter.js";
import { LineStore } from "../model/line-store.js";
import { Retry } from "../model/retry.js";
import { fetchLines, lineParts } from "./line-range.js";

const normalClosure = 1000;
const failed = 1006;
const fetchDelay = 2000;

/**
 * One container's log: its end as it comes, and other lines as they are needed. A cut connection is
 * opened again behind the last whole line: none is missing or doubled.
 */
export class LogReader extends Emitter {
  #socket = null;
  /** The text of a line that has not come whole, null before the first message. */
  #rest;
  #isFetching = false;
  tailLines = 500;
  /** The first line that is known to be kept, and one more than the newest. */
  start = 0;
  end = 0;
  isOpen = false;
  lastLineAt = Date.now();
  connection = { phase: "connecting" };
  /** Why needed lines are not here. */
  problem = "";

  constructor(daemon, stream, { store = new LineStore(), retry = new Retry() } = {}) {
    super();
    Object.assign(this, { daemon, stream, store, retry });
  }

  open() {
    const { daemon, stream, tailLines } = this;
    const socket = daemon.socket(daemon.logUrl(stream, { follow: true, timestamps: true,
      ...(this.isOpen ? { from: this.end } : { tailLines }) }));
    this.#socket = socket;
    this.#rest = null;
    this.#tell("connecting");
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      if (this.#rest === null) this.#begin(JSON.parse(data));
      else this.#receive(data);
    };
    socket.onclose = async ({ code, reason }) => {
      // A browser does not tell an upgrade that was refused from one that nobody answered.
      const refusal = code >= 4400 && code <= 4499 ? reason || `refused (${code})`
        : this.#rest === null && code === failed && await this.#whyNot();
      if (socket !== this.#socket) return;
      if (code === normalClosure) {
        this.#tell("ended");
      } else if (refusal) {
        this.#tell("refused", refusal);
      } else {
        this.retry.later(() => this.open());
        this.#tell("waiting");
      }
    };
  }

  close() {
    this.retry.cancel();
    this.#socket?.close(normalClosure);
    this.#socket = null;
  }

  line(number) {
    return this.store.get(number);
  }

  /** Fetches some of these lines: ask again after `change`. */
  async need(from, to) {
    this.store.wanted = { from: Math.max(from, this.start), to };
    const missing = this.store.missing(this.end);
    if (!missing) this.problem = "";
    if (this.#isFetching || !missing) return;
    this.#isFetching = true;
    try {
      const found = await fetchLines(this.daemon, this.stream, missing);
      if (found.from > missing.from) this.start = Math.max(this.start, found.from);
      else if (found.lines.length === 0) throw new Error("no lines came");
      this.store.put(found.from, found.lines);
    } catch ({ message }) {
      this.problem = message;
      this.fire("change");
      await new Promise((resolve) => { setTimeout(resolve, fetchDelay); });
    }
    this.#isFetching = false;
    this.fire("change");
  }

  #begin({ from }) {
    this.isOpen = true;
    this.end = from;
    this.retry.tries = 0;
    this.#rest = "";
    this.#tell("live");
  }

  #receive(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop();
    const numbered = lines.flatMap(lineParts);
    this.store.put(this.end, numbered);
    this.end += numbered.length;
    this.#tell("live");
  }

  #whyNot() {
    return this.daemon.fetch(this.daemon.logUrl(this.stream, { lines: 1, limitBytes: 1 })).then(
      () => "", ({ code, message }) => (code === 403 ? message : ""));
  }

  #tell(phase, refusal) {
    if (phase === "live") this.lastLineAt = Date.now();
    this.connection = { phase, tries: this.retry.tries, refusal };
    this.fire("change");
  }
}
