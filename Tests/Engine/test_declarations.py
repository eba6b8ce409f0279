"""What a declaration that is wrong, or comes at the wrong time, gets: the reason, and no change."""

import pytest

from api import events, get, wait_for_job
from processes import eventually
from simulated import create_pod

PLAN = {"run": "first", "stages": [
    {"name": "build", "jobs": [{"name": "compile"}, {"name": "lint", "needs": ["compile"]}]},
    {"name": "approve", "type": "break"},
    {"name": "deploy", "jobs": [{"name": "eu"}]},
]}


@pytest.fixture
def world(simulated_world):
    return simulated_world


def stages(*stages):
    return {"run": "first", "stages": list(stages)}


@pytest.mark.parametrize("body, code, words", [
    ("no JSON", 400, []),
    (b"\xff\xfe", 400, []),
    ("[]", 400, []),
    ({**PLAN, "colour": "red"}, 400, ["colour"]),
    (stages({"name": "a", "jobs": [{"name": "x", "needs": ["y"]}, {"name": "y", "needs": ["x"]}]}),
     422, ["wait for each other", "job x", "job y"]),
    (stages({"name": "a", "jobs": [{"name": "x", "needs": ["x"]}]}), 422, ["job x"]),
    (stages({"name": "a", "needs": ["b"], "jobs": [{"name": "x"}]},
            {"name": "b", "needs": ["a"], "jobs": [{"name": "y"}]}), 422, ["stage a", "stage b"]),
    (stages({"name": "a", "jobs": [{"name": "x", "needs": ["y"]}]},
            {"name": "b", "jobs": [{"name": "y"}]}), 422, ["job x", "job y"]),
    (stages({"name": "a", "jobs": [{"name": "x", "needs": ["nobody"]}]}),
     422, ["stages[0].jobs[0].needs[0]", "nobody"]),
    (stages({"name": "a", "needs": ["nowhere"], "jobs": [{"name": "x"}]}),
     422, ["stages[0].needs[0]", "nowhere"]),
    (stages({"name": "a", "jobs": [{"name": "x"}]}, {"name": "b", "jobs": [{"name": "x"}]}),
     422, ["stages[1].jobs[0].name", "x"]),
    (stages({"name": "a", "jobs": [{"name": "x"}]}, {"name": "a", "jobs": [{"name": "y"}]}),
     422, ["stages[1].name", "a"]),
    (stages({"name": "a", "type": "brake", "jobs": [{"name": "x"}]}),
     422, ["stages[0].type", "brake"]),
    (stages({"name": "a", "jobs": [{"name": "-x"}]}), 422, ["stages[0].jobs[0].name", "-x"]),
])
def test_a_bad_plan_is_refused_with_the_field_and_nothing_is_there(world, body, code, words):
    answer = world.put("etl", body)
    assert answer.status_code == code, answer.text
    status = answer.json()
    assert (status["kind"], status["code"]) == ("Status", code)
    for word in words:
        assert word in answer.text
    if code == 422:
        assert status["details"]["causes"]
    assert get(world.daemon, f"/v1/workflows/{world.namespace}/etl").status_code == 404
    assert events(world.daemon) == []


def test_a_declared_workflow_is_there_before_any_pod(world):
    answer = world.put("etl", PLAN)
    assert answer.status_code == 201, answer.text
    document = answer.json()
    assert document == world.workflow("etl")
    assert (document["declared"], document["status"], document["run"]) == (
        True, "pending", "first")
    assert [
        (stage["name"], stage["type"], stage["needs"], [job["job"] for job in stage["jobs"]])
        for stage in document["stages"]
    ] == [
        ("build", "jobs", [], ["compile", "lint"]),
        ("approve", "break", ["build"], []),
        ("deploy", "jobs", ["approve"], ["eu"])]
    job = get(world.daemon, f"/v1/jobs/{world.namespace}/etl/lint").json()
    assert (job["status"], job["stage"]) == ("pending", "build")
    pending = [
        event["subject"] for event in world.feed("etl") if event["type"] == "podwire.job.status"]
    assert pending == [f"{world.namespace}/etl/{job}" for job in ("compile", "lint", "eu")]


