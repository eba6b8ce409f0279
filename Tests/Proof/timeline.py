"""Steps that are taken at their times, one after another, on a thread."""

import threading
import time


class Timeline:
    """Add steps, start, then `finish` raises what a step has raised."""

    def __init__(self, stop):
        self._stop = stop
        self._steps = []
        self._error = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def add(self, at, step):
        """`step` is called `at` seconds after the start, later if those before it take long."""
        self._steps.append((at, step))

    def start(self):
        self._steps.sort(key=lambda step: step[0])
        self._began = time.monotonic()
        self._thread.start()

    def finish(self):
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self):
        for at, step in self._steps:
            if self._stop.wait(max(0, self._began + at - time.monotonic())):
                return
            try:
                step()
            except Exception as error:  # Handed to the thread that waits in finish.
                self._error = error
                self._stop.set()
                return
