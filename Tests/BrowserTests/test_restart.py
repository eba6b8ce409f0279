"""The daemon is killed and started again while one watches."""

import re

import pytest
import requests
from log_page import RESTART, LogPage
from playwright.sync_api import expect
from processes import Daemon, Simulator
from site_pods import pod_starter, wait_for_end


@pytest.fixture
def site(tmp_path):
    simulator = Simulator(tmp_path, "empty")
    daemon = Daemon(tmp_path, simulator.kubeconfig).start()
    yield simulator, daemon
    if daemon.is_running:
        daemon.stop()
    simulator.program.terminate()


def test_what_is_shown_is_what_is_stored_after_kills(page, site):
    simulator, daemon = site
    pod_starter(simulator)("watched", lines=3000, rate=100)
    log = LogPage(page, daemon).open_job("watched")
    for line in (200, 900, 1600):
        log.wait_past(line)
        daemon.kill()
        expect(log.state).to_have_text(re.compile("reconnecting|unreachable"))
        daemon.start()
        # A daemon that takes very long to come back may find that it is over.
        expect(log.state).to_have_text(re.compile("^live|^ended: success"), timeout=RESTART)
    expect(log.state).to_have_text(re.compile("^ended: success"), timeout=RESTART)
    expect(page.locator("#feed-state")).to_have_text("live", timeout=RESTART)
    wait_for_end(daemon, "watched")
    stored = requests.get(f"{daemon.url}/logs/default/watched", timeout=30).content
    shown = log.read_all()
    assert [number for number, _ in shown] == list(range(len(shown)))
    assert "".join(f"{text}\n" for _, text in shown).encode() == stored


def test_a_daemon_that_stays_away_is_called_unreachable(page, site):
    simulator, daemon = site
    pod_starter(simulator)("watched", lines="endless", rate=50)
    log = LogPage(page, daemon).open_job("watched")
    log.wait_past(50)
    seen = log.seen()[-1]["line"]
    daemon.kill()
    expect(log.state).to_have_text("daemon unreachable", timeout=RESTART)
    expect(page.locator("#feed-state")).to_have_text("daemon unreachable", timeout=RESTART)
    daemon.start()
    log.wait_past(seen + 200)
    log.assert_whole()
