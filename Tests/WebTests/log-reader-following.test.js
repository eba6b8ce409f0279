import assert from "node:assert/strict";
import { test } from "node:test";
import { styleAfter, terminalLine } from "../../web/model/ansi.js";
import { Retry } from "../../web/model/retry.js";
import { LogReader } from "../../web/net/log-reader.js";

/** A browser whose sockets and timers are worked by hand. */
class Platform {
    sockets = [];
    timers = [];

    constructor() {
        const sockets = this.sockets;
        this.WebSocket = class {
            constructor(address) {
                this.address = address;
                sockets.push(this);
            }

            close() {
                this.isClosed = true;
            }
        };
    }

    retry = Object.assign(new Retry(), { later: (action) => {
        this.retry.tries += 1;
        this.timers.push(action);
    } });

    get socket() {
        return this.sockets.at(-1);
    }
}

function follow({ refusal } = {}) {
    const platform = new Platform();
    const seen = { lines: [], phases: [] };
    const daemon = {
        logUrl: (_, { follow: isFollowed, timestamps, ...position }) => position,
        socket: (position) => new platform.WebSocket(position),
        fetch: async () => {
            if (refusal) throw Object.assign(new Error(refusal), { code: 403 });
        },
    };
    const store = { put: (from, lines) => seen.lines.push([from, ...lines]) };
    const tail = new LogReader(daemon, {}, { store, retry: platform.retry });
    tail.addEventListener("change", () => {
        const { phase, refusal } = tail.connection;
        if (phase !== seen.phases.at(-1)) seen.phases.push(refusal ?? phase);
    });
    tail.open();
    return { platform, seen, tail };
}

function begin(platform, from) {
    platform.socket.onmessage({ data: JSON.stringify({ stream: "u/c/0", from, state: "live" }) });
}

test("it begins with the tail, and counts lines from the first message", () => {
    const { platform, seen } = follow();
    assert.deepEqual(platform.socket.address, { tailLines: 500 });
    begin(platform, 41);
    platform.socket.onmessage({ data: "a\nb\n" });
    platform.socket.onmessage({ data: "c\n" });
    assert.deepEqual(seen.lines, [[41, "a", "b"], [43, "c"]]);
});

/** The lines that come when these frames do. */
function received(from, ...frames) {
    const { platform, seen } = follow();
    begin(platform, from);
    for (const data of frames) platform.socket.onmessage({ data });
    return { platform, seen };
}

test("lines are numbered from the first number, however the text was split", () => {
    const text = "one\n\nthree\r\nfour — ü\n";
    for (let cut = 0; cut <= text.length; cut += 1) {
        const { platform, seen } = received(7, text.slice(0, cut), text.slice(cut));
        const [[from, ...first], [next, ...second]] = seen.lines;
        assert.deepEqual([...first, ...second], ["one", "", "three\r", "four — ü"]);
        assert.deepEqual([from, next], [7, 7 + first.length]);
        platform.socket.onclose({ code: 1001, reason: "" });
        platform.timers.at(-1)();
        assert.deepEqual(platform.socket.address, { from: 11 });
    }
});

test("a line that is not complete when the connection is cut is asked for again", () => {
    const { platform, seen } = received(0, "whole\nhal");
    assert.deepEqual(seen.lines, [[0, "whole"]]);
    platform.socket.onclose({ code: 1001, reason: "" });
    platform.timers.at(-1)();
    assert.deepEqual(platform.socket.address, { from: 1 });
    begin(platform, 1);
    platform.socket.onmessage({ data: "half\n" });
    assert.deepEqual(seen.lines.slice(1), [[1, "half"]]);
});

test("an escape may be cut anywhere between frames", () => {
    const text = "a\x1b[1;38;5;208mb\x1b]0;title\x07c\n\x1b[4md\x1b[0me\x1b(Bf\n";
    const looks = (lines) => {
        let style;
        return lines.flatMap((line) => {
            const runs = terminalLine(line, style);
            style = styleAfter(line, style);
            return runs.map(({ text: piece, style: look }) => [piece, look]);
        });
    };
    const whole = looks(text.split("\n"));
    assert.deepEqual(whole.map(([piece]) => piece), ["a", "b", "c", "d", "e", "f"]);
    assert.deepEqual(whole[3][1], { bold: true, foreground: "rgb(255 135 0)", underline: true });
    for (let cut = 0; cut <= text.length; cut += 1) {
        const { seen } = received(0, text.slice(0, cut), text.slice(cut));
        assert.deepEqual(looks(seen.lines.flatMap(([, ...lines]) => lines)), whole, `cut at ${cut}`);
    }
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

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test("a connection that never began is tried again from the tail", async () => {
    const { platform } = follow();
    platform.socket.onclose({ code: 1006, reason: "" });
    await settled();
    platform.timers.at(-1)();
    assert.deepEqual(platform.socket.address, { tailLines: 500 });
});

test("a connection that was refused for good is not tried again, and says why", async () => {
    const { platform, seen } = follow({ refusal: "forbidden" });
    platform.socket.onclose({ code: 1006, reason: "" });
    await settled();
    assert.equal(platform.timers.length, 0);
    assert.equal(seen.phases.at(-1), "forbidden");
});

test("the end of the stream, and a refusal, are final", () => {
    for (const [code, phase] of [[1000, "ended"], [4404, "refused (4404)"]]) {
        const { platform, seen } = follow();
        begin(platform, 0);
        platform.socket.onclose({ code, reason: "" });
        assert.equal(seen.phases.at(-1), phase);
        assert.equal(platform.timers.length, 0);
    }
});

test("after close nothing is told and nothing is opened", () => {
    const { platform, seen, tail } = follow();
    begin(platform, 0);
    const before = seen.phases.length;
    const last = platform.socket;
    tail.close();
    tail.close();
    last.onmessage({ data: "late\n" });
    last.onclose({ code: 1006, reason: "" });
    assert.equal(last.isClosed, true);
    assert.deepEqual(seen.lines, []);
    assert.equal(seen.phases.length, before);
    assert.equal(platform.timers.length, 0);
});
