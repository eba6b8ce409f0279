"""The built daemon on the built simulator: from a Pod's first line to every kind of reader."""

import json
import re
import threading

import pytest
import requests

from api import Curl, events, get, job, log, outputs, read_websocket, wait_for_job
from processes import eventually
from simulated import create_pod, delete_pod, written_log


def test_a_job_is_followed_stored_and_its_outputs_are_final(simulator, daemon):
    create_pod(simulator, "first", lines=200, rate=200, outputs="rows=200;path=/a=b")
    found = wait_for_job(daemon, "default", "first")
    assert (found["outcome"], found["exitCode"], found["gaps"]) == ("success", 0, 0)
    assert log(daemon, "default/first") == written_log(simulator, "first")
    assert found["lines"] == 202
    assert outputs(daemon, "default", "first") == {
        "final": True, "outputs": {"rows": "200", "path": "/a=b"}}


def test_a_reader_who_came_before_the_pod_gets_all_and_returns(simulator, daemon):
    reader = Curl(f"{daemon.url}/logs/default/early?follow")
    create_pod(simulator, "early", lines=100, rate=50)
    text = reader.finish()
    assert text == written_log(simulator, "early")
    assert text.count(b"\n") == 101


def test_a_reader_gives_up_on_a_pod_that_never_comes(daemon):
    answer = requests.get(
        f"{daemon.url}/logs/default/nobody", params={"follow": "", "wait": "1"}, timeout=30)
    assert answer.status_code == 404
    assert answer.json()["kind"] == "Status"


def test_websocket_readers_get_the_same_bytes(simulator, daemon):
    create_pod(simulator, "socket", lines=300, rate=150)
    results = {}

    def listen(name, subprotocol):
        results[name] = read_websocket(daemon, "default/socket?follow", subprotocol)

    listeners = [
        threading.Thread(target=listen, args=arguments)
        for arguments in (("text", None), ("binary", "binary.k8s.io"), ("own", "podwire.v1"))]
    for listener in listeners:
        listener.start()
    for listener in listeners:
        listener.join(60)
    written = written_log(simulator, "socket")
    assert results["text"] == (results["text"][0], 1000)
    assert "".join(results["text"][0]).encode() == written
    assert b"".join(results["binary"][0]) == written
    head, *frames = results["own"][0]
    assert "".join(frames).encode() == written
    assert json.loads(head)["from"] == 0


def test_the_log_outlives_the_pod_and_the_daemon(simulator, daemon):
    create_pod(simulator, "gone", lines=30, rate=0)
    wait_for_job(daemon, "default", "gone")
    written = written_log(simulator, "gone")
    delete_pod(simulator, "gone")
    assert log(daemon, "default/gone") == written
    daemon.stop()
    daemon.start()
    assert log(daemon, "default/gone") == written
    assert job(daemon, "default", "gone")["outcome"] == "success"


def test_killed_again_and_again_it_loses_and_repeats_nothing(simulator, daemon):
    names = [f"steady-{n}" for n in range(5)]
    for number, name in enumerate(names):
        create_pod(simulator, name, lines=600, rate=60 + 20 * number)
    for lines in (100, 250, 400):
        eventually(lambda: get(daemon, "/logs/default/steady-0").text.count("\n") >= lines)
        daemon.kill()
        daemon.start()
    for name in names:
        found = wait_for_job(daemon, "default", name)
        assert log(daemon, f"default/{name}") == written_log(simulator, name), name
        assert (found["outcome"], found["gaps"]) == ("success", 0)
    numbers = [int(event["id"]) for event in events(daemon)]
    assert numbers == sorted(set(numbers)), "each event once, in order"
    ends = [e["subject"] for e in events(daemon, types="podwire.job.end")]
    assert sorted(ends) == sorted(f"default/{name}/{name}" for name in names)


@pytest.mark.parametrize("parameters, sim_parameters", [
    ({"tailLines": 7}, {"tailLines": 7}),
    ({"tailLines": 0}, {"tailLines": 0}),
    ({"limitBytes": 100}, {"limitBytes": 100}),
    ({"timestamps": "true", "tailLines": 5}, {"timestamps": "true", "tailLines": 5}),
    ({"from": 95}, {"tailLines": 6}),
    ({"from": 1000}, {"tailLines": 0}),
])
def test_parameters_mean_what_they_mean_to_the_kubelet(
        simulator, daemon, parameters, sim_parameters):
    create_pod(simulator, "read", lines=100, rate=0)
    wait_for_job(daemon, "default", "read")
    assert log(daemon, "default/read", **parameters) == written_log(
        simulator, "read", **sim_parameters)


