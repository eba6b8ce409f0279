"""kubectl against podwire-sim and against Podwire on it: what `test_kubectl.py` does on a cluster."""

import shutil

import pytest

from kubectl import Kubectl, answers, differences, table, to_podwire
from processes import eventually
from simulated import create_job, create_pod, delete_job, delete_pod

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl")

INIT = [{"name": "prepare", "image": "simulated"}]


@pytest.fixture
def clients(simulator, daemon, tmp_path):
    """kubectl that asks the simulated cluster, and kubectl that asks Podwire."""
    return (
        Kubectl(simulator.kubeconfig, "default", ("--cache-dir", tmp_path / "cluster-cache")),
        to_podwire(daemon, tmp_path, "default"))


def test_kubectl_prints_the_same_and_still_does_when_the_pods_are_gone(simulator, clients):
    from_cluster, from_podwire = clients
    create_pod(simulator, "plain", lines=60, rate=200)
    create_pod(
        simulator, "several", containers=("a", "b"), init=INIT, lines=20, rate=200,
        final_newline="false", exit_code=3, labels={"app": "several"})
    create_pod(simulator, "again", restarts=1, lines=8, rate=100, restart_delay="200ms")
    create_pod(simulator, "imageless", image_pull_error="true")
    create_pod(simulator, "homeless", unschedulable="true")
    create_job(simulator, "job", lines=5, rate=100)
    for number in range(3):
        create_pod(simulator, f"set-{number}", lines=10, rate=100, labels={"set": "s"})
    ended = ("plain", "several", "again", "set-0", "set-1", "set-2")
    for pod in ended:
        eventually(lambda: from_cluster(
            "get", "pod", pod, "-o", "jsonpath={.status.phase}").out in (b"Succeeded", b"Failed"))
        eventually(lambda: from_podwire("logs", pod, "-f", "--all-containers").code == 0)
    eventually(lambda: from_podwire("logs", "job/job", "-f").code == 0)
    eventually(lambda: from_cluster(
        "get", "job", "job", "-o", "jsonpath={.status.succeeded}").out == b"1")
    stamps = from_cluster("logs", "plain", "--timestamps").out.decode().splitlines()
    middle = stamps[30].split(" ")[0]
    invocations = [
        ("logs", "plain"), ("logs", "plain", "-f"), ("logs", "plain", "--tail=5"),
        ("logs", "plain", "--tail=0"), ("logs", "plain", "--timestamps"),
        ("logs", "plain", "--limit-bytes=100"), ("logs", "plain", "--since=1h", "--tail=3"),
        ("logs", "plain", "--since-time", middle), ("logs", "plain", "--previous"),
        ("logs", "several", "-c", "a"), ("logs", "several", "-c", "prepare", "--timestamps"),
        ("logs", "several", "-c", "nothing"), ("logs", "several", "--all-containers", "--prefix"),
        ("logs", "-l", "app=several", "--all-containers", "--prefix", "--tail=2"),
        ("logs", "-l", "set=s", "--prefix"), ("logs", "-l", "set=none"),
        ("logs", "again"), ("logs", "again", "--previous"),
        ("logs", "again", "-p", "--timestamps", "--tail=2"),
        ("logs", "homeless"), ("logs", "missing"), ("logs", "job/job"),
        ("get", "pods", "-o", "name"), ("get", "pods", "-l", "set=s", "-o", "name"),
        ("get", "pods", "--field-selector", "metadata.name=plain", "-o", "name"),
        ("get", "pods", "--chunk-size=2", "-o", "name"), ("get", "pod", "missing"),
    ]
    assert from_cluster("logs", "again", "--previous").code == 0
    eventually(
        lambda: table(from_cluster("get", "pods"), 4) == table(from_podwire("get", "pods"), 4))
    before = answers(invocations, from_podwire)
    assert differences(answers(invocations, from_cluster), before) == {}
    # Kubelets try now and then to pull an image, and each time say for a while why that failed.
    waits = ("logs", "imageless")
    eventually(lambda: from_cluster(*waits) == from_podwire(*waits))
    assert b"is waiting to start: " in from_podwire(*waits).err

    delete_job(simulator, "job")
    for pod in (*ended, "imageless", "homeless"):
        delete_pod(simulator, pod)
    eventually(lambda: from_cluster("get", "pods", "-o", "name").out == b"")
    assert differences(before, answers(invocations, from_podwire)) == {}
    assert b"is waiting to start: " in from_podwire(*waits).err
