"""Malformed requests and frames: each gets its answer, and nobody else notices.

The cases run one after the other on one daemon. Behind each of them another client is served; behind
all of them the daemon has the descriptors it had before, and about the memory.
"""

import json

import pytest
import requests

from api import wait_for_watches
from processes import Daemon, Simulator, eventually
from raw_client import RawClient, frame, head

MIB = 1 << 20
MESSAGE = 64 << 10
HOST = "Host: localhost"
ACK = b'{"sequence":0}'


@pytest.fixture(scope="module")
def abused(tmp_path_factory):
    """A daemon that takes all the abuse, and is as it was afterwards."""
    directory = tmp_path_factory.mktemp("abuse")
    simulator = Simulator(directory, "empty")
    daemon = Daemon(directory, simulator.kubeconfig).start()
    answer = requests.put(daemon.url + "/v1/consumers/abused", json={}, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    # One of each kind first: what is made once is no leak.
    wait_for_watches(daemon)
    is_served(daemon)
    with RawClient(daemon.url) as client:
        client.upgrade("/v1/events").send(frame(0x88, b"\x03\xe8"))
        assert client.close_code() == 1000
    before = descriptors(daemon)
    memory = daemon.program.memory()
    try:
        yield daemon
        eventually(lambda: len(descriptors(daemon)) <= len(before))
        grown = daemon.program.memory() - memory
        print(f"\nmemory after all malformed input: {grown / MIB:+.1f} MiB of {memory / MIB:.1f} MiB")
        assert grown < 64 * MIB
        assert "error" not in daemon.program.log()
        daemon.stop()
        assert simulator.program.terminate() == 0
    finally:
        for program in (daemon.program, simulator.program):
            if program.process.poll() is None:
                program.kill()


def descriptors(daemon):
    """What the daemon has open; the database aside, whose readers are opened as they are needed."""
    return [link for link in daemon.program.descriptors() if "podwire.db" not in link]


def is_served(daemon):
    """Whether another client gets what it asks for."""
    with RawClient(daemon.url) as client:
        client.send(head("GET /v1/jobs HTTP/1.1", HOST))
        answer = client.answer()
        assert answer is not None and answer.status == 200, answer
        assert json.loads(answer.body)["items"] == []


def get(target, *fields):
    return head(f"GET {target} HTTP/1.1", HOST, *fields)


def post(*fields, body=b"", path="/v1/consumers/abused/ack", version="1.1"):
    return head(f"POST {path} HTTP/{version}", HOST, *fields) + body


def chunked(body):
    return post("Transfer-Encoding: chunked", body=body)


# What is sent, the status of the answer, and whether the server closes behind it.
REQUESTS = {
    # Two readers of one connection must see the same requests in it.
    "two lengths": (post("Content-Length: 14", "Content-Length: 13", body=ACK), 400, True),
    "a list of lengths": (post("Content-Length: 14, 13", body=ACK), 400, True),
    "the same length twice": (
        post("Content-Length: 14", "Content-Length: 14", body=ACK), 200, False),
    "length and coding": (
        post("Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400, True),
    "coding and length": (
        post("Transfer-Encoding: chunked", "Content-Length: 4", body=b"0\r\n\r\n"), 400, True),
    "coding in HTTP/1.0": (
        post("Transfer-Encoding: chunked", body=b"0\r\n\r\n", version="1.0"), 400, True),
    "a coding behind chunked": (post("Transfer-Encoding: chunked, gzip"), 501, True),
    "a coding before chunked": (post("Transfer-Encoding: gzip, chunked"), 501, True),
    "chunked twice": (
        post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501, True),
    "almost chunked": (post("Transfer-Encoding: xchunked"), 501, True),
    "no coding": (post("Transfer-Encoding:"), 501, True),
    "a coding behind a vertical tab": (post("Transfer-Encoding: \x0bchunked"), 400, True),
    "a blank before the colon": (post("Transfer-Encoding : chunked"), 400, True),
    "a field that is folded": (get("/v1/jobs", "X: a", " b"), 400, True),
    "a first field that is folded": (head("GET /v1/jobs HTTP/1.1", " X: a", HOST), 400, True),
    "bare line feeds": (b"GET /v1/jobs HTTP/1.1\nHost: localhost\n\n", 400, True),
    "one bare line feed": (b"GET /v1/jobs HTTP/1.1\r\nX: a\nHost: localhost\r\n\r\n", 400, True),
    "a head that ends in bare line feeds": (
        b"GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX: a\n\nGET / HTTP/1.1\r\n\r\n", 400, True),
    "a head that ends in a bare line feed": (
        b"GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\n\n", 400, True),
    "a bare carriage return": (get("/v1/jobs", "X: a\rY: b"), 400, True),
    "no host": (head("GET /v1/jobs HTTP/1.1"), 400, True),
    "two hosts": (get("/v1/jobs", "Host: localhost"), 400, True),
    "another host": (head("GET /v1/jobs HTTP/1.1", "Host: evil.example"), 403, False),
    "a host with a user": (head("GET /v1/jobs HTTP/1.1", "Host: localhost@evil"), 403, False),
    # Lengths and chunks that are no numbers, or too large ones.
    "a signed length": (post("Content-Length: +14", body=ACK), 400, True),
    "a negative length": (post("Content-Length: -1"), 400, True),
    "a hexadecimal length": (post("Content-Length: 0xe", body=ACK), 400, True),
    "a length of two words": (post("Content-Length: 14 14", body=ACK), 400, True),
    "an empty length": (post("Content-Length:"), 400, True),
    "a length beyond 64 bits": (post("Content-Length: 99999999999999999999"), 413, True),
    "a length beyond the limit": (post(f"Content-Length: {MIB + 1}"), 413, True),
    "a chunk that is no number": (chunked(b"zz\r\n"), 400, True),
    "a negative chunk": (chunked(b"-5\r\n"), 400, True),
    "a prefixed chunk": (chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), 400, True),
    "a chunk without a size": (chunked(b"\r\n"), 400, True),
    "a chunk beyond 64 bits": (chunked(b"FFFFFFFFFFFFFFFFF\r\n"), 413, True),
    "a chunk of 64 bits": (chunked(b"8000000000000000\r\n"), 413, True),
    "a chunk beyond the limit": (chunked(b"100001\r\n"), 413, True),
    "a chunk longer than its size": (chunked(b"3\r\nhello\r\n0\r\n\r\n"), 400, True),
    "a chunk that ends in a bare line feed": (chunked(b"5\nhello\r\n0\r\n\r\n"), 400, True),
    "a long chunk extension": (chunked(b"5;" + b"x" * 5_000), 400, True),
    "a long trailer": (chunked(b"0\r\n" + b"X: y\r\n" * 100), 400, True),
    "a long line in the trailer": (chunked(b"0\r\nX: " + b"y" * 5_000), 400, True),
    "chunks over the limit together": (
        chunked(b"".join(b"40000\r\n" + b"x" * 0x40000 + b"\r\n" for _ in range(5))), 413, True),
    "an expectation": (post("Content-Length: 14", "Expect: 200-ok"), 417, True),
    # Request lines.
    "a request of HTTP/2 in text": (head("GET /v1/jobs HTTP/2.0", HOST), 505, True),
    "HTTP/1.2": (head("GET /v1/jobs HTTP/1.2", HOST), 505, True),
    "HTTP/0.9": (b"GET /v1/jobs\r\n\r\n", 400, True),
    "a version in lower case": (head("GET /v1/jobs http/1.1", HOST), 400, True),
    "a version of two digits": (head("GET /v1/jobs HTTP/1.10", HOST), 400, True),
    "a blank behind the version": (head("GET /v1/jobs HTTP/1.1 ", HOST), 400, True),
    "two blanks": (head("GET  /v1/jobs HTTP/1.1", HOST), 400, True),
    "a tab": (head("GET\t/v1/jobs HTTP/1.1", HOST), 400, True),
    "no method": (head(" /v1/jobs HTTP/1.1", HOST), 400, True),
    "a method of other signs": (head("G(T /v1/jobs HTTP/1.1", HOST), 400, True),
    "an unknown method": (head("BREW /v1/jobs HTTP/1.1", HOST), 405, False),
    "a method of 20,000 letters": (head("A" * 20_000 + " / HTTP/1.1", HOST), 405, False),
    "a tunnel": (head("CONNECT localhost:443 HTTP/1.1", HOST), 400, True),
    "a TLS client": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 400, True),
    "nothing but noise": (bytes(range(256)) * 200, 431, True),
    # Sizes.
    "a target of 40,000 bytes": (get("/" + "a" * 40_000), 431, True),
    "a field of 40,000 bytes": (get("/v1/jobs", "X: " + "a" * 40_000), 431, True),
    "a head without an end": (b"GET /v1/jobs HTTP/1.1\r\nX: " + b"a" * 50_000, 431, True),
    "200 fields": (get("/v1/jobs", *["X: a"] * 200), 431, True),
    "a query of 8,000 names": (get("/v1/jobs?" + "a&" * 8_000), 200, False),
    # Bytes that belong nowhere.
    "a NUL in a field": (get("/v1/jobs", "X: a\x00b"), 400, True),
    "a NUL in a name": (get("/v1/jobs", "X\x00: a"), 400, True),
    "a NUL in the target": (get("/v1/\x00jobs"), 400, True),
    "a byte over 127 in the target": (get("/v1/\xffjobs"), 400, True),
    "a field without a name": (get("/v1/jobs", ": a"), 400, True),
    "a line that is no field": (get("/v1/jobs", "abc"), 400, True),
    # Paths.
    "the absolute form": (get("http://localhost/v1/jobs"), 200, False),
    "the absolute form of another scheme": (get("ftp://localhost/v1/jobs"), 400, True),
    "a path without a slash": (get("v1/jobs"), 400, True),
    "dots": (get("/../../etc/passwd"), 400, True),
    "dots behind a folder": (get("/view/../../../etc/passwd"), 400, True),
    "escaped dots": (get("/%2e%2e/%2E%2E/etc/passwd"), 400, True),
    "an escaped slash": (get("/..%2f..%2fetc/passwd"), 400, True),
    "escaped twice": (get("/%252e%252e/%252e%252e/etc/passwd"), 404, False),
    "backslashes": (get("/..\\..\\etc\\passwd"), 404, False),
    "an overlong slash": (get("/..%c0%af..%c0%afetc/passwd"), 400, True),
    "an escaped NUL": (get("/index.html%00.txt"), 400, True),
    "half an escape": (get("/%2"), 400, True),
    "no escape": (get("/%zz"), 400, True),
    "two slashes": (get("//etc/passwd"), 404, False),
    "a hidden file": (get("/.git/config"), 404, False),
    "a name of 30,000 letters": (get("/logs/default/" + "a" * 30_000), 404, False),
    # Handshakes.
    "a WebSocket of version 12": (
        get("/v1/events", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        426, True),
    "a WebSocket without a key": (
        get("/v1/events", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13"), 400, True),
    "a WebSocket with a short key": (
        get("/v1/events", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA"), 400, True),
    "a WebSocket of a page elsewhere": (
        get("/v1/events", "Connection: Upgrade", "Upgrade: websocket",
            "Origin: https://evil.example", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 403, False),
    # Bodies of the interface.
    "JSON of 5,000 levels": (post("Content-Length: 5000", body=b"[" * 5_000), 400, False),
    "a number beyond 64 bits": (
        post("Content-Length: 33", body=b'{"sequence":99999999999999999999}'), 400, False),
    "a number with a fraction": (
        post("Content-Length: 16", body=b'{"sequence":0.5}'), 400, False),
    "text that is not UTF-8": (
        post("Content-Length: 16", body=b'{"sequence":"\xff"}'), 400, False),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_malformed_request_gets_its_answer(abused, case):
    sent, status, closes = REQUESTS[case]
    with RawClient(abused.url) as client:
        client.send(sent)
        answer = client.answer()
        assert answer is not None, "the connection was closed without an answer"
        assert answer.status == status, answer
        if status >= 400:
            refusal = json.loads(answer.body)
            assert (refusal["kind"], refusal["code"]) == ("Status", status)
            assert refusal["message"]
            assert b"root:" not in answer.body
        if closes:
            assert answer.fields.get("connection") == "close"
            assert client.is_closed(), "a connection goes on whose requests cannot be told apart"
        else:
            client.send(get("/v1/jobs"))
            assert client.answer().status == 200
    is_served(abused)


def test_a_good_request_before_a_bad_one_is_answered(abused):
    with RawClient(abused.url) as client:
        client.send(get("/v1/jobs") * 20 + b"G(T / HTTP/1.1\r\n\r\n" + get("/v1/jobs"))
        assert [client.answer().status for _ in range(21)] == [200] * 20 + [400]
        assert client.is_closed()
    is_served(abused)


def test_a_plan_of_many_mistakes_gets_a_short_answer(abused):
    before = abused.program.peak_memory()
    plan = {"stages": [{"name": "a", "jobs": [{"name": "j", "needs": ["x"] * 250_000}]}]}
    answer = requests.put(
        abused.url + "/v1/workflows/default/w", timeout=120,
        data=json.dumps(plan, separators=(",", ":")))
    grown = abused.program.peak_memory() - before
    print(f"\na plan of 250,000 mistakes: {len(answer.content)} bytes, {grown / MIB:+.1f} MiB")
    assert answer.status_code == 422
    causes = answer.json()["details"]["causes"]
    assert causes[0]["field"] == "stages[0].jobs[0].needs[0]"
    assert "249900 more" in causes[-1]["message"]
    assert len(answer.content) < 64 << 10
    assert grown < 256 * MIB
    is_served(abused)


def test_clients_that_leave_in_the_middle_leave_nothing(abused):
    beginnings = [
        b"", b"GET", get("/v1/jobs")[:-2], post("Content-Length: 100", body=b"abc"),
        chunked(b"5\r\nhe"), get("/v1/events?follow"), get("/logs/default/nobody?follow&wait=3600"),
    ]
    for beginning in beginnings * 20:
        with RawClient(abused.url) as client:
            client.send(beginning)
    is_served(abused)


# What is sent, and the code of the close frame that answers it.
FRAMES = {
    "a frame without a mask": (frame(0x81, b"hi", mask=None), 1002),
    "the first reserved bit": (frame(0xC1, b"hi"), 1002),
    "the second reserved bit": (frame(0xA1, b"hi"), 1002),
    "the third reserved bit": (frame(0x91, b"hi"), 1002),
    "a reserved opcode": (frame(0x83, b"hi"), 1002),
    "a reserved control opcode": (frame(0x8B, b"hi"), 1002),
    "a ping in fragments": (frame(0x09, b"hi"), 1002),
    "a ping of 126 bytes": (frame(0x89, b"x" * 126), 1002),
    "a close of 126 bytes": (frame(0x88, b"\x03\xe8" + b"x" * 124), 1002),
    "a continuation of nothing": (frame(0x80, b"hi"), 1002),
    "a message inside another": (frame(0x01, b"h") + frame(0x81, b"i"), 1002),
    "a message of 64 KiB and a byte": (frame(0x82, length=MESSAGE + 1), 1009),
    "a message of 63 bits": (frame(0x82, length=(1 << 63) - 1), 1009),
    "a message of 64 bits": (frame(0x82, length=(1 << 64) - 1), 1009),
    "fragments of more than 64 KiB": (
        frame(0x02, b"x" * (MESSAGE // 2)) + frame(0x00, b"x" * (MESSAGE // 2)) + frame(0x80, b"x"),
        1009),
    "a text that is not UTF-8": (frame(0x81, b"\xff"), 1007),
    "a text of half a character": (frame(0x81, b"\xe2\x82"), 1007),
    "a text with a surrogate": (frame(0x81, b"\xed\xa0\x80"), 1007),
    "a character in two fragments": (
        frame(0x01, b"\xe2") + frame(0x80, b"\x82\xac") + frame(0x88, b"\x0b\xb8"), 3000),
    "a close without a code": (frame(0x88), 1000),
    "a close of one byte": (frame(0x88, b"\x03"), 1002),
    "a close with a reason that is not UTF-8": (frame(0x88, b"\x03\xe8\xff"), 1007),
    "a close with code 0": (frame(0x88, b"\x00\x00"), 1002),
    "a close with code 999": (frame(0x88, b"\x03\xe7"), 1002),
    "a close with code 1004": (frame(0x88, b"\x03\xec"), 1002),
    "a close with code 1005": (frame(0x88, b"\x03\xed"), 1002),
    "a close with code 1006": (frame(0x88, b"\x03\xee"), 1002),
    "a close with code 1015": (frame(0x88, b"\x03\xf7"), 1002),
    "a close with code 2999": (frame(0x88, b"\x0b\xb7"), 1002),
    "a close with code 5000": (frame(0x88, b"\x13\x88"), 1002),
    "a close with code 4000": (frame(0x88, b"\x0f\xa0"), 4000),
    "messages that nobody asked for": (
        frame(0x81, b"{}") * 100 + frame(0x82, b"\x00") * 100 + frame(0x88, b"\x03\xe8"), 1000),
    "10,000 fragments": (
        frame(0x02, b"x") + frame(0x00, b"x") * 10_000 + frame(0x80) + frame(0x88, b"\x03\xe8"),
        1000),
    "frames behind the close": (frame(0x88, b"\x03\xe8") + frame(0x81, b"hi") * 100, 1000),
}


@pytest.mark.parametrize("path, case", [
    # A consumer answers the messages that nobody asked for elsewhere: a test of its own.
    (path, case) for path in ("/v1/events", "/v1/consumers/abused/events") for case in FRAMES
    if path == "/v1/events" or "nobody asked for" not in case])
def test_a_malformed_frame_gets_its_close_code(abused, case, path):
    sent, code = FRAMES[case]
    with RawClient(abused.url) as client:
        client.upgrade(path).send(sent)
        assert client.close_code() == code
        assert client.is_closed()
    is_served(abused)


@pytest.mark.parametrize("path, code", [
    ("/v1/jobs", 4404), ("/nowhere", 4404), ("/logs/default/nobody?tailLines=-1", 4400),
    ("/logs/default/nobody?follow=false", 4404), ("/v1/events?after=x", 4400),
    ("/v1/events?after=9999", 4400), ("/v1/consumers/nobody/events", 4404)])
def test_a_websocket_of_nothing_is_closed_with_the_documented_code(abused, path, code):
    with RawClient(abused.url) as client:
        assert client.upgrade(path).close_code() == code
        assert client.is_closed()
    is_served(abused)


@pytest.mark.parametrize("message", [
    b"", b"{}", b"[]", b"null", b'{"ack":-1}', b'{"ack":1e400}', b'{"ack":"0"}', b'{"nack":0}',
    b'{"ack":99999999999999999999}', b"{" * 2_000, b'{"ack":9223372036854775807}'])
def test_a_malformed_acknowledgement_is_refused_and_the_connection_goes_on(abused, message):
    with RawClient(abused.url) as client:
        client.upgrade("/v1/consumers/abused/events")
        client.send(frame(0x81, message))
        opcode, payload = client.frame()
        refusal = json.loads(payload)
        assert (opcode, refusal["kind"]) == (1, "Status"), payload
        client.send(frame(0x81, b'{"ack":0}'))
        assert "acknowledged" in json.loads(client.frame()[1])
    is_served(abused)


def test_a_flood_of_pings_is_answered_and_holds_up_nobody(abused):
    with RawClient(abused.url) as client:
        client.upgrade("/v1/events")
        flood = frame(0x89, b"x" * 125) * 1_000
        for _ in range(20):
            client.send(flood)
            is_served(abused)
        client.send(frame(0x89, b"last"))
        opcodes = set()
        while (answer := client.frame()) != (10, b"last"):
            assert answer is not None, "the connection was closed"
            opcodes.add(answer[0])
        assert opcodes <= {10}
    is_served(abused)


def test_acknowledgements_of_64_KiB_do_not_pile_up(abused):
    before = abused.program.memory()
    with RawClient(abused.url) as client:
        client.upgrade("/v1/consumers/abused/events")
        flood = frame(0x81, b'{"ack":' + b" " * (MESSAGE - 20) + b"0}")
        for _ in range(4_800):
            client.send(flood)
        grown = abused.program.memory() - before
        print(f"\n4,800 acknowledgements of 64 KiB: {grown / MIB:+.1f} MiB")
        assert grown < 64 * MIB
        assert client.close_code() == 4400
    is_served(abused)
