"""Fan-out: one stream, very many WebSocket readers; the same with nchan and nats-server.

    fanout.py --readers 2000 --stalled 50 --rate 1000 --seconds 60

Each server gets the same readers (readers.c), the same number of lines a second and the same text:
`TIME line NUMBER words`. Podwire's lines come from podwire-sim and are stamped when they are
"printed"; they are followed, stored and published like any Pod's. nchan and NATS get each line as a
message of its own from a publisher, at the moment it is stamped; `--batches 32` measures them again
with as many lines in a message.

CPU seconds are those of the server's processes alone (/proc/PID/stat), in the measured time, per
million lines delivered. Latencies are from the line's stamp to its receipt.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EndToEnd"))

from processes import Daemon, Simulator, eventually  # noqa: E402

NGINX = """\
load_module {module};
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/nginx.log warn;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  nchan_shared_memory_size 256M;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /sub {{ nchan_subscriber websocket; nchan_channel_id c;
      nchan_subscriber_first_message newest; nchan_message_buffer_length 2000; }}
    location = /pub {{ nchan_publisher websocket http; nchan_channel_id c;
      nchan_message_buffer_length 2000; }}
  }}
}}
"""


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def accepts(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def cpu_seconds(pids):
    """User and system time of these processes so far, together."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / ticks


def resident(pids):
    """Resident memory of these processes, in MiB."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page
               for pid in pids) / (1 << 20)


class Nginx:
    """nginx with nchan: a subscriber's location and a publisher's."""

    def __init__(self, directory):
        module = shutil.which("nginx") and next(
            Path("/usr/lib/nginx/modules").glob("*nchan*.so"), None)
        if not module:
            raise FileNotFoundError("nginx with libnginx-mod-nchan is not installed")
        self.port = free_port()
        configuration = Path(directory) / "nginx.conf"
        configuration.write_text(
            NGINX.format(module=module, directory=directory, port=self.port))
        self.process = subprocess.Popen(
            ["nginx", "-e", f"{directory}/nginx.log", "-c", configuration])
        eventually(lambda: accepts(self.port), 10)

    @property
    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text().split())]


class Nats:
    """nats-server, with nothing but its defaults."""

    def __init__(self, directory):
        if not shutil.which("nats-server"):
            raise FileNotFoundError("nats-server is not installed")
        self.port = free_port()
        self.process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-l",
             f"{directory}/nats.log"])
        eventually(lambda: accepts(self.port), 10)

    @property
    def pids(self):
        return [self.process.pid]


class FanOut:
    """Measures servers one after the other, in one directory."""

    def __init__(self, directory, options):
        self.directory = Path(directory)
        self.options = options
        self.client = self.directory / "readers"
        subprocess.run(
            [shutil.which("cc") or "clang", "-O2", "-Wall", "-o", self.client,
             HERE / "readers.c"], check=True)

    def podwire(self):
        options = self.options
        simulator = Simulator(
            self.directory, "many", "--pods", "1", "--rate", str(options.rate))
        daemon = Daemon(self.directory, simulator.kubeconfig)
        try:
            daemon.start()
            # From the end on: what was printed before the readers came is not measured.
            target = "/logs/default/slow-0?timestamps&tailLines=0"
            return self._measure("ws", daemon.port, target, [daemon.program.process.pid])
        finally:
            if daemon.is_running:
                daemon.stop()
            simulator.program.terminate()

    def nchan(self, lines=1):
        server = Nginx(self.directory)
        return self._published(server, "ws", "/sub", "/pub", lines)

    def nats(self, lines=1):
        server = Nats(self.directory)
        return self._published(server, "nats", "log", "log", lines)

    def _published(self, server, kind, target, published, lines):
        options = self.options
        publisher = None

        def publish():
            nonlocal publisher
            publisher = subprocess.Popen(
                [self.client, f"publish-{kind}", str(server.port), published,
                 str(options.rate), str(options.seconds + 10), str(lines)],
                stdout=subprocess.DEVNULL)

        try:
            return self._measure(kind, server.port, target, server.pids, publish)
        finally:
            for process in (publisher, server.process):
                if process:
                    process.terminate()
                    process.wait(10)

    def _measure(self, kind, port, target, pids, opened=None):
        options = self.options
        client = subprocess.Popen(
            [self.client, kind, str(port), target, str(options.readers), str(options.stalled),
             str(options.seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if client.stdout.readline() != "open\n":
                raise RuntimeError(f"the readers could not be opened at {target}")
            if opened:
                opened()
            time.sleep(3)  # What happens at the opening is over.
            before, start = cpu_seconds(pids), time.monotonic()
            client.stdin.write("\n")
            client.stdin.flush()
            memory = []
            over = threading.Event()

            def sample():
                while not over.wait(1):
                    memory.append(resident(pids))

            sampler = threading.Thread(target=sample)
            sampler.start()
            time.sleep(options.seconds)
            cpu, took = cpu_seconds(pids) - before, time.monotonic() - start
            over.set()
            sampler.join()
            result = json.loads(client.stdout.readline())
            result |= {"cpu": cpu, "seconds": took, "memory": memory,
                       "expected": options.readers * options.rate * options.seconds}
            return result
        finally:
            client.stdin.close()
            if client.poll() is None:
                client.terminate()
            client.wait(10)


def row(name, result):
    memory = result["memory"] or [0]
    per_million = result["cpu"] / max(result["lines"], 1) * 1e6
    return (
        f"{name:<22} {result['lines'] / result['expected'] * 100:5.1f} % delivered, "
        f"{result['lines'] / max(result['frames'], 1):5.1f} lines a frame, "
        f"CPU {result['cpu'] / result['seconds']:.2f} cores, {per_million:.2f} s a million lines; "
        f"p50 {result['p50']:.1f} ms, p99 {result['p99']:.1f} ms, max {result['max']:.0f} ms; "
        f"lost {result['lost']}, repeated {result['repeated']}, closed {result['closed']}; "
        f"memory {memory[0]:.0f} MiB at first, {memory[-1]:.0f} MiB at last, "
        f"{max(memory):.0f} MiB at most")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--readers", type=int, default=2000)
    parser.add_argument("--stalled", type=int, default=50)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--servers", default="podwire,nchan,nats")
    parser.add_argument("--batches", type=int, default=0,
                        help="measure nchan and NATS again with so many lines in a message")
    options = parser.parse_args()
    print(f"{options.readers} readers and {options.stalled} that are stalled, "
          f"{options.rate:.0f} lines/s of 111 bytes, {options.seconds} s", flush=True)
    failed = False
    for name in options.servers.split(","):
        for lines in (1, options.batches) if options.batches and name != "podwire" else (1,):
            with tempfile.TemporaryDirectory() as directory:
                run = FanOut(directory, options)
                try:
                    result = getattr(run, name)(*([] if name == "podwire" else [lines]))
                except FileNotFoundError as error:
                    print(f"{name:<22} not measured: {error}")
                    continue
            print(row(name if lines == 1 else f"{name}, {lines} a message", result), flush=True)
            if name == "podwire" and (
                    result["lost"] or result["repeated"] or result["closed"]
                    or result["malformed"] or not result["lines"]):
                failed = True
    if failed:
        sys.exit("podwire lost or repeated lines, or closed readers that read")


if __name__ == "__main__":
    main()
