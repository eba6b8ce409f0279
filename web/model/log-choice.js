/** The attempts of a job's containers, newest Pod first; `name` is that of the stream. */
export function instancesOf({ namespace, workflow, job, uid: run, pods = [] } = {}) {
  return pods.toReversed().flatMap(({ name: pod, uid, containers = [] }) =>
    containers.flatMap(({ name: container, kind, attempts = [] }) =>
      attempts.map(({ attempt, exitCode, reason }) => ({
        namespace, workflow, job, run, pod, uid, container, attempt, kind, exitCode, reason,
        name: `${uid}/${container}/${attempt}`,
        latest: attempts.at(-1).attempt,
        label: [container, kind !== "main" && `(${kind})`,
          (attempts.length > 1 || attempt > 0) && `attempt ${attempt}`,
          pods.length > 1 && `in ${pod}`].filter(Boolean).join(" "),
      }))));
}

/** Those that an address means: the latest attempt if it does not say. */
export function instancesAt(instances, { pod, uid, container, attempt }) {
  return instances.filter((each) => each.pod === pod && each.uid === (uid ?? each.uid)
    && [each.container, "*"].includes(container) && each.attempt === (attempt ?? each.latest));
}

/** The latest attempt of a main container ended as the job did. */
export function endingOf(job, { kind = "main", attempt, latest, exitCode, reason } = {}) {
  return kind === "main" && attempt === latest
    ? { ...job, exitCode: exitCode ?? job?.exitCode, reason: reason ?? job?.reason }
    : { exitCode, reason };
}

/** The one to open: of the newest Pod, or in the end of the newest that has a log. */
export function firstInstance(job) {
  const isOver = job.status === "end";
  const instances = instancesOf(job);
  const newest = isOver ? instances[0] : job.pods?.at(-1);
  const its = instances.filter(({ uid }) => uid === newest.uid);
  return its.find(({ kind, attempt, latest }) => kind === "main" && attempt === latest)
    // Where no main one ever began, what failed before it.
    ?? (isOver ? its.at(-1) : undefined);
}
