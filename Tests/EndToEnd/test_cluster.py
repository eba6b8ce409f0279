"""Podwire on a real cluster: the whole path, and what makes other tools lose lines."""

import re
import threading

import pytest

from api import (
    Curl, events, get, job, log, outputs, read_websocket, wait_for_job)
from cluster import container
from printing_pods import RECORD_BYTES
from processes import eventually

pytestmark = pytest.mark.cluster

FULL = 10 << 20
"""The least size in bytes of a log file that a kubelet rotates, by default."""

FIFTY_LINES = "seq 1 50 | sed 's/^/line /'; echo JOB_OUT rows=50; echo 'JOB_OUT path=/a=b c'"
FIFTY_LINES_TEXT = (
    "".join(f"line {n}\n" for n in range(1, 51)) + "JOB_OUT rows=50\nJOB_OUT path=/a=b c\n"
).encode()


@pytest.fixture
def daemon(cluster, start_daemon):
    return start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace)


def test_a_job_ends_in_success_with_its_outputs_final(cluster, daemon):
    cluster.job("fifty", [container("main", FIFTY_LINES)])
    found = wait_for_job(daemon, cluster.namespace, "fifty")
    assert (found["outcome"], found["exitCode"], found["lines"]) == ("success", 0, 52)
    assert found["gaps"] == 0
    assert outputs(daemon, cluster.namespace, "fifty") == {
        "final": True, "outputs": {"rows": "50", "path": "/a=b c"}}
    types = [event["type"] for event in events(daemon, job="fifty")]
    assert types.count("podwire.job.end") == 1
    assert types.index("podwire.job.end") > max(
        index for index, kind in enumerate(types) if kind == "podwire.job.output")


def test_one_log_before_the_pod_after_the_pod_and_after_a_restart(cluster, daemon):
    path = f"{cluster.namespace}/early/main"
    early = Curl(f"{daemon.url}/logs/{path}?follow&wait=300")
    messages = []

    def listen():
        messages.extend(read_websocket(daemon, path + "?follow&wait=300", "binary.k8s.io")[0])

    listener = threading.Thread(target=listen)
    listener.start()
    cluster.pod("early", [container("main", FIFTY_LINES + "; sleep 2; printf 'no newline'")])
    expected = FIFTY_LINES_TEXT + b"no newline"
    assert early.finish() == expected
    listener.join(60)
    assert b"".join(messages) == expected
    wait_for_job(daemon, cluster.namespace, "early")
    cluster.delete_pod("early")
    assert log(daemon, path) == expected
    daemon.stop()
    daemon.start()
    assert log(daemon, path) == expected
    messages, code = read_websocket(daemon, path + "?follow", "binary.k8s.io")
    assert (b"".join(messages), code) == (expected, 1000)
    messages, code = read_websocket(daemon, path + "?follow")
    assert ("".join(messages), code) == (expected.decode() + "\n", 1000)


def burst_line(number):
    return f"burst line {number:08d} with some text to make it as long as it is in real life ..\n"


