"""Durable consumers: an engine that reads through one misses nothing, whoever is killed."""

import asyncio
import json
import threading

import pytest
import requests
import websockets

from api import PATIENT, events, get, wait_for_job
from processes import eventually
from raw_client import RawClient, head
from simulated import create_pod

OUTPUTS = "podwire.job.output"
# Bodies that are too large for the name of a test.
NESTED = "100,000 brackets"
LONG = "2 MiB"


def put(daemon, name, **body):
    answer = requests.put(f"{daemon.url}/v1/consumers/{name}", json=body, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def acknowledge(daemon, name, sequence):
    return requests.post(
        f"{daemon.url}/v1/consumers/{name}/ack", json={"sequence": sequence}, timeout=30)


class Engine:
    """Reads a consumer's events and acknowledges every third: what is between comes again.

    After `lifetime` events it dies; it may also be killed earlier by the daemon's death.
    """

    def __init__(self, daemon, name, lifetime=None):
        self.received = []
        self.acknowledged = 0
        self._daemon = daemon
        self._name = name
        self._lifetime = lifetime
        self._response = requests.get(
            f"{daemon.url}/v1/consumers/{name}/events", stream=True, timeout=60)
        assert self._response.status_code == 200, self._response.text
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            for line in self._response.iter_lines(chunk_size=1):
                event = json.loads(line)
                self.received.append(event)
                if len(self.received) % 3 == 0:
                    answer = acknowledge(self._daemon, self._name, int(event["id"]))
                    if answer.status_code == 200:
                        self.acknowledged = answer.json()["acknowledged"]
                if len(self.received) == self._lifetime:
                    return
        except (requests.RequestException, ValueError):
            pass  # The daemon was killed: the last line may be half a line.
        finally:
            self._response.close()

    def wait(self, count, timeout=60):
        eventually(lambda: len(self.received) >= count, timeout)

    def join(self):
        self._thread.join(60)
        assert not self._thread.is_alive()


def test_an_engine_and_the_daemon_are_killed_and_nothing_is_missing(simulator, daemon):
    put(daemon, "engine", types=[OUTPUTS], job="p", after=0)
    keys = [f"key{n}" for n in range(120)]
    create_pod(simulator, "other", lines=200, rate=200, outputs="not=wanted")
    create_pod(simulator, "p", lines=1200, rate=400, outputs=";".join(f"{k}=v" for k in keys))
    engines = []
    acknowledged = 0
    for kill_daemon in (True, False, True, False, True):
        engine = Engine(daemon, "engine", lifetime=17)
        engines.append(engine)
        engine.wait(10)
        if kill_daemon:
            daemon.kill()
        engine.join()
        if kill_daemon:
            daemon.start()
        first = int(engine.received[0]["id"])
        assert first > acknowledged, "what was acknowledged does not come again"
        position = get(daemon, "/v1/consumers/engine").json()["acknowledged"]
        acknowledged = max(acknowledged, engine.acknowledged)
        assert position >= acknowledged, "an acknowledgement that was answered is durable"
    wait_for_job(daemon, "default", "p")
    expected = [int(e["id"]) for e in events(daemon, types=OUTPUTS, job="p")]
    assert len(expected) == len(keys)
    last = Engine(daemon, "engine")
    eventually(lambda: last.received and int(last.received[-1]["id"]) == expected[-1])
    received = [engine.received for engine in [*engines, last]]
    for batch in received:
        ids = [int(event["id"]) for event in batch]
        start = expected.index(ids[0])
        assert ids == expected[start:start + len(ids)], "in order, none missing, none foreign"
    seen = {int(event["id"]): event for batch in received for event in batch}
    assert sorted(seen) == expected, "every matching event at least once"
    assert [seen[each]["data"]["key"] for each in expected] == keys
    assert sum(map(len, received)) > len(expected), "some came again: they were not acknowledged"
    daemon.stop()
    last.join()


def test_a_filter_stands_in_the_query_as_for_events(simulator, daemon):
    create_pod(simulator, "other", lines=1, rate=0)
    create_pod(simulator, "wanted", lines=1, rate=0)
    for name in ("other", "wanted"):
        wait_for_job(daemon, "default", name)
    filters = {"types": "podwire.job.end", "namespace": "default", "job": "wanted", "after": 0}
    made = requests.put(f"{daemon.url}/v1/consumers/engine", params=filters, timeout=30)
    assert made.status_code == 201, made.text
    assert made.json()["acknowledged"] == 0 and made.json()["job"] == "wanted"
    engine = Engine(daemon, "engine", lifetime=1)
    engine.join()
    assert [event["subject"] for event in engine.received] == ["default/wanted/wanted"]


def test_a_socket_acknowledges_and_a_newer_one_takes_over(simulator, daemon):
    put(daemon, "engine", types=[OUTPUTS], after=0)
    create_pod(simulator, "p", lines=20, rate=0, outputs="a=1;b=2;c=3")
    wait_for_job(daemon, "default", "p")
    url = daemon.url.replace("http:", "ws:") + "/v1/consumers/engine/events"

    async def read():
        async with websockets.connect(url, **PATIENT) as first:
            ids = [int(json.loads(await asyncio.wait_for(first.recv(), 30))["id"])
                   for _ in range(3)]
            await first.send(json.dumps({"ack": ids[1]}))
            answer = json.loads(await asyncio.wait_for(first.recv(), 30))
            assert answer == {"acknowledged": ids[1], "changed": True}
            await first.send(json.dumps({"ack": ids[2] + 1000}))
            refusal = json.loads(await asyncio.wait_for(first.recv(), 30))
            assert (refusal["kind"], refusal["code"]) == ("Status", 422)
            async with websockets.connect(url, **PATIENT) as second:
                again = json.loads(await asyncio.wait_for(second.recv(), 30))
                assert int(again["id"]) == ids[2]
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(first.recv(), 30)
                assert first.close_code == 4409
    asyncio.run(read())


def test_consumers_are_listed_bounded_and_deleted(simulator, start_daemon):
    daemon = start_daemon(simulator.kubeconfig)
    daemon.stop()
    settings = daemon.directory / "podwire.yaml"
    settings.write_text("events: {maxConsumers: 2}\n")
    daemon.arguments += ["--config", settings]
    daemon.start()
    assert put(daemon, "b", namespace="default")["state"] == "idle"
    put(daemon, "a")
    answer = requests.put(f"{daemon.url}/v1/consumers/c", timeout=30)
    assert answer.status_code == 409 and "events.maxConsumers" in answer.json()["message"]
    daemon.kill()
    daemon.start()
    items = get(daemon, "/v1/consumers").json()["items"]
    assert [each["name"] for each in items] == ["a", "b"]
    assert items[1]["namespace"] == "default"
    answer = requests.delete(f"{daemon.url}/v1/consumers/a", timeout=30)
    assert answer.status_code == 200 and answer.json()["name"] == "a"
    put(daemon, "c")


@pytest.mark.parametrize("method, path, body, code, words", [
    ("PUT", "/v1/consumers/No_Name", "{}", 422, "lower-case"),
    ("PUT", "/v1/consumers/e", "not JSON", 400, "JSON object"),
    ("PUT", "/v1/consumers/e", b"\xff\xfe", 400, "JSON object"),
    ("PUT", "/v1/consumers/e", '{"type":"podwire.job.end"}', 400, "no such member"),
    ("PUT", "/v1/consumers/e", '{"types":["podwire.job.over"]}', 400, "podwire.job.end"),
    ("PUT", "/v1/consumers/e", '{"after":99999}', 400, "after=0"),
    ("PUT", "/v1/consumers/e", NESTED, 400, "JSON object"),
    ("PUT", "/v1/consumers/e", LONG, 413, "1048576"),
    ("POST", "/v1/consumers/nobody/ack", '{"sequence":1}', 404, "nobody"),
    ("POST", "/v1/consumers/e/ack", '{"sequence":"1"}', 400, "whole number"),
    ("GET", "/v1/consumers/nobody/events", "", 404, "nobody"),
    ("DELETE", "/v1/consumers/nobody", "", 404, "nobody"),
    ("PATCH", "/v1/consumers/e", "{}", 405, "PUT"),
])
def test_bad_input_gets_a_status_object(daemon, method, path, body, code, words):
    body = {NESTED: "[" * 100_000, LONG: " " * (2 << 20)}.get(body, body)
    body = body.encode() if isinstance(body, str) else body
    # What is too large is refused before all of it is sent: then an ordinary client may see a reset.
    with RawClient(daemon.url) as client:
        client.send(head(
            f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}") + body)
        answer = client.answer()
    assert answer is not None and answer.status == code, answer
    status = json.loads(answer.body)
    assert (status["kind"], status["code"]) == ("Status", code)
    assert words in status["message"]
    assert get(daemon, "/v1/consumers").json() == {"items": []}
    assert get(daemon, "/healthz").status_code == 200


def test_a_page_of_another_site_cannot_make_or_acknowledge(daemon):
    put(daemon, "engine")
    for method, path in (("PUT", "evil"), ("DELETE", "engine"), ("POST", "engine/ack")):
        answer = requests.request(
            method, f"{daemon.url}/v1/consumers/{path}", data='{"sequence":0}',
            headers={"Origin": "http://evil.example", "Content-Type": "text/plain"}, timeout=30)
        assert answer.status_code == 403, answer.text
    assert [each["name"] for each in get(daemon, "/v1/consumers").json()["items"]] == ["engine"]
