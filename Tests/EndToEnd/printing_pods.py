"""Pods that print numbered lines, and what is known of their logs without looking at the node."""

from dataclasses import dataclass

from checking.stored import Gap
from checking.text import LogText
from checking.truth import Truth

RECORD_BYTES = 45
"""What a log file has of each line beside its text: time, stream, tag, newline."""


@dataclass(frozen=True)
class Printer:
    """Waits `delay` seconds; prints `lines` numbered lines, `times` times, with `pause` seconds
    behind each time."""

    lines: int
    times: int
    pause: float
    text: str = ""
    delay: float = 0

    @property
    def total(self):
        return self.lines * self.times

    @property
    def script(self):
        return (
            f"sleep {self.delay}; i=0; while [ $i -lt {self.times} ]; do"
            f" awk -v first=$((i*{self.lines}+1)) 'BEGIN {{"
            f" for (n = first; n < first + {self.lines}; n++) printf \"line %08d{self.text}\\n\", n"
            f" }}'; i=$((i+1)); sleep {self.pause}; done")

    def written(self):
        """The lines, without their times."""
        return [f"line {n:08d}{self.text}\n".encode() for n in range(1, self.total + 1)]


def truth_by_size(printer, stored, file_bytes):
    """What was written, where nobody can look into the node's log files.

    Each line's time is the stored one. A gap record is taken for a place where a file began if the
    file before it can have been full by then, from the line on with which that one began.
    """
    times, gaps, begun = {}, [], False
    for entry in stored.entries:
        if isinstance(entry, Gap):
            begun = True
            continue
        for index, line in enumerate(LogText(entry).lines()):
            time, text = line.split(b" ", 1)
            times.setdefault(text, time)
            if index == 0 and begun:
                gaps.append(text)
        begun = False
    written = printer.written()
    rotations, size = [], 0
    for number, text in enumerate(written):
        if size >= file_bytes and text in gaps:
            rotations.append(number)
            size = 0
        size += len(text) + RECORD_BYTES
    text = b"".join(times.get(text, b"unknown") + b" " + text for text in written)
    return Truth(LogText(text), rotations)