def test_bursts_across_rotations_miss_nothing_but_where_a_gap_record_says_so(cluster, daemon):
    """Kubelets before 1.29 do not follow across a rotation, and serve the newest file alone.

    Between two bursts nothing is missing at a rotation, though nobody can prove it, and a gap record
    says so. Of a burst that the rotation meets, the rest of the old file may be lost to every reader.
    """
    burst, lines = 20_000, 400_000
    script = (
        f"i=0; while [ $i -lt 20 ]; do awk -v first=$((i*{burst}+1)) 'BEGIN {{"
        f" for (n = first; n < first + {burst}; n++) printf"
        ' "burst line %08d with some text to make it as long as it is in real life ..\\n", n'
        " }'; i=$((i+1)); sleep 2; done")
    cluster.pod("bursts", [container("main", script)])
    found = wait_for_job(daemon, cluster.namespace, "bursts", timeout=300)
    text = log(daemon, f"{cluster.namespace}/bursts")
    parts = re.split(
        rb"--- podwire: lines may be missing between \S+ and \S+: [^\n]* ---\n", text)
    following, missing, inside = 1, [], 0
    for part in parts:
        # containerd ends a line in two records when its file is rotated in the middle of it, and
        # kubelets before 1.26 put a timestamp before the second, which nothing tells from the text.
        part, stamps = re.subn(
            rb"(?<=[^\n])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", b"", part)
        inside += stamps
        first = int(part[11:19]) if part else following
        if first != following:
            missing.append(range(following, first))
        following = first + part.count(b"\n")
        assert part == "".join(map(burst_line, range(first, following))).encode()
    assert following == lines + 1
    for lost in missing:
        assert lost.start % burst != 1, "a burst was met from its first line on"
        assert lost.stop - 1 <= -(-lost.start // burst) * burst, "more than the rest of one burst"
    gaps = len(parts) - 1
    stored = lines - sum(map(len, missing))
    assert (found["outcome"], found["lines"] - gaps, found["gaps"]) == ("success", stored, gaps)
    written = sum(len(burst_line(number)) for number in range(1, lines + 1))
    rotations = (written + lines * RECORD_BYTES) // FULL
    assert gaps + inside <= rotations, "one for each rotation at most"


def test_long_lines_come_out_as_they_were_printed(cluster, daemon):
    """Kubelets before 1.26 put a timestamp before each 16 KiB of a line."""
    sizes = (16_383, 16_384, 16_385, 32_768, 40_000, 200_000, 3 << 20)
    script = "".join(
        f"head -c {size} /dev/zero | tr '\\0' {letter}; echo; "
        for size, letter in zip(sizes, "abcdefg"))
    value = "head -c 20000 /dev/zero | tr '\\0' v"
    cluster.pod("long", [container(
        "main", f"{script} printf 'JOB_OUT value='; {value}; echo; printf 'no newline'")])
    found = wait_for_job(daemon, cluster.namespace, "long")
    expected = b"".join(
        letter.encode() * size + b"\n" for size, letter in zip(sizes, "abcdefg"))
    expected += b"JOB_OUT value=" + b"v" * 20_000 + b"\nno newline"
    assert log(daemon, f"{cluster.namespace}/long") == expected
    assert (found["outcome"], found["gaps"]) == ("success", 0)
    assert outputs(daemon, cluster.namespace, "long") == {
        "final": True, "outputs": {"value": "v" * 20_000}}


def test_each_instance_of_a_restarting_container_has_its_own_log(cluster, daemon):
    script = "echo attempt of $(cat /count/n 2>/dev/null | wc -c); printf x >> /count/n; exit 3"
    cluster.pod(
        "restarts",
        [container("main", script, volumeMounts=[{"name": "count", "mountPath": "/count"}])],
        restartPolicy="Always", volumes=[{"name": "count", "emptyDir": {}}])
    path = f"{cluster.namespace}/restarts/main"

    def all_attempts():
        answer = get(daemon, "/logs/" + path, attempt="all")
        text = answer.text if answer.status_code == 200 else ""
        return text if text.count("\n") >= 3 else None

    text = eventually(all_attempts, 120)
    assert text.startswith("attempt of 0\nattempt of 1\nattempt of 2\n")
    assert log(daemon, path, attempt=1) == b"attempt of 1\n"
    found = job(daemon, cluster.namespace, "restarts")
    assert (found["status"], found["gaps"]) == ("running", 0)


def test_init_containers_and_neighbours_each_have_their_log(cluster, daemon):
    cluster.pod(
        "several",
        [container("main", "echo from main; echo JOB_OUT who=main"),
         container("beside", "echo from beside")],
        initContainers=[container("prepare", "echo from prepare; echo JOB_OUT who=prepare")])
    found = wait_for_job(daemon, cluster.namespace, "several")
    base = f"{cluster.namespace}/several/"
    assert log(daemon, base + "prepare") == b"from prepare\nJOB_OUT who=prepare\n"
    assert log(daemon, base + "main") == b"from main\nJOB_OUT who=main\n"
    assert log(daemon, base + "beside") == b"from beside\n"
    assert found["outcome"] == "success"
    assert outputs(daemon, cluster.namespace, "several")["outputs"] == {"who": "main"}
    kinds = {c["name"]: c["kind"] for c in found["pods"][0]["containers"]}
    assert kinds == {"prepare": "init", "main": "main", "beside": "main"}


@pytest.mark.alone
def test_pods_that_cannot_start_cost_no_log_requests(cluster, daemon):
    before = cluster.log_requests()
    cluster.pod("no-image", [container("main", "true", image="localhost/no-such-image:1")])
    cluster.pod("no-node", [container("main", "true")], nodeSelector={"no-such": "node"})

    def reason(name):
        found = job(daemon, cluster.namespace, name)
        return found and found["status"] == "scheduling" and found.get("reason")

    assert eventually(lambda: reason("no-node")) == "Unschedulable"
    assert eventually(lambda: reason("no-image") == "ErrImageNeverPull")
    answer = get(daemon, f"/logs/{cluster.namespace}/no-image")
    assert answer.status_code == 404
    # A job that runs to its end meanwhile is the clock: nothing here waits for a fixed time.
    cluster.pod("clock", [container("main", "sleep 10; echo done")])
    wait_for_job(daemon, cluster.namespace, "clock")
    assert cluster.log_requests() - before <= 4, "only the third Pod has a log to ask for"
    assert reason("no-node") == "Unschedulable"
    assert reason("no-image") == "ErrImageNeverPull"


def test_a_failing_and_a_deleted_job_end_as_they_should(cluster, daemon):
    cluster.pod("fails", [container("main", "echo so far; exit 3")])
    cluster.pod("deleted", [container("main", "echo begun; sleep 600")])
    cluster.pod("late", [container("main", "echo begun; sleep 600")], activeDeadlineSeconds=5)
    found = wait_for_job(daemon, cluster.namespace, "fails")
    assert (found["outcome"], found["exitCode"], found["reason"]) == ("failure", 3, "Error")
    assert outputs(daemon, cluster.namespace, "fails")["final"] is False
    eventually(lambda: get(daemon, f"/logs/{cluster.namespace}/deleted").text == "begun\n")
    cluster.delete_pod("deleted")
    found = wait_for_job(daemon, cluster.namespace, "deleted")
    # The Pod may be gone before the last read that would prove the log complete.
    assert (found["outcome"], found["lines"] - found["gaps"]) == ("canceled", 1)
    found = wait_for_job(daemon, cluster.namespace, "late")
    assert (found["outcome"], found["reason"]) == ("timeout", "DeadlineExceeded")


def test_a_kill_in_mid_run_loses_and_repeats_nothing(cluster, daemon):
    cluster.pod("killed", [container(
        "main", "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i; sleep 0.05; done")])
    path = f"{cluster.namespace}/killed"
    reader = None
    # Much of it is left when the last reader is cut, who must not come to its end.
    for lines in (30, 90, 150):
        eventually(lambda: get(daemon, "/logs/" + path).text.count("\n") >= lines)
        reader = Curl(f"{daemon.url}/logs/{path}?follow")
        daemon.kill()
        assert reader.exit_code() != 0, "a cut body must not look like a clean end"
        daemon.start()
    found = wait_for_job(daemon, cluster.namespace, "killed")
    assert log(daemon, path) == "".join(f"line {n}\n" for n in range(1, 501)).encode()
    assert (found["outcome"], found["gaps"]) == ("success", 0)
