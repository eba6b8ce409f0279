"""kubectl with a real service account's token over TLS: Podwire allows it what the API server allows
it, and refuses the rest in the API server's words."""

import base64
import json

import pytest

from cluster import container
from kubectl import Kubectl, answers, differences, to_podwire, without_credentials
from processes import eventually
from test_cluster_access import COUNT, other, service_account  # noqa: F401 (a fixture)
from test_transport import make_certificate

pytestmark = pytest.mark.cluster

READER = (["get", "list", "watch"], ["pods", "pods/log"])
LOGS_ALONE = (["get"], ["pods/log"])
PODS_ALONE = (["get", "list"], ["pods"])


@pytest.fixture
def daemon(cluster, other, start_daemon, tmp_path):  # noqa: F811
    make_certificate(tmp_path / "tls", "kubectl")
    settings = tmp_path / "podwire.yaml"
    settings.write_text(json.dumps({
        "tls": {"certFile": f"{tmp_path}/tls/tls.crt", "keyFile": f"{tmp_path}/tls/tls.key"},
        "auth": {"mode": "kubernetes"},
    }))
    return start_daemon(
        cluster.kubeconfig, "--config", settings, "--namespace", cluster.namespace,
        "--namespace", other.namespace)


def to_cluster(cluster, directory, token):
    """kubectl that asks the cluster, with no more than the token."""
    configured = json.loads(cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
    server = configured["clusters"][0]["cluster"]
    authority = directory / "cluster.crt"
    authority.write_bytes(base64.b64decode(server["certificate-authority-data"]))
    return Kubectl(without_credentials(directory), cluster.namespace, (
        "--server", server["server"], "--certificate-authority", authority, "--token", token))


def test_a_token_gives_kubectl_what_it_gives_on_the_cluster(
        cluster, other, daemon, tmp_path):  # noqa: F811
    for each in (cluster, other):
        each.pod("counting", [container("main", COUNT)])
    authority = tmp_path / "tls/tls.crt"
    commands = [
        (*command, "--namespace", namespace)
        for namespace in (cluster.namespace, other.namespace)
        for command in (
            ("logs", "counting"), ("logs", "counting", "--tail=2", "--timestamps"),
            ("logs", "counting", "--follow"), ("logs", "nobody"), ("get", "pods", "-o", "name"),
            ("get", "pod", "counting", "-o", "name"))]
    for role, rules, allowed in (
            ("reader", READER, 5), ("logs", LOGS_ALONE, 0), ("pods", PODS_ALONE, 2)):
        token = service_account(cluster, role, rules)
        from_cluster = to_cluster(cluster, tmp_path, token)
        from_podwire = to_podwire(daemon, tmp_path, cluster.namespace, authority, token)
        if rules is READER:
            eventually(lambda: from_podwire("logs", "counting", "--follow").out.count(b"\n") == 5)
        expected = eventually(lambda: (
            lambda found: found if succeeded(found) == allowed else None)(
                answers(commands, from_cluster)))
        assert differences(expected, answers(commands, from_podwire)) == {}, role


def succeeded(found):
    """How many of the answers are no errors."""
    return sum(answer.code == 0 for answer in found.values())
