"""A client that behaves, beside others that do not: how long it waits for answers and for lines."""

import datetime
import re
import threading
import time

from processes import eventually
from raw_client import RawClient, head

STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z ")


class Bystander:
    """Asks for the jobs again and again, and follows a Pod's log, in two threads."""

    def __init__(self, url, pod):
        self._url = url
        self._pod = pod
        self._stop = threading.Event()
        self.answers = []
        self.lines = []
        self.failures = []
        self._threads = [
            threading.Thread(target=self._guard, args=(work,), daemon=True)
            for work in (self._ask, self._follow)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        # Whoever it stands beside may have been quick: it is served all the same.
        eventually(lambda: self.failures or (self.answers and self.lines))
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not self.failures, self.failures

    def _guard(self, work):
        try:
            work()
        except Exception as error:  # Told by the test's own thread.
            self.failures.append(repr(error))

    def _ask(self):
        with RawClient(self._url, timeout=60) as client:
            while not self._stop.wait(0.01):
                started = time.monotonic()
                client.send(head("GET /v1/consumers HTTP/1.1", "Host: localhost"))
                answer = client.answer()
                assert answer is not None and answer.status == 200, answer
                self.answers.append(time.monotonic() - started)

    def _follow(self):
        with RawClient(self._url, timeout=60) as client:
            client.send(head(
                f"GET /logs/default/{self._pod}?follow&timestamps&tailLines=0 HTTP/1.1",
                "Host: localhost"))
            while not self._stop.is_set():
                data = client.socket.recv(65536)
                assert data, "the log of a Pod that runs came to an end"
                now = time.time()
                for second, fraction in STAMP.findall(data):
                    stamp = datetime.datetime.fromisoformat(second.decode() + "+00:00").timestamp()
                    self.lines.append(now - stamp - int(fraction) / 1e9)


def percentiles(seconds):
    """`p50/p99` in milliseconds."""
    ordered = sorted(seconds)
    at = [ordered[min(len(ordered) - 1, len(ordered) * part // 100)] * 1000 for part in (50, 99)]
    return f"{at[0]:.1f}/{at[1]:.1f}"
