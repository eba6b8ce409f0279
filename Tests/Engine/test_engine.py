"""The example engine runs its workflow, whoever is killed; each variant ends as it should."""

import pytest

import etl
from api import get
from etl import INPUTS, OUTPUTS
from kubernetes_api import PATHS
from http_json import call
from plan import Plan
from run_check import check_engine, check_run, outcomes

SLOW = 25
"""Lines of a job that shall still run when something is done to it."""


def environment(kubernetes, plan, job, attempt=1):
    """The environment variables that the engine gave an attempt of a job."""
    plan = Plan(plan)
    kind = plan.kind(job)
    path = f"{PATHS[kind].format(plan.namespace)}/{plan.object_name(job, attempt)}"
    spec = call("GET", kubernetes.server + path, headers=kubernetes.headers,
                context=kubernetes.context)[1]["spec"]
    pod = spec["template"]["spec"] if kind == "Job" else spec
    return {each["name"]: each["value"] for each in pod["containers"][0]["env"]}


def check_success(world, kubernetes, engine, plan):
    assert engine.finish() == 0, "\n".join(engine.lines)
    feed = world.feed(plan["workflow"])
    check_run(feed, plan, "success", OUTPUTS)
    check_engine(engine, feed)
    assert outcomes(feed) == {job: ["success"] for job in OUTPUTS}
    for job, variables in INPUTS.items():
        assert environment(kubernetes, plan, job) == {"ATTEMPT": "1", **variables}
    document = world.workflow(plan["workflow"])
    assert (document["status"], document["outcome"], document["run"]) == (
        "end", "success", plan["run"])
    assert [stage["outcome"] for stage in document["stages"]] == ["success"] * 4


def test_a_workflow_runs_to_success(world, kubernetes, start_engine):
    plan = etl.plan(world)
    engine = start_engine(world, plan, "--approve")
    check_success(world, kubernetes, engine, plan)
    kinds = {line.split()[3] for line in engine.lines if line.startswith("started")}
    assert kinds == set(world.kinds)


def test_a_finished_run_that_is_started_again_does_nothing(world, start_engine):
    plan = etl.plan(world)
    engine = start_engine(world, plan, "--approve")
    assert engine.finish() == 0, "\n".join(engine.lines)
    before = world.feed("etl")
    world.restart_daemon()
    engine.start()
    assert engine.finish() == 0
    assert engine.lives[-1] == ["ended success"]
    assert world.feed("etl") == before


def test_podwire_is_killed_again_and_again(world, kubernetes, start_engine):
    plan = etl.plan(world, orders=etl.work("orders", SLOW), join=etl.work("join", SLOW))
    engine = start_engine(world, plan)
    moments = (
        "started orders",  # Its Pod is being made.
        "podwire.job.end .*/customers",  # Right after an end; the other job runs.
        "acknowledged",
        "started join",
        "podwire.job.end .*/join")
    for moment in moments:
        engine.wait_for(moment)
        world.restart_daemon()
    world.wait_for("etl", "paused")
    world.restart_daemon()
    assert world.workflow("etl")["status"] == "paused", "a pause outlives the daemon"
    assert world.post("etl", "resume").status_code == 200
    world.restart_daemon()
    engine.wait_for("started publish")
    world.restart_daemon()
    check_success(world, kubernetes, engine, plan)


@pytest.mark.parametrize("lines", [1, 2, 3, 5])
def test_the_engine_is_killed_after_every_few_lines_that_it_prints(
        world, kubernetes, start_engine, lines):
    """Wherever it is: before it started a job, before it acknowledged, at the pause."""
    plan = etl.plan(world)
    engine = start_engine(world, plan)

    def waits_for_approval():
        return "--approve" not in engine.command and is_paused(world)

    for _ in range(100):
        engine.wait_for_lines(lines, unless=waits_for_approval)
        if not engine.is_running:
            break
        engine.kill()
        # However fast it was, it cannot have ended before it is killed at the pause.
        if waits_for_approval():
            engine.command.append("--approve")
        engine.start()
    check_success(world, kubernetes, engine, plan)
    assert len(engine.lives) > 1


def is_paused(world):
    answer = get(world.daemon, f"/v1/workflows/{world.namespace}/etl")
    return answer.status_code == 200 and answer.json()["status"] == "paused"


