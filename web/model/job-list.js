import { statusLook } from "./status.js";

/**
 * The jobs that the page knows: a list as the daemon gave it, brought up to date by events.
 * `sequence` is the last event that it reflects, and so the position to resume the feed from.
 * Events only patch what they say; what they do not say (Pods, containers) is fetched.
 */
export class JobList {
    #jobs = new Map();
    #latest = new Map();
    #sequence = 0;
    #rest;

    get size() {
        return this.#jobs.size;
    }

    get sequence() {
        return this.#sequence;
    }

    /** Where the list goes on: the daemon's `continue`, or undefined when all is here. */
    get rest() {
        return this.#rest;
    }

    /** A fresh first page: what was known before is forgotten. */
    replace({ items, continue: rest, sequence }) {
        this.#jobs.clear();
        this.#latest.clear();
        this.#sequence = sequence ?? 0;
        this.addPage({ items, continue: rest });
    }

    /** A further page of older jobs. Its sequence is left out: events in between still count. */
    addPage({ items, continue: rest }) {
        for (const item of items) this.put(item);
        this.#rest = rest === "" ? undefined : rest;
    }

    /** One job as the daemon has it now. */
    put(item) {
        const key = jobKey(item);
        this.#jobs.set(key, item);
        const subject = jobSubject(item);
        const latest = this.#jobs.get(this.#latest.get(subject));
        if (latest === undefined || newestFirst(item, latest) <= 0) this.#latest.set(subject, key);
    }

    /** The run named by `run` (its UID), or the latest run of that job. */
    find({ namespace, workflow, job, run }) {
        const subject = `${namespace}/${workflow}/${job}`;
        return this.#jobs.get(run === undefined ? this.#latest.get(subject) : `${subject}/${run}`);
    }

    /** The job that a Pod belongs to, where only the Pod is known. */
    findByPod({ namespace, pod, uid }) {
        for (const job of this.#jobs.values()) {
            if (job.namespace !== namespace) continue;
            const own = (job.pods ?? []).some((each) =>
                each.name === pod && (uid === undefined || each.uid === uid));
            if (own) return job;
        }
        return undefined;
    }

    /**
     * Takes an event. Returns the subject whose job has to be fetched, because the event says
     * less than what has changed, or null. Events at or below `sequence` have been taken before.
     */
    apply(event) {
        const sequence = Number(event.id);
        if (!(sequence > this.#sequence)) return null;
        this.#sequence = sequence;
        if (!event.type.startsWith("podwire.job.") && event.type !== "podwire.log.gap") return null;
        const data = event.data ?? {};
        const key = data.uid === undefined
            ? this.#latest.get(event.subject) : `${event.subject}/${data.uid}`;
        const job = this.#jobs.get(key);
        if (job === undefined) return event.subject;
        // An event of a job that has ended is about a new run of that name: not this one's.
        const hasEnded = job.status === "end" && job.outcome !== undefined;
        if (hasEnded) return event.subject;
        const patch = patches[event.type];
        if (patch !== undefined) this.#jobs.set(key, patch(job, data, event.time));
        return event.type === "podwire.job.output" ? null : event.subject;
    }

    /** The jobs that a filter lets through, newest first: `{ jobs, matching }`. */
    rows({ text = "", status = "" } = {}, limit = Infinity) {
        const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
        const matches = [...this.#jobs.values()].filter((job) => {
            const look = statusLook(job);
            if (status !== "" && look.group !== status && look.key !== status) return false;
            if (words.length === 0) return true;
            const haystack = searchText(job, look);
            return words.every((word) => haystack.includes(word));
        });
        matches.sort(newestFirst);
        return { jobs: matches.slice(0, limit), matching: matches.length };
    }
}

/** What tells one run of a job from all others. */
export function jobKey(job) {
    return `${jobSubject(job)}/${job.uid ?? ""}`;
}

/** The name of a job as events use it: `NAMESPACE/WORKFLOW/JOB`. */
export function jobSubject({ namespace, workflow, job }) {
    return `${namespace}/${workflow}/${job}`;
}

/**
 * The container to open first: the newest Pod's first main container, at its latest attempt.
 * Undefined while there is none.
 */
export function firstStream(job) {
    const pod = (job.pods ?? []).at(-1);
    const containers = pod?.containers ?? [];
    const container = containers.find((each) => each.kind === "main") ?? containers[0];
    const attempt = container?.attempts?.at(-1);
    if (attempt === undefined) return undefined;
    return { pod: pod.name, uid: pod.uid, container: container.name, attempt: attempt.attempt };
}

const patches = {
    "podwire.job.status": (job, { to, reason, message }, time) => ({
        ...job, status: to ?? job.status, reason, message,
        startedAt: to === "running" ? job.startedAt ?? time : job.startedAt,
    }),
    "podwire.job.output": (job, { key, value, valueBase64 }) => ({
        ...job, outputs: { ...job.outputs, [key]: value ?? `base64:${valueBase64}` },
    }),
    "podwire.job.end": (job, data, time) => ({
        ...job, status: "end", outcome: data.outcome, exitCode: data.exitCode,
        reason: data.reason ?? job.reason, outputs: data.outputs ?? job.outputs,
        lines: data.lines ?? job.lines, bytes: data.bytes ?? job.bytes,
        gaps: data.gaps ?? job.gaps, endedAt: job.endedAt ?? time,
    }),
};

function searchText(job, look) {
    return [job.namespace, job.workflow, job.stage, job.job, job.reason, look.label,
        ...(job.pods ?? []).map((pod) => pod.name)].join(" ").toLowerCase();
}

function newestFirst(left, right) {
    const moments = (right.createdAt ?? "").localeCompare(left.createdAt ?? "");
    return moments !== 0 ? moments : jobKey(left).localeCompare(jobKey(right));
}
