"""Real components that fail under twenty running jobs whose logs are rotated all the time.

Needs a cluster whose kubelet rotates small files (`containerLogMaxSize: 64Ki`), and a command that
restarts one of its components, in PODWIRE_TEST_RESTART: it is called with the component's name.
"""

import json
import os
import re
import shlex
import subprocess

import pytest

import node_logs
from api import events, get, log, wait_for_job
from checking.checker import check
from checking.stored import Gap, StoredLog
from cluster import container
from node_logs import POD_LOGS, NodeLogs
from printing_pods import Printer, truth_by_size
from processes import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.faults]

LARGEST_FILE = 256 << 10
"""The largest log files, in bytes, with which the Pods below are rotated often."""

LONG = " with text that makes it as long as many lines are" * 3
PODS = {
    # Never rotated: nothing may be missing, and no gap record may stand anywhere.
    **{f"slow-{n}": Printer(1, 85, 1) for n in range(4)},
    **{f"steady-{n}": Printer(1, 800, 0.1) for n in range(6)},
    # Rotated once or twice.
    **{f"ample-{n}": Printer(5 + n, 85, 1, LONG) for n in range(4)},
    # Rotated at almost each look of the kubelet.
    **{f"fast-{n}": Printer(60 + 40 * n, 160, 0.5) for n in range(2)},
    # Whole files at once, then silence; also just before the exit. They wait until they are
    # followed: of a file that was rotated before the first look nobody can know.
    **{f"burst-{n}": Printer(1500, 7, 11 + n, LONG, delay=8) for n in range(2)},
    # So fast that the file is full at each look, whoever is down at that moment.
    **{f"flood-{n}": Printer(300, 280, 0.25, LONG, delay=8) for n in range(2)},
}
NEVER_ROTATED = ("slow", "steady")

CLOCK = "steady-0"
"""The Pod whose stored lines are the clock of the run: ten a second."""

FAULTS = [
    (60, ["daemon"]),
    (150, ["kubelet"]),
    (330, ["apiserver"]),
    (450, ["daemon"]),
    (520, ["kubelet", "daemon"]),
    (660, ["apiserver", "daemon"]),
    (750, ["daemon"]),
]
"""What fails when the clock shows so many lines: all must come back for the clock to go on."""


def fail(names, daemon):
    """Restarts components of the cluster, and kills the daemon meanwhile if it is among them."""
    command = shlex.split(os.environ["PODWIRE_TEST_RESTART"])
    restarts = [
        subprocess.Popen([*command, name], stdout=subprocess.DEVNULL) for name in names
        if name != "daemon"]
    if "daemon" in names:
        daemon.kill()
        daemon.start()
    for restart in restarts:
        assert restart.wait(120) == 0


def log_file_bytes(cluster):
    """At which size the kubelet rotates a log file, as it says itself."""
    nodes = json.loads(cluster.kubectl("get", "nodes", "-o", "json"))["items"]
    path = f"/api/v1/nodes/{nodes[0]['metadata']['name']}/proxy/configz"
    size = json.loads(cluster.kubectl("get", "--raw", path))["kubeletconfig"]["containerLogMaxSize"]
    number, unit = re.fullmatch(r"(\d+)([KM]i)?", size).groups()
    return int(number) << {"Ki": 10, "Mi": 20, None: 0}[unit]


def stored_log(daemon, namespace, pod):
    """What the daemon has of a Pod, with the gap records that its feed tells of."""
    feed = events(daemon, types="podwire.log.gap", namespace=namespace)
    stream = get(daemon, f"/logs/{namespace}/{pod}/main").headers["Podwire-Stream"]
    gaps = [Gap.read(event["data"]) for event in feed if event["data"]["stream"] == stream]
    return StoredLog(log(daemon, f"{namespace}/{pod}/main", timestamps="true"), gaps)


def truth(pod, uid, stored, files, file_bytes):
    """What a Pod wrote: from the node's log files where they are within reach."""
    if not POD_LOGS.is_dir():
        return truth_by_size(PODS[pod], stored, file_bytes)
    found = files.contents(pod, uid)
    assert node_logs.written(found) == b"".join(PODS[pod].written()), (
        f"the log files of {pod} were not all seen")
    return node_logs.truth(
        found, b"".join(entry for entry in stored.entries if isinstance(entry, bytes)))


def table(verdicts, truths):
    """The figures of all Pods, a row each, and their sums."""
    rows = [("Pod", "written", "files", "stored", "gaps", "idle", "missing", "lost", "repeated")]
    for pod, verdict in verdicts.items():
        rows.append((
            pod, verdict.written, len(truths[pod].rotations) + 1, verdict.stored,
            verdict.certain + verdict.possible, verdict.idle, verdict.missing, verdict.lost,
            verdict.repeated))
    rows.append(("all", *(sum(column) for column in list(zip(*rows[1:]))[1:])))
    return "\n".join(
        f"{row[0]:<10}" + "".join(f"{value:>10}" for value in row[1:]) for row in rows)


def test_twenty_pods_lose_nothing_unmarked(cluster, start_daemon, capsys):
    file_bytes = log_file_bytes(cluster)
    assert file_bytes <= LARGEST_FILE, "start the cluster with smaller log files"
    daemon = start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace)
    with NodeLogs(cluster.namespace) as files:
        for name, printer in PODS.items():
            cluster.pod(name, [container("main", printer.script)])
        path = f"/logs/{cluster.namespace}/{CLOCK}"
        for lines, names in FAULTS:
            eventually(lambda: get(daemon, path).text.count("\n") >= lines, 240)
            fail(names, daemon)
        ends = {
            pod: wait_for_job(daemon, cluster.namespace, pod, timeout=240) for pod in PODS}
        logs = {pod: stored_log(daemon, cluster.namespace, pod) for pod in PODS}
        truths = {
            pod: truth(pod, cluster.uid(pod), logs[pod], files, file_bytes) for pod in PODS}
    verdicts = {pod: check(logs[pod], truths[pod]) for pod in PODS}
    with capsys.disabled():
        print("\n" + table(verdicts, truths))
    complaints = [f"{pod}: {each}" for pod in PODS for each in verdicts[pod].complaints]
    assert not complaints, "\n".join(complaints)
    for pod, end in ends.items():
        verdict = verdicts[pod]
        assert (end["outcome"], end["exitCode"]) == ("success", 0), pod
        assert (end["lines"], end["gaps"]) == (logs[pod].count, len(logs[pod].gaps)), pod
        if pod.startswith(NEVER_ROTATED):
            assert (verdict.stored, end["gaps"]) == (verdict.written, 0), pod
        else:
            assert truths[pod].rotations, f"{pod} was not rotated: nothing was tried"
    numbers = [int(event["id"]) for event in events(daemon)]
    assert numbers == sorted(set(numbers)), "each event once, in order"
