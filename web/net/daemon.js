/** Fires `unauthorized` when another token is wanted. An error has an HTTP status as `code`. */
export class Daemon extends EventTarget {
  #base;
  #token = stored("getItem");

  constructor(base) {
    super();
    this.#base = base;
  }

  get hasToken() {
    return this.#token !== null;
  }

  useToken(token, isKept) {
    this.#token = token;
    stored(isKept ? "setItem" : "removeItem", token);
  }

  url(parts, parameters = {}) {
    const url = new URL(parts.map(encodeURIComponent).join("/"), this.#base);
    for (const [key, value] of Object.entries(parameters)) {
      if (value !== undefined && value !== "") url.searchParams.set(key, value);
    }
    return url;
  }

  logUrl({ namespace, pod, container, uid, attempt }, parameters) {
    return this.url(["logs", namespace, pod, container], { uid, attempt, ...parameters });
  }

  async fetch(url, { accept = "*/*", ...options } = {}) {
    const headers = { Accept: accept };
    if (this.hasToken) headers.Authorization = `Bearer ${this.#token}`;
    const response = await fetch(url, { headers, ...options });
    if (response.ok) return response;
    const { status: code, statusText } = response;
    if (code === 401) this.dispatchEvent(new Event("unauthorized"));
    const answer = await response.json().catch(() => undefined);
    throw Object.assign(new Error(answer?.message || `${code} ${statusText}`), { code });
  }

  async json(url, options) {
    return (await this.fetch(url, options)).json();
  }

  async* objects(url, { signal, onOpen } = {}) {
    const { body } = await this.fetch(url, { accept: "application/x-ndjson", signal });
    onOpen?.();
    let rest = "";
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line !== "") yield JSON.parse(line);
    }
  }

  socket(url) {
    const protocols = ["podwire.v1"];
    if (this.hasToken) {
      const token = btoa(this.#token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      protocols.push(`base64url.bearer.authorization.k8s.io.${token}`);
    }
    return new WebSocket(url, protocols);
  }

  /** Adds a ticket for one download, where no header can be sent. */
  async withTicket(url) {
    if (!this.hasToken) return url;
    const path = url.pathname.slice(this.#base.pathname.length - 1);
    const { ticket } = await this.json(this.url(["v1", "tickets"]),
      { method: "POST", body: JSON.stringify({ path }) });
    url.searchParams.set("ticket", ticket);
    return url;
  }

  whoami() {
    return this.json(this.url(["v1", "whoami"]));
  }
}

function stored(action, ...values) {
  try {
    return sessionStorage[action]("podwire-token", ...values);
  } catch {
    // A browser may forbid storage.
    return null;
  }
}
