"""What signals do."""

import signal
from pathlib import Path

from api import get, log, wait_for_job
from processes import Daemon, eventually
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


def catches(process, number):
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1 == 1


def test_sigterm_in_the_middle_of_the_start_stops_it_cleanly(simulator, tmp_path):
    daemon = Daemon(tmp_path, simulator.kubeconfig)
    daemon.launch()
    # The one for SIGHUP is there before anything is opened.
    eventually(lambda: catches(daemon.program.process, signal.SIGHUP))
    daemon.stop()
