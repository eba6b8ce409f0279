"""What bad input gets: a clear error, and nothing half-started."""

import socket
import subprocess

import pytest
import requests

from api import get
from held_port import HeldPort
from processes import BINARIES, REPOSITORY, eventually


def serve(*arguments, environment=None, timeout=60):
    """`podwire serve` that is expected to refuse; its standard error."""
    result = subprocess.run(
        [BINARIES / "podwire", "serve", "--web-dir", REPOSITORY / "web", *map(str, arguments)],
        capture_output=True, timeout=timeout, check=False, env=environment)
    assert result.returncode == 1, (result.returncode, result.stderr.decode())
    assert result.stdout == b""
    return result.stderr.decode()


@pytest.fixture
def kubeconfig(tmp_path):
    """A kubeconfig whose API server is not there."""
    path = tmp_path / "kubeconfig"
    path.write_text("""
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
""")
    return path


@pytest.mark.parametrize("text, words", [
    ("logLevel: loud", ["logLevel", "loud", "trace"]),
    ("capture: {startsPerSecond: 0}", ["capture.startsPerSecond", "1 to 10000"]),
    ("capture: {recycleAfter: 4h}", ["capture.recycleAfter", "4h"]),
    ("store: {queueBytes: 64MB}", ["store.queueBytes", "64MB", "MiB"]),
    ("lissten: 127.0.0.1:0", ["lissten", "unknown key"]),
    ("listen: 0.0.0.0:8420", ["listen", "0.0.0.0", "authentication"]),
    ("listen: nowhere", ["listen", "nowhere"]),
    ("keys: [{workflow: fixed}]", ["keys[0].workflow", "placeholder"]),
    ("tls: {certFile: /etc/hostname}", ["tls.keyFile", "missing"]),
    ("tls: {certFile: /etc/hostname, keyFile: /etc/hostname}", ["tls", "/etc/hostname", "PEM"]),
    ("server: {stallTimeout: 10ms}", ["server.stallTimeout", "10ms"]),
    ("namespaces: [default, Not one]", ["namespaces", "Not one", "lower-case"]),
    ("selector: a in (", ["selector", "a in (", "unable to parse"]),
    ("- a list", ["mapping"]),
    ("a: [", ["YAML"]),
])
def test_a_bad_setting_names_key_value_and_what_is_allowed(tmp_path, kubeconfig, text, words):
    file = tmp_path / "podwire.yaml"
    file.write_text(text)
    error = serve(
        "--config", file, "--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data")
    for word in words:
        assert word in error
    assert not (tmp_path / "data").exists(), "nothing is half-started"
    check = subprocess.run(
        [BINARIES / "podwire", "check-config", "--config", file, "--kubeconfig", kubeconfig,
         "--web-dir", REPOSITORY / "web"], capture_output=True, timeout=60, check=False)
    assert check.returncode == 1
    assert words[0] in check.stderr.decode()


def test_check_config_names_what_is_wrong_with_settings_and_kubeconfig_at_once(tmp_path):
    check = subprocess.run(
        [BINARIES / "podwire", "check-config", "--kubeconfig", tmp_path / "none",
         "--log-level", "loud", "--web-dir", REPOSITORY / "web"],
        capture_output=True, timeout=30, check=False)
    assert check.returncode == 1
    error = check.stderr.decode()
    assert "logLevel" in error and str(tmp_path / "none") in error


def test_check_config_accepts_what_is_right(kubeconfig):
    check = subprocess.run(
        [BINARIES / "podwire", "check-config", "--config", REPOSITORY / "config/podwire.yaml",
         "--kubeconfig", kubeconfig, "--web-dir", REPOSITORY / "web"],
        capture_output=True, timeout=60, check=False)
    assert check.returncode == 0, check.stderr.decode()


