"""Podwire's public interface, as its users reach it: requests, curl, a WebSocket client."""

import asyncio
import json
import re
import subprocess

import requests
import websockets

from processes import eventually

#: A WebSocket client that a slow machine does not make give up.
PATIENT = {"open_timeout": 60, "ping_interval": None}


def get(daemon, path, **parameters):
    return requests.get(daemon.url + path, params=parameters, timeout=60)


def job(daemon, namespace, name):
    """The job, or None while nobody knows it."""
    answer = get(daemon, f"/v1/jobs/{namespace}/{name}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait_for_job(daemon, namespace, name, status="end", timeout=180):
    """The job once it has the status."""
    def check():
        found = job(daemon, namespace, name)
        return found if found and found["status"] == status else None
    return eventually(check, timeout)


def outputs(daemon, namespace, name):
    answer = get(daemon, f"/v1/jobs/{namespace}/{name}/outputs")
    assert answer.status_code == 200, answer.text
    return answer.json()


def log(daemon, path, **parameters):
    """A log's bytes; fails on any error."""
    answer = get(daemon, "/logs/" + path, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.content


class Curl:
    """`curl -N URL` in the background."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            ["curl", "-sSN", "--fail-with-body", url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, timeout=120):
        """What it printed, once it has returned by itself with exit code 0."""
        out, err = self.process.communicate(timeout=timeout)
        assert self.process.returncode == 0, (self.process.returncode, err, out[-500:])
        return out

    def exit_code(self, timeout=60):
        self.process.communicate(timeout=timeout)
        return self.process.returncode


def read_websocket(daemon, path, subprotocol=None, timeout=120):
    """All messages until the server closes, and the close code."""
    async def read():
        url = daemon.url.replace("http:", "ws:") + "/logs/" + path
        messages = []
        subprotocols = [subprotocol] if subprotocol else None
        async with websockets.connect(
            url, subprotocols=subprotocols, max_size=None, compression=None, **PATIENT
        ) as socket:
            assert socket.subprotocol == subprotocol
            try:
                while True:
                    messages.append(await asyncio.wait_for(socket.recv(), timeout))
            except websockets.ConnectionClosed:
                return messages, socket.close_code
    return asyncio.run(read())


def metric(daemon, name, **options):
    """The value of a metric without labels."""
    answer = requests.get(daemon.url + "/metrics", timeout=60, **options)
    assert answer.status_code == 200, answer.text
    return float(re.search(rf"^{name} (\S+)$", answer.text, re.M).group(1))


def wait_for_watches(daemon, follows=0, **options):
    """Waits until Pods and Jobs are both listed and watched, and so many logs are followed.

    `ready` waits for the Pods alone. From here on the daemon opens no connection by itself.
    """
    eventually(lambda: (
        metric(daemon, "podwire_client_requests_total", **options) >= 4 + follows
        and metric(daemon, "podwire_client_transfers", **options) == 2 + follows))


def events(daemon, **parameters):
    """The events of the feed as NDJSON gives them."""
    answer = get(daemon, "/v1/events", **{"after": 0, **parameters})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]
