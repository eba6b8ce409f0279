"""The rules of promise 1: what is stored is what was written, or a gap record stands there."""

from itertools import pairwise

from .diagnosis import diagnose
from .stored import PART_BYTES, Gap
from .text import LogText
from .truth import SECONDS_ON_THE_WAY, interrupted, seconds
from .verdict import Verdict


def check(stored, truth, interruptions=()):
    """Compares a stream with what its container wrote.

    - Each stored line is the next one that was written, or behind a gap record a later one.
    - A gap record is explained where a new log file began, unless one whole response handed over
      both sides; and at the end of a log that could not be read any more, or whose newest file
      has no line to compare with.
    - What a whole response handed over is not missing. (A last line without a newline is kept in
      memory until the end is known: a kill before that excuses it.)
    - An end that two last reads in a row have shown is confirmed: no gap record stands there.

    `interruptions` are the spans of time in which the daemon or what is between was killed: from
    before the signal to when it had come.
    """
    return _Comparison(stored, truth, interruptions).verdict


class _Comparison:
    def __init__(self, stored, truth, interruptions):
        self.truth = truth
        self.text = truth.text
        self.interruptions = interruptions
        self.rotations = set(truth.rotations)
        self.whole = [body for body in truth.bodies if body.is_whole(interruptions)]
        self.position = 0
        self.verdict = Verdict(written=len(self.text), problems=list(stored.problems))
        gap = None
        entries = stored.entries
        for index, entry in enumerate(entries):
            if isinstance(entry, Gap):
                self._count(entry)
                if gap:
                    self._unexplained(entry, "it follows another one")
                gap = entry
                continue
            is_broken_off = index + 1 < len(entries)
            self._run(entry, gap, is_broken_off)
            gap = None
        self._end(gap)

    def _count(self, gap):
        if gap.certainty == "certain":
            self.verdict.certain += 1
        else:
            self.verdict.possible += 1

    def _unexplained(self, gap, why):
        self.verdict.unexplained.append(f"at stored line {gap.line} ({gap.reason}): {why}")

    # A run of lines

    def _run(self, data, gap, is_broken_off):
        """Takes the run that follows `gap`; another gap record follows if it `is_broken_off`."""
        for start in self._starts(gap):
            end = self._match(data, start, is_broken_off)
            if end is not None:
                break
        else:
            run = LogText(data)
            start = self._first_place(run.line(0)) if gap else self.position
            end = diagnose(run.lines(), self.text, start, self.verdict)
        if gap:
            self._judge(gap, start)
        self.verdict.stored += data.count(b"\n") + (not data.endswith(b"\n"))
        self.position = end

    def _starts(self, gap):
        """Where a run may start: rotations first, so that equal lines do not hide them."""
        if not gap:
            return [self.position]
        rotations = [
            line for line in self.truth.rotations if self.position <= line < len(self.text)]
        return rotations if self.position in self.rotations else [*rotations, self.position]

    def _match(self, data, start, is_broken_off):
        """The position behind `data` if it stands in the text at line `start`, else None."""
        offset = self.text.starts[start]
        if self.text.data.startswith(data, offset):
            return self.text.number_at(offset + len(data))
        if not is_broken_off or not data.endswith(b"\n"):
            return None
        # A gap record stands on a line of its own: readers are sent a newline before it, also
        # where the container wrote none (at the end), or where a long line was stored in part.
        if not self.text.data.startswith(data[:-1], offset):
            return None
        end = offset + len(data) - 1
        if end == len(self.text.data):
            return len(self.text)
        last = data.rfind(b"\n", 0, -1) + 1
        length = len(data) - 1 - data.index(b" ", last) - 1
        if length == 0 or length % PART_BYTES:
            return None
        return self.text.number_at(offset + last) + 1

    def _first_place(self, line):
        """Where a run that is not wholly right starts, by its first line."""
        for number in range(self.position, len(self.text)):
            if self.text.line(number) == line:
                return number
        return self.position

    # Gap records

    def _judge(self, gap, following):
        """Whether the gap record between the last line and line `following` was unavoidable."""
        self._miss(gap, following)
        if following not in self.rotations:
            self._unexplained(
                gap, f"{following - self.position} lines are missing before line {following}, "
                "with which no log file began")
            return
        before = following - 1
        if any(body.hands_over(before) and body.hands_over(following) for body in self.whole):
            self._unexplained(gap, f"one response handed over line {before} and line {following}")

    def _miss(self, gap, following):
        missing = following - self.position
        self.verdict.missing += missing
        self.verdict.idle += missing == 0
        had = {
            line for body in self.whole
            for line in range(max(body.first, self.position), min(body.end, following))}
        if self._is_open_end(following) and not self._was_kept(following - 1, seconds(gap.end)):
            had.discard(following - 1)
        if had:
            self._unexplained(gap, f"whole responses handed over {len(had)} of the missing lines")

    def _is_open_end(self, following):
        """Whether the line before `following` is a last one without a newline."""
        return following == len(self.text) and not self.text.data.endswith(b"\n")

    def _was_kept(self, line, until):
        """Whether a line that is held back, since it may be the beginning of a longer one, was
        handed over and nothing was killed from then until the end was settled."""
        return any(
            body.hands_over(line)
            and not interrupted(self.interruptions, body.opened, until)
            for body in self.whole)

    # The end

    def _end(self, gap):
        if gap:
            self._miss(gap, len(self.text))
            if not self.truth.lost and len(self.text) not in self.rotations:
                self._unexplained(gap, "it stands at the end of a log that can still be read")
            elif self._was_confirmed():
                self._unexplained(gap, "two last reads in a row have shown the end")
        elif self.position < len(self.text):
            missing = len(self.text) - self.position
            self.verdict.lost += missing
            self.verdict.findings.append(f"LOST {missing} lines at the end")

    def _was_confirmed(self):
        """Whether two undisturbed reads in a row, after the end, have come to the last line."""
        return any(
            first.shows_end(len(self.text)) and second.shows_end(len(self.text))
            and not interrupted(
                self.interruptions, first.opened, second.closed + SECONDS_ON_THE_WAY)
            for first, second in pairwise(self.truth.bodies))
