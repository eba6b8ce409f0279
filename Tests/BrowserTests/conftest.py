"""Fixtures: a browser page, and a daemon on a simulated cluster with Pods as a test wants them."""

import sys
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "EndToEnd"))

from processes import Daemon, Simulator  # noqa: E402

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that fails its test if a script of it does."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def simulator(tmp_path):
    directory = tmp_path / "sim"
    directory.mkdir()
    simulator = Simulator(directory, "empty")
    yield simulator
    simulator.program.terminate()


@pytest.fixture
def daemon(simulator, tmp_path):
    directory = tmp_path / "podwire"
    directory.mkdir()
    daemon = Daemon(directory, simulator.kubeconfig).start()
    yield daemon
    if daemon.is_running:
        daemon.kill()


@pytest.fixture
def start_pod(simulator):
    """Creates a Pod of one container: `start_pod("name", lines="endless", rate=50)`."""
    def start(name, **script):
        annotations = {f"sim.podwire.dev/{key}": str(value) for key, value in script.items()}
        answer = requests.post(
            f"{simulator.url}/api/v1/namespaces/default/pods",
            json={
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "annotations": annotations},
                "spec": {"restartPolicy": "Never",
                         "containers": [{"name": "main", "image": "simulated"}]},
            },
            timeout=30)
        assert answer.status_code == 201, answer.text

    return start
