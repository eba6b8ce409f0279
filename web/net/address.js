// Addresses of the daemon, relative to the page, so that a proxy may serve both under a prefix.

/** The address of a list page of jobs. */
export function jobsUrl(base, { limit, rest }) {
    return withQuery(new URL("v1/jobs", base), { limit, continue: rest });
}

/** The address of one job; of one run of it when `run` (its UID) is given. */
export function jobUrl(base, { namespace, workflow, job, run }) {
    return withQuery(new URL(`v1/jobs/${path(namespace, workflow, job)}`, base), { uid: run });
}

/** The address of the event feed after a sequence number. */
export function eventsUrl(base, { after }) {
    return withQuery(new URL("v1/events", base), { after });
}

/** The address of a container's log as text; `parameters` are those of the log API. */
export function logUrl(base, { namespace, pod, container, uid, attempt }, parameters = {}) {
    const url = new URL(`logs/${path(namespace, pod, container)}`, base);
    return withQuery(url, { uid, attempt, ...parameters });
}

/** The same log over WebSocket, followed. */
export function logSocketUrl(base, stream, parameters) {
    const url = logUrl(base, stream, { follow: true, ...parameters });
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url;
}

function path(...names) {
    return names.map(encodeURIComponent).join("/");
}

function withQuery(url, values) {
    url.hash = "";
    url.search = "";
    for (const [key, value] of Object.entries(values)) {
        if (value !== undefined) url.searchParams.set(key, value);
    }
    return url;
}
