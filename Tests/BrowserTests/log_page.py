"""What a person sees of a log, and does with it. Line N of a simulated log says its number."""

import re

from playwright.sync_api import expect
from processes import REPOSITORY, eventually

RESTART = 60_000

# The lines in sight, each with its place and what it shows.
SEEN = """() => {
    const log = document.querySelector('.log').getBoundingClientRect();
    return [...document.querySelectorAll('.row')]
        .map((row) => [row, row.getBoundingClientRect()])
        .filter(([, box]) => box.bottom > log.top + 1 && box.top < log.bottom - 1)
        .map(([row, box]) => ({line: Number(row.dataset.line), top: Math.round(box.top),
            text: row.querySelector('.text').textContent, kind: row.dataset.kind}));
}"""

# Waits until nothing has moved for ten frames, and nothing is being loaded.
REST = """async () => {
    const log = document.querySelector('.log');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let still = 0; still < 10;) {
        const before = log.scrollTop;
        await frame();
        const isLoading = document.querySelector('.row[data-kind=loading]') !== null;
        still = log.scrollTop === before && !isLoading ? still + 1 : 0;
    }
}"""

# Scrolls from the first line to the last as a person would, and reads every row on the way.
READ_ALL = """async () => {
    const log = document.querySelector('.log');
    const lines = new Map();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const read = () => {
        for (const row of document.querySelectorAll('.row:not([data-kind=loading])')) {
            lines.set(Number(row.dataset.line), row.querySelector('.text').textContent);
        }
    };
    log.scrollTop = 0;
    for (let still = 0; still < 20;) {
        await frame();
        await frame();
        read();
        if (document.querySelector('.row[data-kind=loading]') !== null) continue;
        const before = log.scrollTop;
        log.scrollTop += 600;
        still = log.scrollTop === before ? still + 1 : 0;
    }
    return [...lines].sort(([left], [right]) => left - right);
}"""


class LogPage:
    """One log, open in a browser page."""

    def __init__(self, page, daemon):
        self.page = page
        self.daemon = daemon
        self.state = page.locator(".stream-state")
        self.follow = page.get_by_role("button", name="Follow")
        self.chip = page.locator(".chip")

    def open(self, pod, container="main", lines="", **query):
        parameters = "&".join(f"{key}={value}" for key, value in query.items())
        self.page.goto(f"{self.daemon.url}/#/logs/default/{pod}/{container}?{parameters}{lines}")
        return self

    def open_job(self, name, lines=""):
        """By the address that the list of jobs gives."""
        return self.open(name, lines=lines, workflow=name, job=name)

    def row(self, line):
        return self.page.locator(f'.row[data-line="{line}"]')

    def text(self, line):
        return self.row(line).locator(".text")

    def wait_for(self, line):
        """Waits until a line is drawn."""
        self.page.locator(f'.row[data-line="{line}"]:not([data-kind="loading"])').wait_for(
            state="attached", timeout=RESTART)

    def wait_past(self, line):
        """Waits until a line that follows is in sight; a burst may leave out any single one."""
        eventually(lambda: (self.seen() or [{"line": -1}])[-1]["line"] > line)

    def seen(self):
        return self.page.evaluate(SEEN)

    def seen_at_rest(self):
        """The same, when no scrolling goes on: a turn of the wheel takes several frames."""
        self.page.evaluate(REST)
        return self.seen()

    def read_all(self):
        """Every line of the log as it is shown: pairs of number and text."""
        return self.page.evaluate(READ_ALL)

    def new_lines(self):
        return int(re.search("[0-9,]+", self.chip.text_content()).group().replace(",", ""))

    def wheel(self, pixels):
        self.page.get_by_role("log").hover()
        self.page.mouse.wheel(0, pixels)

    def scroll_to(self, share):
        """Drags the scroll bar to a share of its length."""
        self.page.evaluate("""async (share) => {
            const log = document.querySelector('.log');
            log.scrollTop = share * (log.scrollHeight - log.clientHeight);
            for (let frames = 0; frames < 3; frames += 1) {
                await new Promise((resolve) => requestAnimationFrame(resolve));
            }
        }""", share)

    def assert_whole(self):
        """What is in sight has the text of its number, and no number is missing or doubled."""
        expect(self.page.locator('.row[data-kind="loading"]')).to_have_count(0)
        seen = self.seen()
        assert len(seen) > 5
        for index, row in enumerate(seen):
            assert row["line"] == seen[0]["line"] + index
            if row["kind"] == "text":
                assert row["text"].startswith(f"line {row['line']:010}"), row
        return seen


def screenshots():
    """Where pictures of the page go, for a person to look at."""
    folder = REPOSITORY / ".build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
