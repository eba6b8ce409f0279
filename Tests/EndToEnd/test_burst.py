"""Five hundred jobs that end at the same moment: each event once, in order, at every receiver."""

from burst import Burst, job_problems


def test_every_status_output_and_end_of_a_burst_comes_once_and_in_order(tmp_path):
    # The daemon must be up before the Pods end, however long it takes to start.
    burst = Burst(tmp_path, pods=500, lasts=25, subscribers=200, timeout=300).run()
    assert burst.problems == []
    assert len(burst.received["consumer"]) == len(burst.received["webhook"]) == len(burst.feed)
    assert burst.connections == 1, "a webhook's requests share a connection"


def event(kind, **data):
    return {"type": f"podwire.job.{kind}", "data": data}


def test_what_is_wrong_with_a_job_is_found():
    """The check of the burst would see it."""
    good = [
        event("status", to="pending"), event("status", **{"from": "pending"}, to="running"),
        event("output", key="index", value="9"), event("output", key="result", value="done-9"),
        event("status", **{"from": "running"}, to="end"),
        event("end", outcome="failure", exitCode=3, lines=6, gaps=0,
              outputs={"index": "9", "result": "done-9"}),
    ]
    assert list(job_problems(good, 9)) == []
    assert list(job_problems(good[:-1], 9)), "no end"
    assert list(job_problems([*good, good[-1]], 9)), "two ends"
    assert list(job_problems([*good, good[2]], 9)), "an output behind the end"
    assert list(job_problems([*good[:2], *good[3:]], 9)), "an output is missing"
    assert list(job_problems([good[0], *good[2:]], 9)), "a status is missing"
    assert list(job_problems([*good[:1], *good], 9)), "a status comes twice"
    assert list(job_problems([*good[:2], good[3], good[2], *good[4:]], 9)), "wrong order"
    lacking = event("end", **{**good[-1]["data"], "outputs": {"index": "9"}})
    assert list(job_problems([*good[:-1], lacking], 9)), "the end lacks an output"
