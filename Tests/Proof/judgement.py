"""The end of a run: waits until the daemon has everything, then checks everything."""

from collections import defaultdict

from api import events, get
from feed import Feed
from jobs import job_problems
from processes import eventually
from streams import started_streams


def settle(run, seconds):
    """Waits until all streams have ended and the daemon has noticed; returns False at the bound."""
    waiting = {}

    def is_settled():
        streams = started_streams(run.simulator)
        if not all(stream.facts["ended"] for stream in streams):
            return False
        known = {uid for uid, _ in run.created}
        for stream in streams:
            if stream.id not in waiting and stream.uid in known:
                waiting[stream.id] = True
            if waiting.get(stream.id) and stream.is_ended_in(run.daemon):
                waiting[stream.id] = False
        if any(waiting.values()):
            return False
        return all(
            get(run.daemon, f"/v1/jobs/default/{pod.name}", uid=uid).json().get("status") == "end"
            for uid, pod in run.created)

    try:
        eventually(is_settled, seconds, interval=2)
    except AssertionError:
        return False
    return True


class Judgement:
    """The verdicts of all streams, and what is wrong with the feed as a whole."""

    def __init__(self, run, directory):
        self.streams = started_streams(run.simulator)
        feed = Feed(events(run.daemon))
        of_pod = defaultdict(list)
        for stream in self.streams:
            of_pod[stream.uid].append(stream)
            texts = stream.judge(
                run.daemon, run.simulator, feed.gaps.pop(stream.id, []), run.interruptions)
            if texts:
                keep(directory, stream, *texts)
        turns = defaultdict(int)
        for uid, pod in run.created:
            streams = of_pod[uid]
            problems = job_problems(run.daemon, feed, uid, pod, turns[pod.name], streams)
            turns[pod.name] += 1
            if problems and streams:
                streams[0].verdict.problems += problems
            elif problems:
                feed.problems += [f"{pod.name}: {problem}" for problem in problems]
        self.problems = feed.problems
        self.problems += [f"a gap event names {stream}, which never was" for stream in feed.gaps]
        self.faults = run.faults()

    def total(self, figure):
        return sum(getattr(stream.verdict, figure) for stream in self.streams)

    @property
    def failed(self):
        return [stream for stream in self.streams if not stream.verdict.passed]


def keep(directory, stream, stored, written):
    """Keeps both sides of a stream that failed."""
    path = directory / "failed" / f"{stream.pod}-{stream.id.replace('/', '-')}"
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".stored").write_bytes(stored)
    path.with_suffix(".written").write_bytes(written)
    path.with_suffix(".facts").write_text(repr(stream.facts))
