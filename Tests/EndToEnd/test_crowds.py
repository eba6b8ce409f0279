"""Many clients that send or read slowly, or not at all: the daemon's memory stays bounded, and a client
that behaves is served all the while. How long it waits is printed, and not asserted."""

import time

import pytest

from api import wait_for_job, wait_for_watches
from bystander import Bystander, percentiles
from crowd import Crowd, room
from processes import Simulator, eventually
from raw_client import RawClient, head
from simulated import create_pod

MIB = 1 << 20
HOST = "Host: localhost"
ROWS = []


@pytest.fixture(scope="module")
def pods(tmp_path_factory):
    """A Pod that prints 50 lines a second, and one that has printed 32 MiB; prints the table."""
    simulator = Simulator(tmp_path_factory.mktemp("crowds"), "empty")
    create_pod(simulator, "steady", lines="endless", rate=50)
    create_pod(simulator, "large", lines=32 * 1024, bytes=1024, rate=0)
    yield simulator
    width = max((len(row[0]) for row in ROWS), default=0)
    print("\np50/p99 of a client that behaves; CPU: what the daemon took of one core")
    print(f"{'case':{width}} clients  MiB before/most   a client  CPU   answers ms     lines ms")
    for name, clients, memory, each, cpu, answers, lines in ROWS:
        print(f"{name:{width}} {clients:7}  {memory:>15} {each:>10} {cpu:>4} {answers:>12} {lines:>12}")
    assert simulator.program.terminate() == 0


@pytest.fixture
def besieged(pods, start_daemon, tmp_path):
    """The simulated cluster, and a daemon of each case's own: what one has taken and given back
    would hide what the next one takes."""
    settings = tmp_path / "podwire.yaml"
    # Ten thousand may take longer to come than one is waited for by default.
    settings.write_text("server: {idleTimeout: 10m}\n")
    daemon = start_daemon(pods.kubeconfig, "--config", settings)
    assert wait_for_job(daemon, "default", "large")["outcome"] == "success"
    # What it has open is counted from here on.
    wait_for_watches(daemon, follows=1)
    return pods, daemon


class Siege:
    """One case: a row of the table, and the daemon's memory and sockets before and behind it."""

    def __init__(self, daemon, name, most_bytes):
        self.daemon = daemon
        self.name = name
        self.most_bytes = most_bytes
        self.clients = 0
        self.bystander = Bystander(daemon.url, "steady")

    def __enter__(self):
        self.sockets = self.daemon.program.sockets()
        self.before = self.most = self.daemon.program.memory()
        self.started = time.monotonic(), self.daemon.program.cpu_seconds()
        self.bystander.__enter__()
        return self

    def look(self):
        """Looks at the memory while the crowd is there."""
        self.most = max(self.most, self.daemon.program.memory())

    def __exit__(self, kind, *rest):
        self.bystander.__exit__(kind, *rest)
        grown = self.most - self.before
        cpu = self.daemon.program.cpu_seconds() - self.started[1]
        ROWS.append((
            self.name, self.clients, f"{self.before / MIB:.1f}/{self.most / MIB:.1f}",
            f"{grown / self.clients / 1024:.1f} KiB" if self.clients else "",
            f"{100 * cpu / (time.monotonic() - self.started[0]):.0f}%",
            percentiles(self.bystander.answers), percentiles(self.bystander.lines)))
        if kind is None:
            assert grown < self.most_bytes, f"{grown / MIB:.1f} MiB more"
            eventually(lambda: self.daemon.program.sockets() <= self.sockets, 60)


def test_nobody_else(besieged):
    with Siege(besieged[1], "nobody else", 64 * MIB) as siege:
        eventually(lambda: len(siege.bystander.lines) >= 200)


def test_heads_that_arrive_byte_by_byte(besieged):
    daemon = besieged[1]
    with Siege(daemon, "heads byte by byte", 64 * MIB) as siege:
        with Crowd(daemon.url, 500) as crowd:
            siege.clients = 500
            crowd.drip(head("GET /v1/jobs HTTP/1.1", HOST, "X: " + "a" * 1_000), seconds=30)
            siege.look()
            crowd.listen(60, lambda: not crowd.sockets)
            # Every one of them ran out of time; none was served, none was left open.
            assert crowd.answers == {"408": 500}
            assert crowd.closed == 500


def test_bodies_that_arrive_byte_by_byte(besieged):
    daemon = besieged[1]
    with Siege(daemon, "bodies byte by byte", 64 * MIB) as siege:
        with Crowd(daemon.url, 500) as crowd:
            siege.clients = 500
            crowd.say(head("POST /v1/consumers/c/ack HTTP/1.1", HOST, "Content-Length: 1000000"))
            crowd.drip(b" " * 1_000, seconds=6)
            siege.look()
            assert set(crowd.answers) <= {"408"}


