"""A client that sends exactly the bytes it is told to, however wrong they are."""

import base64
import os
import socket
import struct
from urllib.parse import urlsplit


class Answer:
    """A response: status, header fields in lower case, body."""

    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"


class RawClient:
    """One TCP connection to the daemon at `url`."""

    def __init__(self, url, timeout=60, receive_buffer=None):
        address = urlsplit(url)
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((address.hostname, address.port))
        self._unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends; a server that has closed already is no error here."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish_writing(self):
        """Sends the end of the stream, and can still read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _receive(self):
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""

    def _read(self, count):
        while len(self._unread) < count:
            more = self._receive()
            if not more:
                return None
            self._unread += more
        data, self._unread = self._unread[:count], self._unread[count:]
        return data

    def answer(self, has_body=True):
        """The next response; None where the connection ends instead. No chunked ones."""
        while b"\r\n\r\n" not in self._unread:
            more = self._receive()
            if not more:
                return None
            self._unread += more
        head, self._unread = self._unread.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = {
            name.lower(): value.strip()
            for name, value in (line.split(":", 1) for line in lines[1:])}
        length = int(fields.get("content-length", 0))
        return Answer(int(lines[0].split()[1]), fields, self._read(length) if has_body else b"")

    def is_closed(self):
        """Whether the server closes without sending anything more."""
        return self._unread == b"" and self._receive() == b""

    # WebSocket.

    def upgrade(self, path, *fields):
        """Opens a WebSocket."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.send(head(
            f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
            *fields))
        answer = self.answer()
        assert answer and answer.status == 101, answer
        return self

    def frame(self):
        """The next frame from the server, as (opcode, payload); None at the end."""
        start = self._read(2)
        if start is None:
            return None
        length = start[1] & 0x7F
        if length == 126:
            length = struct.unpack(">H", self._read(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._read(8))[0]
        return start[0] & 0x0F, self._read(length)

    def close_code(self):
        """The code of the close frame, past all other frames; None where there is none."""
        while (frame := self.frame()) is not None:
            if frame[0] == 8:
                return struct.unpack(">H", frame[1][:2])[0]
        return None


def head(*lines):
    """A request's head of `lines`."""
    return "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n"


def frame(first, payload=b"", length=None, mask=b"\x11\x22\x33\x44"):
    """A client's frame; `length` is what it says instead of the truth, no `mask` is a mistake."""
    count = len(payload) if length is None else length
    masked = 0x80 if mask else 0
    if count < 126:
        size = bytes([masked | count])
    elif count < 1 << 16:
        size = bytes([masked | 126]) + struct.pack(">H", count)
    else:
        size = bytes([masked | 127]) + struct.pack(">Q", count)
    if mask:
        payload = bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload))
    return bytes([first]) + size + (mask or b"") + payload
