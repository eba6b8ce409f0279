"""How Pods end on a real cluster, why, and which of their containers decide it."""

import json

import pytest

from api import events, get, job, outputs, wait_for_job
from cluster import container
from processes import eventually

pytestmark = pytest.mark.cluster

FOREVER = "echo begun; sleep 600"


@pytest.fixture
def daemon(cluster, start_daemon):
    return start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace)


def end(daemon, cluster, name):
    found = wait_for_job(daemon, cluster.namespace, name)
    return found["outcome"], found["reason"], found.get("exitCode")


def wait_for_reason(daemon, cluster, name, status, *reasons):
    """The job, once it has the status and one of the reasons."""
    def check():
        found = job(daemon, cluster.namespace, name)
        return found if (
            found and found["status"] == status and found.get("reason") in reasons) else None
    return eventually(check, 120)


def test_exit_codes_and_signals(cluster, daemon):
    cluster.pod("code", [container("main", "exit 42")])
    cluster.pod("killed", [container("main", "sleep 60 & kill -9 $!; wait $!; exit $?")])
    cluster.pod("terminated", [container("main", "sleep 60 & kill -15 $!; wait $!; exit $?")])
    cluster.pod("no-command", [container("main", "", command=["/no/such/program"])])
    assert end(daemon, cluster, "code") == ("failure", "Error", 42)
    assert end(daemon, cluster, "killed") == ("failure", "Error", 137)
    assert "SIGKILL" in job(daemon, cluster.namespace, "killed")["message"]
    assert end(daemon, cluster, "terminated") == ("failure", "Error", 143)
    outcome, reason, code = end(daemon, cluster, "no-command")
    assert (outcome, code) == ("failure", 128) and reason in ("StartError", "ContainerCannotRun")


def killed_for_memory(daemon, cluster, name, script):
    """The job of the first Pod of which the kubelet says that it was killed for its memory.

    The runtime hears of that beside the end, and on a busy machine not always before it: then
    nobody is told.
    """
    for attempt in range(5):
        pod = f"{name}-{attempt}"
        cluster.pod(
            pod, [container("main", script, resources={"limits": {"memory": "16Mi"}})])
        found = wait_for_job(daemon, cluster.namespace, pod)
        if cluster.end_reason(pod) == "OOMKilled":
            return found
    return pytest.fail("of five such containers the kubelet said of none that it was OOMKilled")


def test_what_is_killed_for_its_memory(cluster, daemon):
    # Both linger, since who ends at once is more often called a mere error.
    found = killed_for_memory(
        daemon, cluster, "memory", "tail /dev/zero; code=$?; sleep 3; exit $code")
    assert (found["outcome"], found["reason"], found["exitCode"]) == ("failure", "OOMKilled", 137)
    # The shell outlives what was killed in it, and the kubelet still says so.
    found = killed_for_memory(
        daemon, cluster, "child", "dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 3; true")
    assert (found["outcome"], found["reason"], found["exitCode"]) == ("success", "Completed", 0)
    assert "OOMKilled" in found["message"]


def test_of_several_containers_the_first_that_failed(cluster, daemon):
    # Whichever the kubelet starts first, the one ends 5 s behind the other.
    shared = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
    wait = "until [ -e /shared/early ]; do sleep 0.1; done"
    cluster.pod("several", [
        container("late", f"{wait}; sleep 5; exit 5", **shared),
        container("early", "touch /shared/early; exit 6", **shared), container("fine", "true")],
        volumes=[{"name": "shared", "emptyDir": {}}])
    cluster.pod(
        "init", [container("main", "true")],
        initContainers=[container("prepare", "echo no; exit 7")])
    assert end(daemon, cluster, "several") == ("failure", "Error", 6)
    assert end(daemon, cluster, "init") == ("failure", "Error", 7)
    message = job(daemon, cluster.namespace, "init")["message"]
    assert message == "init container prepare exited with code 7"


def test_what_cannot_start_waits_with_its_reason_and_fails_when_given_up(cluster, daemon):
    cluster.pod("no-image", [container(
        "main", "true", image="localhost:9/none:1", imagePullPolicy="IfNotPresent")])
    cluster.pod("bad-image", [container("main", "true", image="Not:An:Image")])
    cluster.pod("no-config", [container("main", "true", env=[{
        "name": "A",
        "valueFrom": {"configMapKeyRef": {"name": "none", "key": "a"}}}])])
    cluster.pod("no-node", [container("main", "true")], nodeSelector={"no-such": "node"})
    waiting = {
        "no-image": ("ErrImagePull", "ImagePullBackOff"), "bad-image": ("InvalidImageName",),
        "no-config": ("CreateContainerConfigError",), "no-node": ("Unschedulable",)}
    for name, reasons in waiting.items():
        assert wait_for_reason(daemon, cluster, name, "scheduling", *reasons)["message"]
    for name in waiting:
        cluster.delete_pod(name)
    for name, reasons in list(waiting.items())[:3]:
        outcome, reason, code = end(daemon, cluster, name)
        assert (outcome, code) == ("failure", None) and reason in reasons, name
    assert end(daemon, cluster, "no-node") == ("canceled", "Deleted", None)
    assert "Unschedulable" in job(daemon, cluster.namespace, "no-node")["message"]


