"""Thousands of clients of one process, on one epoll: they open, say something, drip, and read or do not."""

import resource
import select
import socket
import time
from urllib.parse import urlsplit

from raw_client import frame

PING = b"\x89\x00"
PONG = frame(0x8A)
OPENING = 200  # Connections that are on their way at a time: below the server's queue of 1,024.


def room(wanted, descriptors_left=500):
    """As many of `wanted` clients as this process, and the daemon, may have descriptors for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, hard - descriptors_left)


class Crowd:
    """`count` connections to the daemon at `url`."""

    def __init__(self, url, count, receive_buffer=None, pongs=False):
        """With `pongs` they answer the pings of a WebSocket that is quiet otherwise."""
        address = urlsplit(url)
        self._address = (address.hostname, address.port)
        self._receive_buffer = receive_buffer
        self._pongs = pongs
        self._poll = select.epoll()
        self.sockets = {}
        self.answers = {}  # Status codes by how often they came first on a connection.
        self.answered = set()
        self.closed = 0
        self.received = 0
        started = time.monotonic()
        while len(self.sockets) < count:
            self._open(min(OPENING, count - len(self.sockets)))
        self.seconds_to_open = time.monotonic() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.sockets.values():
            client.close()
        self._poll.close()

    def _open(self, count):
        """Opens some connections, and waits until they are."""
        opening = {}
        with select.epoll() as poll:
            for _ in range(count):
                client = socket.socket()
                client.setblocking(False)
                if self._receive_buffer:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
                client.connect_ex(self._address)
                opening[client.fileno()] = client
                poll.register(client.fileno(), select.EPOLLOUT)
            deadline = time.monotonic() + 60
            waiting = set(opening)
            while waiting:
                assert time.monotonic() < deadline, f"{len(waiting)} connections do not open"
                for descriptor, _ in poll.poll(1):
                    error = opening[descriptor].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    assert error == 0, f"a connection failed with error {error}"
                    poll.unregister(descriptor)
                    waiting.discard(descriptor)
        for descriptor, client in opening.items():
            self.sockets[descriptor] = client
            self._poll.register(descriptor, select.EPOLLIN)

    def say(self, data):
        """Every client that is still there sends `data`, which must fit into its socket."""
        for client in list(self.sockets.values()):
            try:
                sent = client.send(data)
                assert sent == len(data), "the socket is full"
            except (BrokenPipeError, ConnectionResetError):
                self._read_to_end(client.fileno())

    def pour(self, data):
        """One client after the other sends `data`, however long that takes; some may be refused."""
        for client in self.sockets.values():
            client.settimeout(60)
            try:
                client.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # Its answer is still to be read.
            client.setblocking(False)

    def stop_reading(self):
        """From here on nobody reads."""
        for descriptor in self.sockets:
            self._poll.modify(descriptor, 0)

    def listen(self, seconds, until=lambda: False, bytes_each=65_536):
        """Reads what comes, at most `bytes_each` a client at a time, until `until` is true.

        What is there is read at least once, however long this process was held up.
        """
        deadline = time.monotonic() + seconds
        while not until():
            left = deadline - time.monotonic()
            for descriptor, _ in self._poll.poll(max(0, min(left, 0.05))):
                if descriptor in self.sockets:
                    self._read(descriptor, bytes_each)
            if left <= 0:
                return

    def wait_for_answers(self, seconds=180, bytes_each=65_536):
        """Waits until every client has had an answer or was closed."""
        self.listen(seconds, lambda: self.answered >= set(self.sockets), bytes_each)
        missing = len(set(self.sockets) - self.answered)
        assert missing == 0, f"{missing} of {len(self.sockets)} clients have no answer"

    def drip(self, data, seconds, interval=0.05):
        """Every client sends one byte of `data` after the other, and reads what comes."""
        deadline = time.monotonic() + seconds
        for byte in data:
            if time.monotonic() > deadline or not self.sockets:
                return
            self.say(bytes([byte]))
            self.listen(interval)

    def _read(self, descriptor, count):
        try:
            data = self.sockets[descriptor].recv(count)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            self._drop(descriptor)
            return
        self.received += len(data)
        if descriptor not in self.answered:
            self.answered.add(descriptor)
            status = data[9:12].decode("latin-1") if data.startswith(b"HTTP/1.1 ") else "?"
            self.answers[status] = self.answers.get(status, 0) + 1
        if self._pongs and data.endswith(PING):
            self.sockets[descriptor].send(PONG)

    def _read_to_end(self, descriptor):
        """Reads what a connection brought before it was reset: that may be an answer."""
        while descriptor in self.sockets:
            self._read(descriptor, 65_536)

    def _drop(self, descriptor):
        client = self.sockets.pop(descriptor, None)
        if client:
            self.closed += 1
            self._poll.unregister(descriptor)
            client.close()
