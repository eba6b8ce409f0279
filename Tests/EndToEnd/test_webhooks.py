"""Events at a webhook's target: all, in order, signed, whatever fails in between."""

import base64
import hmac
import json
import socket
import ssl
import subprocess
import time

import pytest

from api import events, get
from processes import eventually
from simulated import create_pod
from webhook_receiver import Receiver, readme_verification
from workflows import wait_for_job_and_workflow

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

PATIENT = "60s"
"""How long a webhook waits for an answer, where another attempt would be one too many."""

BACKLOG = 180
"""Seconds that hundreds of events may take, one request after the other."""


@pytest.fixture
def start_receiver():
    started = []

    def start(**settings):
        receiver = Receiver(SECRET, **settings).start()
        started.append(receiver)
        return receiver

    yield start
    for receiver in started:
        receiver.close()


@pytest.fixture
def settings_file(tmp_path):
    """Writes settings with these webhooks, whose secret file is there."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)

    def write(*webhooks):
        file = tmp_path / "podwire.yaml"
        file.write_text(json.dumps(  # JSON is YAML.
            {"webhooks": [{"secretFile": str(secret), **webhook} for webhook in webhooks]}))
        return file

    return write


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1, with its key, that is its own authority."""
    path = tmp_path / "target.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", path, "-out", tmp_path / "cert.pem", "-days", "2", "-subj", "/CN=target",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", path)
    return tmp_path / "cert.pem", context


