"""Bodies of requests: bounded all together and in time, with an answer that says so."""

import select
import socket
import time

import h2.connection
import h2.events
import pytest
import requests

from processes import eventually
from raw_client import RawClient, head

LONGEST, IN_ALL, PART = 64 << 10, 256 << 10, 60 << 10
PLAN = b'{"stages":[{"name":"s","jobs":[{"name":"j"}]}]}'


@pytest.fixture
def daemon(simulator, start_daemon, tmp_path):
    settings = tmp_path / "podwire.yaml"
    settings.write_text(
        "server: {maxBodyBytes: 64KiB, maxBodyBytesInAll: 256KiB, bodyTimeout: 10m,"
        " wholeBodyTimeout: 10m}\n")
    return start_daemon(simulator.kubeconfig, "--config", settings)


@pytest.fixture
def hasty(simulator, start_daemon, tmp_path):
    settings = tmp_path / "hasty.yaml"
    settings.write_text("server: {bodyTimeout: 1m, wholeBodyTimeout: 1s}\n")
    return start_daemon(simulator.kubeconfig, "--config", settings)


def declaration(number):
    return head(
        f"PUT /v1/workflows/default/w{number} HTTP/1.1", "Host: localhost",
        f"Content-Length: {LONGEST}")


def test_bodies_are_bounded_all_together(daemon):
    body = PLAN.ljust(LONGEST)
    clients = [RawClient(daemon.url) for _ in range(5)]
    for number, client in enumerate(clients):
        client.send(declaration(number) + body[:PART])
    assert PART * 4 <= IN_ALL < PART * 5, "one too many"
    refused, _, _ = select.select([client.socket for client in clients], [], [], 60)
    assert len(refused) == 1
    late = next(client for client in clients if client.socket is refused[0])
    answer = late.answer()
    assert answer.status == 503 and answer.fields["retry-after"] == "1", answer
    assert b'"reason":"ServiceUnavailable"' in answer.body and b"bodies of all requests" in answer.body
    # Whatever has no body is served, and who was not refused is answered.
    assert requests.get(daemon.url + "/v1/jobs", timeout=30).status_code == 200
    for client in clients:
        if client is not late:
            client.send(body[PART:])
            assert client.answer().status in (200, 201)
    again = RawClient(daemon.url)
    again.send(declaration(9) + body)
    assert again.answer().status in (200, 201)
    for client in [*clients, again]:
        client.socket.close()


def test_who_goes_away_gives_the_room_of_its_body_back(daemon):
    for _ in range(3):
        clients = [RawClient(daemon.url) for _ in range(4)]
        for number, client in enumerate(clients):
            client.send(declaration(number) + bytes(PART))
            client.socket.close()

    def is_taken():
        with RawClient(daemon.url) as client:
            client.send(declaration(0) + PLAN.ljust(LONGEST))
            return client.answer().status in (200, 201)
    eventually(is_taken)


def drip(connection, send, began):
    """Sends a little again and again until there is an answer, and says how long that took."""
    while not select.select([connection], [], [], 0.05)[0]:
        send()
        assert time.monotonic() - began < 60, "a body drips in, and nobody minds"
    return time.monotonic() - began


@pytest.mark.parametrize("framing, piece", [
    ("Content-Length: 1000", b" "), ("Transfer-Encoding: chunked", b"1\r\n \r\n")])
def test_a_body_that_drips_in_is_not_waited_for(hasty, framing, piece):
    with RawClient(hasty.url) as client:
        began = time.monotonic()
        client.send(head("PUT /v1/workflows/default/w HTTP/1.1", "Host: localhost", framing))
        # The server's clock counts whole milliseconds.
        assert drip(client.socket, lambda: client.send(piece), began) > 0.999
        answer = client.answer()
        assert answer.status == 408 and b"body did not arrive in time" in answer.body, answer


def test_a_body_that_drips_in_over_http2_is_not_waited_for(hasty):
    with socket.create_connection(("127.0.0.1", hasty.port), timeout=60) as connection:
        client = h2.connection.H2Connection()
        client.initiate_connection()
        client.send_headers(1, [
            (":method", "PUT"), (":scheme", "http"), (":authority", "localhost"),
            (":path", "/v1/workflows/default/w")])
        connection.sendall(client.data_to_send())
        status = None
        began = time.monotonic()
        while status is None:
            def send():
                client.send_data(1, b" ")
                connection.sendall(client.data_to_send())
            drip(connection, send, began)
            data = connection.recv(65536)
            assert data, "the connection was closed without an answer"
            for event in client.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
        assert status == b"408"
