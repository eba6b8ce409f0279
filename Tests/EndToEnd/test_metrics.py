"""`/metrics`, read by Prometheus's own parser, beside what is known to have happened."""

import time

import requests
from prometheus_client.parser import text_string_to_metric_families

from api import Curl, get, log
from processes import eventually
from simulated import create_pod, delete_pod
from workflows import wait_for_job_and_workflow


def families(daemon):
    answer = get(daemon, "/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def numbers(daemon):
    """The value of each sample; one with a label is named `name:label's value`."""
    return {":".join([sample.name, *sample.labels.values()]): sample.value
            for family in families(daemon).values() for sample in family.samples}


def test_the_numbers_are_what_has_happened(simulator, daemon):
    before = numbers(daemon)
    assert before["podwire_capture_lines_total"] == before["podwire_events_total"] == 0
    assert requests.put(
        f"{daemon.url}/v1/consumers/engine", json={"after": 0}, timeout=30).status_code == 201
    create_pod(simulator, "counted", lines=200, rate=200, outputs="rows=200")
    found = wait_for_job_and_workflow(daemon, "default", "counted")
    # Capture counts an end, and one follow less, when it has been stored.
    after = eventually(lambda: (
        lambda now: now if now["podwire_capture_ended_total"]
        and not now["podwire_capture_following"] else None)(numbers(daemon)))
    assert after["podwire_capture_lines_total"] == found["lines"] == 201
    assert after["podwire_capture_gaps_total"] == found["gaps"] == 0
    assert after["podwire_capture_ended_total"] == 1
    assert after["podwire_capture_following"] == after["podwire_capture_waiting"] == 0
    assert after["podwire_watch_synced"] == after["podwire_store_writable"] == 1
    assert after["podwire_client_received_bytes_total"] > len(log(daemon, "default/counted"))
    last = get(daemon, "/v1/jobs").json()["sequence"]
    assert after["podwire_events_total"] == last > 0
    assert after["podwire_consumer_lag_events:engine"] == last
    # What only grows has grown, or stayed.
    totals = [name for name in before if name.endswith("_total")]
    assert len(totals) > 10
    for name in totals:
        assert after[name] >= before[name], name


def test_readers_are_counted_while_they_read(simulator, daemon):
    create_pod(simulator, "watched", lines="endless", rate=100)
    reader = Curl(f"{daemon.url}/logs/default/watched?follow")
    eventually(lambda: numbers(daemon)["podwire_readers"] == 1)
    # Lines count as they come, not when a log has ended.
    eventually(lambda: numbers(daemon)["podwire_capture_lines_total"] > 200)
    assert numbers(daemon)["podwire_capture_following"] == 1
    delete_pod(simulator, "watched")
    reader.finish()
    eventually(lambda: numbers(daemon)["podwire_readers"] == 0)


def test_the_process_is_described_as_every_prometheus_client_does(simulator, start_daemon):
    before = time.time()
    daemon = start_daemon(simulator.kubeconfig)
    after = time.time()
    found = numbers(daemon)
    with open(f"/proc/{daemon.program.process.pid}/limits", encoding="ascii") as limits:
        files = next(line for line in limits if line.startswith("Max open files")).split()[3]
    assert found["process_max_fds"] == int(files)
    assert 10 < found["process_open_fds"] < int(files)
    assert found["process_resident_memory_bytes"] > 4 << 20
    assert found["process_cpu_seconds_total"] > 0
    assert before - 1 <= found["process_start_time_seconds"] <= after + 1
    assert [name for name in found if name.startswith("podwire_build_info:")]


def test_every_metric_is_told_once_with_its_help_and_its_kind(daemon):
    kinds = families(daemon)
    for name, family in kinds.items():
        assert family.documentation.endswith("."), name
        assert family.type in ("counter", "gauge"), name
        assert name.startswith(("podwire_", "process_")), name
    names = [line.split()[2] for line in get(daemon, "/metrics").text.splitlines()
             if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) == len(kinds)
    for name in names:
        assert (name.endswith("_total")) == (kinds[name.removesuffix("_total")].type == "counter")


def test_only_reading_is_served(daemon):
    answer = requests.post(f"{daemon.url}/metrics", timeout=30)
    assert (answer.status_code, answer.json()["reason"]) == (405, "MethodNotAllowed")
    head = requests.head(f"{daemon.url}/metrics", timeout=30)
    assert (head.status_code, head.content) == (200, b"")
