"""batch/v1 Jobs: what becomes of a job is what Kubernetes says of its Job, and told once."""

import pytest

from api import events, job, log, wait_for_job
from cluster import container
from processes import eventually
from simulated import (
    create_job, create_pod, delete_job, delete_pod, job_object, pods_of_job, suspend_job)


def told(daemon, name, namespace="default"):
    """The status and end events of a job, as texts."""
    texts = []
    for event in events(daemon, namespace=namespace, job=name):
        kind = event["type"].removeprefix("podwire.job.")
        if kind == "status":
            texts.append(event["data"]["to"])
        elif kind == "end":
            texts.append(f"end {event['data']['outcome']} {event['data'].get('reason')}")
    return texts


def wait_until_finished(simulator, name):
    """Waits until Kubernetes itself says that the Job is over."""
    def check():
        conditions = (job_object(simulator, name) or {})["status"].get("conditions", [])
        return any(
            each["type"] in ("Complete", "Failed") and each["status"] == "True"
            for each in conditions)
    eventually(check, 60)


def test_a_job_that_is_created_suspended_is_paused_until_it_is_resumed(simulator, daemon):
    create_job(simulator, "waiting", {"suspend": True}, lines=20, rate=100)
    found = wait_for_job(daemon, "default", "waiting", "paused")
    assert found["reason"] == "Suspended" and not found["pods"]
    suspend_job(simulator, "waiting", False)
    assert wait_for_job(daemon, "default", "waiting")["outcome"] == "success"
    moves = told(daemon, "waiting")
    assert moves[0] == "paused" and moves[-1].startswith("end success"), moves
    assert moves.count("end") == 1 and "running" in moves, moves


def test_a_running_job_is_suspended_and_resumed_and_ends_once(simulator, daemon):
    # Long enough to be suspended before it is done, on a machine that is held up.
    create_job(simulator, "held", lines=1000, rate=50)
    wait_for_job(daemon, "default", "held", "running")
    suspend_job(simulator, "held", True)
    wait_for_job(daemon, "default", "held", "paused")
    eventually(lambda: not pods_of_job(simulator, "held"), 60)
    assert job(daemon, "default", "held")["status"] == "paused"
    suspend_job(simulator, "held", False)
    found = wait_for_job(daemon, "default", "held")
    assert found["outcome"] == "success"
    assert len(found["pods"]) == 2
    moves = told(daemon, "held")
    assert moves.count("paused") == 1 and moves.count("end") == 1, moves


def test_a_deadline_is_a_timeout_and_retries_are_one_job(simulator, daemon):
    create_job(simulator, "late", {"activeDeadlineSeconds": 2}, lines="endless", rate=20)
    create_job(simulator, "failing", {"backoffLimit": 1}, lines=5, rate=100, exit_code=3)
    late = wait_for_job(daemon, "default", "late")
    assert (late["outcome"], late["reason"]) == ("timeout", "DeadlineExceeded")
    failing = wait_for_job(daemon, "default", "failing")
    assert failing["outcome"] == "failure" and failing["exitCode"] == 3
    assert "BackoffLimitExceeded" in failing["message"], failing
    assert len(failing["pods"]) == 2
    for name in ("late", "failing"):
        assert told(daemon, name).count("end") == 1


def test_several_completions_are_one_job(simulator, daemon):
    create_job(
        simulator, "wide", {"completions": 3, "parallelism": 2, "completionMode": "Indexed"},
        lines=10, rate=100)
    found = wait_for_job(daemon, "default", "wide")
    assert found["outcome"] == "success" and len(found["pods"]) == 3
    assert found["lines"] >= 30
    assert told(daemon, "wide")[-1].startswith("end success")


def test_a_job_that_is_cleared_away_after_its_time_stays_as_it_ended(simulator, daemon):
    create_job(simulator, "brief", {"ttlSecondsAfterFinished": 10}, lines=5, rate=100)
    before = wait_for_job(daemon, "default", "brief")
    assert before["outcome"] == "success"
    pod = before["pods"][0]["name"]
    text = log(daemon, f"default/{pod}")
    eventually(lambda: job_object(simulator, "brief") is None, 60)
    eventually(lambda: not pods_of_job(simulator, "brief"), 60)
    after = job(daemon, "default", "brief")
    assert after["outcome"] == "success" and after["reason"] == before["reason"]
    assert log(daemon, f"default/{pod}") == text and text.count(b"\n") >= 5
    assert told(daemon, "brief").count("end") == 1


def test_a_job_that_is_deleted_while_it_runs_is_canceled(simulator, daemon):
    create_job(simulator, "unwanted", lines="endless", rate=20)
    wait_for_job(daemon, "default", "unwanted", "running")
    delete_job(simulator, "unwanted")
    assert wait_for_job(daemon, "default", "unwanted")["outcome"] == "canceled"


def test_a_finished_job_whose_pods_are_gone_is_ended_when_the_cluster_has_said_so(
        simulator, start_daemon):
    create_job(simulator, "over", lines=3, rate=100)
    wait_until_finished(simulator, "over")
    for pod in pods_of_job(simulator, "over"):
        delete_pod(simulator, pod)
    eventually(lambda: not pods_of_job(simulator, "over"), 60)
    daemon = start_daemon(simulator.kubeconfig)
    found = wait_for_job(daemon, "default", "over")
    assert found["outcome"] == "success" and not found["pods"]
    assert told(daemon, "over").count("end") == 1


def test_a_pod_whose_job_does_not_exist_ends_when_the_cluster_has_said_so(simulator, daemon):
    owner = {
        "apiVersion": "batch/v1", "kind": "Job", "name": "orphan", "controller": True,
        "uid": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
    create_pod(simulator, "orphan-abcde", owners=[owner], lines=3, rate=100)
    found = wait_for_job(daemon, "default", "orphan")
    assert found["outcome"] == "success" and found["uid"] == owner["uid"]


@pytest.mark.cluster
def test_jobs_of_a_real_cluster(cluster, start_daemon):
    daemon = start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace)
    cluster.job("late", [container("main", "echo begun; sleep 600")], activeDeadlineSeconds=5)
    cluster.job("failing", [container("main", "echo no; exit 3")], backoffLimit=1)
    cluster.job("wide", [container("main", "echo part")], completions=3, parallelism=2)
    cluster.job("unwanted", [container("main", "echo begun; sleep 600")])
    wait_for_job(daemon, cluster.namespace, "unwanted", "running")
    cluster.kubectl("delete", "job", "unwanted", "-n", cluster.namespace, "--wait=false")

    def end(name):
        return wait_for_job(daemon, cluster.namespace, name, timeout=150)

    late = end("late")
    assert (late["outcome"], late["reason"]) == ("timeout", "DeadlineExceeded")
    failing = end("failing")
    assert failing["outcome"] == "failure" and failing["exitCode"] == 3
    assert "BackoffLimitExceeded" in failing["message"] and len(failing["pods"]) == 2
    wide = end("wide")
    assert wide["outcome"] == "success" and wide["lines"] == 3
    assert end("unwanted")["outcome"] == "canceled"
    for name in ("late", "failing", "wide", "unwanted"):
        assert told(daemon, name, cluster.namespace).count("end") == 1
