import { Emitter } from "../model/emitter.js";
import { JobList, jobKey } from "../model/job-list.js";
import { Retry } from "../model/retry.js";
import { soon } from "../model/soon.js";
import { unreachableAfterTries } from "../model/stream-state.js";

const limit = 200;
/** If more have changed, the newest are listed, and others forgotten. */
const refreshLimit = 50;

/** Fetches the jobs that events are about. Fires `change`, `problem`, `news` of subjects. */
export class JobFeed extends Emitter {
  #daemon;
  #retry = new Retry();
  #run = new AbortController();
  /** The last event; undefined to list anew. */
  #after;
  #stale = new Map();
  #refresh = soon(() => this.#fetchStale());
  #polledAt;
  #filter;
  list = new JobList();
  rest;
  /** Also `live`, `reconnecting` or `unreachable`. */
  phase = "loading";

  constructor(daemon) {
    super();
    this.#daemon = daemon;
  }

  start({ isAnew = false } = {}) {
    this.stop();
    if (isAnew) this.#after = undefined;
    this.#run = new AbortController();
    this.#follow(this.#run.signal);
  }

  stop() {
    this.#run.abort();
    this.#retry.cancel();
  }

  async load(filter) {
    try {
      if (filter) {
        const { namespace, workflow } = this.#filter = filter;
        await this.#ask([], { limit, namespace, workflow });
      } else this.rest &&= (await this.#ask([], { limit, continue: this.rest })).continue;
    } catch (error) {
      this.fire("problem", error);
    }
  }

  /** Asks for one of some jobs a second: not all that changes of a job is an event. */
  poll(jobs, now) {
    const second = Math.floor(now / 1000);
    if (second === this.#polledAt || jobs.length === 0) return;
    this.#polledAt = second;
    this.#fetch(jobs[second % jobs.length]);
  }

  async #ask(parts, parameters, signal) {
    const url = this.#daemon.url(["v1", "jobs", ...parts], parameters);
    const askedAt = performance.now();
    const answer = await this.#daemon.json(url, { signal });
    for (const job of answer.items ?? [answer]) this.list.put({ ...job, askedAt });
    this.fire("change");
    return answer;
  }

  async #follow(signal) {
    try {
      if (this.#after === undefined) {
        const askedAt = performance.now();
        const answer = await this.#ask([], { limit }, signal);
        this.list.forgetBefore(askedAt);
        this.rest = answer.continue;
        this.#after = answer.sequence;
        if (this.#filter) this.load(this.#filter);
      }
      const url = this.#daemon.url(["v1", "events"], { follow: true, after: this.#after });
      const onOpen = () => {
        this.#retry.tries = 0;
        this.#refresh();
        this.#enter("live");
        this.fire("news");
      };
      for await (const event of this.#daemon.objects(url, { signal, onOpen })) this.#take(event);
    } catch (error) {
      if (!signal.aborted) console.warn("job feed", error);
      // Refused: it may not have the events any more.
      if (error.code >= 400) this.#after = undefined;
    }
    if (signal.aborted) return;
    this.#retry.later(() => this.#follow(signal));
    this.#enter(this.#retry.tries < unreachableAfterTries ? "reconnecting" : "unreachable");
  }

  #take({ id, subject, data }) {
    this.#after = id;
    const [namespace, workflow, job] = subject.split("/");
    if (job !== undefined) this.#fetch({ namespace, workflow, job, uid: data?.uid });
    this.fire("news", subject);
  }

  #fetch(job) {
    this.#stale.set(jobKey(job), job);
    this.#refresh();
  }

  async #fetchStale() {
    const { signal } = this.#run;
    if (signal.aborted) return;
    const stale = [...this.#stale];
    this.#stale.clear();
    if (stale.length > refreshLimit || this.list.size > 10_000) {
      this.start({ isAnew: true });
      return;
    }
    for (const [key, each] of stale) {
      const { namespace, workflow, job, uid } = each;
      await this.#ask([namespace, workflow, job], { uid }, signal).catch(({ code }) => {
        if (code !== 403 && code !== 404) this.#stale.set(key, each);
      });
    }
  }

  #enter(phase) {
    this.phase = phase;
    this.fire("change");
  }
}
