/** The daemon refused. `message` is the daemon's own, where it sent one. */
export class RefusedError extends Error {
    constructor(code, message) {
        super(message);
        this.name = "RefusedError";
        this.code = code;
    }
}

/** Fetches JSON. Throws `RefusedError` for an error status, `TypeError` when nothing answers. */
export async function fetchJson(url, { signal } = {}) {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal });
    if (!response.ok) throw await refusal(response);
    return response.json();
}

/** Fetches a response whose body is bytes. Throws as `fetchJson` does. */
export async function fetchBody(url, { signal } = {}) {
    const response = await fetch(url, { headers: { Accept: "text/plain" }, signal });
    if (!response.ok) throw await refusal(response);
    return response;
}

/** An error is a Kubernetes `Status` object; a proxy in between may send something else. */
async function refusal(response) {
    const text = await response.text();
    let message = "";
    try {
        message = JSON.parse(text).message;
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
    }
    const own = `${response.status} ${response.statusText}`;
    return new RefusedError(response.status, message || own);
}
