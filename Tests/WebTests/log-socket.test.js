import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../web/model/backoff.js";
import { LogSocket } from "../../web/net/log-socket.js";

/** A browser whose sockets and timers are worked by hand. */
class Platform {
    sockets = [];
    timers = [];

    constructor() {
        const sockets = this.sockets;
        this.WebSocket = class {
            constructor(address, subprotocol) {
                Object.assign(this, { address, subprotocol });
                sockets.push(this);
            }

            close() {
                this.isClosed = true;
            }
        };
    }

    setTimeout(action) {
        this.timers.push(action);
        return this.timers.length;
    }

    clearTimeout() {}

    get socket() {
        return this.sockets.at(-1);
    }
}

function follow() {
    const platform = new Platform();
    const seen = { lines: [], phases: [] };
    const socket = new LogSocket({
        address: (position) => position, tailLines: 100, platform,
        backoff: new Backoff({ random: () => 0 }),
        onBegin: () => {},
        onLines: ({ from, lines }) => seen.lines.push([from, ...lines]),
        onPhase: ({ phase, refusal }) => seen.phases.push(refusal ?? phase),
    });
    socket.open();
    return { platform, seen, socket };
}

function begin(platform, from) {
    platform.socket.onmessage({ data: JSON.stringify({ stream: "u/c/0", from, state: "live" }) });
}

test("it begins with the tail, and counts lines from the first message", () => {
    const { platform, seen } = follow();
    assert.deepEqual(platform.socket.address, { tailLines: 100 });
    assert.equal(platform.socket.subprotocol, "podwire.v1");
    begin(platform, 41);
    platform.socket.onmessage({ data: "a\nb\n" });
    platform.socket.onmessage({ data: "c\n" });
    assert.deepEqual(seen.lines, [[41, "a", "b"], [43, "c"]]);
});

test("after a cut it asks for the line after the last one received", () => {
    const { platform, seen } = follow();
    begin(platform, 41);
    platform.socket.onmessage({ data: "a\nb\n" });
    platform.socket.onclose({ code: 1001, reason: "" });
    platform.timers.at(-1)();
    assert.deepEqual(platform.socket.address, { from: 43 });
    assert.deepEqual(seen.phases, ["connecting", "live", "waiting", "connecting"]);
});

test("a connection that never began is tried again from the tail", () => {
    const { platform } = follow();
    platform.socket.onclose({ code: 1006, reason: "" });
    platform.timers.at(-1)();
    assert.deepEqual(platform.socket.address, { tailLines: 100 });
});

test("the end of the stream, and a refusal, are final", () => {
    for (const [code, phase] of [[1000, "ended"], [4404, "not found"]]) {
        const { platform, seen } = follow();
        begin(platform, 0);
        platform.socket.onclose({ code, reason: "" });
        assert.equal(seen.phases.at(-1), phase);
        assert.equal(platform.timers.length, 0);
    }
});

test("after close nothing is told and nothing is opened", () => {
    const { platform, seen, socket } = follow();
    begin(platform, 0);
    const before = seen.phases.length;
    const last = platform.socket;
    socket.close();
    socket.close();
    last.onmessage({ data: "late\n" });
    last.onclose({ code: 1006, reason: "" });
    assert.equal(last.isClosed, true);
    assert.deepEqual(seen.lines, []);
    assert.equal(seen.phases.length, before);
    assert.equal(platform.timers.length, 0);
});
