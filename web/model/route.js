// Which page an address names. Addresses are hashes, so that one static file serves them all:
//
//   #/?text=T&status=S                                          the job list, filtered
//   #/logs/{namespace}/{pod}/{container}?uid=U&attempt=N        the log of one container instance
//          &workflow=W&job=J&run=R                              and the job that it belongs to

/** Reads a location hash. An address that names no page gives `{ name: "unknown" }`. */
export function parseRoute(hash) {
    const address = hash.replace(/^#/, "") || "/";
    const mark = address.indexOf("?");
    const path = mark < 0 ? address : address.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? "" : address.slice(mark + 1));
    const parts = decodeParts(path);
    if (parts === null) return { name: "unknown", address };
    if (parts.length === 0) {
        return { name: "jobs", text: query.get("text") ?? "", status: query.get("status") ?? "" };
    }
    if (parts[0] === "logs" && parts.length === 4) {
        const [, namespace, pod, container] = parts;
        return {
            name: "log", namespace, pod, container,
            uid: query.get("uid") ?? undefined,
            attempt: wholeNumber(query.get("attempt")),
            workflow: query.get("workflow") ?? undefined,
            job: query.get("job") ?? undefined,
            run: query.get("run") ?? undefined,
        };
    }
    return { name: "unknown", address };
}

/** The hash of the job list with a filter. */
export function jobsAddress({ text = "", status = "" } = {}) {
    return "#/" + queryOf({ text, status });
}

/** The hash of a container's log. */
export function logAddress({ namespace, pod, container, uid, attempt, workflow, job, run }) {
    const path = [namespace, pod, container].map(encodeURIComponent).join("/");
    return `#/logs/${path}${queryOf({ uid, attempt, workflow, job, run })}`;
}

function queryOf(values) {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(values)) {
        if (value !== undefined && value !== "") query.set(key, value);
    }
    const text = query.toString();
    return text === "" ? "" : `?${text}`;
}

function wholeNumber(text) {
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function decodeParts(path) {
    const parts = path.split("/").filter((part) => part !== "");
    try {
        return parts.map(decodeURIComponent);
    } catch (error) {
        if (error instanceof URIError) return null;
        throw error;
    }
}