def test_both_are_killed_while_the_workflow_is_paused(world, kubernetes, start_engine):
    plan = etl.plan(world)
    engine = start_engine(world, plan)
    world.wait_for("etl", "paused")
    assert world.workflow("etl")["reason"] == "Break"
    engine.kill()
    world.daemon.kill()
    world.daemon.start()
    assert world.post("etl", "resume").status_code == 200
    engine.start()
    check_success(world, kubernetes, engine, plan)


def test_a_failed_job_fails_the_workflow(world, start_engine):
    plan = etl.plan(world, audit=etl.work("audit", exit_code=3))
    engine = start_engine(world, plan, "--approve")
    assert engine.finish() == 1, "\n".join(engine.lines)
    feed = world.feed("etl")
    check_run(feed, plan, "failure", {**OUTPUTS, "publish": {}})
    check_engine(engine, feed)
    assert outcomes(feed) == {
        "orders": ["success"], "customers": ["success"], "join": ["success"],
        "audit": ["failure"], "publish": ["canceled"]}
    ends = {e["subject"].split("/")[2]: e["data"] for e in feed if e["type"] == "podwire.job.end"}
    assert ends["audit"]["exitCode"] == 3
    assert ends["publish"]["reason"] == "NeedsFailed"
    assert not engine.has("started publish")


def test_a_job_out_of_time_ends_the_workflow_as_timeout(world, start_engine):
    plan = etl.plan(world, orders={**etl.work("orders", 6000), "deadline": 3})
    engine = start_engine(world, plan, "--approve")
    assert engine.finish() == 1, "\n".join(engine.lines)
    feed = world.feed("etl")
    check_run(feed, plan, "timeout", {"customers": OUTPUTS["customers"]})
    check_engine(engine, feed)
    assert outcomes(feed) == {
        "orders": ["timeout"], "customers": ["success"], "join": ["canceled"],
        "audit": ["canceled"], "publish": ["canceled"]}


def test_a_job_is_tried_again_as_often_as_planned(world, kubernetes, start_engine):
    plan = etl.plan(world, orders={**etl.work("orders", exit_code=4), "retries": 2})
    engine = start_engine(world, plan, "--approve")
    assert engine.finish() == 1, "\n".join(engine.lines)
    feed = world.feed("etl")
    assert outcomes(feed)["orders"] == ["failure"] * 3
    check_run(feed, plan, "failure", {job: OUTPUTS[job] for job in ("orders", "customers")})
    check_engine(engine, feed)
    assert [environment(kubernetes, plan, "orders", n)["ATTEMPT"] for n in (1, 2, 3)] == [
        "1", "2", "3"]


def test_a_paused_workflow_is_cancelled(world, start_engine):
    plan = etl.plan(world)
    engine = start_engine(world, plan)
    world.wait_for("etl", "paused")
    assert world.post("etl", "cancel").status_code == 200
    assert engine.finish() == 1, "\n".join(engine.lines)
    feed = world.feed("etl")
    check_run(feed, plan, "canceled", {**OUTPUTS, "publish": {}})
    check_engine(engine, feed)
    assert outcomes(feed) == {**{job: ["success"] for job in OUTPUTS}, "publish": ["canceled"]}


def test_a_workflow_is_cancelled_while_its_jobs_run(world, start_engine):
    plan = etl.plan(world, orders=etl.work("orders", 6000), customers=etl.work("customers", 6000))
    engine = start_engine(world, plan)
    world.wait_for("etl", "running")
    assert world.post("etl", "cancel").status_code == 200
    assert engine.finish() == 1, "\n".join(engine.lines)
    feed = world.feed("etl")
    check_run(feed, plan, "canceled", {})
    check_engine(engine, feed)
    # A Job's controller may have made one more Pod: each attempt was cancelled.
    assert {job: set(found) for job, found in outcomes(feed).items()} == {
        job: {"canceled"} for job in OUTPUTS}
    assert engine.has("stopped orders")


def test_a_run_that_lacks_an_output_is_cancelled(world, start_engine):
    plan = etl.plan(world, audit={"env": {"ORDERS": {"job": "orders", "output": "none"}}})
    engine = start_engine(world, plan)
    assert engine.finish() == 1, "\n".join(engine.lines)
    assert engine.has("cannot start audit orders has no output none")
    assert world.workflow("etl")["outcome"] == "canceled"
