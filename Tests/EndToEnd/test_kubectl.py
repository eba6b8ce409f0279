"""`kubectl logs` and `kubectl get pods` print the same, whether the cluster answers or Podwire, in
the clear and over TLS with a token; and Podwire still does when the Pods are gone.

Kubelets before 1.26 put a timestamp before each 16 KiB of a long line, and count each as a line for
--tail: what is stored is the line as it was printed, so those two are not compared for long lines.
"""

import json
import secrets
import threading

import pytest

import kubectl_pods
from cluster import container
from kubectl import Kubectl, answers, differences, table, to_podwire
from processes import eventually
from test_transport import make_certificate

pytestmark = pytest.mark.cluster


def open_door(tmp_path):
    """No more than an address."""
    return [], {}


def locked_door(tmp_path):
    """TLS, and a token of the daemon's own."""
    make_certificate(tmp_path / "tls", "kubectl")
    token = secrets.token_hex(20)
    users = tmp_path / "users.yaml"
    users.write_text(json.dumps({"users": [{
        "name": "reader", "tokens": [{"token": token}],
        "rules": [{"namespaces": ["*"], "allow": ["get pods", "get pods/log"]}],
    }]}))
    users.chmod(0o600)
    settings = tmp_path / "podwire.yaml"
    settings.write_text(json.dumps({
        "tls": {"certFile": f"{tmp_path}/tls/tls.crt", "keyFile": f"{tmp_path}/tls/tls.key"},
        "auth": {"mode": "static", "tokensFile": str(users)},
    }))
    return ["--config", settings], {
        "certificate_authority": f"{tmp_path}/tls/tls.crt", "token": token}


@pytest.fixture(params=[open_door, locked_door], ids=["open", "tls-and-token"])
def clients(request, cluster, tmp_path, start_daemon):
    """kubectl that asks the cluster, and kubectl that asks Podwire."""
    options, credentials = request.param(tmp_path)
    daemon = start_daemon(
        cluster.kubeconfig, "--namespace", cluster.namespace, *options)
    return (
        Kubectl(cluster.kubeconfig, cluster.namespace),
        to_podwire(daemon, tmp_path, cluster.namespace, **credentials))


def wait_until_stored(podwire, pods):
    """Waits until Podwire has each log to its end: a follow of it returns."""
    for pod in pods:
        answer = eventually(
            lambda: (lambda found: found if found.code == 0 else None)(
                podwire("logs", pod, "--follow", "--all-containers")))
        assert answer.err == b"", answer


def document(answer):
    """An object without what is the server's own."""
    assert answer.code == 0, answer
    found = json.loads(answer.out)
    found["metadata"].pop("resourceVersion")
    return found


def test_kubectl_prints_the_same_and_still_does_when_the_pods_are_gone(cluster, clients):
    from_cluster, from_podwire = clients
    kubectl_pods.create(cluster)
    kubectl_pods.wait_until_settled(cluster)
    wait_until_stored(from_podwire, kubectl_pods.ENDED)
    eventually(lambda: from_podwire("logs", "restarted").out == b"run 1\n")
    stamps = [line.split(" ")[0] for line in from_cluster(
        "logs", "slow", "--timestamps").out.decode().splitlines()]
    # The runtime stamps a line when it gets it. A time of a filter has whole seconds.
    first = next(n for n in (2, 3, 4, 1) if stamps[n][:19] > stamps[n - 1][:19])
    middle = stamps[first]
    logs = kubectl_pods.logs(middle)
    assert len(logs) >= 40
    assert len(from_cluster(
        "logs", "slow", "--since-time", middle).out.splitlines()) == len(stamps) - first

    # Whatever is compared is what it is meant to be.
    assert from_cluster("logs", "restarted", "--previous").out == b"run 0\n"
    assert from_cluster("logs", "homeless").code == 0
    assert b"is waiting to start: ErrImageNeverPull" in from_cluster("logs", "imageless").err

    eventually(
        lambda: table(from_cluster("get", "pods"), 4) == table(from_podwire("get", "pods"), 4))
    eventually(lambda: answers(kubectl_pods.GETS, from_cluster) == answers(
        kubectl_pods.GETS, from_podwire))
    assert differences(answers(logs, from_cluster), answers(logs, from_podwire)) == {}
    for pod in ("fifty", "several", "restarted", "imageless", "homeless"):
        get = ("get", "pod", pod, "-o", "json")
        eventually(lambda: document(from_podwire(*get)) == document(from_cluster(*get)))
    assert table(from_podwire("get", "pods", "-o", "wide"), 9)[0] == table(
        from_cluster("get", "pods", "-o", "wide"), 9)[0]

    # What is asked by the time that has passed since changes by itself; and the log of what runs on
    # until it is deleted ends with a gap record where the runtime was faster than the last read.
    passing = [("logs", "fifty", "--since=1s"), ("logs", "restarted")]
    lasting = [each for each in logs if each not in passing] + kubectl_pods.GETS
    before = answers(lasting, from_podwire)
    # One still runs, and is stopped.
    def states():
        return [row for row in table(from_podwire("get", "pods"), 4) if row[0] != "restarted"]
    states_before = states()
    cluster.kubectl(
        "delete", "job,pods", "--all", "-n", cluster.namespace, "--wait=true", "--grace-period=1")
    eventually(lambda: not cluster.pods())
    eventually(lambda: from_cluster("logs", "fifty").code == 1)
    assert differences(before, answers(lasting, from_podwire)) == {}
    assert from_podwire("logs", "restarted").out.startswith(b"run 1\n")
    assert states() == states_before


