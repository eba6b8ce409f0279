"""The web page in a real browser. Line N of a simulated log begins with `line` and ten digits."""

import re

from playwright.sync_api import expect

RESTART = 60_000
LAST_LINE = "Number(document.querySelector('.row:last-child')?.dataset.line ?? -1)"


def job_row(page, name):
    return page.locator(f'tr[data-job$="/{name}"]')


def open_log(page, daemon, name):
    page.goto(daemon.url)
    job_row(page, name).get_by_role("link").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def wait_for_line(page, number):
    page.locator(f'.row[data-line="{number}"]').wait_for(state="attached", timeout=RESTART)


def last_line(page):
    return page.evaluate(LAST_LINE)


def assert_rows_are_whole(page):
    """Each row has the text of its number, and no number is missing or doubled."""
    rows = page.evaluate("""[...document.querySelectorAll('.row')]
        .map((row) => [Number(row.dataset.line), row.textContent])""")
    assert rows
    first = rows[0][0]
    for index, (number, text) in enumerate(rows):
        assert number == first + index
        assert text.startswith(f"line {number:010}"), (number, text[:80])


def test_the_list_shows_a_job_as_it_begins_and_ends(page, daemon, start_pod):
    page.goto(daemon.url)
    expect(page.locator("#feed-state")).to_have_text("live")
    start_pod("good", lines=30, rate=15)
    start_pod("bad", lines=30, rate=15, **{"exit-code": 3})
    expect(job_row(page, "good").locator(".status")).to_have_text("Running")
    expect(job_row(page, "good").locator(".status")).to_have_text("Success")
    expect(job_row(page, "bad").locator(".status")).to_have_text("Failure")
    expect(job_row(page, "bad")).to_contain_text("exit 3")


def test_the_filter_narrows_the_list(page, daemon, start_pod):
    start_pod("apple", lines=5)
    start_pod("pear", lines=5)
    page.goto(daemon.url)
    expect(job_row(page, "pear")).to_be_visible()
    page.get_by_label("Filter jobs").fill("apple")
    expect(job_row(page, "pear")).to_have_count(0)
    expect(job_row(page, "apple")).to_be_visible()


def test_a_log_is_followed_as_it_grows(page, daemon, start_pod):
    start_pod("endless", lines="endless", rate=50)
    open_log(page, daemon, "endless")
    wait_for_line(page, 100)
    wait_for_line(page, last_line(page) + 50)
    expect(page.locator(".row").last).to_be_in_viewport()
    assert_rows_are_whole(page)


def test_a_log_that_ends_says_how(page, daemon, start_pod):
    start_pod("brief", lines=40, rate=40, **{"exit-code": 3, "outputs": "rows=7"})
    open_log(page, daemon, "brief")
    state = page.locator(".stream-state")
    expect(state).to_have_text(re.compile("^ended: failure, exit 3"))
    expect(page.locator(".outputs")).to_contain_text("rows")
    expect(page.locator(".row")).to_have_count(41)


def test_scrolling_up_stops_following_until_one_asks_for_the_end(page, daemon, start_pod):
    start_pod("endless", lines="endless", rate=50)
    open_log(page, daemon, "endless")
    wait_for_line(page, 200)
    page.get_by_role("log").hover()
    page.mouse.wheel(0, -1200)
    follow = page.get_by_role("button", name="Follow")
    expect(follow).to_have_attribute("aria-pressed", "false")
    chip = page.locator(".chip")
    expect(chip).to_have_text(re.compile("new line"))
    before = last_line(page)
    top = page.evaluate("document.querySelector('.log').scrollTop")
    wait_for_line(page, before + 50)
    assert page.evaluate("document.querySelector('.log').scrollTop") == top
    chip.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_hidden()
    expect(page.locator(".row").last).to_be_in_viewport()


def test_older_lines_come_back_when_one_goes_to_the_first(page, daemon, start_pod):
    start_pod("long", lines=4000, rate=2000)
    page.goto(daemon.url)
    expect(job_row(page, "long").locator(".status")).to_have_text("Success")
    job_row(page, "long").get_by_role("link").click()
    wait_for_line(page, 4000)
    expect(page.locator('.row[data-line="0"]')).to_have_count(0)
    page.get_by_role("button", name="First line").click()
    first = page.locator('.row[data-line="0"]')
    expect(first).to_be_in_viewport()
    assert_rows_are_whole(page)


def test_a_daemon_that_is_killed_and_started_again_keeps_the_readers_place(
    page, daemon, start_pod
):
    start_pod("endless", lines="endless", rate=50)
    open_log(page, daemon, "endless")
    wait_for_line(page, 100)
    state = page.locator(".stream-state")
    daemon.kill()
    expect(state).to_have_text(re.compile("reconnecting|unreachable"))
    before = last_line(page)
    daemon.start()
    expect(state).to_have_text("live", timeout=RESTART)
    wait_for_line(page, before + 100)
    assert_rows_are_whole(page)
    expect(page.locator("#feed-state")).to_have_text("live", timeout=RESTART)