def test_a_container_that_crashes_again_and_again_runs_with_that_reason(cluster, daemon):
    cluster.pod("crashes", [container("main", "echo once; exit 1")], restartPolicy="Always")
    wait_for_reason(daemon, cluster, "crashes", "running", "CrashLoopBackOff")
    cluster.delete_pod("crashes")
    outcome, _, _ = end(daemon, cluster, "crashes")
    assert outcome == "canceled"


def test_an_evicted_pod_and_one_past_its_deadline(cluster, daemon):
    cluster.pod("evicted", [container("main", FOREVER)])
    cluster.pod("late", [container("main", FOREVER)], activeDeadlineSeconds=4)
    eventually(lambda: get(daemon, f"/logs/{cluster.namespace}/evicted").text == "begun\n")
    path = f"/api/v1/namespaces/{cluster.namespace}/pods/evicted/eviction"
    cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps({
        "apiVersion": "policy/v1beta1", "kind": "Eviction",
        "metadata": {"name": "evicted", "namespace": cluster.namespace}}).encode())
    outcome, reason, _ = end(daemon, cluster, "evicted")
    # Servers from 1.26 on say why a Pod was taken away; before, it is a deletion like any other.
    assert (outcome, reason) in [("canceled", "Deleted"), ("failure", "EvictionByEvictionAPI")]
    outcome, reason, _ = end(daemon, cluster, "late")
    assert (outcome, reason) == ("timeout", "DeadlineExceeded")


def test_a_job_ends_with_its_work_while_a_proxy_runs_on(cluster, daemon):
    proxy = container("istio-proxy", "while true; do echo JOB_OUT who=proxy; sleep 0.2; done")
    cluster.pod("meshed", [container("main", "echo JOB_OUT who=main; sleep 2"), proxy])
    cluster.pod("fails", [container("main", "exit 9"), proxy])
    cluster.pod("proxied", [
        container("main", "echo JOB_OUT who=main"), container("istio-proxy", "sleep 2; exit 1")])
    assert end(daemon, cluster, "meshed") == ("success", "Completed", 0)
    assert end(daemon, cluster, "fails") == ("failure", "Error", 9)
    assert end(daemon, cluster, "proxied") == ("success", "Completed", 0)
    assert outputs(daemon, cluster.namespace, "meshed") == {
        "final": True, "outputs": {"who": "main"}}
    path = f"/logs/{cluster.namespace}/meshed/istio-proxy"
    # The job may have ended before there is a first line of the proxy.
    eventually(lambda: get(daemon, path).status_code == 200)
    lines = get(daemon, path).text.count("\n")
    eventually(lambda: get(daemon, path).text.count("\n") > lines + 10)
    assert cluster.phase("meshed") == "Running"
    cluster.delete_pod("meshed")
    eventually(lambda: get(daemon, path).headers["Podwire-State"] == "ended")
    ends = events(daemon, job="meshed", types="podwire.job.end")
    assert [event["data"]["outcome"] for event in ends] == ["success"]


def test_containers_of_an_argo_and_a_tekton_pod(cluster, daemon):
    cluster.pod(
        "argo", [container("wait", "sleep 3; exit 1"), container("main", "echo JOB_OUT a=1")],
        metadata={
            "labels": {"workflows.argoproj.io/workflow": "etl"},
            "annotations": {"workflows.argoproj.io/node-name": "etl.load(1)"}})
    cluster.pod(
        "tekton", [
            container("step-one", "echo JOB_OUT a=1"),
            container("step-two", "sleep 1; echo JOB_OUT b=2"),
            container("sidecar-db", "echo JOB_OUT a=3; sleep 600")],
        metadata={"labels": {
            "tekton.dev/pipelineRun": "run", "tekton.dev/taskRun": "run-build",
            "tekton.dev/memberOf": "tasks"}})
    for name, values in (("etl.load", {"a": "1"}), ("build", {"a": "1", "b": "2"})):
        assert end(daemon, cluster, name) == ("success", "Completed", 0)
        assert outputs(daemon, cluster.namespace, name)["outputs"] == values
