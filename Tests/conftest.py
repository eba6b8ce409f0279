"""Fixtures: a simulated cluster, a daemon on it, and the real cluster of KUBECONFIG."""

import os
import re
import secrets
import sys
from pathlib import Path

import pytest

for folder in ("Proof", "EndToEnd"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

from cluster import Cluster  # noqa: E402
from processes import Daemon, Simulator  # noqa: E402


@pytest.fixture
def start_simulator(tmp_path):
    """Starts podwire-sim: `start_simulator("empty", "--seed", 7)`."""
    started = []

    def start(scenario="empty", *arguments):
        directory = tmp_path / f"sim{len(started)}"
        directory.mkdir()
        simulator = Simulator(directory, scenario, *arguments)
        started.append(simulator)
        return simulator

    yield start
    for simulator in started:
        if simulator.program.process.poll() is None:
            assert simulator.program.terminate() == 0, simulator.program.log()


@pytest.fixture
def start_daemon(tmp_path):
    """Starts podwire on a kubeconfig: `start_daemon(kubeconfig, "--namespace", "default")`."""
    started = []

    def start(kubeconfig, *arguments):
        directory = tmp_path / f"podwire{len(started)}"
        directory.mkdir()
        daemon = Daemon(directory, kubeconfig, *arguments)
        started.append(daemon)
        return daemon.start()

    yield start
    for daemon in started:
        if daemon.is_running:
            daemon.stop()


@pytest.fixture
def simulator(start_simulator):
    return start_simulator("empty")


@pytest.fixture
def daemon(simulator, start_daemon):
    return start_daemon(simulator.kubeconfig)


@pytest.fixture
def cluster(request):
    """The cluster of KUBECONFIG, with a namespace of its own for the test."""
    kubeconfig = os.environ.get("KUBECONFIG")
    assert kubeconfig, "set KUBECONFIG to the cluster to test on"
    readable = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    # The namespace of the run before may be on its way out still.
    cluster = Cluster(kubeconfig, f"podwire-{readable}-{secrets.token_hex(3)}")
    cluster.create()
    yield cluster
    cluster.delete()
