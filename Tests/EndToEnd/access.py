"""Callers with tokens, and the clusters and files that know them."""

import asyncio
import base64
import json
from datetime import datetime, timedelta, timezone

import requests
import websockets

from api import PATIENT

SUBPROTOCOL = "base64url.bearer.authorization.k8s.io."


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def rule(user, namespaces, verbs=("*",), resources=("*",)):
    return {"user": user, "namespaces": list(namespaces), "verbs": list(verbs),
            "resources": list(resources)}


def rules(*, without=(), expires=None, rights=None, unavailable=False):
    """What podwire-sim's reviews say: alice owns `default`, bob `other`, admin all.

    In `default` the viewer may read, and the lister see Pods without their logs.
    """
    tokens = [
        {"token": f"{user}-token", "user": user, "groups": ["people"],
         **({"expires": expires[user]} if user in (expires or {}) else {})}
        for user in ("alice", "viewer", "lister", "bob", "admin") if user not in without]
    tokens.append({
        "token": "expired-token", "user": "alice", "expires": "2020-01-01T00:00:00Z"})
    return {
        "tokens": tokens, "unavailable": unavailable,
        "rules": rights if rights is not None else [
            rule("alice", ["default"]), rule("viewer", ["default"], verbs=["get"]),
            rule("lister", ["default"], verbs=["get"], resources=["pods"]),
            rule("bob", ["other"]), rule("admin", ["*"])],
    }


def change(simulator, **changes):
    """Changes what podwire-sim's reviews say from now on."""
    answer = requests.put(simulator.url + "/simulation/access", json=rules(**changes), timeout=30)
    assert answer.status_code == 200, answer.text


def seconds_from_now(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def token_subprotocol(token):
    return SUBPROTOCOL + base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


def ticket(daemon, path, token):
    answer = requests.post(
        daemon.url + "/v1/tickets", json={"path": path}, headers=bearer(token), timeout=30)
    assert answer.status_code == 201, answer.text
    assert answer.json()["expiresInSeconds"] == 30
    return answer.json()["ticket"]


class Socket:
    """A WebSocket; one that is not opened has the status of its refusal."""

    def __init__(self, daemon, path, headers=None, subprotocols=None):
        self.url = daemon.url.replace("http:", "ws:") + path
        self.headers = headers or {}
        self.subprotocols = subprotocols

    def run(self, body):
        """What `body` makes of the open socket, or the status that it is refused with."""
        async def run():
            try:
                async with websockets.connect(
                    self.url, extra_headers=self.headers, subprotocols=self.subprotocols,
                    compression=None, max_size=None, **PATIENT
                ) as socket:
                    return await body(socket)
            except websockets.InvalidStatusCode as refusal:
                return refusal.status_code
        return asyncio.run(run())

    def status(self):
        async def opened(socket):
            return 101
        return self.run(opened)

    def read_to_end(self, first=lambda: None, timeout=60):
        """All messages and the close code; `first` is called when the first message is here."""
        async def read(socket):
            messages = [await asyncio.wait_for(socket.recv(), timeout)]
            await asyncio.get_running_loop().run_in_executor(None, first)
            try:
                while True:
                    messages.append(await asyncio.wait_for(socket.recv(), timeout))
            except websockets.ConnectionClosed:
                return messages, socket.close_code
        return self.run(read)


def tokens_file(path, *users):
    """Writes a file of static tokens: each user is (name, token, namespaces, allow)."""
    path.write_text(json.dumps({"users": [
        {"name": name, "tokens": [{"token": token}],
         "rules": [{"namespaces": namespaces, "allow": allow}]}
        for name, token, namespaces, allow in users]}))
    path.chmod(0o600)
    return path
