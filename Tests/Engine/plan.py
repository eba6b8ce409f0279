"""A plan: which jobs a run has, what each needs, and the Pod or Job that does it.

    {
      "namespace": "default", "workflow": "etl", "run": "2026-11-24",
      "stages": [
        {"name": "extract", "jobs": [
          {"name": "orders", "image": "busybox", "command": ["sh", "-c", "echo JOB_OUT rows=3"]}]},
        {"name": "approve", "type": "break"},
        {"name": "load", "jobs": [
          {"name": "publish", "kind": "Job", "deadline": 600, "retries": 1,
           "image": "busybox", "command": ["sh", "-c", "echo $ROWS rows"],
           "env": {"ROWS": {"job": "orders", "output": "rows"}}}]}
      ]
    }

Podwire is told of the stages and of each job's `name`, `needs` and `retries`. The rest is the
engine's: `kind` is `Pod` (the default) or `Job`, `deadline` the seconds that an attempt may take,
`env` which outputs of earlier jobs become environment variables; `annotations` are the Pod's.
"""

import hashlib
import json
import re
from pathlib import Path

GRACE = 5
"""Seconds that a job may take to tidy up once it is cancelled or out of time."""


class Plan:
    def __init__(self, plan):
        self.namespace = plan["namespace"]
        self.workflow = plan["workflow"]
        self.run = plan["run"]
        self.stages = plan["stages"]
        self.jobs = {job["name"]: job for stage in self.stages for job in stage.get("jobs", [])}
        self._stage_of = {
            job["name"]: stage["name"] for stage in self.stages for job in stage.get("jobs", [])}

    @classmethod
    def read(cls, path):
        return cls(json.loads(Path(path).read_text()))

    def declaration(self):
        """What Podwire is told."""
        def declared(job):
            return {key: job[key] for key in ("name", "needs", "retries") if key in job}

        return {"run": self.run, "stages": [
            {**stage, "jobs": [declared(job) for job in stage.get("jobs", [])]}
            for stage in self.stages]}

    def attempts(self, job):
        """The numbers of the attempts that a job may have."""
        return range(1, self.jobs[job].get("retries", 0) + 2)

    def kind(self, job):
        return self.jobs[job].get("kind", "Pod")

    def object_name(self, job, attempt):
        """The same for the same attempt, always: what was started before a crash is found again."""
        text = "\0".join((self.workflow, self.run, job, str(attempt)))
        readable = re.sub("[^a-z0-9]+", "-", f"{self.workflow}-{job}".lower())[:40]
        return f"{readable}-{attempt}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def manifest(self, job, attempt, env):
        """The Pod or Job of an attempt, with these environment variables."""
        planned = self.jobs[job]
        labels = {
            "podwire.dev/workflow": self.workflow,
            "podwire.dev/stage": self._stage_of[job],
            "podwire.dev/job": job,
        }
        name = self.object_name(job, attempt)
        metadata = {"labels": labels, "annotations": planned.get("annotations", {})}
        deadline = {"activeDeadlineSeconds": planned["deadline"]} if "deadline" in planned else {}
        spec = {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": GRACE,
            "containers": [{
                "name": "main", "image": planned["image"], "command": planned["command"],
                "env": [{"name": name, "value": value} for name, value in env.items()]}],
        }
        if self.kind(job) == "Pod":
            return {
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata},
                "spec": {**spec, **deadline}}
        # Retries are the plan's: Kubernetes makes none of its own.
        return {
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "labels": labels},
            "spec": {"backoffLimit": 0, **deadline, "template": {
                "metadata": metadata, "spec": spec}}}
