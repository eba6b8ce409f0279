"""What a crash, a full disk and a reader that does not read leave behind: nothing wrong."""

import os
import re
import shutil
import socket
import subprocess
import threading

import pytest

from api import Curl, events, get, log, wait_for_job
from processes import Daemon, eventually
from simulated import create_pod, written_log

MIB = 1 << 20


def test_kill_9_between_commit_and_publish(simulator, daemon):
    """Every position that a reader was given is valid after a crash: publish comes after commit."""
    # It stays for a while behind its last line, so that also a slow start comes before its end.
    create_pod(simulator, "p", lines=3000, rate=400, exit_delay="10s")
    received = b""
    for size in (20_000, 70_000, 120_000, 170_000):
        position = received.count(b"\n")
        reader = subprocess.Popen(
            ["curl", "-sSN", f"{daemon.url}/logs/default/p?follow&from={position}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while len(received) < size:
            chunk = reader.stdout.read1(65_536)
            assert chunk, "the reader was left before the kill"
            received += chunk
        daemon.kill()
        received += reader.stdout.read()
        code = reader.wait(60)
        # A line that was cut is asked for again.
        received = received[:received.rfind(b"\n") + 1]
        daemon.start()
        stored = get(daemon, "/logs/default/p")
        assert stored.content.startswith(received), "a reader saw what the store does not have"
        whole = stored.headers["Podwire-State"] == "ended" and stored.content == received
        assert code != 0 or whole, "a cut body must not look like a clean end"
    received += Curl(
        f"{daemon.url}/logs/default/p?follow&from={received.count(b'%c' % 10)}").finish()
    assert received == written_log(simulator, "p")
    assert wait_for_job(daemon, "default", "p")["gaps"] == 0


def test_events_that_were_seen_are_there_after_a_kill(simulator, daemon):
    create_pod(simulator, "p", lines=600, rate=300, outputs=";".join(
        f"key{n}=value{n}" for n in range(100)))
    seen = []
    for lines in (150, 300, 450):
        eventually(lambda: get(daemon, "/logs/default/p").text.count("\n") >= lines)
        seen = events(daemon)
        daemon.kill()
        daemon.start()
        assert events(daemon)[:len(seen)] == seen
    wait_for_job(daemon, "default", "p")
    keys = [each["data"]["key"] for each in events(daemon, types="podwire.job.output")]
    assert keys == [f"key{n}" for n in range(100)], "each output once, in order"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system of its own needs root")
    directory = tmp_path / "disk"
    directory.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={24 * MIB}", "podwire-test", directory], check=True)
    yield directory
    subprocess.run(["umount", directory], check=True)


def test_disk_full(simulator, small_disk):
    """Reading goes on, readiness turns red, and behind it nothing is missing unmarked."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(14 * MIB))
    daemon = Daemon(small_disk, simulator.kubeconfig).start()
    try:
        create_pod(simulator, "early", lines=100, rate=0)
        wait_for_job(daemon, "default", "early")
        # Lines of random-looking words: far more than what is left of the disk.
        for number in range(4):
            create_pod(simulator, f"p{number}", lines=400_000, rate=40_000, style="pipeline")

        def is_told():
            answer = get(daemon, "/readyz")
            return answer.status_code == 503 and "full" in answer.text
        eventually(is_told, 180)
        assert log(daemon, "default/early") == written_log(simulator, "early")
        assert get(daemon, "/healthz").status_code == 200
        ballast.unlink()
        subprocess.run(["mount", "-o", f"remount,size={1024 * MIB}", small_disk], check=True)
        eventually(lambda: get(daemon, "/readyz").status_code == 200, 180)
        for number in range(4):
            found = wait_for_job(daemon, "default", f"p{number}", timeout=300)
            stored = log(daemon, f"default/p{number}")
            # The simulated files are not rotated, so all of it could be had, and no gap is due.
            assert stored == written_log(simulator, f"p{number}")
            assert (found["outcome"], found["gaps"]) == ("success", 0)
    finally:
        daemon.stop()


def test_a_store_on_a_read_only_disk_is_refused(simulator, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    program = subprocess.run(
        [*Daemon(small_disk, simulator.kubeconfig).command(), "--data-dir", small_disk],
        capture_output=True, text=True, timeout=60)
    assert program.returncode == 1
    assert str(small_disk) in program.stderr and "permission" in program.stderr, program.stderr


def test_a_reader_that_never_reads(simulator, daemon):
    """It costs a socket: others read on at full speed, and memory does not grow."""
    create_pod(simulator, "first", lines=1000, rate=0)
    wait_for_job(daemon, "default", "first")
    before = daemon.program.peak_memory()
    host, port = re.fullmatch(r"http://(.+):(\d+)", daemon.url).groups()
    stuck = []
    for _ in range(50):
        reader = socket.create_connection((host, int(port)))
        reader.sendall(b"GET /logs/default/p?follow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        stuck.append(reader)
    texts = []
    readers = [
        threading.Thread(target=lambda: texts.append(
            Curl(f"{daemon.url}/logs/default/p?follow").finish(300))) for _ in range(3)]
    for reader in readers:
        reader.start()
    create_pod(simulator, "p", lines=1_000_000, bytes=100, rate=0, pace="reader", outputs="")
    wait_for_job(daemon, "default", "p", timeout=300)
    for reader in readers:
        reader.join(300)
    written = written_log(simulator, "p")
    assert len(written) >= 100_000_000
    assert [text == written for text in texts] == [True] * 3
    # 50 readers that are 100 MB behind: what they would cost as queues is 5 GB.
    assert daemon.program.peak_memory() - before < 500 * MIB
    for reader in stuck:
        reader.close()


def test_nothing_of_a_damaged_store_is_overwritten(simulator, daemon):
    create_pod(simulator, "p", lines=50, rate=0)
    wait_for_job(daemon, "default", "p")
    daemon.stop()
    database = daemon.directory / "data" / "podwire.db"
    content = bytearray(database.read_bytes())
    content[100:2_000] = bytes(1_900)
    database.write_bytes(content)
    shutil.copy(database, daemon.directory / "copy.db")
    program = subprocess.run(daemon.command(), capture_output=True, text=True, timeout=60)
    assert program.returncode == 1
    assert "podwire.db" in program.stderr and "left as it is" in program.stderr
    assert database.read_bytes() == (daemon.directory / "copy.db").read_bytes()