def test_the_page_of_its_checkout_is_found_wherever_a_binary_is_started(tmp_path, kubeconfig):
    check = subprocess.run(
        [BINARIES / "podwire", "check-config", "--kubeconfig", kubeconfig],
        cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert check.returncode == 0, check.stderr.decode()


@pytest.mark.parametrize("old, new, words", [
    ("current-context: x", "current-context: y", ["y"]),
    ("user: {}", "user: {exec: {}}", ["exec"]),
    ("cluster: c, user", "cluster: d, user", ["d"]),
    ("users: [", "users: {", ["kubeconfig"]),
])
def test_a_broken_kubeconfig_names_the_file_and_the_key(tmp_path, kubeconfig, old, new, words):
    kubeconfig.write_text(kubeconfig.read_text().replace(old, new))
    error = serve("--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data")
    assert str(kubeconfig) in error
    for word in words:
        assert word in error


def test_no_cluster_at_all_says_where_it_looked(tmp_path):
    error = serve(
        "--data-dir", tmp_path / "data",
        environment={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert "kubeconfig" in error and "service account" in error


def test_an_occupied_port_is_named(tmp_path, kubeconfig):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        error = serve(
            "--listen", address, "--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data")
        assert address in error and "in use" in error


def test_a_data_directory_that_is_a_file_is_refused(tmp_path, kubeconfig):
    (tmp_path / "data").write_text("not a directory")
    error = serve("--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert str(tmp_path / "data") in error


def test_a_corrupt_database_is_refused_and_left_alone(tmp_path, kubeconfig):
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "podwire.db"
    database.write_bytes(b"this is no database" * 1000)
    error = serve("--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert "podwire.db" in error
    assert database.read_bytes() == b"this is no database" * 1000


def test_two_daemons_do_not_share_a_data_directory(simulator, daemon):
    error = serve(
        "--kubeconfig", simulator.kubeconfig, "--data-dir", daemon.directory / "data",
        "--listen", "127.0.0.1:0")
    assert str(daemon.directory / "data") in error


def test_an_api_server_out_of_reach_is_told_and_tried_again(tmp_path, kubeconfig):
    # It is not ready and tells no port, so it is given one.
    held = HeldPort()
    port = held.number
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [BINARIES / "podwire", "serve", "--web-dir", REPOSITORY / "web",
             "--kubeconfig", kubeconfig, "--data-dir", tmp_path / "data",
             "--listen", f"127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=log)
        try:
            def reasons():
                try:
                    answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60)
                except requests.ConnectionError:
                    return None
                return answer.text if answer.status_code == 503 and "127.0.0.1" in answer.text \
                    else None
            assert "127.0.0.1" in eventually(reasons)
            assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code == 200
        finally:
            process.terminate()
            assert process.wait(60) == 0
            held.close()
    assert "127.0.0.1:1" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("path, code, words", [
    ("/logs/default/nobody", 404, ["nobody"]),
    ("/logs/default", 404, []),
    ("/logs/default/p?tailLines=-1", 422, ["tailLines", "-1"]),
    ("/logs/default/p?tailLines=x", 400, ["tailLines", "x"]),
    ("/logs/default/p?sinceSeconds=0", 422, ["sinceSeconds"]),
    ("/logs/default/p?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", 422, ["sinceTime"]),
    ("/logs/default/p?limitBytes=0", 422, ["limitBytes"]),
    ("/logs/default/p?sinceTime=yesterday", 400, ["sinceTime", "yesterday"]),
    ("/logs/default/p?attempt=first", 400, ["attempt", "first"]),
    ("/logs/default/p?from=-3", 400, ["from"]),
    ("/v1/jobs/default/nobody", 404, ["nobody"]),
    ("/v1/jobs?limit=many", 400, ["limit", "many"]),
    ("/v1/events?after=x", 400, ["after", "x"]),
    ("/v1/nothing", 404, []),
    ("/../../etc/passwd", 400, []),
    ("/%2e%2e/%2e%2e/etc/passwd", 400, []),
])
def test_a_bad_request_gets_a_status_object(daemon, path, code, words):
    connection = requests.Session()
    request = requests.Request("GET", daemon.url).prepare()
    request.url = daemon.url + path
    answer = connection.send(request, timeout=30)
    assert answer.status_code == code, answer.text
    status = answer.json()
    assert (status["kind"], status["code"]) == ("Status", answer.status_code)
    for word in words:
        assert word in status["message"]


def test_a_foreign_host_and_a_foreign_origin_are_refused(daemon):
    answer = requests.get(daemon.url + "/v1/jobs", headers={"Host": "evil.example"}, timeout=30)
    assert answer.status_code in (403, 421), answer.text
    answer = get(daemon, "/v1/jobs")
    assert "Access-Control-Allow-Origin" not in answer.headers
