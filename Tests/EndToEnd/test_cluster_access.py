"""A real service account's token: it works for what RBAC allows, and for nothing else."""

import json
import secrets
import subprocess

import pytest
import requests

from access import Socket, bearer, token_subprotocol
from cluster import Cluster, container
from processes import REPOSITORY, eventually

pytestmark = pytest.mark.cluster

COUNT = "for n in $(seq 1 5); do echo line $n; done"
TICKS = "while true; do echo tick; sleep 0.2; done"


@pytest.fixture
def other(cluster):
    """A second namespace, for which the service account has no rights."""
    other = Cluster(cluster.kubeconfig, f"podwire-access-other-{secrets.token_hex(3)}")
    other.create()
    yield other
    other.delete()


@pytest.fixture
def daemon(cluster, other, start_daemon, tmp_path):
    config = tmp_path / "podwire.yaml"
    config.write_text("auth: {mode: kubernetes, recheck: 1s}\n")
    return start_daemon(
        cluster.kubeconfig, "--config", config, "--namespace", cluster.namespace,
        "--namespace", other.namespace)


def service_account(cluster, name, *rules):
    """A service account with a Role in its namespace; its token, by the TokenRequest API."""
    for manifest in (
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name},
         "rules": [{"apiGroups": [""], "verbs": verbs, "resources": resources}
                   for verbs, resources in rules]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": name},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
         "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": cluster.namespace}]},
    ):
        cluster.apply(manifest)
    return token_of(cluster, name)


def token_of(cluster, name):
    """A token of a service account, by the TokenRequest API; it lives for ten minutes, the least."""
    request = {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"expirationSeconds": 600}}
    answer = cluster.kubectl(
        "create", "--raw",
        f"/api/v1/namespaces/{cluster.namespace}/serviceaccounts/{name}/token", "-f", "-",
        stdin=json.dumps(request).encode())
    return json.loads(answer)["status"]["token"]


def get(daemon, path, token):
    return requests.get(daemon.url + path, headers=bearer(token), timeout=30)


def wait_for_end(daemon, namespace, pod, token):
    def ended():
        answer = get(daemon, f"/v1/jobs/{namespace}/{pod}", token)
        return answer.status_code == 200 and answer.json()["status"] == "end"
    eventually(ended, 120)


def wait_for_log(daemon, path, token):
    """Waits until there is such a log, and the token's right to it."""
    eventually(lambda: get(daemon, path, token).status_code == 200, 120)


def test_a_service_accounts_token_does_what_its_role_says_and_nothing_else(
        cluster, other, daemon):
    for each in (cluster, other):
        each.pod("counting", [container("main", COUNT)])
    logs = service_account(cluster, "logs", (["get"], ["pods/log"]))
    viewer = service_account(cluster, "viewer", (["get"], ["pods", "pods/log"]))
    editor = service_account(cluster, "editor", (["get", "update"], ["pods"]))
    mine, theirs = cluster.namespace, other.namespace
    # The API server hears of roles and bindings as it hears of all objects: a moment later.
    for token in (viewer, editor):
        wait_for_end(daemon, mine, "counting", token)
    wait_for_log(daemon, f"/logs/{mine}/counting", logs)

    log = get(daemon, f"/logs/{mine}/counting", logs)
    assert (log.status_code, log.text) == (200, "".join(f"line {n}\n" for n in range(1, 6)))
    refused = get(daemon, f"/logs/{theirs}/counting", logs)
    assert refused.status_code == 403
    # In the very words of the API server.
    own = subprocess.run(
        ["kubectl", "--kubeconfig", str(cluster.kubeconfig), "get", "--raw",
         f"/api/v1/namespaces/{theirs}/pods/counting/log",
         "--as", f"system:serviceaccount:{mine}:logs"], capture_output=True, timeout=60, check=False)
    assert own.stderr.decode().strip() == (
        "Error from server (Forbidden): " + refused.json()["message"])
    assert get(daemon, f"/v1/jobs/{mine}/counting", logs).status_code == 403
    assert get(daemon, f"/v1/events?namespace={mine}", logs).status_code == 403
    assert get(daemon, "/v1/jobs", logs).json()["items"] == []
    assert get(daemon, "/v1/events?after=0", logs).text == ""

    for path in (f"/v1/jobs/{mine}/counting", f"/v1/workflows/{mine}/counting"):
        assert get(daemon, path, viewer).status_code == 200
        assert get(daemon, path.replace(mine, theirs), viewer).status_code == 403
    items = get(daemon, "/v1/jobs", viewer).json()["items"]
    assert {item["namespace"] for item in items} == {mine}
    subjects = [json.loads(line)["subject"]
                for line in get(daemon, "/v1/events?after=0", viewer).text.splitlines()]
    assert subjects and all(subject.startswith(mine + "/") for subject in subjects)
    assert get(daemon, f"/logs/{mine}/counting", editor).status_code == 403

    declaration = {"stages": [{"name": "s", "jobs": [{"name": "j"}]}]}
    for token, namespace, status in (
            (viewer, mine, 403), (editor, mine, 201), (editor, theirs, 403)):
        answer = requests.put(
            f"{daemon.url}/v1/workflows/{namespace}/declared", json=declaration,
            headers=bearer(token), timeout=30)
        assert answer.status_code == status, answer.text

    whoami = get(daemon, "/v1/whoami", viewer).json()
    assert whoami["user"] == f"system:serviceaccount:{mine}:viewer"
    assert f"system:serviceaccounts:{mine}" in whoami["groups"]
    forged = viewer[:-4] + ("AAAA" if viewer[-4:] != "AAAA" else "BBBB")
    assert get(daemon, f"/logs/{mine}/counting", forged).status_code == 401
    assert get(daemon, f"/logs/{mine}/counting", "").status_code == 401


