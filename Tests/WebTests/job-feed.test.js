import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFeed } from "../../web/net/job-feed.js";

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

function job(name, fields = {}) {
    return { namespace: "team", workflow: "etl", job: name, uid: `${name}-1`, status: "running",
        createdAt: "2026-01-01T00:00:00Z", ...fields };
}

/** A daemon with these jobs, whose feed gives one event and then those that are pushed. */
class FakeDaemon {
    asked = [];
    jobs = [];
    sequence = 10;
    refusal;
    problem;
    #wake = () => {};
    #events = [];

    url(parts, parameters) {
        return { path: parts.join("/"), ...parameters };
    }

    push(name, fields = {}) {
        this.sequence += 1;
        this.#events.push({ id: String(this.sequence), type: "podwire.job.status",
            subject: `team/etl/${name}`, data: { uid: `${name}-1` }, ...fields });
        this.#wake();
    }

    async json({ path, uid, workflow }) {
        this.asked.push(workflow === undefined ? path : `${path} of ${workflow}`);
        if (this.problem !== undefined) throw this.problem;
        const name = path.split("/")[4];
        const { sequence } = this;
        if (name === undefined) return { items: this.jobs.slice(0, 3), sequence, continue: "4" };
        const found = this.jobs.find((each) => each.job === name && each.uid === uid);
        if (found === undefined) throw Object.assign(new Error("not found"), { code: 404 });
        return found;
    }

    async* objects({ path, after }, { signal, onOpen }) {
        this.asked.push(`${path} after ${after}`);
        if (this.refusal !== undefined) throw this.refusal;
        onOpen();
        this.push("", { subject: "team/etl", type: "podwire.workflow.status" });
        for (;;) {
            while (this.#events.length > 0) yield this.#events.shift();
            await new Promise((resolve, reject) => {
                this.#wake = resolve;
                signal.addEventListener("abort", () => reject(signal.reason));
            });
        }
    }
}

/** Half a second or so later. */
async function later(test) {
    for (let round = 0; round < 3; round += 1) {
        await settled();
        test.mock.timers.tick(200);
    }
    await settled();
}

/** A feed of these jobs that is live, and has asked for nothing yet but the list and events. */
async function live(test, ...jobs) {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const server = Object.assign(new FakeDaemon(), { jobs });
    const feed = new JobFeed(server);
    feed.start();
    await later(test);
    assert.equal(feed.phase, "live");
    server.asked = [];
    test.after(() => feed.stop());
    return { server, feed };
}

const status = (feed, name) => feed.list.find(job(name))?.status;

test("a feed that was stopped goes on behind the last event, without listing anew", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new FakeDaemon();
    const feed = new JobFeed(server);
    feed.start();
    await settled();
    assert.equal(feed.phase, "live");
    feed.stop();
    await settled();
    feed.start();
    await settled();
    assert.deepEqual(server.asked, ["v1/jobs", "v1/events after 10", "v1/events after 11"]);
    feed.start({ isAnew: true });
    await settled();
    assert.deepEqual(server.asked.slice(3), ["v1/jobs", "v1/events after 12"]);
    feed.stop();
});

test("a feed whose position is refused lists anew when it tries again", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const server = Object.assign(new FakeDaemon(), { refusal: { code: 410 } });
    const feed = new JobFeed(server);
    feed.start();
    await settled();
    assert.equal(feed.phase, "reconnecting");
    feed.start();
    await settled();
    assert.deepEqual(server.asked,
        ["v1/jobs", "v1/events after 10", "v1/jobs", "v1/events after 10"]);
    feed.stop();
});

test("a daemon that stays away is unreachable in the end", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const feed = new JobFeed(Object.assign(new FakeDaemon(), { refusal: new Error("no answer") }));
    feed.start();
    for (let tries = 1; tries < 6; tries += 1) {
        await settled();
        assert.equal(feed.phase, "reconnecting");
        test.mock.timers.tick(10_000);
    }
    await settled();
    assert.equal(feed.phase, "unreachable");
    feed.stop();
});

test("a job that events are about is fetched soon, once for all of them", async (test) => {
    const { server, feed } = await live(test, job("load"));
    server.jobs = [job("load", { status: "end" }), job("fresh")];
    for (let count = 0; count < 20; count += 1) server.push("load");
    server.push("fresh");
    await settled();
    assert.deepEqual([server.asked, status(feed, "load")], [[], "running"]);
    test.mock.timers.tick(200);
    await settled();
    assert.deepEqual(server.asked, ["v1/jobs/team/etl/load", "v1/jobs/team/etl/fresh"]);
    assert.deepEqual([status(feed, "load"), status(feed, "fresh")], ["end", "running"]);
});

test("a job that was declared keeps its UID, which is a path, and is fetched when it begins",
    async (test) => {
        const declared = { uid: "team/etl//load" };
        const { server, feed } = await live(test, job("load", { ...declared, status: "pending" }));
        server.jobs = [job("load", declared)];
        server.push("load", { data: declared });
        await later(test);
        assert.equal(status(feed, "load"), "running");
    });

test("a job that could not be fetched is fetched when there is a connection again", async (test) => {
    const { server, feed } = await live(test, job("load"));
    server.jobs = [job("load", { status: "end" })];
    server.problem = new Error("no answer");
    server.push("load");
    await later(test);
    server.problem = undefined;
    feed.start();
    await later(test);
    assert.equal(status(feed, "load"), "end");
});

test("when many jobs have changed the newest are listed, and others are not shown as they were",
    async (test) => {
        const names = Array.from({ length: 60 }, (_, number) => `job-${number}`);
        const { server, feed } = await live(test, job("job-40"));
        server.jobs = names.map((name) => job(name, { status: "end" }));
        for (const name of names) server.push(name);
        await later(test);
        assert.deepEqual(server.asked, ["v1/jobs", "v1/events after 71"]);
        assert.equal(status(feed, "job-0"), "end");
        assert.equal(status(feed, "job-40"), undefined);
        assert.equal(feed.rest, "4");
    });

test("jobs that were asked for by workflow are asked for again when others are forgotten",
    async (test) => {
        const { server, feed } = await live(test);
        await feed.load({ workflow: "etl" });
        feed.start({ isAnew: true });
        await settled();
        assert.deepEqual(server.asked, ["v1/jobs of etl", "v1/jobs", "v1/jobs of etl",
            "v1/events after 11"]);
    });

test("a feed that goes on for days does not keep every job that it has seen", async (test) => {
    const { server, feed } = await live(test, job("load"));
    for (let number = 0; number < 10_000; number += 1) {
        feed.list.put(job(`old-${number}`, { askedAt: 0 }));
    }
    assert.equal(feed.list.size, 10_001);
    server.push("load");
    await later(test);
    assert.equal(feed.list.size, 1);
});