def test_since_time_keeps_its_nanoseconds(simulator, daemon):
    create_pod(simulator, "since", lines=100, rate=0)
    wait_for_job(daemon, "default", "since")
    stamped = log(daemon, "default/since", timestamps="true").decode().splitlines(keepends=True)
    time = stamped[40].split(" ", 1)[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", time)
    expected = "".join(line.split(" ", 1)[1] for line in stamped[40:])
    assert log(daemon, "default/since", sinceTime=time).decode() == expected


def test_each_attempt_of_a_restarting_container_is_a_stream(simulator, daemon):
    # The first log is gone when the third instance begins: 10 s later, for whoever comes late.
    create_pod(simulator, "again", lines=20, rate=0, restarts=2, restart_delay="5s")
    wait_for_job(daemon, "default", "again")
    texts = [log(daemon, "default/again", attempt=n) for n in range(3)]
    assert [text.count(b"\n") for text in texts] == [21, 21, 21]
    assert texts[2] == written_log(simulator, "again")
    assert log(daemon, "default/again", attempt="all") == b"".join(texts)
    assert log(daemon, "default/again", previous="true") == texts[1]


def test_init_and_sidecar_containers_have_their_logs(simulator, daemon):
    create_pod(
        simulator, "several", lines=20, rate=20, init=[
            {"name": "prepare", "image": "simulated"},
            {"name": "proxy", "image": "simulated", "restartPolicy": "Always"}])
    found = wait_for_job(daemon, "default", "several")
    kinds = {c["name"]: c["kind"] for c in found["pods"][0]["containers"]}
    assert kinds == {"prepare": "init", "proxy": "sidecar", "main": "main"}
    for name in kinds:
        # The job does not wait for its sidecar, which is stopped behind it.
        eventually(lambda: get(daemon, f"/logs/default/several/{name}").content == written_log(
            simulator, "several", container=name))


def test_the_outcomes_are_told_apart(simulator, daemon):
    create_pod(simulator, "fails", lines=5, rate=0, exit_code=3)
    create_pod(simulator, "memory", lines=5, rate=0, exit_code=137, exit_reason="OOMKilled")
    create_pod(simulator, "stuck", unschedulable="true")
    create_pod(simulator, "no-image", image_pull_error="true")
    create_pod(simulator, "stopped", lines="endless", rate=10)
    fails = wait_for_job(daemon, "default", "fails")
    assert (fails["outcome"], fails["exitCode"]) == ("failure", 3)
    assert outputs(daemon, "default", "fails")["final"] is False
    memory = wait_for_job(daemon, "default", "memory")
    assert (memory["outcome"], memory["reason"]) == ("failure", "OOMKilled")
    stuck = wait_for_job(daemon, "default", "stuck", "scheduling")
    assert stuck["reason"] == "Unschedulable"
    eventually(lambda: "Image" in (job(daemon, "default", "no-image") or {}).get("reason", ""))
    eventually(lambda: get(daemon, "/logs/default/stopped").text.count("\n") > 5)
    delete_pod(simulator, "stopped")
    assert wait_for_job(daemon, "default", "stopped")["outcome"] == "canceled"


def test_the_feed_tells_a_life_in_order(simulator, daemon):
    create_pod(simulator, "told", lines=5, rate=10, outputs="a=1;b=2")
    wait_for_job(daemon, "default", "told")
    told = [
        (event["type"], event["data"].get("to") or event["data"].get("key")
         or event["data"].get("outcome"))
        for event in events(daemon, job="told") if event["subject"] == "default/told/told"]
    assert told[-2:] == [("podwire.job.status", "end"), ("podwire.job.end", "success")]
    assert ("podwire.job.output", "a") in told and ("podwire.job.output", "b") in told
    statuses = [to for kind, to in told if kind == "podwire.job.status"]
    assert statuses[-2:] == ["running", "end"]
    after = int(events(daemon, job="told")[0]["id"])
    assert [int(e["id"]) > after for e in events(daemon, after=after)].count(False) == 0


def test_a_labelled_workflow_is_shown_with_its_jobs(simulator, daemon):
    for name, stage in (("extract", "one"), ("load", "two")):
        create_pod(simulator, name + "-x7", lines=3, rate=0, labels={
            "podwire.dev/workflow": "nightly", "podwire.dev/stage": stage,
            "podwire.dev/job": name})
    assert wait_for_job(daemon, "default", "load")["workflow"] == "nightly"
    workflow = eventually(lambda: [
        w for w in get(daemon, "/v1/workflows").json()["items"]
        if w["name"] == "nightly" and w["status"] == "end"])[0]
    assert workflow["outcome"] == "success"
    assert get(daemon, "/v1/jobs/default/nightly/extract").json()["stage"] == "one"


def test_jobs_of_every_system_have_a_path_and_a_subject(simulator, daemon):
    created = {
        "own": ({"podwire.dev/stage": "s", "podwire.dev/job": "j"}, {}),
        "argo": (
            {"workflows.argoproj.io/workflow": "etl", "podwire.dev/stage": "s"},
            {"workflows.argoproj.io/node-name": "etl.load(0:a/b)"}),
        "jenkins": ({"jenkins/label": "maven"}, {"runUrl": "job/a/1/"}),
    }
    for name, (labels, annotations) in created.items():
        create_pod(simulator, name, lines=3, rate=0, labels=labels, annotations=annotations)
    for workflow, job, stage in (
            ("j", "j", "s"), ("etl", "etl.load(0:a_b)", "s"), ("job_a_1_", "maven", None)):
        found = wait_for_job(daemon, "default", job)
        assert (found["workflow"], found.get("stage")) == (workflow, stage)
        assert get(daemon, f"/v1/jobs/default/{workflow}/{job}").json()["uid"] == found["uid"]
        assert get(daemon, f"/v1/workflows/default/{workflow}").status_code == 200
        end, = events(daemon, workflow=workflow, types="podwire.job.end")
        assert end["subject"] == f"default/{workflow}/{job}"


def test_health_and_the_page_are_served(daemon):
    assert get(daemon, "/healthz").status_code == 200
    assert get(daemon, "/readyz").status_code == 200
    page = get(daemon, "/")
    assert page.status_code == 200 and "text/html" in page.headers["Content-Type"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
