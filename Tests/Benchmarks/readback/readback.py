"""Reading back: a stored log with `curl`, next to nginx that sends the same bytes from a file.

    readback.py --mebibytes 1024 --rounds 5

podwire-sim prints the log, Podwire follows and stores it. Then both servers send it to curl in turn,
one after the other in each round, so that whatever else the machine does meets both. Also asked for
are the last 100 lines.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EndToEnd"))
sys.path.insert(0, str(HERE.parent / "fanout"))

from fanout import accepts, cpu_seconds, free_port  # noqa: E402
from processes import Daemon, Simulator, eventually  # noqa: E402

NGINX = """\
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/nginx.log warn;
events {{ worker_connections 100; }}
http {{
  access_log off; sendfile {sendfile};
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{ listen 127.0.0.1:{port}; root {directory}/files; }}
}}
"""


def fetch(url):
    """Seconds until curl has the last byte."""
    took = subprocess.run(
        ["curl", "-sS", "--fail", "-o", "/dev/null", "-w", "%{time_total}", url],
        check=True, capture_output=True, text=True)
    return float(took.stdout)


def spread(values):
    return (f"median {statistics.median(values):.3f} s, least {min(values):.3f} s, "
            f"most {max(values):.3f} s")


class ReadBack:
    """One run in `directory`."""

    def __init__(self, directory, options):
        self.directory = Path(directory)
        self.options = options

    def run(self):
        size = self.options.mebibytes << 20
        simulator = Simulator(self.directory, "firehose", "--bytes", str(size))
        daemon = Daemon(self.directory, simulator.kubeconfig)
        nginx = None
        try:
            daemon.start()
            log = f"{daemon.url}/logs/default/firehose-0"
            eventually(lambda: self._is_stored(log), 600, 0.5)
            nginx, file = self._nginx(log)
            self._measure(daemon, log, file)
        finally:
            if nginx:
                nginx.terminate()
                nginx.wait(10)
            if daemon.is_running:
                daemon.stop()
            simulator.program.terminate()

    @staticmethod
    def _is_stored(log):
        with requests.get(log, params={"tailLines": 1}, timeout=60) as answer:
            return answer.headers.get("Podwire-State") == "ended"

    def _nginx(self, log):
        files = self.directory / "files"
        files.mkdir()
        subprocess.run(["curl", "-sS", "--fail", "-o", files / "log", log], check=True)
        self.size = (files / "log").stat().st_size
        port = free_port()
        configuration = self.directory / "nginx.conf"
        configuration.write_text(NGINX.format(
            directory=self.directory, port=port, sendfile=self.options.sendfile))
        process = subprocess.Popen(
            ["nginx", "-e", f"{self.directory}/nginx.log", "-c", configuration])
        eventually(lambda: accepts(port), 10)
        return process, f"http://127.0.0.1:{port}/log"

    def _measure(self, daemon, log, file):
        own, other, tail, cpu = [], [], [], []
        pid = [daemon.program.process.pid]
        for _ in range(self.options.rounds):
            before = cpu_seconds(pid)
            own.append(fetch(log))
            cpu.append(cpu_seconds(pid) - before)
            other.append(fetch(file))
            tail.append(fetch(f"{log}?tailLines=100"))
        ratios = [mine / theirs for mine, theirs in zip(own, other)]
        print(f"{self.size / (1 << 20):.0f} MiB of stored log with curl, "
              f"{self.options.rounds} rounds, sendfile {self.options.sendfile}")
        print(f"podwire:       {spread(own)}; CPU {statistics.median(cpu):.2f} s")
        print(f"nginx:         {spread(other)}")
        print(f"ratio:         median {statistics.median(ratios):.2f}, "
              f"{min(ratios):.2f} to {max(ratios):.2f}")
        print(f"tailLines=100: {spread(tail)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sendfile", choices=("on", "off"), default="on")
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        ReadBack(directory, options).run()
    print(f"took {time.monotonic() - start:.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
