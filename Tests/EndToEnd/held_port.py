"""A port of loopback for a server that comes and goes."""

import socket


class HeldPort:
    """A port that the system gives to nobody else, bound and never listened on.

    Who connects is refused until there is a server, which must set SO_REUSEADDR as most do. It is this
    port, or any free one.
    """

    def __init__(self, number=0):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", number))
        self.number = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()
