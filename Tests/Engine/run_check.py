"""Whether the feed of a declared workflow tells what may have happened, each thing once."""

from collections import defaultdict

NEXT = {
    None: {"pending", "scheduling", "running"},
    "pending": {"scheduling", "running", "paused", "end"},
    "scheduling": {"running", "paused", "end"},
    "running": {"paused", "end"},
    "paused": {"pending", "scheduling", "running", "end"},
    "end": {"pending", "scheduling", "running"},
}
"""The allowed moves of a job: it begins with no status; from `end` only with another attempt."""


def outcomes(feed):
    """The outcome of each attempt of each job, in order, as its end events say."""
    found = defaultdict(list)
    for event in feed:
        if event["type"] == "podwire.job.end":
            found[job_of(event)].append(event["data"]["outcome"])
    return dict(found)


def job_of(event):
    return event["subject"].split("/")[2]


def check_run(feed, plan, outcome, outputs):
    """Fails unless the feed is that of one run of the plan, which ended like this.

    `outputs` are those that each job put out, by key, in the order of the feed.
    """
    numbers = [int(event["id"]) for event in feed]
    assert numbers == sorted(set(numbers)), "each event once, in order"
    per_job = defaultdict(list)
    workflow = []
    for event in feed:
        subject = event["subject"].split("/")
        assert subject[:2] == [plan["namespace"], plan["workflow"]], event
        if event["type"] == "podwire.workflow.status":
            workflow.append(event)
        else:
            per_job[subject[2]].append(event)
    jobs = {job["name"]: job for stage in plan["stages"] for job in stage.get("jobs", [])}
    assert set(per_job) == set(jobs), "every declared job is in the feed, and no other"
    # A Job's controller may make one more Pod before it hears that the Job was deleted.
    late = 1 if outcome == "canceled" else 0
    for name, events in per_job.items():
        attempts = jobs[name].get("retries", 0) + 1 + late
        check_job(name, events, attempts, outputs.get(name, {}))
    check_workflow(workflow, plan["run"], outcome)
    assert feed[-1] is workflow[-1], "the workflow's end is the last of all"
    check_order(feed, plan)


def check_job(name, events, attempts, outputs):
    status, attempt, ended = None, 1, False
    seen = []
    first = events[0]["data"]
    assert "from" not in first and first["to"] == "pending", "declared before it has begun"
    for event in events:
        kind, data = event["type"], event["data"]
        about = (name, event)
        if kind == "podwire.job.status":
            if status == "end":
                # Another Pod: an attempt of its own, which begins with no status or behind the end.
                assert ended and data.get("from") in (None, "end"), about
                status, attempt, ended, seen = data.get("from"), attempt + 1, False, []
            assert data["attempt"] == attempt, about
            assert data.get("from") == status and data["to"] in NEXT[status], about
            status = data["to"]
        elif kind == "podwire.job.end":
            assert (status, data["attempt"], ended) == ("end", attempt, False), about
            assert data["outputs"] == dict(each[1:] for each in seen), about
            ended = True
        elif kind == "podwire.job.output":
            assert not ended and status != "end", about
            seen.append(((data["stream"], data["line"]), data["key"], data["value"]))
    assert ended, f"{name} has no end"
    assert attempt <= attempts, f"{name} was tried more often than planned"
    places = [place for place, _, _ in seen]
    assert len(places) == len(set(places)), f"an output of {name} came twice"
    assert [each[1:] for each in seen] == list(outputs.items()), name


def check_workflow(events, run, outcome):
    status = None
    for event in events:
        data = event["data"]
        assert data["run"] == run, event
        assert status != "end", "nothing comes after the end"
        assert data.get("from") == status, event
        status = data["to"]
    assert status == "end"
    assert events[-1]["data"]["outcome"] == outcome, events[-1]
    assert all("outcome" not in event["data"] for event in events[:-1])


def check_order(feed, plan):
    """Nothing runs before what it needs has ended in success."""
    needs = {}
    before = []
    for stage in plan["stages"]:
        for job in stage.get("jobs", []):
            needs[job["name"]] = {*before, *job.get("needs", [])}
        if stage.get("jobs"):
            before = [job["name"] for job in stage["jobs"]]
    succeeded = set()
    for event in feed:
        name = job_of(event) if event["type"] != "podwire.workflow.status" else None
        if event["type"] == "podwire.job.end" and event["data"]["outcome"] == "success":
            succeeded.add(name)
        if event["type"] == "podwire.job.status" and event["data"]["to"] in (
                "scheduling", "running"):
            assert needs[name] <= succeeded, event


def check_engine(engine, feed):
    """Fails unless the engine saw what the feed has for it, from where it had acknowledged."""
    expected = [
        int(event["id"]) for event in feed
        if event["type"] in ("podwire.job.end", "podwire.workflow.status")]
    acknowledged = 0
    for seen, done in zip(engine.events_seen(), engine.events_acknowledged()):
        # A restarted daemon sends again what was not acknowledged, within one life too.
        for number in seen:
            assert number in expected, number
            assert number > acknowledged, "what was acknowledged does not come again"
        for number in done:
            assert number > acknowledged and number in seen
            acknowledged = number
    seen = [number for life in engine.events_seen() for number in life]
    assert list(dict.fromkeys(seen)) == expected, "every event, the first time in order"