def test_bodies_that_stop_just_before_their_end(besieged):
    daemon = besieged[1]
    # 100 bodies of almost 1 MiB are kept: that many clients may have that much.
    with Siege(daemon, "bodies without an end", 256 * MIB) as siege:
        with Crowd(daemon.url, 100) as crowd:
            siege.clients = 100
            crowd.say(head("POST /v1/consumers/c/ack HTTP/1.1", HOST, "Content-Length: 1000000"))
            crowd.pour(b" " * 999_999)
            crowd.listen(2)
            siege.look()


def test_readers_of_a_few_bytes_at_a_time(besieged):
    daemon = besieged[1]
    with Siege(daemon, "readers of a few bytes", 192 * MIB) as siege:
        with Crowd(daemon.url, 200, receive_buffer=4_096) as crowd:
            siege.clients = 200
            crowd.say(head("GET /logs/default/large HTTP/1.1", HOST))
            crowd.wait_for_answers(bytes_each=16)
            crowd.listen(6, bytes_each=16)
            siege.look()
            assert crowd.answers == {"200": 200}
            assert crowd.closed == 0


def test_10_000_idle_http_connections(besieged):
    daemon = besieged[1]
    count = room(10_000)
    with Siege(daemon, "idle HTTP", 400 * MIB) as siege:
        with Crowd(daemon.url, count) as crowd:
            siege.clients = count
            crowd.say(head("GET /healthz HTTP/1.1", HOST))
            crowd.wait_for_answers()
            seen = len(siege.bystander.lines)
            eventually(lambda: len(siege.bystander.lines) >= seen + 200)
            siege.look()
            assert crowd.answers == {"200": count}
            assert crowd.closed == 0


def test_10_000_idle_websockets(besieged):
    daemon = besieged[1]
    count = room(10_000)
    with Siege(daemon, "idle WebSockets", 400 * MIB) as siege:
        with Crowd(daemon.url, count, pongs=True) as crowd:
            siege.clients = count
            crowd.say(head(
                "GET /v1/events HTTP/1.1", HOST, "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
            crowd.wait_for_answers()
            seen = len(siege.bystander.lines)
            crowd.listen(60, lambda: len(siege.bystander.lines) >= seen + 200)
            assert len(siege.bystander.lines) >= seen + 200
            siege.look()
            assert crowd.answers == {"101": count}
            assert crowd.closed == 0


def test_readers_that_never_read_a_firehose(besieged):
    simulator, daemon = besieged
    lines = 500_000
    with Siege(daemon, "firehose, nobody else", 384 * MIB) as siege:
        create_pod(simulator, "firehose-alone", lines=lines, bytes=100, rate=0)
        wait_for_job(daemon, "default", "firehose-alone", timeout=300)
        siege.look()
    with Siege(daemon, "firehose, never read", 384 * MIB) as siege:
        with Crowd(daemon.url, 50, receive_buffer=4_096) as over_http, \
                Crowd(daemon.url, 50, receive_buffer=4_096) as over_websocket:
            siege.clients = 100
            over_http.say(head("GET /logs/default/firehose?follow HTTP/1.1", HOST))
            over_websocket.say(head(
                "GET /logs/default/firehose HTTP/1.1", HOST, "Connection: Upgrade",
                "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
            over_websocket.wait_for_answers()
            over_http.stop_reading()
            over_websocket.stop_reading()
            create_pod(simulator, "firehose", lines=lines, bytes=100, rate=0)

            def has_ended():
                siege.look()
                return wait_for_job(daemon, "default", "firehose", timeout=300)
            job = eventually(has_ended, 300)
            siege.look()
            assert job["outcome"] == "success"
            assert over_http.received == 0


def test_no_more_connections_of_one_address_than_are_allowed(pods, start_daemon, tmp_path):
    settings = tmp_path / "podwire.yaml"
    settings.write_text("server: {limitsLoopback: true, maxConnectionsPerAddress: 50}\n")
    daemon = start_daemon(pods.kubeconfig, "--config", settings)
    with Crowd(daemon.url, 200) as crowd:
        crowd.listen(60, lambda: crowd.closed >= 150)
        crowd.say(head("GET /healthz HTTP/1.1", HOST))
        crowd.wait_for_answers()
        assert (crowd.closed, crowd.answers) == (150, {"200": 50})

    def is_served():
        # Who comes before it is seen that the crowd has gone is sent away, too.
        with RawClient(daemon.url) as client:
            client.send(head("GET /healthz HTTP/1.1", HOST))
            return client.answer()

    assert eventually(is_served).status == 200