def test_a_follow_that_begins_while_the_pod_runs_prints_the_same(cluster, clients):
    from_cluster, from_podwire = clients
    cluster.pod("live", [container(
        "main", "for i in $(seq 1 12); do echo line $i; sleep 0.4; done")])
    eventually(lambda: cluster.phase("live") == "Running")
    eventually(lambda: from_podwire("get", "pod", "live").code == 0)
    answers = {}

    def follow(name, client):
        answers[name] = client("logs", "live", "--follow", "--timestamps")

    threads = [
        threading.Thread(target=follow, args=each)
        for each in (("cluster", from_cluster), ("podwire", from_podwire))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers["podwire"] == answers["cluster"]
    assert answers["podwire"].out.count(b"\n") == 12


def test_a_follow_ends_with_its_pod(cluster, clients):
    _, from_podwire = clients
    cluster.pod("endless", [container(
        "main", "trap '' TERM; while true; do echo x; sleep 0.2; done")])
    eventually(lambda: b"x" in from_podwire("logs", "endless").out)
    follower = from_podwire.start("logs", "endless", "--follow")
    assert follower.stdout.readline() == b"x\n"
    cluster.delete_pod("endless")
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, err) == (0, b"")
    assert all(
        line == b"x" or line.startswith(b"--- podwire: lines may be missing")
        for line in out.splitlines())


def test_a_watch_of_pods_shows_what_happens(cluster, clients):
    _, from_podwire = clients
    watch = from_podwire.start("get", "pods", "--watch", "--output-watch-events")
    try:
        lines = []
        reader = threading.Thread(
            target=lambda: lines.extend(iter(watch.stdout.readline, b"")), daemon=True)
        reader.start()
        # It runs for longer than kubectl takes to begin: else its end is seen with the Pod itself.
        cluster.pod("seen", [container("main", "sleep 15")])
        eventually(lambda: any(b"ADDED" in line and b"seen" in line for line in lines))
        eventually(lambda: any(b"MODIFIED" in line and b"Completed" in line for line in lines))
        cluster.delete_pod("seen")
        assert from_podwire("get", "pod", "seen").code == 0
        assert not any(b"DELETED" in line for line in lines)
    finally:
        watch.kill()
        watch.communicate(timeout=30)


def test_without_the_token_nothing_is_shown(cluster, tmp_path, start_daemon):
    options, credentials = locked_door(tmp_path)
    daemon = start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace, *options)
    cluster.pod("secret", [container("main", "echo the secret")])
    allowed = to_podwire(daemon, tmp_path, cluster.namespace, **credentials)
    eventually(lambda: allowed("logs", "secret").out == b"the secret\n")
    for token in (None, "x" * 40):
        refused = to_podwire(
            daemon, tmp_path, cluster.namespace, credentials["certificate_authority"], token)
        for arguments in (("logs", "secret"), ("get", "pods"), ("logs", "job/any")):
            answer = refused(*arguments)
            # Without a token kubectl asks for a user's name, on standard output.
            prompt = b"" if token else b"Please enter Username: "
            assert (answer.code, answer.out) == (1, prompt), arguments
            assert b"the secret" not in answer.err
