"""Each way in which a log request fails, one by one: what is stored is what was written.

The simulated cluster fails as the annotation `log-faults` says, one entry for each log request of
a container; see Sources/SimulatedCluster/Faults. Every stored log is compared, with its timestamps,
with the simulator's own account of what was written.
"""

import json
import re

import pytest
import requests

from api import events, get, job, log, outputs, wait_for_job
from checking.checker import check
from checking.stored import Gap, StoredLog
from checking.truth import Truth
from processes import Daemon, Simulator, eventually
from simulated import create_pod, delete_pod

KIB = 1024


def stream_of(simulator, uid, container="main", attempt=0):
    """The simulator's own account of a stream; None when it has not started."""
    streams = map(json.loads, requests.get(
        f"{simulator.url}/simulation/streams", timeout=60).text.splitlines())
    return next((
        each for each in streams
        if (each["uid"], each["container"], each["attempt"]) == (uid, container, attempt)), None)


def truth_of(simulator, uid, container="main", attempt=0):
    """What the container wrote, and what stood in the way of reading it."""
    text = requests.get(
        f"{simulator.url}/simulation/log/{uid}/{container}/{attempt}", timeout=120).content
    return Truth.read(stream_of(simulator, uid, container, attempt), text)


def stored_of(daemon, pod, uid, container="main", attempt=0):
    """What the daemon has, with the gap records that its feed tells of."""
    stream = f"{uid}/{container}/{attempt}"
    gaps = [
        Gap.read(event["data"]) for event in events(daemon, types="podwire.log.gap")
        if event["data"]["stream"] == stream]
    text = log(
        daemon, f"default/{pod}/{container}", timestamps="true", attempt=attempt, uid=uid)
    return StoredLog(text, gaps)


def is_ended(daemon, pod, uid):
    """Whether all that is to be had of a Pod's log is stored."""
    answer = get(daemon, f"/logs/default/{pod}", uid=uid)
    return answer.status_code == 200 and answer.headers["Podwire-State"] == "ended"


def verdict(simulator, daemon, pod, uid, container="main", attempt=0):
    """Compares; fails on anything that is lost, repeated, changed or not explained."""
    found = check(
        stored_of(daemon, pod, uid, container, attempt),
        truth_of(simulator, uid, container, attempt))
    assert found.passed, "\n".join(found.complaints)
    return found


def faults(simulator):
    """How often each fault has really happened."""
    return requests.get(f"{simulator.url}/simulation/faults", timeout=30).json()["kinds"]


# Nothing is missing, and no gap record stands anywhere.
HARMLESS = {
    "clean end in mid-run": dict(log_faults="end@30;end@10;end@0;ok"),
    "cut in mid-line": dict(log_faults="cut@30;cut@1;cut@0;cut@40"),
    "204, then logs": dict(log_faults="status=204;status=204;status=204"),
    "400, then logs": dict(log_faults="status=400;status=400"),
    "the kubelet's 404, then logs": dict(log_faults="status=404;status=404"),
    "500, then logs": dict(log_faults="status=500;cut@20;status=500;status=500"),
    "429, then logs": dict(log_faults="status=429:1;cut@20;status=429:0"),
    "200 with error text": dict(log_faults="text@20;text@0;text@5"),
    "a body that stalls": dict(log_faults="stall@30:2s"),
    "a slow kubelet": dict(log_faults="slow:2s;cut@10;slow:1s"),
    "identical lines with the same nanosecond": dict(
        log_faults="cut@33;cut@47;end@61;cut@60", style="repeated", same_time="true", burst=50,
        rate=100),
    "timestamps out of order across a second": dict(
        log_faults="cut@50;end@60;cut@80;cut@120", disorder="1500ms"),
    "timestamps inside a long line": dict(
        kubelet="v1.20.2", bytes=40_000, rate=100, log_faults="cut@30;end@10"),
    "long lines of a kubelet that mends them": dict(
        bytes=40_000, rate=100, log_faults="cut@30;end@10"),
    "bytes of every kind": dict(style="mixed", rate=400, lines=1500, log_faults="cut@300;end@500"),
    "a 20 MiB line": dict(bytes=20 * KIB * KIB, lines=3, rate=3, log_faults="cut@1;cut@1"),
    "no newline at the end": dict(final_newline="false", log_faults="end@199;cut@50;end@200"),
    "last line is JOB_OUT": dict(
        outputs="first=1;last=of all", final_newline="false", log_faults="end@200;cut@201;end@201"),
}


