"""What a container wrote, and what stood in the way of reading it."""

from dataclasses import dataclass, field
from datetime import datetime, timezone

from .text import LogText


SECONDS_ON_THE_WAY = 3
"""How long after the end of a response its last bytes may still be on their way."""


SECONDS_OF_RESTART = 10
"""How long after its first line an instance's log may be handed to whoever follows the one before
it: the request names no instance. What is not its own it throws away."""


def interrupted(interruptions, first, last):
    """Whether one of these spans of time has a part in the one from `first` to `last`."""
    return any(begin <= last and first <= end for begin, end in interruptions)


def seconds(time):
    """An RFC 3339 time in UTC as seconds since 1970; the fraction to the microsecond."""
    whole, _, fraction = time.removesuffix("Z").partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return moment.timestamp() + float(f"0.{fraction or 0}")


@dataclass
class Body:
    """The lines `[first, end)` that one log response handed over, and how it was closed.

    `close`: `end` (the server ended it), `cut` (the server broke it off), `client` (the reader went
    away), `open` (still there).
    """

    first: int
    end: int
    opened: float
    closed: float
    close: str = "end"
    fault: str | None = None
    follow: bool = True

    @classmethod
    def read(cls, value):
        opened = seconds(value["opened"])
        closed = seconds(value["closed"]) if value.get("closed") else float("inf")
        return cls(value["from"], value["to"], opened, closed, value["close"], value["fault"],
                   value["follow"])

    def hands_over(self, line):
        return self.first <= line < self.end

    def shows_end(self, lines):
        """Whether it is a read after the end, of a log of so many lines, that came to the last."""
        return (not self.follow and self.close == "end" and not self.fault
                and self.first < self.end == lines)

    def is_whole(self, interruptions):
        """Whether whoever read it must have got all of it: it was not cut, and no `interruptions`
        (spans of time in which the reader or what is between was killed) fell into its life."""
        if self.close == "cut":
            return False
        return not interrupted(interruptions, self.opened, self.closed + SECONDS_ON_THE_WAY)


@dataclass
class Truth:
    """One container instance: all it wrote, and where its log became unreadable.

    `rotations`: numbers of the lines with which a new log file began; the number behind the last
    line if that file is empty. `lost`: why nothing could be read any more from some time on, None
    if it always could.
    """

    text: LogText
    rotations: list[int] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    lost: str | None = None

    @classmethod
    def read(cls, value, data):
        """From the simulator's description of a stream and its text."""
        text = LogText(data)
        bodies = [Body.read(body) for body in value["bodies"]]
        if value["attempt"] > 0 and len(text) > 0:
            settled = seconds(text.line(0).split(b" ", 1)[0].decode()) + SECONDS_OF_RESTART
            bodies = [body for body in bodies if body.opened >= settled]
        rotations = sorted(rotation["line"] for rotation in value["rotations"])
        lost = value["lost"]
        return cls(text, rotations, bodies, lost and lost["why"])
