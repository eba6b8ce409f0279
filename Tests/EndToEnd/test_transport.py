"""The daemon over TLS and HTTP/2: the same bytes, in every way that a client may ask."""

import asyncio
import os
import ssl
import subprocess

import pytest
import requests
import websockets

from processes import eventually
from simulated import create_pod, written_log


def make_certificate(folder, name):
    """A new certificate for localhost, swapped in as Kubernetes swaps a Secret."""
    version = folder / f"..{name}"
    version.mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", f"/O={name}/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", version / "tls.key", "-out", version / "tls.crt"],
        check=True, capture_output=True, timeout=30)
    (folder / "..data_tmp").symlink_to(version.name)
    os.replace(folder / "..data_tmp", folder / "..data")
    for file in ("tls.crt", "tls.key"):
        if not (folder / file).is_symlink():
            (folder / file).symlink_to(f"..data/{file}")


@pytest.fixture
def certificates(tmp_path):
    folder = tmp_path / "tls"
    make_certificate(folder, "first")
    return folder


@pytest.fixture
def secured(tmp_path, simulator, start_daemon, certificates):
    """A daemon that serves TLS."""
    settings = tmp_path / "podwire.yaml"
    settings.write_text(
        f"tls: {{certFile: {certificates}/tls.crt, keyFile: {certificates}/tls.key}}\n")
    return start_daemon(simulator.kubeconfig, "--config", settings)


def curl(url, *options):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "60", *options, url],
        capture_output=True, timeout=90, check=False)


def organization(daemon):
    """Whose certificate a client is shown."""
    shown = ssl.get_server_certificate(("127.0.0.1", daemon.port))
    text = subprocess.run(
        ["openssl", "x509", "-noout", "-subject"], input=shown.encode(), capture_output=True,
        check=True, timeout=30)
    return text.stdout.decode().split("O = ")[1].split(",")[0]


def test_every_client_gets_the_same_log_over_tls(simulator, secured, certificates):
    assert secured.url.startswith("https://")
    create_pod(simulator, "secured", lines=300, rate=150)
    url = f"https://localhost:{secured.port}/logs/default/secured"
    followed = {
        version: curl(
            f"{url}?follow", version, "--cacert", certificates / "tls.crt",
            "--write-out", "%{stderr}%{http_version}")
        for version in ("--http1.1", "--http2")}
    written = written_log(simulator, "secured")
    assert {version: (result.returncode, result.stderr, result.stdout == written)
            for version, result in followed.items()} == {
        "--http1.1": (0, b"1.1", True), "--http2": (0, b"2", True)}
    assert requests.get(url, verify=certificates / "tls.crt", timeout=30).content == written

    async def listen():
        context = ssl.create_default_context(cafile=certificates / "tls.crt")
        frames = []
        async with websockets.connect(
                url.replace("https", "wss"), ssl=context, open_timeout=60,
                ping_timeout=60) as socket:
            async for frame in socket:
                frames.append(frame)
        return "".join(frames).encode()

    assert asyncio.run(asyncio.wait_for(listen(), 60)) == written


def test_http2_without_tls_gives_the_same_log(simulator, daemon):
    create_pod(simulator, "plain", lines=200, rate=100)
    answer = curl(
        f"{daemon.url}/logs/default/plain?follow", "--http2-prior-knowledge",
        "--write-out", "%{stderr}%{http_version}")
    assert (answer.returncode, answer.stderr) == (0, b"2")
    assert answer.stdout == written_log(simulator, "plain")


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_body_that_the_daemon_could_not_finish_is_an_error(
        simulator, secured, certificates, version, end):
    create_pod(simulator, "cut", lines=100_000, rate=100)
    with subprocess.Popen(
            ["curl", "--silent", "--no-buffer", "--max-time", "60", version,
             "--cacert", certificates / "tls.crt",
             f"https://localhost:{secured.port}/logs/default/cut?follow"],
            stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline()
        getattr(secured, end)()
        reader.stdout.read()
        # Not complete, the stream reset, or the connection, in receiving or in sending what HTTP/2
        # sends by itself: whatever curl sees first.
        assert reader.wait(60) in (18, 55, 56, 92)


def test_a_new_certificate_is_taken_up_and_a_broken_one_is_not(simulator, secured, certificates):
    create_pod(simulator, "rotated", lines=1_000, rate=50)
    assert organization(secured) == "first"
    with subprocess.Popen(
            ["curl", "--silent", "--max-time", "90", "--insecure",
             f"https://localhost:{secured.port}/logs/default/rotated?follow"],
            stdout=subprocess.PIPE) as reader:
        make_certificate(certificates, "second")
        eventually(lambda: organization(secured) == "second")
        (certificates / "..second" / "tls.crt").write_text("broken")
        eventually(lambda: "has no PEM certificate" in secured.program.log())
        assert organization(secured) == "second"
        # The reader's connection is the first one all the while.
        text = reader.stdout.read()
        assert reader.wait(60) == 0
    assert text == written_log(simulator, "rotated")


def test_http_on_the_port_of_https_is_told_so(secured):
    answer = requests.get(f"http://localhost:{secured.port}/healthz", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["kind"] == "Status"
    assert "HTTPS" in answer.json()["message"]
