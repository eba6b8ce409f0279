import { statusLook } from "./status.js";

/** The jobs that are known, newest first. */
export class JobList {
  #jobs = new Map();

  get size() {
    return this.#jobs.size;
  }

  /** Answers may overtake each other: the one that was asked for last counts. */
  put(job) {
    const key = jobKey(job);
    if (!(this.#jobs.get(key)?.askedAt > job.askedAt)) this.#jobs.set(key, job);
  }

  forgetBefore(time) {
    for (const [key, { askedAt }] of this.#jobs) if (askedAt < time) this.#jobs.delete(key);
  }

  /** By its names or by a Pod; without `run` (a job's UID) or `uid` (a Pod's) the latest. */
  find({ namespace, workflow, job, run, pod, uid }) {
    return this.#jobsWhere((each) => each.namespace === namespace && (workflow === undefined
      ? each.pods?.some((its) => its.name === pod && its.uid === (uid ?? its.uid))
      : each.workflow === workflow && each.job === job && each.uid === (run ?? each.uid)))[0];
  }

  rows({ text, status, namespace, workflow }) {
    return this.#jobsWhere((job) => {
      const { key, label } = statusLook(job);
      return (!namespace || job.namespace === namespace)
        && (!workflow || job.workflow === workflow) && (!status || key === status)
        && hasWords(text, [job.namespace, job.workflow, job.stage, job.job, job.reason, label,
          ...(job.pods ?? []).map(({ name }) => name)]);
    });
  }

  names(key, filter = {}) {
    return [...new Set(this.rows(filter).map((job) => job[key]))].sort();
  }

  #jobsWhere(passes) {
    return [...this.#jobs.values()].filter(passes)
      .sort((left, right) => right.createdAt.localeCompare(left.createdAt));
  }
}

export function hasWords(text = "", values) {
  const searched = values.join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => searched.includes(word));
}

export function jobKey({ namespace, workflow, job, uid = "" }) {
  return `${namespace}/${workflow}/${job}/${uid}`;
}
