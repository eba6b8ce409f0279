"""Measures the page on a large log and on a firehose, in a real browser; prints, asserts nothing.

    PODWIRE_BIN_DIR=.build/release .build/browser-venv/bin/python Tests/BrowserTests/measure.py

Options: --lines N (10000000), --seconds S of reading and of watching (60), --rate N (20000).
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "EndToEnd"))

from log_page import LogPage  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from processes import Daemon, Simulator, eventually  # noqa: E402
from site_pods import pod_starter  # noqa: E402
from test_log import lines_of  # noqa: E402

WATCH = """() => {
    const seen = window.seen = {frames: [], tasks: []};
    new PerformanceObserver((list) => {
        for (const {duration} of list.getEntries()) seen.tasks.push(Math.round(duration));
    }).observe({type: 'longtask'});
    let before = performance.now();
    requestAnimationFrame(function frame(now) {
        seen.frames.push(now - before);
        before = now;
        requestAnimationFrame(frame);
    });
}"""


class Tab:
    """A browser page whose frames, long tasks and memory are measured."""

    def __init__(self, browser):
        self.browser = browser
        self.page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def watch(self):
        self.page.evaluate(WATCH)
        self.began = self.busy()

    def busy(self):
        """Seconds of processor time that the page's thread has worked: other load does not count."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    def memory(self):
        """JavaScript's heap after a collection, and what the tab's process has for itself."""
        self.session.send("HeapProfiler.collectGarbage")
        heap = self.session.send("Runtime.getHeapUsage")["usedSize"]
        processes = self.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        private = max(private_bytes(each["id"]) for each in processes["processInfo"]
                      if each["type"] == "renderer")
        return f"heap {heap / 1e6:.1f} MB, private {private / 1e6:.0f} MB"

    def report(self, what):
        seen = self.page.evaluate("window.seen")
        frames = sorted(seen["frames"][5:])
        work = 1000 * (self.busy() - self.began) / len(frames)
        late = sum(frame > 25 for frame in frames)
        print(f"{what}: {len(frames)} frames, mean {statistics.mean(frames):.1f} ms, "
              f"p95 {frames[len(frames) * 95 // 100]:.1f}, p99 {frames[len(frames) * 99 // 100]:.1f}, "
              f"longest {frames[-1]:.0f}; {late} over 25 ms; {work:.1f} ms of processor time a frame; "
              f"tasks over 50 ms: {sorted(seen['tasks'])[-8:]}", flush=True)


def private_bytes(process):
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+) kB", text)) * 1024


def large_log(tab, daemon, start, lines, seconds):
    start("large", lines=lines, bytes=100, pace="reader")
    eventually(lambda: lines_of(daemon, "large") > lines, timeout=600)
    log = LogPage(tab.page, daemon)
    for attempt in ("first", "second"):
        tab.page.goto("about:blank")
        began = time.monotonic()
        log.open_job("large").wait_for(lines)
        print(f"first screen of {lines} lines, {attempt} time: {time.monotonic() - began:.2f} s")
    print("memory at first:", tab.memory())
    log.wheel(-200)
    tab.watch()
    ends = time.monotonic() + min(20, seconds)
    while time.monotonic() < ends:
        tab.page.mouse.wheel(0, -240)
        tab.page.wait_for_timeout(16)
    tab.report("scrolling by wheel")
    ends, step = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        log.scroll_to((step * 0.618) % 1)
        tab.page.wait_for_timeout(150)
        for _ in range(5):
            tab.page.mouse.wheel(0, 400)
            tab.page.wait_for_timeout(20)
        step += 1
    print(f"memory after reading at {step} places:", tab.memory())
    for word in (f"line {lines - 1234:010}", f"line {lines // 3:010}"):
        tab.page.goto("about:blank")
        log.open_job("large").wait_for(lines)
        tab.page.keyboard.press("/")
        tab.page.keyboard.insert_text(word)
        began = time.monotonic()
        tab.page.locator(".row.current").wait_for()
        print(f"rare word “{word}” on the screen after {time.monotonic() - began:.2f} s")


def firehose(tab, daemon, start, rate, seconds):
    start("firehose", lines=rate * (seconds + 10), rate=rate, burst=max(1, rate // 100))
    log = LogPage(tab.page, daemon).open_job("firehose")
    log.wait_past(rate)
    tab.watch()
    print("firehose, memory at first:", tab.memory(), flush=True)
    for _ in range(4):
        tab.page.wait_for_timeout(seconds * 250)
        print(f"firehose, line {log.seen()[-1]['line']}:", tab.memory(), flush=True)
    tab.report(f"watching {rate} lines a second")
    eventually(lambda: log.state.text_content().startswith("ended"), timeout=seconds + 60)
    stored = lines_of(daemon, "firehose")
    print(f"last line shown {log.seen()[-1]['line']}, last line stored {stored - 1}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        simulator = Simulator(directory, "empty")
        daemon = Daemon(Path(directory), simulator.kubeconfig).start()
        start = pod_starter(simulator)
        large_log(Tab(browser), daemon, start, options.lines, options.seconds)
        firehose(Tab(browser), daemon, start, options.rate, options.seconds)
        browser.close()
        daemon.stop()
        simulator.program.terminate()


if __name__ == "__main__":
    main()