# The newest file begins behind lines that nobody could read: a gap record stands exactly there.
# The simulator rotates only the log of a container that runs, and only behind a reader's first second:
# it writes for 15 s before, and runs on for 20 s behind, so that a late reader loses lines as well.
UNAVOIDABLE = {
    "rotation while disconnected": dict(
        lines=1650, exit_delay="20s", log_faults="cut-rotate@1500;status=500;ok"),
    "rotation while disconnected, twice": dict(
        lines=1650, exit_delay="20s", log_faults="cut-rotate@1500;end-rotate@20;ok"),
    "rotation just before the exit": dict(
        lines=1500, exit_delay="20s", log_faults="end-rotate@1500"),
    "a kubelet that falls silent at a rotation": dict(
        kubelet="v1.28.3", bytes=500, lines=2000, rate=100, file_bytes=100 * KIB,
        rotate_interval="4s"),
    "the runtime has removed the log": dict(log_faults="removed@80"),
    "the node is gone": dict(log_faults="node-gone@80"),
}

@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """All cases at once, each a Pod of its own: their simulator, their daemon, their UIDs."""
    directory = tmp_path_factory.mktemp("cases")
    simulator = Simulator(directory, "empty")
    daemon = Daemon(directory, simulator.kubeconfig).start()
    uids = {
        case: create_pod(
            simulator, pod_of(case), **{"lines": 200, "rate": 100, **settings})
        for case, settings in {**HARMLESS, **UNAVOIDABLE}.items()}
    yield simulator, daemon, uids
    daemon.stop()
    assert simulator.program.terminate() == 0, simulator.program.log()


def pod_of(case):
    return "".join(letter if letter.isalnum() else "-" for letter in case.lower())


@pytest.mark.parametrize("case", HARMLESS)
def test_nothing_is_lost_and_nothing_marked(cases, case):
    simulator, daemon, uids = cases
    pod = pod_of(case)
    found = wait_for_job(daemon, "default", pod)
    compared = verdict(simulator, daemon, pod, uids[case])
    assert compared.written >= HARMLESS[case].get("lines", 200) and found["gaps"] == 0
    assert found["outcome"] == "success"
    if case == "last line is JOB_OUT":
        assert outputs(daemon, "default", pod) == {
            "final": True, "outputs": {"first": "1", "last": "of all"}}


@pytest.mark.parametrize("case", UNAVOIDABLE)
def test_what_cannot_be_had_is_marked_where_it_is_missing(cases, case):
    simulator, daemon, uids = cases
    pod = pod_of(case)
    found = wait_for_job(daemon, "default", pod)
    compared = verdict(simulator, daemon, pod, uids[case])
    assert compared.certain + compared.possible == found["gaps"] >= 1
    assert compared.stored + compared.missing == compared.written


def test_every_fault_has_happened(cases):
    simulator, daemon, uids = cases
    for case in uids:
        wait_for_job(daemon, "default", pod_of(case))
    named = {
        re.split("[@:]", entry)[0].replace("=", "-")
        for settings in (HARMLESS | UNAVOIDABLE).values()
        for entry in settings.get("log_faults", "ok").split(";")} - {"ok"}
    happened = {kind for kind, count in faults(simulator).items() if count}
    assert named <= happened, f"{named - happened} of {faults(simulator)}"


