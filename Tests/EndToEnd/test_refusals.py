"""The table of refusals: every protocol, every way of coming without the right to, every door."""

import json

import pytest

from access import SUBPROTOCOL, bearer, rules, token_subprotocol
from carriers import OverHTTP1, OverHTTP2
from doors import CASES, DOORS, GOOD, SOCKETS, status, url
from processes import Daemon, Simulator, eventually
from simulated import create_pod
from test_transport import make_certificate

CARRIERS = {
    # carrier: what speaks it, whether over TLS, the forms that it is asked for
    "HTTP/1.1": (OverHTTP1, False, ("plain", "SSE", "WebSocket")),
    "HTTP/1.1 over TLS": (OverHTTP1, True, ("plain", "SSE", "WebSocket")),
    "HTTP/2": (OverHTTP2, False, ("plain", "SSE")),
    "HTTP/2 over TLS": (OverHTTP2, True, ("plain", "SSE")),
}
STREAMS = [door for door in DOORS if door.streams]
FORMS = {"plain": DOORS, "SSE": STREAMS, "WebSocket": STREAMS + SOCKETS}
TABLE = [
    (carrier, case, form, door)
    for carrier, (_, _, forms) in CARRIERS.items() for case in CASES for form in forms
    for door in FORMS[form] if status(case, door, form)]
ADMIN = bearer("admin-token")


class World:
    """A cluster, a daemon on it in the clear and one over TLS, and open carriers to both."""

    def __init__(self, directory):
        access = rules()
        self.tokens = [token["token"] for token in access["tokens"]] + ["no-such-token"]
        (directory / "access.json").write_text(json.dumps(access))
        make_certificate(directory / "tls", "refusals")
        certificate = directory / "tls" / "tls.crt"
        self.simulator = Simulator(directory, "empty", "--access", directory / "access.json")
        self.daemons = {
            False: self._daemon(directory / "clear", ""),
            True: self._daemon(
                directory / "secure",
                f"tls: {{certFile: {certificate}, keyFile: {directory}/tls/tls.key}}\n")}
        self.carriers = {
            name: speaks(self.daemons[is_secure].port, certificate if is_secure else None)
            for name, (speaks, is_secure, _) in CARRIERS.items()}
        for name, namespace in (("p", "default"), ("q", "other")):
            create_pod(self.simulator, name, namespace=namespace, lines=3, rate=1000)
        for carrier in self.carriers.values():
            eventually(lambda carrier=carrier: self._is_filled(carrier))
        self.used = {name: self._used_ticket(name) for name in self.carriers}

    def _daemon(self, directory, settings):
        directory.mkdir()
        file = directory / "podwire.yaml"
        # Each carrier keeps its connection while the others have their turn.
        file.write_text("auth: {mode: kubernetes}\nserver: {idleTimeout: 12h}\n" + settings)
        return Daemon(
            directory, self.simulator.kubeconfig, "--config", file, "--log-level", "trace").start()

    @staticmethod
    def _is_filled(carrier):
        """Whether what the doors are of is behind them."""
        made = carrier.ask("PUT", "/v1/consumers/c", GOOD, b'{"namespace":"default","after":0}')
        assert made.status in (200, 201), made
        return all(
            '"status":"end"' in carrier.ask("GET", job, ADMIN).text
            for job in ("/v1/jobs/default/p", "/v1/jobs/other/q"))

    def ticket(self, carrier, path):
        made = self.carriers[carrier].ask(
            "POST", "/v1/tickets", GOOD, json.dumps({"path": path}).encode())
        assert made.status == 201, made
        return json.loads(made.text)["ticket"]

    def _used_ticket(self, carrier):
        ticket = self.ticket(carrier, "/logs/default/p")
        read = self.carriers[carrier].ask("GET", f"/logs/default/p?ticket={ticket}")
        assert read.status == 200, read
        return ticket

    def ask(self, carrier, case, form, door):
        """Comes to the door as the case says."""
        fields, parameter = CASES[case]
        if "{used}" in parameter:
            parameter = parameter.format(used=self.used[carrier])
        if "{foreign}" in parameter:
            parameter = parameter.format(foreign=self.ticket(carrier, "/v1/jobs/default/other"))
        speaks = self.carriers[carrier]
        if form == "WebSocket":
            return speaks.upgrade(url(door, parameter), fields)
        accept = {"Accept": "text/event-stream"} if form == "SSE" else {}
        return speaks.ask(door.method, url(door, parameter), {**fields, **accept}, door.body)

    def said(self):
        """All that the daemons have said so far."""
        return "".join(
            daemon.program.log_path.read_text(errors="replace") for daemon in self.daemons.values())

    def stop(self):
        for carrier in self.carriers.values():
            carrier.close()
        for daemon in self.daemons.values():
            daemon.stop()
        assert self.simulator.program.terminate() == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("refusals"))
    yield world
    world.stop()


