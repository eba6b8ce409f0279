"""What carries a request to the daemon: HTTP/1.1, HTTP/2 or a WebSocket, in the clear or over TLS.

Each keeps its connection, so that thousands of requests take seconds.
"""

import base64
import http.client
import os
import ssl
import struct
from dataclasses import dataclass

import httpx

from raw_client import frame


@dataclass
class Reply:
    """Status, header fields in lower case, body; of a WebSocket its first frame, or close code."""

    status: int
    fields: dict
    text: str
    close_code: int | None = None


class OverHTTP1:
    """HTTP/1.1; with `certificate`, the one that is trusted, over TLS."""

    def __init__(self, port, certificate=None):
        context = certificate and ssl.create_default_context(cafile=certificate)
        self._connect = lambda: (
            http.client.HTTPSConnection("localhost", port, timeout=30, context=context)
            if context else http.client.HTTPConnection("localhost", port, timeout=30))
        self._connection = self._connect()

    def ask(self, method, path, fields=(), body=None):
        return self._reply(self._send(self._connection, method, path, dict(fields), body))

    def upgrade(self, path, fields=(), message=None):
        """Asks for a WebSocket, sends a message if there is one, and reads one frame."""
        connection = self._connect()
        try:
            response = self._send(connection, "GET", path, {
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), **dict(fields)})
            if response.status != 101:
                return self._reply(response)
            if message:
                connection.sock.sendall(frame(0x81, message))
            first, length = response.fp.read(2)
            if length == 126:
                length = struct.unpack(">H", response.fp.read(2))[0]
            payload = response.fp.read(length)
            names = {name.lower(): value for name, value in response.getheaders()}
            if first != 0x88:
                return Reply(101, names, payload.decode())
            return Reply(101, names, payload[2:].decode(), struct.unpack(">H", payload[:2])[0])
        finally:
            connection.close()

    def close(self):
        self._connection.close()

    @staticmethod
    def _send(connection, method, path, fields, body=None):
        connection.putrequest(method, path, skip_host="Host" in fields, skip_accept_encoding=True)
        if body is not None:
            fields["Content-Length"] = str(len(body))
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse()

    @staticmethod
    def _reply(response):
        assert response.version == 11
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, fields, response.read().decode(errors="replace"))


class OverHTTP2:
    """HTTP/2: with `certificate` by ALPN over TLS, without it by prior knowledge."""

    def __init__(self, port, certificate=None):
        self._client = httpx.Client(
            http1=False, http2=True, timeout=30, verify=str(certificate) if certificate else True,
            base_url=f"{'https' if certificate else 'http'}://localhost:{port}", trust_env=False)

    def ask(self, method, path, fields=(), body=None):
        answer = self._client.request(method, path, headers=dict(fields), content=body)
        assert answer.http_version == "HTTP/2"
        return Reply(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()},
            answer.text)

    def close(self):
        self._client.close()