def test_a_kubelet_that_follows_across_rotations_leaves_no_gap(simulator, daemon):
    # Only who comes before the first rotation, and is never two of them behind, misses nothing.
    uid = create_pod(
        simulator, "p", bytes=500, lines=2600, rate=100, file_bytes=100 * KIB,
        rotate_interval="8s")
    assert wait_for_job(daemon, "default", "p")["gaps"] == 0
    verdict(simulator, daemon, "p", uid)
    assert len(truth_of(simulator, uid).rotations) >= 3, "nothing was tried"


def test_container_restarts_between_status_and_request(simulator, daemon):
    """Each attempt's lines are in its own stream, whatever its requests meet."""
    uid = create_pod(
        simulator, "p", lines=60, rate=60, restarts=3, restart_delay="0s", exit_delay="0s",
        log_faults="end@30;end@10;end@60;cut@60")
    wait_for_job(daemon, "default", "p")
    for attempt in range(4):
        compared = verdict(simulator, daemon, "p", uid, attempt=attempt)
        assert compared.stored + compared.missing == compared.written
        # Attempts that are two restarts away cannot be read any more.
        if attempt >= 2:
            assert compared.stored == compared.written


def test_pod_re_created_under_the_same_name(simulator, daemon):
    first = create_pod(simulator, "p", lines="endless", rate=100)
    eventually(lambda: get(daemon, "/logs/default/p").text.count("\n") > 50)
    delete_pod(simulator, "p")
    eventually(lambda: requests.get(
        f"{simulator.url}/api/v1/namespaces/default/pods/p", timeout=30).status_code == 404)
    second = create_pod(simulator, "p", lines=100, rate=100)
    # The two end in any order.
    for uid in (first, second):
        eventually(lambda: is_ended(daemon, "p", uid), 180)
    verdict(simulator, daemon, "p", first)
    assert verdict(simulator, daemon, "p", second).stored == 101


def test_a_pod_that_lived_and_died_while_nobody_watched(simulator, daemon):
    daemon.kill()
    gone = create_pod(simulator, "gone", lines=20, rate=0, delete_after="100ms")
    eventually(lambda: requests.get(
        f"{simulator.url}/api/v1/namespaces/default/pods/gone", timeout=30).status_code == 404)
    ended = create_pod(simulator, "ended", lines=20, rate=0)
    eventually(lambda: (stream := stream_of(simulator, ended)) and stream["ended"])
    daemon.start()
    assert wait_for_job(daemon, "default", "ended")["gaps"] == 0
    verdict(simulator, daemon, "ended", ended)
    assert job(daemon, "default", "gone") is None, "nothing is invented"
    assert truth_of(simulator, gone).lost


def test_streaming_list_refused_with_422(start_simulator, start_daemon):
    simulator = start_simulator("empty", "--no-streaming-lists")
    watch = f"{simulator.url}/api/v1/pods?watch=1&sendInitialEvents=true"
    assert requests.get(
        watch + "&resourceVersionMatch=NotOlderThan", timeout=30).status_code == 422
    early = create_pod(simulator, "early", lines=20, rate=50)
    daemon = start_daemon(simulator.kubeconfig)
    late = create_pod(simulator, "late", lines=20, rate=50)
    for name, uid in (("early", early), ("late", late)):
        wait_for_job(daemon, "default", name)
        assert verdict(simulator, daemon, name, uid).stored == 21


@pytest.mark.parametrize("fault", ["watch-410", "watch-end", "watch-cut"])
def test_410_inside_the_watch_and_other_ends_of_it(start_simulator, start_daemon, fault):
    simulator = start_simulator("empty", "--faults", f"{fault}=1")
    daemon = start_daemon(simulator.kubeconfig)
    uids = {}
    for number in range(7):
        name = f"p{number}"
        uids[name] = create_pod(simulator, name, lines=50, rate=50)
        wait_for_job(daemon, "default", name)
    for name, uid in uids.items():
        assert verdict(simulator, daemon, name, uid).stored == 51
    assert faults(simulator)[fault] > 0
    ends = [event["subject"] for event in events(daemon, types="podwire.job.end")]
    assert sorted(ends) == sorted(f"default/{name}/{name}" for name in uids)
