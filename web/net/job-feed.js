import { Backoff } from "../model/backoff.js";
import { JobList } from "../model/job-list.js";
import { eventsUrl, jobsUrl, jobUrl } from "./address.js";
import { fetchJson, RefusedError } from "./fetching.js";

/** Jobs asked for at a time. */
const pageLength = 200;
/** Changed jobs are fetched one by one up to so many; beyond, the list is fetched anew. */
const refreshLimit = 50;
/** Changed jobs are fetched this long after the first change, so that a burst is fetched once. */
const refreshDelayMilliseconds = 200;

/**
 * Keeps a `JobList` up to date: lists once, then follows the event feed from the sequence that
 * the list reflects. A cut feed resumes from the last event; a feed that cannot be resumed (the
 * daemon no longer keeps that event) means listing again. It pauses while the page is hidden,
 * because browsers allow only a few connections to one host, in all tabs together.
 *
 * Fires `change` when the list has changed and `phase` when `phase` has: `loading`, `live`,
 * `reconnecting`.
 */
export class JobFeed extends EventTarget {
    #base;
    #list = new JobList();
    #backoff = new Backoff();
    #phase = "loading";
    #isRunning = false;
    #isListed = false;
    /** Tells an answer that was asked for before a pause from one that is still wanted. */
    #run = 0;
    #source = null;
    #timer = null;
    #stale = new Map();
    #refreshTimer = null;

    constructor(base) {
        super();
        this.#base = base;
    }

    get list() {
        return this.#list;
    }

    get phase() {
        return this.#phase;
    }

    get tries() {
        return this.#backoff.tries;
    }

    /** Starts, or goes on after `pause`. */
    resume() {
        if (this.#isRunning) return;
        this.#isRunning = true;
        if (this.#isListed) this.#follow();
        else this.#load();
    }

    /** Lets the connection go; the position is kept. */
    pause() {
        this.#isRunning = false;
        this.#run += 1;
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#closeSource();
    }

    /** Tries again now instead of when the back-off is over. */
    hurry() {
        if (this.#timer === null) return;
        this.pause();
        this.resume();
    }

    /** Fetches the next page of older jobs. Throws when the daemon does not give it. */
    async loadMore() {
        const rest = this.#list.rest;
        if (rest === undefined) return;
        this.#list.addPage(await fetchJson(jobsUrl(this.#base, { limit: pageLength, rest })));
        this.#changed();
    }

    /** Fetches one job that the list may not reach. Says nothing when there is no such job. */
    async fetchJob(reference) {
        try {
            this.#list.put(await fetchJson(jobUrl(this.#base, reference)));
        } catch (error) {
            if (error instanceof RefusedError && error.code === 404) return;
            console.warn("job not fetched", reference, error);
            return;
        }
        this.#changed();
    }

    async #load() {
        const run = this.#run;
        let page;
        try {
            page = await fetchJson(jobsUrl(this.#base, { limit: pageLength }));
        } catch (error) {
            console.warn("jobs not listed", error);
            if (run === this.#run) this.#retry(() => this.#load());
            return;
        }
        if (run !== this.#run) return;
        this.#list.replace(page);
        this.#isListed = true;
        this.#changed();
        this.#follow();
    }

    #follow() {
        const source = new EventSource(eventsUrl(this.#base, { after: this.#list.sequence }));
        this.#source = source;
        source.onopen = () => {
            this.#backoff.reset();
            this.#enter("live");
        };
        source.onmessage = ({ data }) => this.#take(JSON.parse(data));
        source.onerror = () => {
            // A browser closes the source itself when the daemon answered, but not with a feed.
            const isRefused = source.readyState === EventSource.CLOSED;
            this.#closeSource();
            this.#retry(isRefused ? () => this.#load() : () => this.#follow());
        };
    }

    #take(event) {
        const subject = this.#list.apply(event);
        if (subject !== null) this.#refreshSoon(subject, event.data?.uid);
        this.#changed();
    }

    #refreshSoon(subject, run) {
        const [namespace, workflow, job] = subject.split("/");
        this.#stale.set(`${subject}/${run ?? ""}`, { namespace, workflow, job, run });
        this.#refreshTimer ??= setTimeout(() => this.#refresh(), refreshDelayMilliseconds);
    }

    async #refresh() {
        const references = [...this.#stale.values()];
        this.#stale.clear();
        if (references.length > refreshLimit) {
            this.pause();
            this.#isListed = false;
            this.resume();
        } else {
            for (const reference of references) await this.fetchJob(reference);
        }
        this.#refreshTimer = null;
        if (this.#stale.size > 0) {
            this.#refreshTimer = setTimeout(() => this.#refresh(), refreshDelayMilliseconds);
        }
    }

    #retry(step) {
        const wait = this.#backoff.next();
        this.#enter("reconnecting");
        this.#timer = setTimeout(() => {
            this.#timer = null;
            step();
        }, wait);
    }

    #closeSource() {
        this.#source?.close();
        this.#source = null;
    }

    #enter(phase) {
        this.#phase = phase;
        this.dispatchEvent(new Event("phase"));
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}