def test_the_same_plan_again_changes_nothing(world):
    assert world.put("etl", PLAN).status_code == 201
    before = world.feed("etl"), world.workflow("etl")
    answer = world.put("etl", PLAN)
    assert answer.status_code == 200, answer.text
    assert answer.json() == before[1]
    world.restart_daemon()
    assert world.put("etl", PLAN).status_code == 200
    assert (world.feed("etl"), world.workflow("etl")) == before


def test_another_run_waits_until_the_first_is_over(world):
    assert world.put("etl", PLAN).status_code == 201
    before = world.feed("etl")
    answer = world.put("etl", {**PLAN, "run": "second"})
    assert answer.status_code == 409 and "first" in answer.json()["message"], answer.text
    assert world.feed("etl") == before
    assert world.post("etl", "cancel").status_code == 200
    assert world.workflow("etl")["outcome"] == "canceled"
    ended = world.feed("etl")
    answer = world.put("etl", {**PLAN, "stages": PLAN["stages"][:1]})
    assert answer.status_code == 409, "a run that has ended keeps its plan"
    assert world.feed("etl") == ended
    answer = world.put("etl", {**PLAN, "run": "second"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["uid"] != f"{world.namespace}/etl/first"
    assert world.workflow("etl")["run"] == "second"


def test_a_plan_may_change_but_keeps_what_has_begun(simulator, world):
    assert world.put("etl", PLAN).status_code == 201
    create_pod(simulator, "compile", labels={
        "podwire.dev/workflow": "etl", "podwire.dev/job": "compile"}, lines="endless")
    wait_for_job(world.daemon, world.namespace, "etl/compile", "running")
    world.wait_for("etl", "running")
    more = {**PLAN, "stages": [*PLAN["stages"], {"name": "tell", "jobs": [{"name": "mail"}]}]}
    assert world.put("etl", more).status_code == 200
    assert [stage["name"] for stage in world.workflow("etl")["stages"]][-1] == "tell"
    before = world.feed("etl")
    without = {**PLAN, "stages": PLAN["stages"][1:]}
    answer = world.put("etl", without)
    assert answer.status_code == 409 and "compile" in answer.json()["message"], answer.text
    assert world.feed("etl") == before


@pytest.mark.parametrize("first, move", [
    (None, "resume"), ("pause", "pause"), ("cancel", "pause"), ("cancel", "resume"),
    ("cancel", "cancel")])
def test_a_forbidden_move_is_refused_and_changes_nothing(world, first, move):
    assert world.put("etl", PLAN).status_code == 201
    if first:
        answer = world.post("etl", first)
        assert answer.status_code == 200, answer.text
    before = world.feed("etl"), world.workflow("etl")
    answer = world.post("etl", move)
    assert answer.status_code == 409, answer.text
    assert before[1]["status"] in answer.json()["message"]
    assert (world.feed("etl"), world.workflow("etl")) == before


def test_allowed_moves(world):
    assert world.put("etl", PLAN).status_code == 201
    for move, status in (("pause", "paused"), ("resume", "pending"), ("pause", "paused"),
                         ("cancel", "end")):
        answer = world.post("etl", move)
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.text
    assert world.workflow("etl")["outcome"] == "canceled"


def test_moves_of_a_workflow_that_nobody_declared(simulator, world):
    assert world.post("nobody", "cancel").status_code == 404
    create_pod(simulator, "seen", labels={"podwire.dev/workflow": "seen"})
    eventually(lambda: world.feed("seen"))
    assert world.post("seen", "cancel").status_code == 409
    assert world.put("etl", PLAN).status_code == 201
    answer = world.post("etl", "stop")
    assert answer.status_code in (404, 405), answer.text
