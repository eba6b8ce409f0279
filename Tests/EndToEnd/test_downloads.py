"""Downloads of ended logs with the tools that people use: curl, zstd, gzip."""

import base64
import subprocess

import pytest
import requests

from api import log, wait_for_job
from simulated import create_pod, delete_pod, written_log

IDENTITY = {"Accept-Encoding": "identity"}
"""As curl asks; `requests` accepts gzip unless it is told not to."""


def curl(*arguments, code=0):
    """Runs curl; its standard output, once it has ended with `code`."""
    done = subprocess.run(
        ["curl", "-sS", "--fail-with-body", *map(str, arguments)], capture_output=True, timeout=120)
    assert done.returncode == code, (done.returncode, done.stderr, done.stdout[-500:])
    return done.stdout


@pytest.fixture
def ended(simulator, daemon):
    """An ended log of some MiB, its Pod gone: its URL and its bytes."""
    create_pod(simulator, "big", lines=40_000, rate=0, bytes=120)
    wait_for_job(daemon, "default", "big")
    text = written_log(simulator, "big")
    delete_pod(simulator, "big")
    assert len(text) > 4_000_000
    return f"{daemon.url}/logs/default/big", text


@pytest.mark.parametrize("have", [0, 1, 65_536, 1_234_567, -1])
def test_curl_goes_on_with_a_download_that_was_cut(ended, tmp_path, have):
    url, text = ended
    file = tmp_path / "big.log"
    file.write_bytes(text[:have])
    curl("-C", "-", "-o", file, url)
    assert file.read_bytes() == text


def test_curl_has_nothing_to_do_for_a_download_that_is_complete(ended, tmp_path):
    url, text = ended
    file = tmp_path / "big.log"
    file.write_bytes(text)
    # 416 says so; curl takes it for a success.
    subprocess.run(["curl", "-sS", "-C", "-", "-o", file, url], check=True, timeout=60)
    assert file.read_bytes() == text


def test_a_download_goes_on_over_kill_9(simulator, daemon, ended, tmp_path):
    url, text = ended
    file = tmp_path / "big.log"
    tag = requests.head(url, headers=IDENTITY, timeout=30).headers["ETag"]
    curl("-r", "0-999999", "-o", file, url)
    daemon.kill()
    daemon.start()
    rest = curl("-H", f"If-Range: {tag}", "-r", "1000000-", url)
    assert file.read_bytes() + rest == text
    assert curl("-H", f"If-None-Match: {tag}", url) == b""


def test_the_size_is_known_before(ended):
    url, text = ended
    head = requests.head(url, headers=IDENTITY, timeout=30)
    assert int(head.headers["Content-Length"]) == len(text)
    assert head.headers["Accept-Ranges"] == "bytes"
    stamped = requests.get(
        url, params={"timestamps": "true"}, headers=IDENTITY, timeout=60)
    assert int(stamped.headers["Content-Length"]) == len(stamped.content)
    assert len(stamped.content) == len(text) + 31 * text.count(b"\n")


def test_packed_downloads_are_the_same_bytes(ended, tmp_path):
    url, text = ended
    assert curl("--compressed", url) == text
    for coding, program in (("gzip", ["gzip", "-dc"]), ("zstd", ["zstd", "-dcq"])):
        packed = curl("-H", f"Accept-Encoding: {coding}", url)
        assert len(packed) < len(text) / 2
        done = subprocess.run(program, input=packed, capture_output=True, timeout=60, check=True)
        assert done.stdout == text
        part = curl("-H", f"Accept-Encoding: {coding}", f"{url}?from=17&lines=1234")
        done = subprocess.run(program, input=part, capture_output=True, timeout=60, check=True)
        assert done.stdout == b"".join(text.splitlines(keepends=True)[17:17 + 1234])


def test_long_lines_and_a_last_line_without_newline(simulator, daemon):
    printed = base64.b64encode(b"first\n<<x*3000000>>\nlast").decode()
    create_pod(simulator, "long", rate=0, print=printed, lines=0, final_newline="false")
    wait_for_job(daemon, "default", "long")
    text = written_log(simulator, "long")
    url = f"{daemon.url}/logs/default/long"
    assert log(daemon, "default/long") == text
    joined = b"".join(
        curl("-r", f"{start}-{start + 699_999}", url) for start in range(0, len(text), 700_000))
    assert joined == text
    packed = curl("-H", "Accept-Encoding: zstd", url)
    done = subprocess.run(
        ["zstd", "-dcq"], input=packed, capture_output=True, timeout=60, check=True)
    assert done.stdout == text


def test_a_live_log_has_no_tag_and_no_ranges(simulator, daemon):
    create_pod(simulator, "live", lines="endless", rate=50)
    url = f"{daemon.url}/logs/default/live"
    curl("-N", f"{url}?follow&lines=20")
    answer = requests.get(url, headers={"Range": "bytes=0-9"}, timeout=30)
    assert answer.status_code == 200
    assert "ETag" not in answer.headers and "Accept-Ranges" not in answer.headers
    assert int(requests.get(
        url, headers=IDENTITY, timeout=30).headers["Content-Length"]) > 0
    packed = curl("-N", "-H", "Accept-Encoding: gzip", f"{url}?follow&lines=60")
    done = subprocess.run(
        ["gzip", "-dc"], input=packed, capture_output=True, timeout=60, check=True)
    assert done.stdout == log(daemon, "default/live", lines=60)
