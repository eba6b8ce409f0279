"""Many readers of one stream, in every WebSocket form: each gets each line, once."""

import argparse
import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest
import websockets

import api
from simulated import create_pod, written_log

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks" / "fanout"))

from fanout import FanOut  # noqa: E402

PATIENT = {"open_timeout": 60, "ping_timeout": 60}
"""The client itself gives up after 10 and 20 s."""


@pytest.mark.skipif(not (shutil.which("cc") or shutil.which("clang")),
                    reason="the readers are a C program")
def test_readers_get_each_line_once_while_others_are_stalled(tmp_path):
    options = argparse.Namespace(readers=200, stalled=20, rate=500.0, seconds=5)
    result = FanOut(tmp_path, options).podwire()
    assert result["lines"] > 0
    problems = {name: result[name] for name in ("lost", "repeated", "malformed", "closed")}
    assert problems == dict.fromkeys(problems, 0)
    assert result["lines"] / result["frames"] > 2, "lines share frames"


def test_a_client_that_offers_compression_reads_the_same_log(simulator, daemon):
    create_pod(simulator, "packed", lines=5000, rate=5000)
    async def read(compression):
        address = f"{daemon.url.replace('http', 'ws')}/logs/default/packed?from=0"
        async with websockets.connect(
                address, compression=compression, max_size=None, **PATIENT) as socket:
            names = [extension.name for extension in socket.extensions]
            text = "".join([message async for message in socket])
            return names, text, socket.close_code

    api.wait_for_job(daemon, "default", "packed")
    expected = written_log(simulator, "packed").decode()
    assert asyncio.run(read(None)) == ([], expected, 1000)
    assert asyncio.run(read("deflate")) == (["permessage-deflate"], expected, 1000)


def test_one_socket_carries_many_logs_and_the_feed(simulator, daemon):
    names = [f"many-{index}" for index in range(5)]
    uids = {create_pod(simulator, name, lines=300, rate=300): name for name in names}
    logs = {name: "" for name in names}
    jobs_ended = set()

    async def read():
        async with websockets.connect(
                f"{daemon.url.replace('http', 'ws')}/v1/ws", subprotocols=["podwire.v1"],
                max_size=None, **PATIENT) as socket:
            await socket.send(json.dumps(
                {"subscribe": {"id": 0, "events": {"after": 0, "types": ["podwire.job.end"]}}}))
            for number, name in enumerate(names, 1):
                await socket.send(json.dumps(
                    {"subscribe": {"id": number, "log": {"namespace": "default", "pod": name}}}))
            closed = set()
            while len(closed) < len(names) or len(jobs_ended) < len(names):
                message = json.loads(await asyncio.wait_for(socket.recv(), 60))
                if "s" in message:
                    name = uids[message["s"].split("/")[0]]
                    assert message["from"] == logs[name].count("\n"), "each line once, in order"
                    assert len(message["times"]) == message["text"].count("\n")
                    logs[name] += message["text"]
                elif "event" in message:
                    jobs_ended.add(message["event"]["subject"])
                elif "closed" in message:
                    assert message["closed"]["code"] == 1000, message
                    closed.add(message["closed"]["id"])
                else:
                    assert "opened" in message, message

    asyncio.run(read())
    for name in names:
        assert logs[name] == written_log(simulator, name).decode()