def failing_now_and_then(number):
    """Every 40th request fails, each time in another way."""
    if number % 40 != 25:
        return 200
    return [500, None, (503, {"Retry-After": "1"}), (302, {"Location": "/elsewhere"})][
        number // 40 % 4]


def test_every_event_arrives_in_order_whatever_fails(
        simulator, start_daemon, start_receiver, settings_file):
    receiver = start_receiver(answer=failing_now_and_then)
    daemon = start_daemon(
        simulator.kubeconfig, "--config", settings_file({"name": "engine", "url": receiver.url}))
    pods = [f"p{number}" for number in range(4)]

    def start_pods(*pods):
        """A hundred events each and more, for a phase of its own."""
        for pod in pods:
            create_pod(simulator, pod, lines=1200, rate=100, outputs=";".join(
                f"key{n}=value{n}" for n in range(120)))

    start_pods("p0", "p1")
    eventually(lambda: len(receiver.ids()) > 30)
    daemon.kill()
    daemon.start()
    eventually(lambda: len(receiver.ids()) > 60)

    receiver.stop()
    missed = len(events(daemon)) + 40
    start_pods("p2")
    eventually(lambda: len(events(daemon)) > missed)
    assert get(daemon, "/readyz").status_code == 200, "a target that is away is not our trouble"
    daemon.kill()
    daemon.start()
    eventually(lambda: "connect" in daemon.program.log().split("Serving")[-1])
    receiver.start()

    start_pods("p3")
    eventually(lambda: len(receiver.ids()) > 240, BACKLOG)
    daemon.kill()
    daemon.start()
    for pod in pods:
        assert wait_for_job_and_workflow(daemon, "default", pod)["outcome"] == "success"
    feed = {int(event["id"]): event for event in events(daemon)}
    eventually(lambda: max(receiver.ids()) >= max(feed), BACKLOG)

    assert receiver.ids() == sorted(feed), "each event, the first time in order"
    for _, number, content_type, body in receiver.arrivals:
        assert json.loads(body) == feed[number]
        assert content_type == "application/cloudevents+json; charset=utf-8"
    assert receiver.refused == 0
    failures = sum(
        failing_now_and_then(number) != 200 for number in range(len(receiver.arrivals)))
    repeated = len(receiver.arrivals) - len(feed)
    assert failures >= 3 and repeated <= failures + 3 * 256 + 3, "a crash repeats a few"
    assert SECRET[6:] not in daemon.program.log_path.read_text()


def test_a_stop_in_order_repeats_nothing(simulator, start_daemon, start_receiver, settings_file):
    receiver = start_receiver()
    daemon = start_daemon(
        simulator.kubeconfig, "--config", settings_file(
            {"name": "engine", "url": receiver.url, "timeout": PATIENT}))
    create_pod(simulator, "p", lines=300, rate=100, outputs=";".join(
        f"key{n}=value{n}" for n in range(150)))
    for count in (20, 60, 100):
        eventually(lambda: len(receiver.ids()) > count)
        daemon.stop()
        daemon.start()
    wait_for_job_and_workflow(daemon, "default", "p")
    expected = [int(event["id"]) for event in events(daemon)]
    eventually(lambda: receiver.ids()[-1] >= expected[-1], BACKLOG)
    arrived = [number for _, number, _, _ in receiver.arrivals]
    # Only what was on its way when the daemon stopped may come again: one event a stop.
    assert list(dict.fromkeys(arrived)) == expected and len(arrived) <= len(expected) + 3


def test_targets_do_not_share_their_troubles(
        simulator, start_daemon, start_receiver, settings_file, certificate):
    authority, context = certificate
    receiver = start_receiver(context=context)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        daemon = start_daemon(simulator.kubeconfig, "--config", settings_file(
            {"name": "silent", "url": f"http://127.0.0.1:{silent.getsockname()[1]}/", "timeout": "5m"},
            {"name": "untrusted", "url": f"{receiver.url}/untrusted"},
            {"name": "outputs", "url": f"{receiver.url}/outputs", "caFile": str(authority),
             "types": ["podwire.job.output"], "workflow": "q", "timeout": PATIENT},
            {"name": "all", "url": f"{receiver.url}/", "caFile": str(authority),
             "timeout": PATIENT}))
        for pod in ("p", "q"):
            create_pod(simulator, pod, lines=50, rate=100, outputs="a=1;b=2")
            wait_for_job_and_workflow(daemon, "default", pod)
        feed = events(daemon)
        eventually(lambda: len(receiver.ids()) == len(feed))
        eventually(lambda: len(receiver.ids("/outputs")) == 2)
        assert receiver.ids() == [int(event["id"]) for event in feed]
        wanted = events(daemon, types="podwire.job.output", workflow="q")
        assert len(wanted) == 2
        assert receiver.ids("/outputs") == [int(event["id"]) for event in wanted]
        assert receiver.ids("/untrusted") == []
        assert get(daemon, "/readyz").status_code == 200
        eventually(lambda: "webhook=untrusted" in daemon.program.log())
        told = [line for line in daemon.program.log().splitlines() if "webhook=" in line]
        assert len(told) == 1 and "webhook=untrusted" in told[0] and "certificate" in told[0], told
        daemon.stop()


def test_only_what_podwire_signed_is_taken():
    """The verification of README.md refuses what it should."""
    verified = readme_verification()
    now = str(int(time.time()))

    def signed(body, timestamp=now, secret=SECRET):
        key = base64.b64decode(secret[6:])
        code = hmac.digest(key, f"7.{timestamp}.".encode() + body, "sha256")
        return {"webhook-id": "7", "webhook-timestamp": timestamp,
                "webhook-signature": "v1," + base64.b64encode(code).decode()}

    good = signed(b"{}")
    assert verified(good, b"{}", SECRET)
    two = "v1,AAAA " + good["webhook-signature"]
    assert verified({**good, "webhook-signature": two}, b"{}", SECRET)
    assert not verified(good, b"{ }", SECRET)
    assert not verified({**good, "webhook-id": "8"}, b"{}", SECRET)
    assert not verified(signed(b"{}", str(int(time.time()) - 900)), b"{}", SECRET)
    assert not verified(signed(b"{}", secret="whsec_" + "A" * 32), b"{}", SECRET)
    assert not verified({}, b"{}", SECRET)


def test_check_config_names_what_is_wrong_with_a_webhook(tmp_path, simulator, settings_file):
    from test_bad_input import serve
    file = settings_file({"name": "engine", "url": "engine.example", "secret": "in the open"})
    error = serve("--config", file, "--kubeconfig", simulator.kubeconfig,
                  "--data-dir", tmp_path / "data")
    assert "webhooks[0].url: “engine.example”" in error
    assert "webhooks[0].secret: unknown key" in error and "in the open" not in error
