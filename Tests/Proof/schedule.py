"""What is done to the cluster and to the daemon in the course of a run, and when."""

from dataclasses import dataclass

from pods import draw_pods

SECONDS_A_KILL = 8
SECONDS_A_RENEWAL = 14
SECONDS_A_RESTART = 35
"""One of each in so many seconds, at random: the daemon's SIGKILL, GOAWAY, the front's restart."""

STREAMS_A_CONNECTION = [10, 60, 200]
"""What the daemon is told, drawn at each start. The front allows 100."""


@dataclass
class Kill:
    """The daemon is killed at `at`, is down for `down` seconds, and started with `streams`.

    If `again` is set, it is killed once more so many seconds after that, ready or not.
    """

    at: float
    down: float
    streams: int
    again: float | None = None


@dataclass
class Outage:
    """The front is killed at `at` and comes back `down` seconds later."""

    at: float
    down: float


@dataclass
class Schedule:
    """A whole run: a pure function of the seed, the number of Pods and the length."""

    seconds: float
    pods: list
    kills: list
    renewals: list
    outages: list


def draw_schedule(random, pods, seconds):
    """A run whose Pods are made and print for `seconds`."""
    plans = draw_pods(random, pods, seconds)
    kills = [
        Kill(at, random.choice([0, 0.2, 1, 2]), random.choice(STREAMS_A_CONNECTION),
             random.uniform(0.02, 0.6) if random.random() < 0.15 else None)
        for at in moments(random, seconds, SECONDS_A_KILL)]
    outages = [
        Outage(at, random.uniform(0.1, 2)) for at in moments(random, seconds, SECONDS_A_RESTART)]
    return Schedule(
        seconds, plans, kills, moments(random, seconds, SECONDS_A_RENEWAL), outages)


def moments(random, seconds, each):
    """One moment in each piece of `each` seconds, but none in the first three."""
    pieces = max(1, int(seconds / each))
    length = seconds / pieces
    return [max(3, (piece + random.random()) * length) for piece in range(pieces)]
