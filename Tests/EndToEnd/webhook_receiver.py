"""A webhook's target, as README.md tells its readers to write one; it fails on order."""

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from held_port import HeldPort
from processes import REPOSITORY


def readme_verification():
    """The function `verified(headers, body, secret)` of README.md."""
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    scope = {}
    exec(next(block for block in blocks if "def verified(" in block), scope)
    return scope["verified"]


class Receiver:
    """Listens on loopback, with TLS where there is a context, and keeps every request."""

    def __init__(self, secret, answer=lambda number: 200, context=None):
        """`answer(number)` is the status of request `number`, from 0, with which header fields may
        stand in a pair; None closes the connection instead."""
        self.secret = secret
        self.answer = answer
        self.context = context
        self.arrivals = []
        """(path, id, content type, body) of each request whose signature is good, in order."""
        self.refused = 0
        self._held = HeldPort()
        self.port = self._held.number
        self._verified = readme_verification()
        self._lock = threading.Lock()
        self._count = 0
        self._connections = set()
        self._server = None

    @property
    def url(self):
        scheme = "https" if self.context else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def start(self):
        """Listens, on the same port as before."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver._take(self.path, self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, fields = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in {**fields, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def setup(self):
                receiver._connections.add(self.request)
                super().setup()

            def log_message(self, *arguments):
                pass

        class Server(ThreadingHTTPServer):
            block_on_close = False

            def handle_error(self, request, client_address):
                pass  # A client that was killed, or a handshake that it broke off.

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self.context:
            self._server.socket = self.context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        """Refuses connections, and cuts those that there are."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It was closed before.
        self._connections.clear()

    def close(self):
        """The same for good: others may have the port."""
        self.stop()
        self._held.close()

    def ids(self, path="/"):
        """The numbers of the events that came, the first time each."""
        with self._lock:
            numbers = [each[1] for each in self.arrivals if each[0] == path]
        return list(dict.fromkeys(numbers))

    def _take(self, path, headers, body):
        with self._lock:
            if not self._verified(headers, body, self.secret):
                self.refused += 1
                return 403
            self.arrivals.append(
                (path, int(headers["webhook-id"]), headers["Content-Type"], body))
            self._count += 1
            return self.answer(self._count - 1)
