"""Many quiet follows: Podwire, and `curl --parallel` on the same logs, which stores nothing.

    follows.py --pods 10000 --rate 2 --seconds 30

Both follow the logs of as many Pods of a simulated cluster of their own, over HTTP/1.1. When all are
followed, and what had been printed before is read, CPU time and memory are taken over the same
number of seconds; curl needs a process for 300 logs. How many lines came in that time is asked of
Podwire's `/metrics`. Of some Pods the stored log is compared with what the simulator says was printed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "EndToEnd"))
sys.path.insert(0, str(HERE.parent / "fanout"))

from fanout import cpu_seconds, resident  # noqa: E402
from processes import Daemon, Simulator, eventually  # noqa: E402

PARALLEL = 300
"""Transfers of one curl at most."""

SETTINGS = "capture: {startsPerSecond: 5000, maxFollows: 20000, maxFollowsPerNode: 10000}\n"


def log_url(simulator, number):
    return (f"{simulator.url}/api/v1/namespaces/default/pods/slow-{number}/log"
            "?follow=true&timestamps=true")


def running(simulator):
    pods = requests.get(f"{simulator.url}/api/v1/pods", timeout=120).json()["items"]
    return sum(pod["status"]["phase"] == "Running" for pod in pods)


def established(pids):
    """Sockets that these processes have open."""
    return sum(
        1 for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()
        if link.is_symlink() and str(link.readlink()).startswith("socket:"))


def measure(pids, seconds):
    """(CPU seconds, MiB) over so many seconds."""
    before = cpu_seconds(pids)
    time.sleep(seconds)
    return cpu_seconds(pids) - before, resident(pids)


def with_curl(simulator, directory, options):
    processes = []
    try:
        for first in range(0, options.pods, PARALLEL):
            count = min(PARALLEL, options.pods - first)
            settings = directory / f"curl-{first}"
            settings.write_text("".join(
                f'url = "{log_url(simulator, first + number)}"\noutput = "/dev/null"\n'
                for number in range(count)))
            processes.append(subprocess.Popen(
                ["curl", "-sS", "--no-progress-meter", "--fail", "--parallel", "--parallel-immediate", "--parallel-max",
                 str(PARALLEL), "--config", settings], stderr=subprocess.DEVNULL))
        pids = [process.pid for process in processes]
        eventually(lambda: established(pids) >= options.pods, 300, 0.5)
        time.sleep(5)  # For what had been printed before.
        return measure(pids, options.seconds)
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)


def metrics(daemon):
    text = requests.get(f"{daemon.url}/metrics", timeout=60).text
    return {sample.name: sample.value for family in text_string_to_metric_families(text)
            for sample in family.samples}


def with_podwire(simulator, directory, options):
    settings = directory / "podwire.yaml"
    settings.write_text(SETTINGS)
    daemon = Daemon(directory, simulator.kubeconfig, "--config", settings).start()
    try:
        return follow_with(daemon, options), differing(simulator, daemon, options)
    finally:
        daemon.stop()


def follow_with(daemon, options):
    pids = [daemon.program.process.pid]
    empty = resident(pids)
    eventually(lambda: metrics(daemon)["podwire_capture_following"] >= options.pods, 300, 0.5)
    eventually(lambda: is_even(daemon, options), 300, 0.5)
    before = metrics(daemon)["podwire_capture_lines_total"]
    start = time.monotonic()
    cpu, memory = measure(pids, options.seconds)
    took = time.monotonic() - start
    after = metrics(daemon)
    rate = (after["podwire_capture_lines_total"] - before) / took
    return cpu, memory, empty, rate, after["podwire_capture_gaps_total"]


def is_even(daemon, options, seconds=3):
    """Whether lines come as they are printed: all logs are open, and what was printed before is read."""
    before, start = metrics(daemon)["podwire_capture_lines_total"], time.monotonic()
    time.sleep(seconds)
    lines = metrics(daemon)["podwire_capture_lines_total"] - before
    expected = options.pods * options.rate * (time.monotonic() - start)
    return 0.9 * expected < lines < 1.1 * expected


def differing(simulator, daemon, options):
    """Pods whose stored log is not a beginning of what was printed, or lacks seconds of it."""
    wrong = []
    for number in range(0, options.pods, max(1, options.pods // 100)):
        log = requests.get(f"{daemon.url}/logs/default/slow-{number}", timeout=60).content
        printed = requests.get(
            log_url(simulator, number).replace("follow=true&timestamps=true", ""),
            timeout=60).content
        missing = printed.count(b"\n") - log.count(b"\n")
        if not log or not printed.startswith(log) or missing > 5 * options.rate + 1:
            wrong.append(f"slow-{number}")
    return wrong


def run(options, directory):
    simulator = Simulator(directory, "many", "--pods", str(options.pods), "--rate", str(options.rate))
    try:
        eventually(lambda: running(simulator) == options.pods, 120, 0.5)
        curl_cpu, curl_memory = with_curl(simulator, directory, options)
        (cpu, memory, empty, rate, gaps), wrong = with_podwire(simulator, directory, options)
    finally:
        simulator.program.terminate()
    print(f"{options.pods} follows of {options.rate:g} lines a second each, {options.seconds} s")
    for name, seconds, size in (("curl", curl_cpu, curl_memory), ("podwire", cpu, memory)):
        print(f"{name + ':':9} {seconds / options.seconds:.3f} of a processor, {size:.0f} MiB, "
              f"{size * 1024 / options.pods:.1f} KiB a follow")
    print(f"podwire: {cpu / curl_cpu:.2f} times curl's CPU time, stored and looked through; "
          f"{rate:.0f} lines a second; {empty:.0f} MiB before the follows; {gaps:.0f} gap records")
    print(f"logs compared: {len(wrong)} differ {' '.join(wrong[:10])}".rstrip())
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=2)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="podwire-follows-") as directory:
        sys.exit(0 if run(options, Path(directory)) else 1)


if __name__ == "__main__":
    main()