def test_a_browsers_websocket_ends_when_its_service_account_is_deleted(cluster, daemon):
    token = service_account(cluster, "watcher", (["get"], ["pods/log"]))
    cluster.pod("ticking", [container("main", TICKS)])
    log = f"/logs/{cluster.namespace}/ticking?follow"
    wait_for_log(daemon, f"/logs/{cluster.namespace}/ticking", token)
    messages, code = Socket(
        daemon, log, subprotocols=[token_subprotocol(token), "podwire.v1"]
    ).read_to_end(
        first=lambda: cluster.kubectl(
            "delete", "serviceaccount", "watcher", "-n", cluster.namespace), timeout=120)
    assert code == 4401
    assert json.loads(messages[0])["from"] == 0
    assert get(daemon, log, token).status_code == 401


def test_a_stream_ends_when_its_role_binding_is_deleted(cluster, daemon):
    token = service_account(cluster, "watcher", (["get"], ["pods/log"]))
    cluster.pod("ticking", [container("main", TICKS)])
    wait_for_log(daemon, f"/logs/{cluster.namespace}/ticking", token)
    _, code = Socket(
        daemon, f"/logs/{cluster.namespace}/ticking?follow", bearer(token)
    ).read_to_end(
        first=lambda: cluster.kubectl(
            "delete", "rolebinding", "watcher", "-n", cluster.namespace), timeout=120)
    assert code == 4403


def manifest(cluster, suffix):
    """The objects of config/kubernetes/access.yaml in the test's namespace, under names of its own."""
    objects = json.loads(cluster.kubectl(
        "create", "--dry-run=client", "-o", "json", "-f",
        REPOSITORY / "config/kubernetes/access.yaml").decode().replace("}\n{", "},\n{").join("[]"))
    for each in objects:
        metadata = each["metadata"]
        if "namespace" in metadata:
            metadata["namespace"] = cluster.namespace
        else:
            metadata["name"] += suffix
        for subject in each.get("subjects", []):
            subject["namespace"] = cluster.namespace
        role = each.get("roleRef")
        if role and not role["name"].startswith("system:"):
            role["name"] += suffix
    return [each for each in objects if each["kind"] != "Namespace"]


@pytest.fixture
def roles(cluster):
    """The manifest's roles and bindings; gone behind the test."""
    suffix = "-" + secrets.token_hex(3)
    objects = manifest(cluster, suffix)
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()
    cluster.kubectl("apply", "-f", "-", stdin=text)
    yield suffix
    cluster.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text)


def test_the_manifests_roles_are_enough_for_podwire_and_its_readers(
        cluster, roles, start_daemon, tmp_path):
    config = json.loads(cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
    config["users"] = [{"name": user["name"], "user": {"token": token_of(cluster, "podwire")}}
                       for user in config["users"]]
    kubeconfig = tmp_path / "podwire.kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    settings = tmp_path / "podwire.yaml"
    settings.write_text("auth: {mode: kubernetes}\n")
    daemon = start_daemon(kubeconfig, "--config", settings, "--namespace", cluster.namespace)
    cluster.pod("counting", [container("main", COUNT)])
    cluster.kubectl("create", "serviceaccount", "reader", "-n", cluster.namespace)
    cluster.kubectl(
        "create", "rolebinding", "reader", "-n", cluster.namespace,
        f"--clusterrole=podwire-reader{roles}", f"--serviceaccount={cluster.namespace}:reader")
    token = token_of(cluster, "reader")
    wait_for_end(daemon, cluster.namespace, "counting", token)
    assert get(daemon, f"/logs/{cluster.namespace}/counting", token).status_code == 200
    declaration = {"stages": [{"name": "s", "jobs": [{"name": "j"}]}]}
    path = f"{daemon.url}/v1/workflows/{cluster.namespace}/declared"

    def declare():
        return requests.put(path, json=declaration, headers=bearer(token), timeout=30).status_code
    assert declare() == 403
    cluster.kubectl(
        "create", "rolebinding", "engine", "-n", cluster.namespace,
        f"--clusterrole=podwire-engine{roles}", f"--serviceaccount={cluster.namespace}:reader")
    eventually(lambda: declare() in (200, 201))
