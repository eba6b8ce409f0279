"""A workflow engine on Podwire, small enough to read: it runs one plan and keeps nothing itself.

    python3 engine.py PLAN --podwire URL --kubeconfig FILE [--approve]

It may be killed at any moment and started again. What it was told before is Podwire's to know: the
declared workflow, the status of each job, and which events were acknowledged. What it did before is
Kubernetes' to know: each attempt of a job has one name, and a Pod that is there is not made again.
So it deals with an event as often as it comes, and acknowledges it only then.
"""

import argparse
import sys
import time

from http_json import Refused, Unreachable
from kubernetes_api import Kubernetes
from plan import Plan
from podwire import Podwire

PAUSE = 0.5
"""Seconds before the next attempt to reach Podwire or Kubernetes."""


class MissingOutput(Exception):
    """A job has succeeded without an output that another one asks for."""


class Engine:
    def __init__(self, plan, podwire, kubernetes, approve=False):
        """`approve`: a break is resumed at once; else it lasts until somebody resumes it."""
        self.plan = plan
        self.podwire = podwire
        self.kubernetes = kubernetes
        self.approve = approve
        self.consumer = "engine-" + plan.object_name("run", 0)

    def run(self):
        """Runs the plan to its end, from wherever it is; returns the outcome."""
        while True:
            try:
                return self._follow()
            except Unreachable as problem:
                say("waits", problem)
                time.sleep(PAUSE)

    def _follow(self):
        """Deals with event after event. Whatever fails on the way, the event comes again."""
        plan = self.plan
        # The consumer comes first, so that it misses nothing of the workflow.
        is_new = self.podwire.make_consumer(
            self.consumer, namespace=plan.namespace, workflow=plan.workflow,
            types=["podwire.job.end", "podwire.workflow.status"])
        document = self.podwire.declare(plan.namespace, plan.workflow, plan.declaration())
        if not is_new or document["status"] != "end":
            self._advance()
            for event in self.podwire.events(self.consumer):
                say("event", event["id"], event["type"], event["subject"])
                self._advance()
                if self._is_the_end(event):
                    break
                self.podwire.acknowledge(self.consumer, event)
                say("acknowledged", event["id"])
        # No event is left: this acknowledges the last one, and leaves nothing behind.
        self.podwire.delete_consumer(self.consumer)
        return self.podwire.workflow(plan.namespace, plan.workflow)["outcome"]

    def _is_the_end(self, event):
        data = event["data"]
        return (event["type"], data.get("to"), data.get("run")) == (
            "podwire.workflow.status", "end", self.plan.run)

    def _advance(self):
        """Does what is to be done as things stand; doing it twice does no harm."""
        document = self.podwire.workflow(self.plan.namespace, self.plan.workflow)
        if document["run"] != self.plan.run or document["status"] == "end":
            return
        if document.get("reason") == "Canceling":
            self._stop_jobs()
        elif document["status"] == "paused":
            if self.approve and document.get("reason") == "Break":
                self._move("resume")
        else:
            for job, attempt in ready(document):
                self._start(job, attempt)

    def _start(self, job, attempt):
        try:
            manifest = self.plan.manifest(job, attempt, self._environment(job, attempt))
            if self.kubernetes.create(self.plan.namespace, manifest):
                say("started", job, attempt, manifest["kind"], manifest["metadata"]["name"])
        except (Refused, MissingOutput) as reason:
            say("cannot start", job, reason)
            self._move("cancel")

    def _environment(self, job, attempt):
        """The outputs of earlier jobs that this one asks for, and the number of the attempt."""
        env = {"ATTEMPT": str(attempt)}
        for name, source in self.plan.jobs[job].get("env", {}).items():
            outputs = self.podwire.outputs(self.plan.namespace, self.plan.workflow, source["job"])
            if source["output"] not in outputs:
                raise MissingOutput(f"{source['job']} has no output {source['output']}")
            env[name] = outputs[source["output"]]
        return env

    def _stop_jobs(self):
        """Deletes all that may run, seen by Podwire or not."""
        for job in self.plan.jobs:
            for attempt in self.plan.attempts(job):
                name = self.plan.object_name(job, attempt)
                if self.kubernetes.delete(self.plan.namespace, self.plan.kind(job), name):
                    say("stopped", job, attempt)

    def _move(self, move):
        try:
            self.podwire.move(self.plan.namespace, self.plan.workflow, move)
            say(move)
        except Refused as refusal:
            if refusal.code != 409:
                raise
            say(move, "was not possible:", refusal)  # Somebody else was faster.


def ready(document):
    """The jobs of a workflow that can be started now, each with the number of its attempt."""
    stages = {stage["name"]: stage for stage in document["stages"]}
    jobs = {job["job"]: job for stage in stages.values() for job in stage["jobs"]}

    def have_succeeded(things, names):
        return all(things[name].get("outcome") == "success" for name in names)

    for stage in stages.values():
        if not have_succeeded(stages, stage["needs"]):
            continue
        for name, job in ((each["job"], each) for each in stage["jobs"]):
            if job["status"] == "pending" and have_succeeded(jobs, job["needs"]):
                yield name, 1
            elif job.get("outcome") in ("failure", "timeout") and job["attempt"] <= job["retries"]:
                yield name, job["attempt"] + 1


def say(*words):
    print(*words, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Runs a workflow on Podwire and Kubernetes.")
    parser.add_argument("plan", type=Plan.read)
    parser.add_argument("--podwire", type=Podwire, required=True, metavar="URL")
    parser.add_argument("--kubeconfig", type=Kubernetes, required=True, metavar="FILE")
    parser.add_argument("--approve", action="store_true", help="resume at every break")
    options = parser.parse_args()
    engine = Engine(options.plan, options.podwire, options.kubeconfig, options.approve)
    try:
        outcome = engine.run()
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")
    say("ended", outcome)
    sys.exit(0 if outcome == "success" else 1)


if __name__ == "__main__":
    main()