@pytest.mark.parametrize(
    "carrier, case, form, door", TABLE, ids=str)
def test_who_may_not_come_in_is_told_so(world, carrier, case, form, door):
    expected = status(case, door, form)
    reply = world.ask(carrier, case, form, door)
    assert reply.status == expected, reply
    assert "-token" not in reply.text, "a token is repeated"
    if expected == 101:
        assert reply.close_code == 4404
        return
    if expected == 200:
        assert case == "other namespace" and "default" not in reply.text.replace(door.url, "")
        return
    if expected == 401:
        assert reply.fields["www-authenticate"].startswith("Bearer")
    assert reply.fields["cache-control"] == "no-store"
    if door.method != "HEAD":
        assert json.loads(reply.text)["code"] == expected


@pytest.mark.parametrize("carrier", CARRIERS)
def test_who_may_come_in_is_let_in_and_refusals_have_changed_nothing(world, carrier):
    ask = world.carriers[carrier].ask
    log = ask("GET", "/logs/default/p", GOOD)
    assert log.status == 200 and log.text.count("\n") >= 3
    link = world.ticket(carrier, "/logs/default/p")
    assert ask("GET", f"/logs/default/p?ticket={link}").text == log.text
    assert ask("GET", "/v1/workflows/default/w", GOOD).status == 404
    assert json.loads(ask("GET", "/v1/workflows/default/p", GOOD).text)["status"] == "end"
    consumer = json.loads(ask("GET", "/v1/consumers/c", GOOD).text)
    assert consumer["namespace"] == "default" and consumer["acknowledged"] == 0, consumer


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_ticket_is_good_for_reading_only(world, carrier):
    ticket = world.ticket(carrier, "/v1/workflows/default/p")
    link = f"/v1/workflows/default/p?ticket={ticket}"
    ask = world.carriers[carrier].ask
    assert ask("PUT", link, body=b"{}").status == 401
    assert ask("GET", link).status == 200


@pytest.mark.parametrize("carrier", ["HTTP/1.1", "HTTP/1.1 over TLS"])
def test_a_websocket_is_let_in_by_subprotocol_and_ticket(world, carrier):
    speaks = world.carriers[carrier]
    log = speaks.ask("GET", "/logs/default/p", GOOD)
    offer = f"{token_subprotocol('alice-token')}, binary.k8s.io"
    opened = speaks.upgrade("/logs/default/p", {"Sec-WebSocket-Protocol": offer})
    assert opened.status == 101 and log.text.startswith(opened.text) and opened.text
    assert opened.fields["sec-websocket-protocol"] == "binary.k8s.io", "the token is not echoed"
    link = world.ticket(carrier, "/logs/default/p")
    assert log.text.startswith(speaks.upgrade(f"/logs/default/p?ticket={link}").text)
    assert speaks.upgrade(f"/logs/default/p?ticket={link}").status == 401


@pytest.mark.parametrize("carrier", ["HTTP/1.1", "HTTP/1.1 over TLS"])
@pytest.mark.parametrize("user, topic, code", [
    ("bob", "log", 4403), ("lister", "log", 4403), ("bob", "events", 4403),
    ("viewer", "consumer", 4403), ("bob", "consumer", 4404), ("alice", "log", None)])
def test_what_a_socket_is_asked_for_is_judged_one_by_one(world, carrier, user, topic, code):
    subscription = {"id": 1, **{
        "log": {"log": {"namespace": "default", "pod": "p"}},
        "events": {"events": {"namespace": "default"}},
        "consumer": {"events": {"consumer": "c"}}}[topic]}
    reply = world.carriers[carrier].upgrade(
        "/v1/ws", {**bearer(f"{user}-token"), "Sec-WebSocket-Protocol": "podwire.v1"},
        json.dumps({"subscribe": subscription}).encode())
    answer = json.loads(reply.text)
    assert answer.get("closed", {}).get("code") == code, answer
    assert ("opened" in answer) == (code is None), answer


def test_no_token_is_in_what_the_daemons_say(world):
    for row in TABLE:
        if row[0] in ("HTTP/1.1", "HTTP/2 over TLS"):
            world.ask(*row)
    world.carriers["HTTP/1.1"].upgrade("/v1/events", {
        "Sec-WebSocket-Protocol": token_subprotocol("alice-token")})
    said = world.said()
    assert "Serving" in said
    for token in world.tokens:
        coded = token_subprotocol(token).removeprefix(SUBPROTOCOL)
        assert token not in said and coded not in said, f"{token} is in the log"
    assert not [ticket for ticket in world.used.values() if ticket in said]
