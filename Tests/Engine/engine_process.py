"""The engine as a process of its own, that may be killed and started again."""

import re
import subprocess
import sys
import threading
from pathlib import Path

from processes import eventually

PROGRAM = Path(__file__).with_name("engine.py")


class EngineProcess:
    def __init__(self, arguments):
        self.command = [sys.executable, str(PROGRAM), *map(str, arguments)]
        self.lives = []
        """What each of its processes printed, line by line."""
        self._process = None
        self._reader = None

    def start(self):
        self._process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        self.lives.append(lines)
        self._reader = threading.Thread(
            target=_read, args=[self._process.stdout, lines], daemon=True)
        self._reader.start()

    def kill(self):
        """SIGKILL; does nothing when it has ended."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def wait_for(self, pattern, timeout=90):
        """Waits until a line of any life matches."""
        eventually(lambda: self.has(pattern) or self._check_alive(), timeout)

    def wait_for_lines(self, count, unless, timeout=90):
        """Waits until this life has so many lines, or has ended, or `unless` is true."""
        eventually(
            lambda: len(self.lives[-1]) >= count or not self.is_running or unless(), timeout)

    def finish(self, timeout=180):
        """Its exit code, once it has ended by itself."""
        code = self._process.wait(timeout)
        self._reader.join()
        return code

    def has(self, pattern):
        return any(re.search(pattern, line) for line in self.lines)

    @property
    def lines(self):
        return [line for life in self.lives for line in list(life)]

    @property
    def is_running(self):
        return self._process.poll() is None

    def events_seen(self):
        """The numbers of the events that each life saw, in order."""
        return [_numbers("event", life) for life in self.lives]

    def events_acknowledged(self):
        return [_numbers("acknowledged", life) for life in self.lives]

    def _check_alive(self):
        assert self.is_running, "the engine has ended:\n" + "\n".join(self.lines)
        return False


def _read(stream, lines):
    """Appends lines as they come; a killed process may leave half a line, which is none."""
    for line in stream:
        if line.endswith("\n"):
            lines.append(line.rstrip("\n"))


def _numbers(word, life):
    return [int(match[1]) for line in life if (match := re.match(rf"{word} (\d+)\b", line))]
