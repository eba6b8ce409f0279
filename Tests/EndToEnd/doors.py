"""Every door of the daemon, and every way of coming to it without the right to.

The Pod `p` of the namespace `default`, its job and the durable consumer `c` are behind them.
"""

from dataclasses import dataclass

from access import bearer


@dataclass(frozen=True)
class Door:
    """A method and a URL; `elsewhere` is what somebody of another namespace gets there."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    elsewhere: int | None = 403
    #: What it takes: any token, or to read Pods, to read logs, to change something.
    takes: str = "pods"
    #: Whether it can be an event stream and a WebSocket, too.
    streams: bool = False

    def __str__(self):
        return f"{self.method} {self.url}"


NAMESPACE = "/api/v1/namespaces/default"
DOORS = [
    Door("/logs/default/p", takes="logs", streams=True),
    Door("/logs/default/p/main", takes="logs", streams=True),
    Door("/logs/default/p/main?follow", takes="logs", streams=True),
    Door("/logs/default/p?grep=line", takes="logs"),
    Door("/logs/default/p", method="HEAD", takes="logs"),
    Door("/logs/default/nobody", takes="logs", streams=True),
    Door("/v1/events?namespace=default", streams=True),
    Door("/v1/events", elsewhere=200, takes="token", streams=True),
    Door("/v1/jobs", elsewhere=200, takes="token"),
    Door("/v1/jobs?namespace=default"),
    Door("/v1/jobs/default/p"),
    Door("/v1/jobs/default/p/outputs"),
    Door("/v1/jobs/default/p/p"),
    Door("/v1/jobs/default/p/p/outputs"),
    Door("/v1/workflows", elsewhere=200, takes="token"),
    Door("/v1/workflows?namespace=default"),
    Door("/v1/workflows/default/p"),
    Door("/v1/workflows/default/w", method="PUT", body=b"{}", takes="change"),
    Door("/v1/workflows/default/p/pause", method="POST", body=b"", takes="change"),
    Door("/v1/workflows/default/p/resume", method="POST", body=b"", takes="change"),
    Door("/v1/workflows/default/p/cancel", method="POST", body=b"", takes="change"),
    Door("/v1/consumers", elsewhere=200, takes="token"),
    Door("/v1/consumers/c", elsewhere=404),
    Door("/v1/consumers/c/events", elsewhere=404, takes="change", streams=True),
    Door("/v1/consumers/c/ack", method="POST", body=b'{"sequence":0}', elsewhere=404,
         takes="change"),
    Door("/v1/consumers/c", method="PUT", body=b'{"namespace":"default"}', takes="change"),
    Door("/v1/consumers/c", method="DELETE", elsewhere=404, takes="change"),
    Door("/v1/tickets", method="POST", body=b'{"path":"/logs/default/p"}', takes="logs"),
    Door("/v1/whoami", elsewhere=200, takes="token"),
    Door("/v1/nothing", elsewhere=404, takes="token"),
    Door("/logs/default", elsewhere=404, takes="token"),
    Door(f"{NAMESPACE}/pods/p/log", takes="logs"),
    Door(f"{NAMESPACE}/pods/p/log?follow=true", takes="logs"),
    Door(f"{NAMESPACE}/pods/p"),
    Door(f"{NAMESPACE}/pods"),
    Door(f"{NAMESPACE}/pods?watch=true"),
    Door("/api/v1/pods"),
    Door("/api/v1/pods?watch=true"),
    Door(NAMESPACE),
    Door("/apis/batch/v1/namespaces/default/jobs/p"),
    Door("/api/v1", elsewhere=200, takes="token"),
    Door("/apis", elsewhere=200, takes="token"),
    Door("/version", elsewhere=200, takes="token"),
    Door("/metrics"),
]
#: Those that only a WebSocket opens; what is asked for through `/v1/ws` is judged one by one.
SOCKETS = [
    Door("/v1/ws", elsewhere=None, takes="token"), Door(f"{NAMESPACE}/pods/p/log", takes="logs")]

GOOD = bearer("alice-token")
CASES = {
    # case: header fields; parameter of the URL, where `{…}` is a ticket
    "no token": ({}, ""),
    "wrong token": (bearer("no-such-token"), ""),
    "malformed token": ({"Authorization": "Bearer alice-token x"}, ""),
    "other scheme": ({"Authorization": "Basic YWxpY2U6YWxpY2UtdG9rZW4="}, ""),
    "expired token": (bearer("expired-token"), ""),
    "other namespace": (bearer("bob-token"), ""),
    "no right to change": (bearer("viewer-token"), ""),
    "no right to logs": (bearer("lister-token"), ""),
    "token in URL": ({}, "token=alice-token"),
    "token in URL beside a good one": (GOOD, "access_token=alice-token"),
    "unknown ticket": ({}, "ticket=" + 64 * "0"),
    "used ticket": ({}, "ticket={used}"),
    "ticket for another path": ({}, "ticket={foreign}"),
    "wrong Host": ({**GOOD, "Host": "evil.example"}, ""),
    "foreign Origin": ({**GOOD, "Origin": "https://evil.example"}, ""),
}
WITHOUT_RIGHT = {"no right to change": "change", "no right to logs": "logs"}


def status(case, door, form):
    """What the case gets at the door in this form (plain, SSE, WebSocket).

    None where it is no refusal, and none of the table's.
    """
    if case.startswith("token in URL"):
        return 400
    if case == "wrong Host":
        return 403
    if case == "foreign Origin":
        return 403 if door.method not in ("GET", "HEAD") or form == "WebSocket" else None
    if case in WITHOUT_RIGHT:
        return 403 if door.takes == WITHOUT_RIGHT[case] else None
    if case != "other namespace":
        return 401
    if form == "WebSocket" and door.elsewhere == 404:
        return 101  # A WebSocket tells what is not there in its close frame.
    return None if form != "plain" and door.elsewhere == 200 else door.elsewhere


def url(door, parameter):
    if not parameter:
        return door.url
    return door.url + ("&" if "?" in door.url else "?") + parameter
