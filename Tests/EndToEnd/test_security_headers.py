"""The header fields that every answer has: the page's, the API's, and the server's own errors."""

import ssl

import pytest
import requests

from raw_client import RawClient, head
from test_transport import make_certificate

FIELDS = {
    "cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY",
    "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
STRICT = "Strict-Transport-Security"
OWN_ERRORS = {
    "no request": (b"nonsense\r\n\r\n", 400),
    "a body without an end": (head(
        "POST /v1/tickets HTTP/1.1", "Host: localhost", "Content-Length: -1"), 400),
    "half a head": (b"GET / HTTP/1.1\r\nHost: loc", 408),
    "half a body": (head(
        "POST /v1/tickets HTTP/1.1", "Host: localhost", "Content-Length: 9") + b"{", 408),
    "too long a body": (head(
        "POST /v1/tickets HTTP/1.1", "Host: localhost", "Content-Length: 99999999"), 413),
    "an expectation": (head("GET / HTTP/1.1", "Host: localhost", "Expect: magic"), 417),
    "no version": (head(
        "GET /v1/ws HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 1"), 426),
    "too long a head": (head("GET / HTTP/1.1", "Host: localhost", "X: " + 40_000 * "x"), 431),
    "another coding": (head(
        "POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip"), 501),
}
# No short headTimeout: a client that is slow to begin is closed without a word. Here that is 10 s.
SETTINGS = "web: {hosts: [podwire.example]}\nserver: {bodyTimeout: 500ms}\n"


def lower(fields):
    return {name.lower(): value for name, value in fields.items()}


def has_all(fields):
    fields = lower(fields)
    assert {name: fields.get(name) for name in FIELDS} == FIELDS
    assert "frame-ancestors 'none'" in fields["content-security-policy"]
    assert "permissions-policy" in fields


@pytest.fixture
def clear(simulator, start_daemon, tmp_path):
    settings = tmp_path / "clear.yaml"
    settings.write_text(SETTINGS)
    return start_daemon(simulator.kubeconfig, "--config", settings)


@pytest.fixture
def secured(simulator, start_daemon, tmp_path):
    make_certificate(tmp_path / "tls", "headers")
    settings = tmp_path / "secured.yaml"
    settings.write_text(
        SETTINGS + f"tls: {{certFile: {tmp_path}/tls/tls.crt, keyFile: {tmp_path}/tls/tls.key}}\n")
    return start_daemon(simulator.kubeconfig, "--config", settings)


class SecureClient(RawClient):
    """The same over TLS."""

    def __init__(self, url):
        super().__init__(url)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)


@pytest.mark.parametrize("is_secure", [False, True])
def test_errors_of_the_servers_own_have_the_headers(request, is_secure):
    daemon = request.getfixturevalue("secured" if is_secure else "clear")
    for name, (sent, status) in OWN_ERRORS.items():
        with (SecureClient if is_secure else RawClient)(daemon.url) as client:
            client.send(sent)
            answer = client.answer()
            assert answer and answer.status == status, (name, answer)
            has_all(answer.fields)
            assert STRICT.lower() not in answer.fields, "no name was read that it would hold for"


def test_http_on_the_port_of_https_has_the_headers(secured):
    answer = requests.get(f"http://localhost:{secured.port}/healthz", timeout=30)
    assert answer.status_code == 400
    has_all(answer.headers)
    assert STRICT not in answer.headers


def test_browsers_are_told_to_come_back_to_a_name_only_over_tls(clear, secured, tmp_path):
    for path in ("/", "/healthz", "/v1/jobs", "/logs/default/nobody", "/v1/nothing"):
        for daemon in (clear, secured):
            for host in ("podwire.example", f"podwire.example:{daemon.port}", "localhost",
                         f"127.0.0.1:{daemon.port}", "[::1]"):
                answer = requests.get(
                    daemon.url.replace("127.0.0.1", "localhost") + path, headers={"Host": host},
                    verify=tmp_path / "tls" / "tls.crt", timeout=30)
                is_told = daemon is secured and host.startswith("podwire.example")
                assert answer.headers.get(STRICT) == ("max-age=31536000" if is_told else None)
                if path != "/":
                    has_all(answer.headers)
