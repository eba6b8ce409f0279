"""What signals do."""

import signal

from api import get, log, wait_for_job
from processes import eventually
from simulated import create_pod


def test_sighup_changes_nothing_and_says_so(simulator, daemon):
    create_pod(simulator, "running", lines=200, rate=100)
    eventually(lambda: get(daemon, "/logs/default/running").status_code == 200)
    for times in (1, 2):
        daemon.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: daemon.program.log().count("SIGHUP: ") == times)
    wait_for_job(daemon, "default", "running")
    assert log(daemon, "default/running").count(b"\n") == 201
    daemon.stop()
