"""Who notes what comes of a burst, and when: processes of their own, that nothing waits for."""

import base64
import hmac
import multiprocessing
import re
import resource
import selectors
import socket
import time
from collections import defaultdict
from pathlib import Path

import requests

from processes import eventually

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Recorder:
    """A process that notes each event with the time of its arrival, and counts ends of jobs."""

    def __init__(self, directory, name):
        self.path = Path(directory) / f"{name}.events"
        self.ends = multiprocessing.Value("q", 0)
        self.last = multiprocessing.Value("q", 0)
        self.ready = multiprocessing.Value("q", 0)
        self.process = multiprocessing.Process(target=self._main, daemon=True)

    def start(self):
        self.process.start()
        eventually(lambda: self.ready.value, interval=0.01)

    def stop(self):
        self.process.terminate()
        self.process.join(10)

    def events(self):
        """(time of arrival, bytes as they came) of each event, in order."""
        lines = self.path.read_bytes().splitlines()
        return [(float(line[:17]), line[18:]) for line in lines]

    def _note(self, file, now, event):
        file.write(b"%17.6f %s\n" % (now, event))
        if b'"type":"podwire.job.end"' in event:
            self.ends.value += 1

    def _noted(self, file, event):
        file.flush()
        self.last.value = int(re.search(rb'"id":"(\d+)"', event).group(1))

    def _main(self):
        with open(self.path, "wb") as file:
            self._record(file)


class ConsumerRecorder(Recorder):
    """Reads a durable consumer as NDJSON, and acknowledges what came four times a second."""

    def __init__(self, directory, url, name):
        super().__init__(directory, "consumer")
        self.url = url
        self.name = name

    def _record(self, file):
        port = int(self.url.rsplit(":", 1)[1])
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(
            f"GET /v1/consumers/{self.name}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        stream = connection.makefile("rb", 1 << 20)
        assert b" 200 " in stream.readline()
        while stream.readline() != b"\r\n":
            pass
        self.ready.value = 1
        acknowledging = requests.Session()
        due = time.monotonic() + 0.25
        rest = b""
        while size := int(stream.readline() or b"0", 16):
            data = rest + stream.read(size)
            stream.readline()
            now = time.time()
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._note(file, now, line)
            if lines:
                self._noted(file, lines[-1])
            if time.monotonic() >= due and self.last.value:
                answer = acknowledging.post(
                    f"{self.url}/v1/consumers/{self.name}/ack",
                    json={"sequence": self.last.value}, timeout=60)
                assert answer.status_code == 200, answer.text
                due = time.monotonic() + 0.25


class WebhookRecorder(Recorder):
    """Takes a webhook's requests on one connection after the other, and checks signatures."""

    def __init__(self, directory):
        super().__init__(directory, "webhook")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = multiprocessing.Value("q", 0)
        self.unsigned = multiprocessing.Value("q", 0)

    def _record(self, file):
        self.ready.value = 1
        while True:
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.value += 1
            stream = connection.makefile("rb", 1 << 16)
            while request := stream.readline():
                assert request.startswith(b"POST / "), request
                fields = {}
                while (line := stream.readline()) != b"\r\n":
                    name, value = line.split(b":", 1)
                    fields[name.lower()] = value.strip()
                body = stream.read(int(fields[b"content-length"]))
                self._note(file, time.time(), body)
                self._noted(file, body)
                if not self._is_signed(fields, body):
                    self.unsigned.value += 1
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    @staticmethod
    def _is_signed(fields, body):
        message = b"%s.%s.%s" % (fields[b"webhook-id"], fields[b"webhook-timestamp"], body)
        code = hmac.digest(base64.b64decode(SECRET[6:]), message, "sha256")
        return fields[b"webhook-signature"] == b"v1," + base64.b64encode(code)


class Subscribers(Recorder):
    """Many readers over SSE, each of one job alone: job N is read by subscriber N."""

    def __init__(self, directory, url, count):
        super().__init__(directory, "subscribers")
        self.url = url
        self.count = count

    def _record(self, file):
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        port = int(self.url.rsplit(":", 1)[1])
        waiting = selectors.DefaultSelector()
        rests = defaultdict(bytes)
        for index in range(self.count):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(
                f"GET /v1/events?after=0&workflow=burst-{index // 100}&job=job-{index} HTTP/1.1\r\n"
                "Host: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())
            waiting.register(connection, selectors.EVENT_READ, index)
        self.ready.value = 1
        while True:
            for key, _ in waiting.select():
                data = key.fileobj.recv(1 << 16)
                if not data:
                    waiting.unregister(key.fileobj)
                whole, end, rests[key.data] = (rests[key.data] + data).rpartition(b"\n")
                numbers = re.findall(rb"^id: (\d+)$", whole + end, re.M)
                file.writelines(b"%d %s\n" % (key.data, number) for number in numbers)
                file.flush()
                self.last.value += len(numbers)

    def received(self):
        """The numbers that each subscriber got, in order."""
        numbers = defaultdict(list)
        for line in self.path.read_text().splitlines():
            index, number = map(int, line.split())
            numbers[index].append(number)
        return numbers
