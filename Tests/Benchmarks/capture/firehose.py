"""One firehose: a log as fast as its reader, with `curl`, with `kubectl logs -f`, and with Podwire.

    firehose.py --mebibytes 1024 --rounds 3

Each gets a simulated cluster of its own, one after the other in each round, so that whatever else the
machine does meets all. `curl` and `kubectl` write to a file. Podwire's time is from the start of its
process to the job's `end` in the API: it lists, follows, reads the end of the log once more, stores
all of it and looks for outputs. The stored text is compared with the file that `curl` wrote.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EndToEnd"))

from api import job  # noqa: E402
from processes import Daemon, Simulator, eventually  # noqa: E402

POD = "firehose-0"
STAMP = len("2026-01-01T00:00:00.000000000Z ")


def wait_until_it_runs(simulator):
    url = f"{simulator.url}/api/v1/namespaces/default/pods/{POD}"
    eventually(
        lambda: requests.get(url, timeout=30).json()["status"]["phase"] != "Pending", 60, 0.02)


def with_curl(simulator, _, file):
    url = f"{simulator.url}/api/v1/namespaces/default/pods/{POD}/log?follow=true&timestamps=true"
    subprocess.run(["curl", "-sS", "--fail", "-o", file, url], check=True)


def with_kubectl(simulator, _, file):
    with open(file, "wb") as out:
        subprocess.run(
            ["kubectl", "--kubeconfig", simulator.kubeconfig, "logs", "-f", "--timestamps", POD],
            stdout=out, check=True)


def with_podwire(simulator, directory, _):
    """Returns the daemon, which has the log."""
    daemon = Daemon(directory, simulator.kubeconfig).start()
    eventually(lambda: (job(daemon, "default", POD) or {}).get("status") == "end", 900, 0.02)
    return daemon


def digest(chunks):
    total = hashlib.sha256()
    for chunk in chunks:
        total.update(chunk)
    return total.hexdigest()


def stored(daemon):
    """The digest of the log as Podwire has it."""
    reader = subprocess.Popen(
        ["curl", "-sS", "--fail", f"{daemon.url}/logs/default/{POD}"], stdout=subprocess.PIPE)
    found = digest(iter(lambda: reader.stdout.read(1 << 20), b""))
    assert reader.wait() == 0, "the log could not be read back"
    return found


def written(file):
    """The digest of what curl got, without the timestamps."""
    with open(file, "rb") as lines:
        return digest(line[STAMP:] for line in lines)


def run(options, directory):
    ways = {"curl": with_curl, "kubectl": with_kubectl, "podwire": with_podwire}
    took = {name: [] for name in ways}
    memory, processor, truth = [], [], None
    for number in range(options.rounds):
        for name, way in ways.items():
            place = Path(directory) / f"{name}-{number}"
            place.mkdir()
            simulator = Simulator(place, "firehose", "--bytes", str(options.mebibytes << 20))
            daemon = None
            try:
                wait_until_it_runs(simulator)
                start = time.monotonic()
                daemon = way(simulator, place, place / "log")
                took[name].append(time.monotonic() - start)
                if name == "curl":
                    truth = written(place / "log")
                if daemon:
                    memory.append(daemon.program.peak_memory() / (1 << 20))
                    processor.append(daemon.program.cpu_seconds())
                    assert stored(daemon) == truth, "another log was stored than curl got"
            finally:
                if daemon:
                    daemon.stop()
                simulator.program.terminate()
            if (place / "log").exists():
                os.remove(place / "log")
    print(f"{options.mebibytes} MiB of log in lines of 100 bytes, {options.rounds} rounds")
    for name, seconds in took.items():
        ratios = [each / peer for each, peer in zip(seconds, took["curl"])]
        print(f"{name + ':':9} median {statistics.median(seconds):6.2f} s, {min(seconds):.2f} to "
              f"{max(seconds):.2f}; {statistics.median(ratios):.2f} times curl")
    print(f"podwire: CPU {statistics.median(processor):.2f} s, "
          f"peak memory {statistics.median(memory):.0f} MiB; the stored text is what curl got")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="podwire-firehose-") as directory:
        run(options, directory)


if __name__ == "__main__":
    main()
