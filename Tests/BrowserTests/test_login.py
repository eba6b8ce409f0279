"""Signing in with a token, in a real browser: only what one may see is there."""

import secrets

import pytest
import requests
from log_page import LogPage, screenshots
from playwright.sync_api import expect
from processes import Daemon, Simulator, eventually

USERS = """
users:
  - name: reader
    tokens: [{{token: {reader}}}]
    rules: [{{namespaces: [default], allow: [get pods, get pods/log]}}]
  - name: elsewhere
    tokens: [{{token: {elsewhere}}}]
    rules: [{{namespaces: [other], allow: [get pods, get pods/log]}}]
"""


@pytest.fixture
def tokens():
    return {name: secrets.token_urlsafe(24) for name in ("reader", "elsewhere")}


@pytest.fixture
def site(tmp_path, tokens):
    users = tmp_path / "users.yaml"
    users.write_text(USERS.format(**tokens))
    users.chmod(0o600)
    simulator = Simulator(tmp_path, "empty")
    daemon = Daemon(tmp_path, simulator.kubeconfig).start(
        {"PODWIRE_AUTH_MODE": "static", "PODWIRE_AUTH_TOKENS_FILE": str(users)})
    yield simulator, daemon
    daemon.stop()
    simulator.program.terminate()


def sign_in(page, token, keep=False):
    page.get_by_label("Token").fill(token)
    if keep:
        page.get_by_label("Keep it until this tab is closed").check()
    page.get_by_role("button", name="Sign in").click()


def test_a_token_opens_the_page_and_is_in_no_address(page, daemon, start_pod, tokens, pod):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    start_pod(pod, lines="endless", rate=50)
    page.goto(daemon.url)
    sign_in(page, "x" * 32)
    expect(page.get_by_role("alert")).to_have_text("This token is not accepted.")
    page.screenshot(path=screenshots() / "login-desk-light.png")
    sign_in(page, tokens["reader"])
    expect(page.locator("#user")).to_contain_text("reader")
    page.locator(f'tr[data-job$="/{pod}"] .job-name').click()
    log = LogPage(page, daemon)
    log.wait_past(50)
    expect(log.state).to_have_text("live")
    assert asked and not any(tokens["reader"] in address for address in asked)
    # In memory only: another load asks again.
    page.reload()
    expect(page.get_by_label("Token")).to_be_visible()


def test_who_signs_in_next_sees_no_job_of_who_signed_out(page, daemon, start_pod, tokens, pod):
    start_pod(pod, lines=1)
    page.goto(daemon.url)
    sign_in(page, tokens["reader"])
    expect(page.locator("tr[data-job]")).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    page.route("**/v1/jobs?*", lambda route: None)  # The list is long in coming.
    sign_in(page, tokens["elsewhere"])
    expect(page.locator("#user")).to_contain_text("elsewhere")
    assert page.locator("tr[data-job]").count() == 0


def test_a_token_may_stay_for_the_tab_until_one_signs_out(page, daemon, tokens):
    page.goto(daemon.url)
    sign_in(page, tokens["reader"], keep=True)
    expect(page.locator("#feed-state")).to_have_text("live")
    page.reload()
    expect(page.locator("#user")).to_contain_text("reader")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Token")).to_be_visible()


def test_what_one_may_not_see_is_not_there(page, daemon, start_pod, tokens, pod):
    start_pod(pod, lines=20, rate=20)
    page.goto(daemon.url)
    sign_in(page, tokens["elsewhere"])
    expect(page.locator("#user")).to_contain_text("elsewhere")
    expect(page.get_by_text("No jobs yet.")).to_be_visible()
    log = LogPage(page, daemon)
    page.goto(f"{daemon.url}/#/logs/default/{pod}/main")
    expect(log.state).to_contain_text("forbidden")


def test_a_download_has_a_ticket_of_its_own(page, daemon, start_pod, tokens, pod):
    start_pod(pod, lines=20, rate=100)
    page.goto(daemon.url)
    sign_in(page, tokens["reader"])
    page.locator(f'tr[data-job$="/{pod}"] .job-name').click()
    log = LogPage(page, daemon)
    log.wait_for(20)
    headers = {"Authorization": f"Bearer {tokens['reader']}"}
    stored = eventually(lambda: ended_log(daemon, pod, headers))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert open(download.value.path(), "rb").read() == stored
    assert "ticket=" in download.value.url and tokens["reader"] not in download.value.url


def ended_log(daemon, pod, headers):
    answer = requests.get(f"{daemon.url}/logs/default/{pod}", headers=headers, timeout=30)
    return answer.content if answer.headers.get("Podwire-State") == "ended" else None
