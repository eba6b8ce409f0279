"""Fixtures: a browser page, a daemon on a simulated cluster, and Pods as a test wants them."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "EndToEnd"))

from log_page import LogPage  # noqa: E402
from processes import Daemon, Simulator  # noqa: E402
from site_pods import pod_starter  # noqa: E402

expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"],
            timeout=180_000)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Opens pages, and fails the test if a script of one fails or is refused by the policy."""
    contexts, errors = [], []

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text)
                if "Content Security Policy" in message.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A simulated cluster and a daemon on it, which tests share: each has Pods of its own."""
    directory = tmp_path_factory.mktemp("site")
    simulator = Simulator(directory, "empty")
    daemon = Daemon(directory, simulator.kubeconfig).start()
    yield simulator, daemon
    daemon.stop()
    simulator.program.terminate()


@pytest.fixture
def daemon(site):
    return site[1]


@pytest.fixture
def pod(site, request):
    """A name that no other test uses."""
    return re.sub("[^a-z0-9]+", "-", request.node.name.lower())[5:50].strip("-")


@pytest.fixture
def start_pod(site):
    return pod_starter(site[0])


@pytest.fixture
def log(page, daemon):
    return LogPage(page, daemon)
