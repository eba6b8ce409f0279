"""The examples of README.md do what it says they do."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys

import pytest
import requests

from api import events, get, wait_for_job
from held_port import HeldPort
from processes import REPOSITORY, eventually
from simulated import create_pod
from workflows import wait_for_workflow

ADDRESS = "http://127.0.0.1:8420"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def example(language, containing):
    """The one block of code of the README in which this text stands."""
    blocks = re.findall(
        rf"```{language}\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    found = [block for block in blocks if containing in block]
    assert len(found) == 1, f"{len(found)} examples in {language} have {containing!r}"
    return found[0]


@pytest.fixture
def run(tmp_path):
    """Starts a program; its standard output, line by line, in a growing file."""
    started = []

    def start(command):
        output = tmp_path / f"output{len(started)}"
        with open(output, "wb") as file, open(tmp_path / f"errors{len(started)}", "wb") as errors:
            started.append(subprocess.Popen(
                command, stdout=file, stderr=errors, cwd=tmp_path, start_new_session=True))
        return lambda: output.read_text().splitlines()

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)  # Its children, too: curl in a loop.
        process.wait()


def labelled(simulator, job, outputs, lines=3):
    create_pod(simulator, job, lines=lines, rate=20, outputs=outputs, labels={
        "podwire.dev/workflow": "etl", "podwire.dev/job": job})


def test_declare(daemon):
    script = example("sh", "-X PUT http://127.0.0.1:8420/v1/workflows").replace(
        ADDRESS, daemon.url)
    first, second = (
        subprocess.run(["bash", "-euc", script], capture_output=True, check=True, timeout=30).stdout
        for _ in range(2))
    assert json.loads(first) == json.loads(second)
    document = json.loads(first)
    assert (document["status"], document["run"]) == ("pending", "2026-11-24")
    assert [job["job"] for stage in document["stages"] for job in stage["jobs"]] == [
        "orders", "customers", "publish"]


def test_subscribe_with_curl(simulator, daemon, run):
    script = example("sh", "v1/consumers/engine").replace(ADDRESS, daemon.url)
    process_lines = run(["bash", "-euc", script])
    labelled(simulator, "orders", "rows=3")
    labelled(simulator, "customers", "rows=4")
    create_pod(simulator, "foreign", lines=1, rate=0)

    def lines():
        return [line for line in process_lines() if line.startswith("default/etl/")]

    eventually(lambda: len(lines()) == 2)
    assert sorted(lines()) == [
        'default/etl/customers success {"rows":"4"}', 'default/etl/orders success {"rows":"3"}']
    last = int(events(daemon, types="podwire.job.end", workflow="etl")[-1]["id"])
    eventually(lambda: get(daemon, "/v1/consumers/engine").json()["acknowledged"] == last)


def test_sse_in_python_goes_on_after_a_kill(simulator, daemon, run):
    script = example("python", "text/event-stream").replace(ADDRESS, daemon.url)
    lines = run([sys.executable, "-c", script])
    create_pod(simulator, "p", lines=300, rate=50, outputs=";".join(
        f"key{n}=value{n}" for n in range(60)))
    eventually(lambda: len(lines()) > 15)
    daemon.kill()
    daemon.start()
    wait_for_job(daemon, "default", "p")
    expected = [
        f"{event['id']} default/p/p key{n} value{n}"
        for n, event in enumerate(events(daemon, types="podwire.job.output"))]
    eventually(lambda: len(lines()) >= len(expected))
    assert (lines(), len(expected)) == (expected, 60)


def test_a_webhook_receiver_in_python(request, simulator, start_daemon, tmp_path, run):
    held = HeldPort()
    request.addfinalizer(held.close)
    port = held.number
    script = example("python", "def verified(") + example("python", "class Receiver")
    lines = run([sys.executable, "-c", f"{script}\nserve({port}, {SECRET!r})"])
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    settings = tmp_path / "podwire.yaml"
    settings.write_text(json.dumps({"webhooks": [  # JSON is YAML.
        {"name": "engine", "url": f"http://127.0.0.1:{port}/", "secretFile": str(secret)}]}))
    daemon = start_daemon(simulator.kubeconfig, "--config", settings)
    labelled(simulator, "orders", ";".join(f"key{n}=v" for n in range(40)), lines=80)
    eventually(lambda: len(lines()) > 10)
    daemon.kill()
    daemon.start()
    wait_for_job(daemon, "default", "orders")
    wait_for_workflow(daemon, "default", "etl")
    expected = [
        f"{event['id']} {event['type']} {event['subject']}" for event in events(daemon)]
    eventually(lambda: len(lines()) >= len(expected))
    assert lines() == expected
    forged = subprocess.run(
        ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/",
         "--json", '{"id": "9999"}'], capture_output=True, check=True, timeout=30)
    assert forged.stdout == b"403"


def test_file_of_tokens(simulator, start_daemon, tmp_path):
    token = "a-token-of-24-characters-or-more"
    digest = hashlib.sha256(b"the engine's own").hexdigest()
    file = tmp_path / "tokens.yaml"
    file.write_text(example("yaml", "sha256: ").replace("8ed3f6ad…", digest))
    file.chmod(0o640)
    config = tmp_path / "podwire.yaml"
    config.write_text(f"auth: {{mode: static, tokensFile: {file}}}\n")
    daemon = start_daemon(simulator.kubeconfig, "--config", config)
    for namespace, status in (("batch", 200), ("other", 403)):
        answer = requests.get(
            daemon.url + "/v1/jobs", params={"namespace": namespace},
            headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code == status
    whoami = requests.get(
        daemon.url + "/v1/whoami", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert whoami.json() == {"user": "engine", "groups": ["engines"], "authentication": "static"}
