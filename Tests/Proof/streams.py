"""Checks one stream of a run: what the daemon has against what the simulator wrote."""

import json

import requests

from checking.checker import check
from checking.stored import StoredLog
from checking.truth import Truth


class Stream:
    """One container instance that has started, as the simulator describes it."""

    def __init__(self, facts, successors):
        self.facts = facts
        self.uid, self.container = facts["uid"], facts["container"]
        self.pod, self.attempt, self.kind = facts["pod"], facts["attempt"], facts["kind"]
        self.id = f"{self.uid}/{self.container}/{self.attempt}"
        # The kubelet serves a container's latest instance and the one before it, no older one.
        if successors > 1 and not facts["lost"]:
            facts["lost"] = {"at": None, "why": "started again twice"}
        self.stored = None
        self.verdict = None
        self.open_line = b""

    def __str__(self):
        return f"{self.pod} {self.id}"

    def is_ended_in(self, daemon):
        answer = self._ask(daemon, limitBytes=1)
        return answer.headers.get("Podwire-State") == "ended"

    def judge(self, daemon, simulator, gaps, interruptions):
        """Reads both sides, compares them, and keeps the verdict and the stored log."""
        answer = self._ask(daemon, timestamps="true")
        found = answer.status_code == 200
        written = requests.get(f"{simulator.url}/simulation/log/{self.id}", timeout=300)
        written.raise_for_status()
        self.open_line = written.content[written.content.rfind(b"\n") + 1:]
        self.stored = StoredLog(answer.content if found else b"", gaps)
        self.verdict = check(
            self.stored, Truth.read(self.facts, written.content), interruptions)
        problems = self.verdict.problems
        if not found:
            problems.append(f"the daemon does not know it: {answer.status_code}")
        elif answer.headers["Podwire-Stream"] != self.id:
            problems.append(f"the daemon gave {answer.headers['Podwire-Stream']}")
        elif answer.headers["Podwire-State"] != "ended":
            problems.append("it has not ended in the daemon")
        if written.content.count(b"\n") < self.facts["lines"] - 1:
            problems.append("the simulator does not tell all that it wrote")
        if not self.verdict.passed:
            return answer.content, written.content
        return None

    def runs(self):
        """The stored runs of complete lines: a last one without a newline that stands before a gap
        record may be the beginning of a line."""
        runs = [entry for entry in self.stored.entries if isinstance(entry, bytes)]
        shown = self.open_line + b"\n"  # Readers get a newline before a gap record.
        if self.open_line and runs and runs[-1].endswith(shown):
            runs[-1] = runs[-1].removesuffix(shown)
        return runs

    def _ask(self, daemon, **parameters):
        return requests.get(
            f"{daemon.url}/logs/{self.facts['namespace']}/{self.pod}/{self.container}",
            params={"uid": self.uid, "attempt": self.attempt, **parameters}, timeout=300)


def started_streams(simulator):
    """All streams of the simulator's truth, in the order of their starts."""
    answer = requests.get(f"{simulator.url}/simulation/streams", timeout=300)
    answer.raise_for_status()
    facts = [json.loads(line) for line in answer.text.splitlines()]
    last = {}
    for each in facts:
        key = (each["uid"], each["container"])
        last[key] = max(each["attempt"], last.get(key, 0))
    return [Stream(each, last[each["uid"], each["container"]] - each["attempt"]) for each in facts]
