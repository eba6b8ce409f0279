"""A burst: many jobs that end at the same moment, read by a durable consumer and a webhook.

As a program it is a benchmark: `burst.py --pods 10000`; `test_burst.py` runs it small. Consumer and
receiver are processes of their own that only note what comes and when: what it means is looked at
behind the run.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import requests

from burst_recorders import SECRET, ConsumerRecorder, Subscribers, WebhookRecorder
from processes import Daemon, Simulator, eventually

SETTINGS = """\
capture: {{startsPerSecond: 5000, maxFollows: 20000, maxFollowsPerNode: 10000}}
webhooks: [{{name: engine, url: "http://127.0.0.1:{port}/", secretFile: {secret},
             timeout: 5m}}]
"""


def seconds(text):
    """An RFC 3339 time in UTC as seconds since 1970."""
    whole = datetime.fromisoformat(text[:19] + "+00:00").timestamp()
    fraction = re.match(r"\.(\d+)", text[19:])
    return whole + (float("0." + fraction.group(1)) if fraction else 0)


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Burst:
    """One run in `directory`: `run()` it, then see `problems` and `report()`."""

    def __init__(self, directory, pods, lasts, front=None, subscribers=0, timeout=300):
        """With `front`, which makes it from (directory, port), there is HTTP/2 over TLS between."""
        self.directory = Path(directory)
        self.pods = pods
        self.lasts = lasts
        self.front = front
        self.subscribers = subscribers
        self.timeout = timeout
        self.problems = []

    def run(self):
        receiver = WebhookRecorder(self.directory)
        (self.directory / "secret").write_text(SECRET)
        settings = self.directory / "podwire.yaml"
        settings.write_text(SETTINGS.format(
            port=receiver.port, secret=self.directory / "secret"))
        # The Pods start some time after they are created: the daemon is up by then.
        simulator = Simulator(
            self.directory, "burst", "--pods", str(self.pods), "--lasts", str(self.lasts))
        front = self.front and self.front(self.directory, int(simulator.url.rsplit(":", 1)[1]))
        kubeconfig = front.kubeconfig if front else simulator.kubeconfig
        daemon = Daemon(self.directory, kubeconfig, "--config", settings)
        recorders = [receiver]
        try:
            if front:
                front.start()
            receiver.start()
            daemon.start()
            answer = requests.put(
                f"{daemon.url}/v1/consumers/engine", json={"after": 0}, timeout=30)
            assert answer.status_code == 201, answer.text
            consumer = ConsumerRecorder(self.directory, daemon.url, "engine")
            recorders.append(consumer)
            consumer.start()
            subscribers = Subscribers(self.directory, daemon.url, self.subscribers)
            recorders.append(subscribers)
            subscribers.start()
            self._measure(simulator, daemon, consumer, receiver, subscribers)
            daemon.stop()
        finally:
            for recorder in recorders:
                recorder.stop()
            if daemon.is_running:
                daemon.kill()
            if front and front.process:
                front.kill()
            simulator.program.terminate()
        self.received = {"consumer": consumer.events(), "webhook": receiver.events()}
        self.connections = receiver.connections.value
        if receiver.unsigned.value:
            self.problems.append(f"{receiver.unsigned.value} requests are not signed well")
        self._check()
        self._check_subscribers(subscribers.received())
        return self

    def _measure(self, simulator, daemon, consumer, receiver, subscribers):
        process = daemon.program.process

        def first_lines():
            answer = requests.get(
                f"{simulator.url}/api/v1/namespaces/default/pods/burst-0/log",
                params={"timestamps": "true"}, timeout=60)
            return answer.status_code == 200 and answer.text  # Before it starts: 400.
        log = eventually(first_lines, self.timeout)
        # The second group of lines is `lasts` behind the first, and the exit 0.1 s behind it.
        self.end = seconds(log.split(" ", 1)[0]) + self.lasts + 0.1
        eventually(lambda: time.time() > self.end - 0.5, self.lasts + 60, 0.01)
        self.descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))
        self.memory_before = daemon.program.peak_memory()
        cpu = cpu_seconds(process)
        cluster_cpu = cpu_seconds(simulator.program.process)
        for name, recorder in (("consumer", consumer), ("webhook", receiver)):
            eventually(lambda r=recorder: r.ends.value >= self.pods, self.timeout, 0.02)
            print(f"{name} has all ends {time.time() - self.end:.1f} s behind the Pods' end; CPU "
                  f"since then: daemon {cpu_seconds(process) - cpu:.1f} s, simulated cluster "
                  f"{cpu_seconds(simulator.program.process) - cluster_cpu:.1f} s", flush=True)
        self.feed = eventually(lambda: self._whole_feed(daemon), self.timeout)
        last = int(json.loads(self.feed[-1])["id"])
        for recorder in (consumer, receiver):
            eventually(lambda r=recorder: r.last.value >= last, self.timeout, 0.02)
        owed = sum(map(len, self._owed().values()))
        eventually(lambda: subscribers.last.value >= owed, self.timeout, 0.02)
        self.cpu = cpu_seconds(process) - cpu
        self.cpu_all = cpu_seconds(process)
        self.memory = daemon.program.peak_memory()

    def _whole_feed(self, daemon):
        """All events, once the workflows have ended, too: these are the last."""
        feed = requests.get(f"{daemon.url}/v1/events", params={"after": 0}, timeout=120)
        events = feed.content.splitlines()
        ended = sum(
            b'"type":"podwire.workflow.status"' in event and b'"to":"end"' in event
            for event in events)
        return events if ended >= -(-self.pods // 100) else None

    def _owed(self):
        """The numbers that each subscriber is to get, in order."""
        expected = defaultdict(list)
        for event in map(json.loads, self.feed):
            expected[event["subject"]].append(int(event["id"]))
        return {
            index: expected[f"default/burst-{index // 100}/job-{index}"]
            for index in range(self.subscribers)}

    def _check(self):
        for name, events in self.received.items():
            numbers = [int(re.search(rb'"id":"(\d+)"', event).group(1)) for _, event in events]
            if numbers != sorted(set(numbers)):
                self.problems.append(f"{name}: events repeat or are out of order")
            if [event for _, event in events][:len(self.feed)] != self.feed:
                self.problems.append(f"{name}: got {len(events)} events, which are not the feed's")
        jobs = defaultdict(list)
        for event in map(json.loads, self.feed):
            jobs[event["subject"]].append(event)
        for index in range(self.pods):
            subject = f"default/burst-{index // 100}/job-{index}"
            for problem in job_problems(jobs[subject], index):
                self.problems.append(f"{subject}: {problem}")

    def _check_subscribers(self, received):
        for index, wanted in self._owed().items():
            if received[index] != wanted:
                self.problems.append(f"subscriber {index} got {received[index]}, not {wanted}")

    def report(self):
        """Figures, as lines of text."""
        events = [json.loads(event) for event in self.feed]
        burst = [event for event in events if seconds(event["time"]) > self.end - 0.2]
        ends = [seconds(e["time"]) - self.end for e in burst if e["type"] == "podwire.job.end"]
        took = max(seconds(event["time"]) for event in burst) - self.end
        types = Counter(event["type"].removeprefix("podwire.") for event in burst)
        yield f"{self.pods} jobs, {len(events)} events, {len(burst)} of them in the burst: " + \
            ", ".join(f"{count} {name}" for name, count in types.items())
        yield f"descriptors before the burst: {self.descriptors}"
        yield f"burst: {took:.2f} s, {len(burst) / took:.0f} events/s into the feed"
        yield "Pod's end to end event: " + spread(ends)
        for name, received in self.received.items():
            lags = [now - seconds(json.loads(event)["time"]) for now, event in received
                    if now > self.end - 0.2]
            all_of_it = received[-1][0] - self.end
            yield f"{name}: {len(lags) / all_of_it:.0f} events/s, event to receipt " + spread(lags)
        yield f"webhook connections: {self.connections}"
        yield f"daemon: CPU {self.cpu:.2f} s in the burst, {self.cpu_all:.2f} s in all; peak " \
            f"memory {self.memory_before >> 20} MiB before, {self.memory >> 20} MiB after"


def spread(values):
    values = sorted(values)
    p50, p99 = (values[min(len(values) - 1, int(len(values) * part))] for part in (0.5, 0.99))
    return f"p50 {p50:.3f} s, p99 {p99:.3f} s, max {values[-1]:.3f} s"


def job_problems(events, index):
    """What is wrong with the events of job number `index`, in the order of the feed."""
    ends = [place for place, event in enumerate(events) if event["type"] == "podwire.job.end"]
    if ends != [len(events) - 1]:
        yield f"ends at places {ends} of {len(events)} events"
        return
    statuses = [e["data"] for e in events if e["type"] == "podwire.job.status"]
    path = [status["to"] for status in statuses]
    order = ["pending", "scheduling", "running", "end"]
    if path != [each for each in order if each in path] or path[-2:] != ["running", "end"]:
        yield f"goes through {path}"
    if [status.get("from") for status in statuses] != [None, *path[:-1]]:
        yield "a status does not begin where the one before ended"
    outputs = [e["data"] for e in events if e["type"] == "podwire.job.output"]
    expected = {"index": str(index), "result": f"done-{index}"}
    if [(each["key"], each["value"]) for each in outputs] != list(expected.items()):
        yield f"prints {outputs}"
    end = events[-1]["data"]
    code = 3 if index % 10 == 9 else 0
    wanted = {
        "outcome": "failure" if code else "success", "exitCode": code, "outputs": expected,
        "lines": 6, "gaps": 0}
    found = {name: end.get(name) for name in wanted}
    if found != wanted:
        yield f"ends with {found}"


def main():
    sys.path.insert(0, str(Path(__file__).parents[1] / "Proof"))
    from front import Front
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--lasts", type=float, help="seconds that each Pod runs")
    parser.add_argument("--subscribers", type=int, default=0,
                        help="readers over SSE, each of one of the jobs; 0 by default")
    parser.add_argument("--http1", action="store_true",
                        help="read logs over HTTP/1.1, not over HTTP/2 as of a real API server")
    options = parser.parse_args()
    lasts = options.lasts or 10 + options.pods / 400
    with tempfile.TemporaryDirectory(prefix="podwire-burst-") as directory:
        burst = Burst(directory, options.pods, lasts, None if options.http1 else Front,
                      options.subscribers).run()
    print("\n".join(burst.report()))
    for problem in burst.problems[:20]:
        print("PROBLEM", problem)
    raise SystemExit(bool(burst.problems))


if __name__ == "__main__":
    main()
