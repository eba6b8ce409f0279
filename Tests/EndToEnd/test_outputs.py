"""JOB_OUT to the letter, from the line that a container prints to what the interface says of it."""

import base64
import json

import pytest

from api import events, get, job, log, outputs, wait_for_job
from processes import eventually
from simulated import create_pod, delete_pod, written_log

MEBIBYTE = 1 << 20


def repeated(character, count):
    """Stands for so many characters in a line that is printed."""
    return f"<<{character}*{count}>>"


def printing(*lines):
    """The settings of a container that prints just these lines."""
    text = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return {"lines": 0, "outputs": "", "print": base64.b64encode(text).decode()}


def stream(uid, container="main", attempt=0):
    return f"{uid}/{container}/{attempt}"


def rejected(daemon, name):
    """What was rejected, as {line: reason}, and how many there were."""
    found = job(daemon, "default", name)
    return {each["line"]: each["reason"] for each in found["rejectedOutputs"]}, found["rejected"]


def test_every_kind_of_line_is_an_output_or_rejected_with_its_reason_or_nothing(simulator, daemon):
    long_key = "k" * 129
    uid = create_pod(simulator, "letters", **printing(
        "JOB_OUT a=1", "JOB_OUT a=2", "JOB_OUT empty=", "JOB_OUT equals=a=b = c",
        "JOB_OUT return=x\r", "JOB_OUT two=x\r\r", f"JOB_OUT {'k' * 128}=long",
        "JOB_OUT nothing", "JOB_OUT =v", "JOB_OUT 9a=v", "JOB_OUT a b=v", "JOB_OUT  a=v",
        f"JOB_OUT {long_key}=v", b"JOB_OUT \xc3\xa4=v", b"JOB_OUT raw=\xff\x00\xfe",
        " JOB_OUT a=3", "JOB_OUTPUT a=3", "job_out a=3", "JOB_OUT[x] a=3", "text JOB_OUT a=3"))
    found = wait_for_job(daemon, "default", "letters")
    assert log(daemon, "default/letters") == written_log(simulator, "letters")
    assert outputs(daemon, "default", "letters") == {
        "final": True,
        "outputs": {"a": "2", "empty": "", "equals": "a=b = c", "return": "x", "two": "x\r",
                    "k" * 128: "long"},
        "outputsBase64": {"raw": base64.b64encode(b"\xff\x00\xfe").decode()},
    }
    bad_key = "the key is not [A-Za-z_][A-Za-z0-9_.-]*"
    assert rejected(daemon, "letters") == ({
        7: "there is no '='", 8: "the key is empty", 9: bad_key, 10: bad_key, 11: bad_key,
        12: "the key is longer than 128 characters", 13: bad_key}, 7)
    assert {each["stream"] for each in found["rejectedOutputs"]} == {stream(uid)}
    told = [event["data"] for event in events(daemon, types="podwire.job.output")]
    assert [(each["key"], each["line"]) for each in told[:2]] == [("a", 0), ("a", 1)]
    assert len(told) == 8 and {each["stream"] for each in told} == {stream(uid)}
    raw = next(each for each in told if each["key"] == "raw")
    assert "value" not in raw and raw["valueBase64"] == base64.b64encode(b"\xff\x00\xfe").decode()
    [end] = [event["data"] for event in events(daemon, types="podwire.job.end")]
    assert end["outputs"]["a"] == "2" and set(end["outputsBase64"]) == {"raw"}
    assert "outputsOmitted" not in end


@pytest.mark.parametrize("kubelet", ["v1.33.1", "v1.20.2"])
def test_values_at_the_border_of_their_size(simulator, daemon, kubelet):
    create_pod(
        simulator, "border", kubelet=kubelet, **printing(
            "JOB_OUT most=" + repeated("m", MEBIBYTE),
            "JOB_OUT more=" + repeated("m", MEBIBYTE + 1),
            "JOB_OUT return=" + repeated("m", MEBIBYTE) + "\r",
            "JOB_OUT much=" + repeated("m", 3 * MEBIBYTE),
            "JOB_OUT " + repeated("m", 2 * MEBIBYTE), "JOB_OUT last=" + repeated("l", 20_000)))
    wait_for_job(daemon, "default", "border")
    found = outputs(daemon, "default", "border")["outputs"]
    assert {key: len(value) for key, value in found.items()} == {
        "most": MEBIBYTE, "return": MEBIBYTE, "last": 20_000}
    reasons, count = rejected(daemon, "border")
    assert list(reasons.values()) == ["the value is longer than 1 MiB"] * 3 and count == 3


def test_the_end_event_is_bounded_and_names_what_it_leaves_out(simulator, daemon):
    create_pod(simulator, "large", **printing(
        *(f"JOB_OUT k{n}=" + repeated("v", 300_000) for n in range(5)), "JOB_OUT tiny=1"))
    wait_for_job(daemon, "default", "large")
    [event] = events(daemon, types="podwire.job.end")
    assert len(json.dumps(event)) < MEBIBYTE + 10_000
    assert sorted(event["data"]["outputs"]) == ["k0", "k1", "k2", "tiny"]
    assert event["data"]["outputsOmitted"] == ["k3", "k4"]
    assert len(outputs(daemon, "default", "large")["outputs"]) == 6


