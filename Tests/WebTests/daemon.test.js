import assert from "node:assert/strict";
import { test } from "node:test";
import { Daemon } from "../../web/net/daemon.js";

const base = new URL("http://host/prefix/");

/** Makes this a browser that answers each request with `answer`, and remembers what was asked. */
function browse(answer = () => new Response("{}")) {
    const seen = [];
    const kept = new Map();
    const globals = {
        fetch: async (url, options) => {
            seen.push({ url: String(url), ...options });
            return answer(url);
        },
        WebSocket: class {
            constructor(url, protocols) {
                seen.push({ url: String(url), protocols });
            }
        },
        sessionStorage: {
            getItem: (key) => kept.get(key) ?? null,
            setItem: (key, value) => kept.set(key, value),
            removeItem: (key) => kept.delete(key),
        },
    };
    for (const [name, value] of Object.entries(globals)) {
        Object.defineProperty(globalThis, name, { value, configurable: true });
    }
    return { seen, kept };
}

test("addresses keep a proxy's prefix, and leave out what is not given", () => {
    browse();
    const daemon = new Daemon(base);
    const stream = { namespace: "n/s", pod: "p", container: "c", uid: undefined, attempt: 0 };
    assert.equal(String(daemon.logUrl(stream, { from: 0 })),
        "http://host/prefix/logs/n%2Fs/p/c?attempt=0&from=0");
});

test("a token goes into a header or a subprotocol, never into an address", async () => {
    const browser = browse();
    const daemon = new Daemon(base);
    daemon.useToken("se/cr~et?");
    await daemon.json(daemon.url(["v1", "jobs"]));
    daemon.socket(daemon.url(["logs", "n", "p", "c"]));
    const [request, socket] = browser.seen;
    assert.equal(request.headers.Authorization, "Bearer se/cr~et?");
    assert.deepEqual(socket.protocols,
        ["podwire.v1", "base64url.bearer.authorization.k8s.io.c2UvY3J-ZXQ_"]);
    assert.equal(socket.url, "http://host/prefix/logs/n/p/c");
    assert.equal(browser.seen.some(({ url }) => url.includes("cr")), false);
});

test("a token stays in the tab only where one wants that", () => {
    const browser = browse();
    new Daemon(base).useToken("t1");
    assert.equal(new Daemon(base).hasToken, false);
    new Daemon(base).useToken("t2", true);
    const again = new Daemon(base);
    assert.equal(again.hasToken, true);
    again.useToken(null);
    assert.equal(browser.kept.size, 0);
});

test("a refusal has the daemon's words, and 401 asks for another token", async () => {
    const status = { kind: "Status", message: "Unauthorized" };
    browse(() => new Response(JSON.stringify(status), { status: 401 }));
    const daemon = new Daemon(base);
    let asked = 0;
    daemon.addEventListener("unauthorized", () => asked += 1);
    await assert.rejects(daemon.json(daemon.url(["v1", "jobs"])),
        (error) => error.code === 401 && error.message === "Unauthorized");
    assert.equal(asked, 1);
});

test("objects come line by line, however the answer was cut", async () => {
    const parts = ["{\"a\":", "1}\n{\"a\":2}", "\n\n{\"a\":3}\n"].map((part) =>
        new TextEncoder().encode(part));
    const body = new ReadableStream({
        pull(controller) {
            if (parts.length === 0) controller.close();
            else controller.enqueue(parts.shift());
        },
    });
    const headers = { "Content-Type": "application/x-ndjson" };
    browse(() => new Response(body, { headers }));
    const daemon = new Daemon(base);
    const found = [];
    for await (const { a } of daemon.objects(daemon.url(["v1", "events"]))) found.push(a);
    assert.deepEqual(found, [1, 2, 3]);
});

test("an answer that is no list of objects is refused, not waited for", async () => {
    browse(() => new Response("a log\n"));
    const daemon = new Daemon(base);
    await assert.rejects(async () => {
        for await (const _ of daemon.objects(daemon.url(["logs", "n", "p"]))) assert.fail();
    }, SyntaxError);
});

test("a download gets a ticket for its path when there is a token", async () => {
    const browser = browse(() => new Response("{\"ticket\":\"once\"}"));
    const daemon = new Daemon(base);
    const url = daemon.url(["logs", "n", "p", "c"], { attempt: 1 });
    assert.equal(await daemon.withTicket(url), url);
    daemon.useToken("t");
    await daemon.withTicket(url);
    assert.equal(browser.seen[0].body, "{\"path\":\"/logs/n/p/c\"}");
    assert.equal(String(url), "http://host/prefix/logs/n/p/c?attempt=1&ticket=once");
});
