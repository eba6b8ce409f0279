/**
 * The container instances of a job whose logs can be read: `{ namespace, pod, uid, container,
 * attempt, label, key }`, newest Pod first. Labels say only what tells them apart.
 */
export function logChoices(job) {
    const pods = [...job.pods ?? []].reverse();
    return pods.flatMap((pod) => (pod.containers ?? []).flatMap((container) => {
        const attempts = container.attempts ?? [];
        return attempts.map(({ attempt }) => {
            const words = [container.name];
            if (container.kind !== "main") words.push(`(${container.kind})`);
            if (attempts.length > 1 || attempt > 0) words.push(`attempt ${attempt}`);
            if (pods.length > 1) words.push(`in ${pod.name}`);
            const choice = {
                namespace: job.namespace, pod: pod.name, uid: pod.uid,
                container: container.name, attempt,
            };
            return { ...choice, label: words.join(" "), key: choiceKey(choice) };
        });
    }));
}

/** What tells one choice from all others. */
export function choiceKey({ pod, uid, container, attempt }) {
    return [uid ?? pod, container, attempt ?? "latest"].join("/");
}

/**
 * The container and attempt that an address means, as the daemon describes them: `{ container,
 * attempt, isLatest }`. An address without an attempt means the latest. Undefined when unknown.
 */
export function chosenAttempt(job, { pod, uid, container, attempt }) {
    const owner = (job.pods ?? []).findLast((each) =>
        each.name === pod && (uid === undefined || each.uid === uid));
    const found = owner?.containers?.find((each) => each.name === container);
    const latest = found?.attempts?.at(-1);
    if (latest === undefined) return undefined;
    const chosen = attempt === undefined
        ? latest : found.attempts.find((each) => each.attempt === attempt);
    if (chosen === undefined) return undefined;
    return { uid: owner.uid, container: found, attempt: chosen, latest: latest.attempt,
        isLatest: chosen === latest };
}

/** What is known of how a container instance, and with it perhaps its job, has ended. */
export function endingOf(job, chosen) {
    if (job === undefined) return undefined;
    if (chosen === undefined) return job;
    const { exitCode, reason } = chosen.attempt;
    const own = { exitCode, reason };
    if (chosen.container.kind !== "main" || !chosen.isLatest) return own;
    return {
        status: job.status, outcome: job.outcome,
        exitCode: exitCode ?? job.exitCode, reason: reason ?? job.reason,
    };
}
