"""The parts of a proof run that decide by themselves: the schedule, the feed, the outputs."""

import random

import pytest

import feed
import outputs
from report import LEAST, shortfalls
from schedule import draw_schedule, moments


def test_a_seed_draws_the_same_run_again_and_another_one_does_not():
    first, again, other = (draw_schedule(random.Random(seed), 280, 186) for seed in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(20))
def test_each_run_is_large_enough(seed):
    schedule = draw_schedule(random.Random(seed), 279, 186)
    assert len(schedule.kills) >= LEAST["kills"]
    assert len({pod.kind for pod in schedule.pods}) >= 20
    main = [
        pod.settings["lines"] * len(pod.containers) for pod in schedule.pods if not pod.delete_at]
    assert sum(main) > LEAST["lines"]
    assert all(pod.at < schedule.seconds for pod in schedule.pods)


def test_moments_are_spread_over_the_run():
    times = moments(random.Random(3), 100, 10)
    assert len(times) == 10
    assert [int(time // 10) for time in times] == list(range(10))


def test_a_small_figure_is_a_shortfall():
    rows = {"streams": 300, "lines": 10, "faults": 501, "kills": 20}
    assert shortfalls(rows, LEAST) == ["lines 10, at least 1000000 are needed"]
    assert shortfalls(rows, {}) == []


def event(number, kind, **data):
    return {"id": str(number), "type": kind, "subject": "default/p/p", "data": data}


GAP = dict(stream="u/main/0", line=3, certainty="possible", to="T2", reason="rotated",
           **{"from": "T1"})


def test_the_feed_is_taken_apart():
    read = feed.Feed([
        event(1, "podwire.log.gap", **GAP), event(4, "podwire.job.end", lines=5),
        event(9, "podwire.job.end", lines=6)])
    assert read.problems == []
    assert [gap.line for gap in read.gaps["u/main/0"]] == [3]
    assert read.end_of("default/p/p", 0, "u") == ({"lines": 5}, [])
    assert read.end_of("default/p/p", 1, "other") == ({"lines": 6}, [])
    assert read.end_of("default/p/p", 2, "u")[1] == ["there is no podwire.job.end"]


@pytest.mark.parametrize("numbers", [[1, 2, 2], [1, 3, 2]])
def test_a_repeated_or_falling_sequence_is_a_problem(numbers):
    assert feed.Feed([event(number, "podwire.job.status") for number in numbers]).problems


def test_what_follows_the_end_is_a_problem():
    read = feed.Feed([event(1, "podwire.job.end"), event(2, "podwire.log.gap", **GAP)])
    assert read.end_of("default/p/p", 0, "u")[1]


@pytest.mark.parametrize("line, value", [
    (b"JOB_OUT key=a=b c", b"a=b c"),
    (b"JOB_OUT key=", b""),
    (b"JOB_OUT key=a\rb\r", b"a\rb"),
    (b"JOB_OUT key=\xff", b"\xff"),
    (b" JOB_OUT key=a", None),
    (b"JOB_OUT  key=a", None),
    (b"JOB_OUT k y=a", None),
    (b"JOB_OUT key", None),
    (b"JOB_OUT[t] key=a", None),
    (b"JOB_OUT key=" + b"x" * (outputs.LONGEST_VALUE + 1), None),
])
def test_outputs_are_read_by_their_rules(line, value):
    stamped = b"2026-11-24T10:00:00.000000000Z " + line + b"\n"
    assert outputs.printed([b"T before\n" + stamped]).get("key") == value


def test_the_last_value_counts_and_a_token_is_asked_for():
    run = b"T JOB_OUT a=1\nT JOB_OUT[t] a=2\nT JOB_OUT[t] a=3\nT JOB_OUT a=4"
    assert outputs.printed([run]) == {"a": b"4"}
    assert outputs.printed([run], "t") == {"a": b"3"}


def test_announced_values_may_be_bytes():
    assert outputs.announced({"outputs": {"a": "ä"}, "outputsBase64": {"b": "/w=="}}) == {
        "a": "ä".encode(), "b": b"\xff"}
