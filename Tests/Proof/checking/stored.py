"""What the daemon gave back of a stream, taken apart into runs of lines and gap records."""

import re
from dataclasses import dataclass

PART_BYTES = 1 << 20
"""A longer line is stored in parts of so many bytes, each with a line number of its own."""

GAP_LINE = re.compile(
    rb"(\S+) --- podwire: lines (?:may be )?missing between .+ and \S+: .* ---\n")
"""A line that looks like a gap record. A container may print the like: only the gap events tell."""


@dataclass(frozen=True)
class Gap:
    """A gap record, as its event tells it."""

    line: int
    certainty: str
    start: str | None
    end: str
    reason: str

    @classmethod
    def read(cls, data):
        """From the member `data` of a `podwire.log.gap` event."""
        return cls(
            data["line"], data["certainty"], data.get("from"), data["to"], data["reason"])

    @property
    def text(self):
        """The line that a reader who asks for timestamps sees."""
        what = "lines missing" if self.certainty == "certain" else "lines may be missing"
        return (f"{self.end} --- podwire: {what} between {self.start or 'the start'} and "
                f"{self.end}: {self.reason} ---\n").encode()


class StoredLog:
    """A stream as it was stored.

    `entries` holds runs of lines (bytes) and gap records in their order. `count` is the number of
    line numbers, gap records and parts of long lines included. `problems` says where the text and
    the gap events do not agree.
    """

    def __init__(self, data, gaps=()):
        self.entries = []
        self.problems = []
        self.count = 0
        expected = {gap.line: gap for gap in gaps}
        if len(expected) != len(gaps):
            self.problems.append("two gap events name the same line")
        self._split(data, expected)
        for gap in expected.values():
            self.problems.append(f"no gap record at line {gap.line}, where an event has one")

    @property
    def gaps(self):
        return [entry for entry in self.entries if isinstance(entry, Gap)]

    def _split(self, data, expected):
        run = start = 0
        while start < len(data):
            end = data.find(b"\n", start) + 1 or len(data)
            gap = self._gap(data[start:end], expected) if self._may_be_gap(data, start) else None
            if gap:
                if run < start:
                    self.entries.append(data[run:start])
                self.entries.append(gap)
                run = end
            self.count += 1 if gap else parts(data, start, end)
            start = end
        if run < len(data):
            self.entries.append(data[run:])

    @staticmethod
    def _may_be_gap(data, start):
        return data.startswith(b" --- podwire: ", start + 30)

    def _gap(self, line, expected):
        gap = expected.get(self.count)
        if not gap or not GAP_LINE.fullmatch(line):
            return None
        del expected[self.count]
        if line != gap.text:
            self.problems.append(f"the gap record at line {gap.line} reads {line!r}, "
                                 f"its event {gap.text!r}")
        return gap


def parts(data, start, end):
    """How many line numbers the line at `data[start:end]` has."""
    if end - start <= PART_BYTES:
        return 1
    content = data.index(b" ", start) + 1
    length = end - content - (data[end - 1:end] == b"\n")
    return max(1, -(-length // PART_BYTES))
