"""Malformed bytes at a daemon that serves TLS: before the handshake, and as HTTP/2 behind it."""

import socket
import ssl
import struct

import pytest

from api import wait_for_watches
from processes import Daemon, Simulator, eventually
from raw_client import head
from test_transport import make_certificate

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MIB = 1 << 20


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """A daemon that serves TLS, and has its sockets and memory back afterwards."""
    directory = tmp_path_factory.mktemp("abuse-tls")
    make_certificate(directory / "tls", "only")
    settings = directory / "podwire.yaml"
    settings.write_text(
        f"tls: {{certFile: {directory}/tls/tls.crt, keyFile: {directory}/tls/tls.key}}\n"
        # Also for those who behave: long enough for a slow machine.
        "server: {handshakeTimeout: 15s}\n")
    simulator = Simulator(directory, "empty")
    daemon = Daemon(directory, simulator.kubeconfig, "--config", settings).start()
    wait_for_watches(daemon, verify=directory / "tls" / "tls.crt")
    is_served(daemon)
    sockets, memory = daemon.program.sockets(), daemon.program.memory()
    try:
        yield daemon
        eventually(lambda: daemon.program.sockets() <= sockets)
        grown = daemon.program.memory() - memory
        print(f"\nmemory after all malformed input over TLS: {grown / MIB:+.1f} MiB")
        assert grown < 64 * MIB
        daemon.stop()
        assert simulator.program.terminate() == 0
    finally:
        for program in (daemon.program, simulator.program):
            if program.process.poll() is None:
                program.kill()


def connect(daemon):
    return socket.create_connection(("127.0.0.1", daemon.port), timeout=60)


def connect_tls(daemon, *protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    client = context.wrap_socket(connect(daemon))
    assert client.selected_alpn_protocol() == protocols[0]
    return client


def is_served(daemon):
    with connect_tls(daemon, "http/1.1") as client:
        client.sendall(head("GET /healthz HTTP/1.1", "Host: localhost"))
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def read_to_end(client):
    """All that the server sends; whether it says goodbye or resets is its business."""
    received = b""
    try:
        while data := client.recv(65536):
            received += data
    except (ConnectionResetError, ssl.SSLError, BrokenPipeError):
        pass
    return received


BEFORE_TLS = {
    "nothing": b"",
    "a request without TLS": head("GET /healthz HTTP/1.1", "Host: localhost"),
    "HTTP/2 without TLS": PREFACE,
    "noise": bytes(range(256)) * 300,
    "half a hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100,
    "a record of 65,535 bytes": b"\x16\x03\x01\xff\xff" + b"x" * 65_535,
    "a record of another protocol": b"\x80\x2e\x01\x00\x02" + b"x" * 60,
    "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "application data": b"\x17\x03\x03\x00\x10" + b"x" * 16,
    "a hello of no bytes": b"\x16\x03\x01\x00\x00" * 100,
}


@pytest.mark.parametrize("case", BEFORE_TLS)
def test_what_is_no_handshake_ends_the_connection(secured, case):
    with connect(secured) as client:
        try:
            client.sendall(BEFORE_TLS[case])
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert len(read_to_end(client)) < 1_000
    is_served(secured)


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


SETTINGS = frame(4)
GET = b"\x82\x86\x84\x01\x09localhost"  # HPACK: GET, http, /, :authority.
HTTP2 = {
    "no preface": head("GET / HTTP/1.1", "Host: localhost"),
    "a frame of 16 MiB": PREFACE + SETTINGS + frame(0, stream=1, length=(1 << 24) - 1),
    "no settings": PREFACE + frame(1, 5, 1, GET),
    "a request on stream 0": PREFACE + SETTINGS + frame(1, 5, 0, GET),
    "a request on an even stream": PREFACE + SETTINGS + frame(1, 5, 2, GET),
    "data before a request": PREFACE + SETTINGS + frame(0, 1, 1, b"x"),
    "fields that do not unpack": PREFACE + SETTINGS + frame(1, 5, 1, b"\xff" * 20),
    "a window of 0 more": PREFACE + SETTINGS + frame(8, payload=b"\0\0\0\0"),
    "a window beyond 31 bits": PREFACE + SETTINGS + frame(8, payload=b"\x7f\xff\xff\xff") * 2,
    "a ping of 7 bytes": PREFACE + SETTINGS + frame(6, payload=b"1234567"),
    "settings of 5 bytes": PREFACE + frame(4, payload=b"12345"),
    "a continuation of nothing": PREFACE + SETTINGS + frame(9, 4, 1, GET),
    "a push from the client": PREFACE + SETTINGS + frame(5, 4, 1, b"\0\0\0\2" + GET),
    "a request inside another's fields": (
        PREFACE + SETTINGS + frame(1, 1, 1, GET[:4]) + frame(1, 5, 3, GET)),
    "10,000 pings": PREFACE + SETTINGS + frame(6, payload=b"12345678") * 10_000,
    "10,000 settings": PREFACE + SETTINGS * 10_000,
    "5,000 requests taken back": PREFACE + SETTINGS + b"".join(
        frame(1, 5, stream, GET) + frame(3, 0, stream, b"\0\0\0\x08")
        for stream in range(1, 10_001, 2)),
    "fields without an end": (
        PREFACE + SETTINGS + frame(1, 1, 1, GET) + frame(9, 0, 1, b"\0\x01x\x01y" * 100) * 2_000),
}


@pytest.mark.parametrize("case", HTTP2)
def test_what_breaks_http2_ends_the_connection(secured, case):
    with connect_tls(secured, "h2") as client:
        try:
            client.sendall(HTTP2[case])
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            pass
        received = read_to_end(client)
        assert len(received) < MIB
    is_served(secured)
