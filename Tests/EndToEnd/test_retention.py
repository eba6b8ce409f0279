"""Retention: what is no longer kept is gone for everyone, and everyone is told."""

from datetime import datetime, timedelta, timezone

import requests

from api import events, get, job, log, outputs, wait_for_job
from processes import eventually
from simulated import create_pod
from workflows import wait_for_workflow

PASSES = 150
"""Seconds in which there are two passes of retention, whatever came too late for the first."""


def restart_with(daemon, text):
    """Starts the daemon again with these settings: it deletes when it starts."""
    daemon.stop()
    settings = daemon.directory / "podwire.yaml"
    settings.write_text(text)
    if settings not in daemon.arguments:
        daemon.arguments += ["--config", settings]
    daemon.start()


def test_deleted_logs_and_events_answer_410_and_jobs_stay(simulator, daemon):
    for name in ("engine", "gaps"):
        body = {"after": 0, **({"types": ["podwire.log.gap"]} if name == "gaps" else {})}
        answer = requests.put(f"{daemon.url}/v1/consumers/{name}", json=body, timeout=30)
        assert answer.status_code == 201, answer.text
    create_pod(simulator, "ended", lines=20, rate=0, outputs="a=1;b=2")
    create_pod(simulator, "live", lines=100_000, rate=5)
    wait_for_job(daemon, "default", "ended")
    wait_for_workflow(daemon, "default", "ended")
    eventually(lambda: (job(daemon, "default", "live") or {}).get("status") == "running")
    assert log(daemon, "default/ended").count(b"\n") == 22
    last = int(events(daemon)[-1]["id"])
    assert last > 5
    ended = datetime.fromisoformat(job(daemon, "default", "ended")["endedAt"][:19] + "+00:00")
    eventually(lambda: datetime.now(timezone.utc) - ended > timedelta(seconds=2.5))

    restart_with(daemon, "events: {maxEvents: 3}\nretention: {logs: {keepFor: 1s}}\n")
    # A body that is being read when its log is deleted is cut: only the head is asked for.
    ended_log = f"{daemon.url}/logs/default/ended"
    eventually(lambda: requests.head(ended_log, timeout=30).status_code == 410, PASSES)
    status = get(daemon, "/logs/default/ended").json()
    assert (status["kind"], status["reason"]) == ("Status", "Gone")
    assert "no longer kept since" in status["message"]
    answer = get(daemon, "/logs/default/ended", follow="true")
    assert answer.status_code == 410, "a follower is told too"
    assert get(daemon, "/logs/default/live").status_code == 200, "live logs stay"
    assert outputs(daemon, "default", "ended")["outputs"] == {"a": "1", "b": "2"}
    assert job(daemon, "default", "ended")["outcome"] == "success"

    kept = eventually(lambda: (e := events(daemon)) and len(e) <= 3 and e, PASSES)
    oldest = int(kept[0]["id"])
    answer = get(daemon, "/v1/events", after=1)
    assert answer.status_code == 410
    assert f"the oldest is {oldest}" in answer.json()["message"]
    consumers = {c["name"]: c for c in get(daemon, "/v1/consumers").json()["items"]}
    assert consumers["engine"]["state"] == "expired"
    assert consumers["gaps"]["state"] == "idle", "it has missed nothing"
    answer = get(daemon, "/v1/consumers/engine/events")
    assert answer.status_code == 410
    assert f'"after":{oldest - 1}' in answer.json()["message"]

    daemon.kill()
    daemon.start()
    assert get(daemon, "/logs/default/ended").status_code == 410, "it stays gone"
    assert get(daemon, "/v1/events", after=1).status_code == 410
