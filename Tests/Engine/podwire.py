"""What an engine asks of Podwire: a declared workflow, its outputs, and a durable consumer."""

import json
from http.client import HTTPException

from http_json import Refused, Unreachable, call, open_url

QUIET = 120
"""Seconds without an event after which the connection is made anew: it may be quiet, or dead."""


class Podwire:
    """A client of one Podwire; every method may raise Refused or Unreachable."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    # Workflows

    def declare(self, namespace, workflow, declaration):
        """The workflow as it now is; declaring the same run again changes nothing."""
        return call("PUT", self._workflow(namespace, workflow), declaration)[1]

    def workflow(self, namespace, workflow):
        return call("GET", self._workflow(namespace, workflow))[1]

    def move(self, namespace, workflow, move):
        """Moves it: `pause`, `resume` or `cancel`. Refused with 409 where that is not possible."""
        return call("POST", f"{self._workflow(namespace, workflow)}/{move}")[1]

    def outputs(self, namespace, workflow, job):
        """The outputs of a job that has succeeded: they change no more."""
        _, answer = call("GET", f"{self.url}/v1/jobs/{namespace}/{workflow}/{job}/outputs")
        if not answer["final"]:
            raise Unreachable(f"the outputs of {job} are not final yet")
        return answer["outputs"]

    # Events

    def make_consumer(self, name, **events):
        """Whether it is new, and begins with the next event; a known one keeps its place."""
        return call("PUT", self._consumer(name), events)[0] == 201

    def events(self, consumer):
        """Every event from the last acknowledged one on, in order, without end."""
        try:
            with open_url("GET", self._consumer(consumer) + "/events", timeout=QUIET) as lines:
                for line in lines:
                    yield json.loads(line)
        except (OSError, HTTPException, ValueError) as error:
            # ValueError: cut in the middle of a line. It was not acknowledged, so it comes again.
            raise Unreachable(f"events of {consumer}: {error}") from error
        raise Unreachable(f"events of {consumer}: the connection was closed")

    def acknowledge(self, consumer, event):
        """Says that this event, and all before it, are dealt with."""
        try:
            call("POST", self._consumer(consumer) + "/ack", {"sequence": int(event["id"])})
        except Refused as refusal:
            if refusal.code != 409:
                raise
            # Podwire was restarted since it sent this event, and sends it again.
            raise Unreachable(str(refusal)) from refusal

    def delete_consumer(self, name):
        try:
            call("DELETE", self._consumer(name))
        except Refused as refusal:
            if refusal.code != 404:
                raise

    def _workflow(self, namespace, workflow):
        return f"{self.url}/v1/workflows/{namespace}/{workflow}"

    def _consumer(self, name):
        return f"{self.url}/v1/consumers/{name}"
