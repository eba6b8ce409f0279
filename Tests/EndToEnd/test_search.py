"""Searches in logs, compared with what grep finds in the same bytes."""

import base64
import json
import subprocess
import threading

import pytest
import requests

from api import log, wait_for_job
from processes import eventually
from simulated import create_pod, written_log


def grep(text, *arguments):
    """What `grep -n` prints, with line numbers from 0 as ours are."""
    done = subprocess.run(
        ["grep", "-an", *arguments], input=text, capture_output=True, timeout=60,
        env={"LC_ALL": "C.UTF-8"})
    assert done.returncode in (0, 1), done.stderr
    lines = []
    for line in done.stdout.splitlines(keepends=True):
        digits = len(line) - len(line.lstrip(b"0123456789"))
        lines.append(b"%d" % (int(line[:digits]) - 1) + line[digits:] if digits else line)
    return b"".join(lines)


@pytest.fixture
def text(simulator, daemon):
    create_pod(simulator, "words", lines=30_000, rate=0, bytes=100)
    wait_for_job(daemon, "default", "words")
    return written_log(simulator, "words")


@pytest.mark.parametrize("parameters, arguments", [
    ({"fixed": "checkpoint"}, ["-F", "checkpoint"]),
    ({"grep": "checkpoint"}, ["-P", "checkpoint"]),
    ({"grep": "1234\\d"}, ["-P", "1234\\d"]),
    ({"grep": "^.*(queue|cache).*ms$"}, ["-P", "^.*(queue|cache).*ms$"]),
    ({"grep": "(?<=rows )merged"}, ["-P", "(?<=rows )merged"]),
    ({"grep": "CHECKPOINT", "ignoreCase": ""}, ["-iP", "CHECKPOINT"]),
    ({"grep": "29999", "before": 3}, ["-P", "-B3", "29999"]),
    ({"grep": "0099\\d", "before": 2, "after": 4}, ["-P", "-B2", "-A4", "0099\\d"]),
    ({"grep": "queue", "limit": 5}, ["-P", "-m5", "queue"]),
    ({"grep": "no such line"}, ["-P", "no such line"]),
])
def test_a_search_finds_what_grep_finds(daemon, text, parameters, arguments):
    found = log(daemon, "default/words", **parameters)
    assert found == grep(text, *arguments)
    count = log(daemon, "default/words", count="", **parameters)
    assert int(count) == sum(
        line.lstrip(b"0123456789").startswith(b":") for line in found.splitlines())


def test_json_tells_where_in_the_line(daemon, text):
    answer = requests.get(
        f"{daemon.url}/logs/default/words", params={"grep": "queue \\w+", "limit": 100},
        headers={"Accept": "application/x-ndjson"}, timeout=60)
    *hits, end = [json.loads(line) for line in answer.text.splitlines()]
    assert len(hits) == 100 and end["end"]["matches"] == 100 and not end["end"]["complete"]
    lines = text.decode().splitlines()
    for hit in hits:
        assert hit["text"] == lines[hit["line"]] and hit["match"] and hit["time"].endswith("Z")
        for start, stop in hit["ranges"]:
            assert hit["text"][start:stop].startswith("queue ")
    again = requests.get(
        f"{daemon.url}/logs/default/words",
        params={"grep": "queue \\w+", "from": end["end"]["searchedTo"], "limit": 1},
        headers={"Accept": "application/x-ndjson"}, timeout=60)
    assert json.loads(again.text.splitlines()[0])["line"] > hits[-1]["line"]


def test_a_match_across_the_parts_of_a_long_line_is_found(simulator, daemon):
    printed = base64.b64encode(
        b"before\n<<x*1048570>>needle across the parts<<y*500000>>\nbehind needle").decode()
    create_pod(simulator, "parts", rate=0, print=printed, lines=0)
    wait_for_job(daemon, "default", "parts")
    found = log(daemon, "default/parts", grep="needle").splitlines()
    numbers = [line.split(b":", 1)[0] for line in found]
    # Behind the line with the outputs and the one before.
    assert numbers[0] == b"2" and len(found) == 2
    assert found[0] == b"2:" + written_log(simulator, "parts").splitlines()[2]
    assert log(daemon, "default/parts", **{"from": int(numbers[1]), "lines": 1}) == b"behind needle\n"


def test_an_expensive_search_ends_with_an_error_and_holds_up_nobody(simulator, daemon):
    evil = base64.b64encode(b"fine\n" + b"a" * 5_000 + b"!\n").decode()
    create_pod(simulator, "evil", rate=0, print=evil, lines=0)
    wait_for_job(daemon, "default", "evil")
    answer = requests.get(
        f"{daemon.url}/logs/default/evil", params={"grep": "(a+)+$"}, timeout=60)
    assert answer.status_code == 422 and "too expensive at line 2" in answer.json()["message"]
    searches = [
        threading.Thread(target=lambda: requests.get(
            f"{daemon.url}/logs/default/evil", params={"grep": "(a|aa)+$"}, timeout=60))
        for _ in range(3)]
    for search in searches:
        search.start()
    create_pod(simulator, "beside", lines=50, rate=0)
    wait_for_job(daemon, "default", "beside")
    assert log(daemon, "default/beside") == written_log(simulator, "beside")
    for search in searches:
        search.join(60)


def test_clients_that_go_away_leave_room_for_others(daemon, text):
    url = f"{daemon.url}/logs/default/words"
    for _ in range(20):
        with requests.get(url, params={"grep": "."}, stream=True, timeout=30) as answer:
            assert answer.status_code in (200, 429)
    eventually(lambda: requests.get(
        url, params={"grep": "queue", "limit": 1}, timeout=30).status_code == 200)


def test_wrong_patterns_say_where(daemon, text):
    answer = requests.get(f"{daemon.url}/logs/default/words", params={"grep": "a(b"}, timeout=30)
    assert answer.status_code == 400 and answer.json()["kind"] == "Status"
    assert "at byte 3: missing closing parenthesis" in answer.json()["message"]
