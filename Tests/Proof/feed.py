"""The event feed of a run, and what must hold in it whatever happened."""

from collections import defaultdict

from checking.stored import Gap


class Feed:
    """All events: gap records by stream, outputs by stream, ends by job in their order."""

    def __init__(self, events):
        self.problems = []
        self.gaps = defaultdict(list)
        self.ends = defaultdict(list)
        self._last_of_pod = defaultdict(int)
        numbers = [int(event["id"]) for event in events]
        if numbers != sorted(set(numbers)):
            self.problems.append("the sequence of events repeats or goes back")
        for number, event in zip(numbers, events):
            self._take(number, event["type"], event["subject"], event["data"])

    def _take(self, number, kind, subject, data):
        if kind == "podwire.log.gap":
            self.gaps[data["stream"]].append(Gap.read(data))
        if kind == "podwire.job.end":
            self.ends[subject].append((number, data))
        if "stream" in data:
            uid = data["stream"].split("/")[0]
            self._last_of_pod[uid] = max(number, self._last_of_pod[uid])

    def end_of(self, subject, turn, uid):
        """The end of the job's run number `turn`, and what is wrong with it."""
        ends = self.ends[subject]
        if turn >= len(ends):
            return None, ["there is no podwire.job.end"]
        number, data = ends[turn]
        late = self._last_of_pod[uid] > number
        return data, ["something of the job follows its podwire.job.end"] if late else []
