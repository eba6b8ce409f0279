"""How long it takes to find something in a large log, beside grep on the same bytes in a file.

Each search is a `curl` of its own that writes to nowhere, each comparison a `grep`, one after the
other in one run. Times are seconds of the clock; the ratio is Podwire's to grep's.
"""

import argparse
import base64
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import requests

from api import wait_for_job
from processes import Daemon, Simulator
from simulated import create_pod

SEARCHES = [
    ("a rare word", {"fixed": "{rare}"}, ["-F", "{rare}"]),
    ("a rare pattern", {"grep": "{rare} +\\w"}, ["-P", "{rare} +\\w"]),
    ("a rare word, any case", {"fixed": "LINE {digits}", "ignoreCase": ""},
     ["-iF", "LINE {digits}"]),
    ("a pattern that looks behind", {"grep": "(?<=line ){digits}"}, ["-P", "(?<=line ){digits}"]),
    ("a word in a line of twelve, counted", {"grep": "checkpoint", "count": ""},
     ["-cP", "checkpoint"]),
    ("the same, all lines of it", {"grep": "checkpoint"}, ["-P", "checkpoint"]),
]


def timed(*command):
    """Seconds to the first byte and to the last, and the bytes, of a command's output."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    first, size = None, 0
    while piece := os.read(process.stdout.fileno(), 1 << 20):
        first = first or time.perf_counter() - start
        size += len(piece)
    process.wait(60)
    total = time.perf_counter() - start
    return first or total, total, size


def get(url, **parameters):
    query = "&".join(
        name if value == "" else f"{name}={requests.utils.quote(value, safe='')}"
        for name, value in parameters.items())
    return timed("curl", "-sSN", f"{url}?{query}")


def search(url, file, lines):
    digits = f"{lines * 9 // 10:010}"
    for name, parameters, arguments in SEARCHES:
        words = {"rare": f"line {digits}", "digits": digits}
        parameters = {key: value.replace("{rare}", words["rare"]).replace("{digits}", digits)
                      for key, value in parameters.items()}
        arguments = [argument.replace("{rare}", words["rare"]).replace("{digits}", digits)
                     for argument in arguments]
        _, theirs, _ = timed("env", "LC_ALL=C.UTF-8", "grep", "-an", *arguments, str(file))
        first, ours, size = get(url, **parameters)
        print(f"{name:38} first {first:7.2f}  all {ours:7.2f}  grep {theirs:7.2f}"
              f"  ratio {ours / theirs:5.2f}  {size:>12,} bytes", flush=True)


def download(url, file):
    _, whole, size = timed("curl", "-sSN", url)
    _, cat, _ = timed("cat", str(file))
    print(f"{'the whole log':38} {whole:7.2f}  (cat of the file {cat:.2f})  {size:,} bytes")
    for coding in ("zstd", "gzip"):
        _, taken, packed = timed("curl", "-sSN", "-H", f"Accept-Encoding: {coding}", url)
        print(f"{'… as ' + coding:38} {taken:7.2f}  {packed:,} bytes")
    middle = size // 2
    first, taken, _ = timed("curl", "-sSN", "-r", f"{middle}-{middle + 99_999}", url)
    print(f"{'100,000 bytes of its middle':38} {taken:7.3f}")


def tails(name, url):
    """Time to the last byte of a log's last lines, found by their number and by their time."""
    stamped = requests.get(url, params={"tailLines": 100, "timestamps": "true"}, timeout=60).text
    since = {"sinceTime": stamped.split(" ", 1)[0]}
    for parameters in ({"tailLines": "100"}, since):
        times = sorted(get(url, **parameters)[1] for _ in range(11))
        what = f"{next(iter(parameters))} of {name}"
        print(f"{what:38} median {times[5] * 1000:7.1f} ms, most {times[-1] * 1000:.1f} ms")


def latency_beside(url, **parameters):
    """How long others wait for the last line while searches go on."""
    running = [threading.Thread(target=get, args=[url], kwargs=parameters) for _ in range(2)]
    for thread in running:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in running):
        start = time.perf_counter()
        requests.get(f"{url}?tailLines=1", timeout=30).raise_for_status()
        waits.append(time.perf_counter() - start)
    waits.sort()
    print(f"{'tailLines=1 beside two searches':38} median {waits[len(waits) // 2] * 1000:7.1f} ms,"
          f" most {waits[-1] * 1000:.1f} ms, {len(waits)} times")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as directory:
        simulator = Simulator(directory, "empty")
        daemon = Daemon(directory, simulator.kubeconfig).start()
        try:
            create_pod(simulator, "plain", lines=lines, rate=0, bytes=100)
            create_pod(
                simulator, "parted", rate=0, lines=0, print=base64.b64encode(
                    b"<<x*3000000>>\n<<y*10000000>>\n" + b"short\n" * 150).decode())
            create_pod(
                simulator, "gaps", lines=lines // 10, rate=50_000, bytes=100,
                log_faults=f"cut-rotate@{lines // 30};cut-rotate@{lines // 30};ok")
            start = time.perf_counter()
            for name in ("plain", "parted", "gaps"):
                found = wait_for_job(daemon, "default", name, timeout=1800)
                print(f"{name}: {found['lines']:,} lines, {found['bytes']:,} bytes,"
                      f" {found['gaps']} gap records, {time.perf_counter() - start:.1f} s")
            url = f"{daemon.url}/logs/default/plain"
            file = Path(directory) / "plain.log"
            subprocess.run(["curl", "-sS", "-o", file, url], check=True)
            for name in ("plain", "parted", "gaps"):
                tails(name, f"{daemon.url}/logs/default/{name}")
            download(url, file)
            search(url, file, lines)
            latency_beside(url, grep="(?<=line )[0-9]*7777777", count="")
            print(f"largest memory of the daemon: {daemon.program.peak_memory() >> 20} MiB")
        finally:
            daemon.stop()
            simulator.program.terminate()


if __name__ == "__main__":
    main()
