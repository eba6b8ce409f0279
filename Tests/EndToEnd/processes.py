"""The built programs as a user starts them: podwire and podwire-sim."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from held_port import HeldPort

REPOSITORY = Path(__file__).resolve().parents[2]
BINARIES = REPOSITORY / os.environ.get("PODWIRE_BIN_DIR", ".build/debug")


class Program:
    """A program that says `ready http(s)://ADDRESS:PORT` on standard output once it is up."""

    def __init__(self, arguments, log_path, environment=None):
        self.log_path = Path(log_path)
        self._log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdout=subprocess.PIPE,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.decode())
        self._lines.put(None)

    def wait_ready(self, timeout=60):
        """The base URL of the ready line."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"not ready after {timeout} s\n{self.log()}") from None
        if line is None:
            raise AssertionError(f"ended before it was ready\n{self.log()}")
        match = re.fullmatch(r"ready (https?://\S+)\n", line)
        assert match, f"the first line on standard output is {line!r}"
        return match.group(1)

    def log(self):
        return self.log_path.read_text(errors="replace")[-20000:]

    def peak_memory(self):
        """The largest resident size so far, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    def memory(self):
        """The resident size, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def cpu_seconds(self):
        """The processor time that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        """What it has open, sorted: `socket:[…]`, `anon_inode:…` and paths."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        links = []
        for name in os.listdir(folder):
            try:
                links.append(os.readlink(folder / name))
            except FileNotFoundError:  # Closed meanwhile.
                pass
        return sorted(links)

    def sockets(self):
        """How many sockets it has open."""
        return sum(link.startswith("socket:") for link in self.descriptors())

    def signal(self, number, timeout=60):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout)
        self._log.close()
        return code

    def terminate(self):
        return self.signal(signal.SIGTERM)

    def kill(self):
        return self.signal(signal.SIGKILL)


class Daemon:
    """`podwire serve` on one cluster and one data directory; may be stopped and started again."""

    def __init__(self, directory, kubeconfig, *arguments):
        self.directory = Path(directory)
        self.arguments = [
            "--kubeconfig", kubeconfig,
            "--data-dir", self.directory / "data",
            "--web-dir", REPOSITORY / "web",
            *arguments,
        ]
        self.port = 0
        self.url = None
        self.program = None
        self._held = None

    def command(self):
        """What starts it, on the same port as before."""
        return [
            BINARIES / "podwire", "serve", "--listen", f"127.0.0.1:{self.port}", *self.arguments]

    def start(self, environment=None):
        """Starts it and waits until it is ready."""
        self.launch(environment)
        return self.wait_ready()

    def launch(self, environment=None):
        """Starts it and returns at once."""
        self.program = Program(self.command(), self.directory / "podwire.log", environment)

    def wait_ready(self):
        """Waits until it is ready."""
        self.url = self.program.wait_ready()
        self.port = int(self.url.rsplit(":", 1)[1])
        self._release_port()
        return self

    def stop(self):
        """SIGTERM: must end with exit code 0."""
        code = self.program.terminate()
        self._hold_port()
        assert code == 0, f"exit code {code} after SIGTERM\n{self.program.log()}"

    def kill(self):
        """SIGKILL: no chance to tidy up."""
        self.program.kill()
        self._hold_port()

    def _hold_port(self):
        """Keeps the port for the next start: one that nobody has is given to any other program."""
        self._release_port()
        if self.port:
            self._held = HeldPort(self.port)

    def _release_port(self):
        if self._held:
            self._held.close()
            self._held = None

    @property
    def is_running(self):
        return self.program is not None and self.program.process.poll() is None


class Simulator:
    """`podwire-sim` with one scenario."""

    def __init__(self, directory, scenario, *arguments):
        self.kubeconfig = Path(directory) / "sim.kubeconfig"
        self.program = Program(
            [
                BINARIES / "podwire-sim", "--listen", "127.0.0.1:0",
                "--kubeconfig-out", self.kubeconfig, "--scenario", scenario, *arguments,
            ],
            Path(directory) / "sim.log",
        )
        self.url = self.program.wait_ready()


def eventually(check, timeout=60, interval=0.1):
    """The first true answer of `check`; fails after `timeout` seconds with the last answer."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {timeout} s"
        time.sleep(interval)