def test_a_flood_of_bad_lines_is_counted_and_its_beginning_kept(simulator, daemon):
    lines = ["JOB_OUT bad"] * 50_000 + ["JOB_OUT good=1"]
    create_pod(simulator, "flood", rate=0, **printing(*lines))
    found = wait_for_job(daemon, "default", "flood")
    assert found["rejected"] == 50_000
    assert [each["line"] for each in found["rejectedOutputs"]] == list(range(1_000))
    assert outputs(daemon, "default", "flood")["outputs"] == {"good": "1"}


@pytest.mark.parametrize("token", ["", "s3cr3t", "a] b", "[", "k=v", "\N{KEY}", "t" * 5_000])
def test_with_a_token_only_lines_that_carry_it_count(simulator, daemon, token):
    create_pod(
        simulator, "token", annotations={"podwire.dev/output-token": token}, **printing(
            "JOB_OUT a=plain", f"JOB_OUT[{token}] a=real", "JOB_OUT[x] a=forged",
            f"JOB_OUT[{token}]a=close", f"JOB_OUT[{token}] bad", "JOB_OUT b"))
    wait_for_job(daemon, "default", "token")
    assert outputs(daemon, "default", "token")["outputs"] == {"a": "real"}
    assert rejected(daemon, "token") == ({4: "there is no '='"}, 1)


def test_only_containers_that_count_put_something_out(simulator, daemon):
    settings = {
        "lines": 5, "rate": 0, "outputs": "who=main", "outputs.prepare": "init=1",
        "outputs.helper": "sidecar=1", "lines.helper": 3, "outputs.istio-proxy": "proxy=1"}
    create_pod(
        simulator, "several", containers=("main", "istio-proxy"),
        init=({"name": "prepare", "image": "simulated"},
              {"name": "helper", "image": "simulated", "restartPolicy": "Always"}), **settings)
    wait_for_job(daemon, "default", "several")
    assert outputs(daemon, "default", "several")["outputs"] == {"who": "main"}
    assert rejected(daemon, "several") == ({}, 0)
    for container, text in (("prepare", "JOB_OUT init=1"), ("helper", "JOB_OUT sidecar=1"),
                            ("istio-proxy", "JOB_OUT proxy=1")):
        # Every log is kept; the job does not wait for those that do not count.
        eventually(lambda: text in get(daemon, f"/logs/default/several/{container}").text)


def test_the_kubelets_own_text_and_gap_records_put_nothing_out(simulator, daemon):
    create_pod(
        simulator, "faulty", lines=300, rate=200, outputs="real=1",
        log_faults="text@50;cut@120;end-rotate@150")
    found = wait_for_job(daemon, "default", "faulty")
    assert outputs(daemon, "default", "faulty") == {"final": True, "outputs": {"real": "1"}}
    assert found["rejected"] == 0


def test_outputs_of_a_failed_job_are_never_final(simulator, daemon):
    create_pod(simulator, "fails", exit_code=3, **printing("JOB_OUT a=1"))
    wait_for_job(daemon, "default", "fails")
    assert outputs(daemon, "default", "fails") == {"final": False, "outputs": {"a": "1"}}


def test_of_several_instances_and_pods_the_last_event_wins(simulator, daemon):
    labels = {"podwire.dev/workflow": "w", "podwire.dev/job": "both"}
    # The one that runs for 10 s comes first: the job cannot have ended before it has both.
    create_pod(simulator, "two", labels=labels, lines=200, rate=20, outputs="who=two")
    create_pod(simulator, "one", labels=labels, restarts=1, lines=0, outputs="who=one")
    wait_for_job(daemon, "default", "both")
    told = [event["data"]["value"] for event in events(daemon, types="podwire.job.output")]
    assert told.count("one") == 2
    assert outputs(daemon, "default", "both")["outputs"] == {"who": told[-1]}


def test_a_job_ends_beside_a_proxy_that_runs_for_ever(simulator, daemon):
    create_pod(
        simulator, "meshed", containers=("main", "istio-proxy"), **{
            "lines": 20, "rate": 100, "outputs": "a=1", "lines.istio-proxy": "endless",
            "rate.istio-proxy": 20})
    found = wait_for_job(daemon, "default", "meshed")
    assert (found["outcome"], found["exitCode"]) == ("success", 0)
    assert outputs(daemon, "default", "meshed") == {"final": True, "outputs": {"a": "1"}}
    path = "/logs/default/meshed/istio-proxy"
    # The job may have ended before there is a first line of the proxy.
    eventually(lambda: get(daemon, path).status_code == 200)
    lines = get(daemon, path).text.count("\n")
    eventually(lambda: get(daemon, path).text.count("\n") > lines + 10)
    delete_pod(simulator, "meshed")
    eventually(lambda: get(daemon, path).headers["Podwire-State"] == "ended")
    ends = events(daemon, types="podwire.job.end")
    assert [event["data"]["outcome"] for event in ends] == ["success"]
    assert job(daemon, "default", "meshed")["outcome"] == "success"


def test_a_failing_proxy_fails_no_job(simulator, daemon):
    create_pod(simulator, "proxied", containers=("main", "istio-proxy"), **{
        "lines": 20, "rate": 100, "exit-code.istio-proxy": 1, "lines.istio-proxy": 5})
    found = wait_for_job(daemon, "default", "proxied")
    assert (found["outcome"], found["reason"], found["exitCode"]) == ("success", "Completed", 0)
