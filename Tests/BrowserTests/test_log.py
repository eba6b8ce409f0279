"""A log in a real browser: followed, scrolled, linked to, and shown as a terminal would."""

import os
import re
import time

import requests
from log_page import LogPage
from playwright.sync_api import expect
from processes import eventually
from site_pods import wait_for_end

# 10,000,000 lines are a log of 1 GB; that many take a minute to be simulated and stored.
LINES = int(os.environ.get("PODWIRE_BROWSER_LINES", "300000"))

STORED = 1800
"""Seconds within which they are stored, whatever else the machine has to do."""


def test_a_log_is_followed_as_it_grows(log, start_pod, pod):
    start_pod(pod, lines="endless", rate=50)
    log.open_job(pod).wait_past(100)
    expect(log.state).to_have_text("live")
    log.wait_past(log.seen()[-1]["line"] + 50)
    log.assert_whole()


def test_a_log_that_ends_says_how(log, start_pod, pod):
    start_pod(pod, lines=40, rate=40, exit_code=3, outputs="rows=7")
    log.open_job(pod)
    expect(log.state).to_have_text(re.compile("^ended: failure, exit 3"))
    output = log.page.locator(".outputs div", has_text="rows")
    expect(output).to_contain_text("7")
    output.get_by_role("link", name="line 40").click()
    expect(log.row(40)).to_have_class(re.compile("chosen"))


def test_a_rejected_output_is_told_with_its_reason(log, start_pod, pod):
    start_pod(pod, lines=3, rate=20, print_lines=["JOB_OUT 7up=no", "JOB_OUT fine=yes"])
    log.open_job(pod)
    expect(log.page.locator(".outputs summary")).to_contain_text("1 rejected")
    rejected = log.page.locator(".outputs .rejected")
    expect(rejected).to_have_text(re.compile("rejected.*key"))
    rejected.get_by_role("link").click()
    expect(log.row(4)).to_have_class(re.compile("chosen"))


def test_scrolling_up_stops_following_until_one_asks_for_the_end(log, start_pod, pod):
    start_pod(pod, lines="endless", rate=50)
    log.open_job(pod).wait_past(200)
    log.wheel(-1200)
    expect(log.follow).to_have_attribute("aria-pressed", "false")
    expect(log.chip).to_have_text(re.compile("new line"))
    seen = log.seen_at_rest()
    before = log.new_lines()
    eventually(lambda: log.new_lines() > before + 50)
    assert log.seen() == seen
    log.chip.click()
    expect(log.follow).to_have_attribute("aria-pressed", "true")
    expect(log.chip).to_be_hidden()
    log.wait_past(seen[-1]["line"] + 50)


def test_a_large_log_is_scrolled_through_with_few_rows(log, start_pod, pod):
    start_pod(pod, lines=LINES, bytes=100, pace="reader")
    eventually(lambda: lines_of(log.daemon, pod) > LINES, timeout=STORED)
    started = time.monotonic()
    log.open_job(pod).wait_for(LINES)
    print(f"first screen of {LINES} lines after {time.monotonic() - started:.2f} s")
    for share in (0.5, 0.123, 0.987, 0.02):
        log.scroll_to(share)
        assert 0 < log.assert_whole()[0]["line"] < LINES
        assert log.page.locator(".row").count() < 200
    # By little steps from the middle: line by line, none left out.
    log.scroll_to(0.5)
    first = log.assert_whole()[0]["line"]
    log.wheel(100)
    eventually(lambda: log.seen()[0]["line"] == first + 5)
    log.assert_whole()
    log.page.keyboard.press("g")
    eventually(lambda: log.seen()[0]["line"] == 0)
    log.assert_whole()
    log.page.keyboard.press("G")
    eventually(lambda: log.seen()[-1]["line"] == LINES)


def lines_of(daemon, job):
    answer = requests.get(f"{daemon.url}/v1/jobs/default/{job}", timeout=30)
    return answer.json()["lines"] if answer.ok else 0


def test_a_link_leads_to_lines_wherever_they_are(log, start_pod, pod):
    start_pod(pod, lines=30_000, rate=0)
    wait_for_end(log.daemon, pod)
    log.open_job(pod, lines="#L12000-L12003").wait_for(12_003)
    chosen = log.page.locator(".row.chosen")
    expect(chosen).to_have_count(4)
    expect(chosen.first).to_be_in_viewport()
    log.assert_whole()
    log.row(12_010).locator(".number").click()
    expect(log.page).to_have_url(re.compile("#L12010$"))
    log.row(12_012).locator(".number").click(modifiers=["Shift"])
    expect(log.page).to_have_url(re.compile("#L12010-L12012$"))
    expect(log.page.get_by_text("Lines 12,010–12,012")).to_be_visible()


def test_that_lines_could_not_be_loaded_is_told_until_they_are(log, start_pod, pod):
    start_pod(pod, lines=30_000, rate=0)
    wait_for_end(log.daemon, pod)
    log.open_job(pod).wait_for(30_000)
    log.page.route("**/logs/**from=*", lambda route: route.abort())
    log.page.keyboard.press("g")
    expect(log.page.get_by_role("alert")).to_contain_text("Lines could not be loaded")
    log.page.unroute_all()
    log.wait_for(0)
    expect(log.page.get_by_role("alert")).to_have_count(0)


def test_chosen_lines_are_copied_as_they_are_stored(open_page, daemon, start_pod, pod):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    start_pod(pod, lines=500, rate=0)
    wait_for_end(daemon, pod)
    LogPage(page, daemon).open_job(pod, lines="#L100-L102").wait_for(102)
    page.get_by_role("button", name="Copy text").click()
    expect(page.locator("#announcer")).to_have_text("3 lines copied.")
    stored = requests.get(f"{daemon.url}/logs/default/{pod}", timeout=30).text.split("\n")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "".join(f"{line}\n" for line in stored[100:103])
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#announcer")).to_have_text("Link copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_colours_and_progress_bars_are_shown_as_a_terminal_would(log, start_pod, pod):
    start_pod(pod, lines=1, rate=20, print_lines=[
        "\x1b[1;31mred and bold\x1b[0m plain", "\x1b[38;5;208morange\x1b[0m",
        "\x1b[38;2;10;200;30mgreen\x1b[0m \x1b[4munder\x1b[24m", "\x1b[32mgreen goes on",
        "here\x1b[0m, not here", "10%\r55%\r100% done", "<b>&amp;</b><script>alert(1)</script>",
    ])
    log.open_job(pod).wait_for(8)
    expect(log.text(2)).to_have_text("red and bold plain")
    expect(log.text(2).locator(".bold")).to_have_text("red and bold")
    assert len({*colours(log, 2), *colours(log, 3), *colours(log, 4), *colours(log, 5)}) >= 4
    expect(log.text(4).locator(".underline")).to_have_text("under")
    expect(log.text(6).locator("span")).to_have_text("here")
    assert colours(log, 6) == colours(log, 5)
    expect(log.text(7)).to_have_text("100% done")
    expect(log.text(8)).to_have_text("<b>&amp;</b><script>alert(1)</script>")


def colours(log, line):
    return log.text(line).locator("span").evaluate_all(
        "nodes => nodes.map((node) => getComputedStyle(node).color)")


def test_a_very_long_line_is_cut_and_can_be_opened(log, start_pod, pod):
    start_pod(pod, lines=1, rate=20, print_lines=["<<x*30000>>end of it", "after"])
    log.open_job(pod).wait_for(3)
    expect(log.text(2)).to_contain_text("26,009 more characters")
    log.text(2).get_by_role("button").click()
    expect(log.text(2)).to_have_text(re.compile("^x{30000}end of it$"))
    log.page.keyboard.press("w")
    expect(log.page.locator(".log.unwrapped")).to_be_visible()
    assert log.row(2).bounding_box()["height"] < 40


def test_a_gap_is_a_line_that_says_so(log, start_pod, pod):
    start_pod(pod, lines=400, rate=100, log_faults="end-rotate@250;ok")
    job = wait_for_end(log.daemon, pod)
    assert job["gaps"] > 0
    log.open_job(pod)
    log.page.keyboard.press("g")
    gap = log.page.locator('.row[data-kind="gap"]').first
    eventually(lambda: gap.count() or log.wheel(500))
    expect(gap).to_contain_text("missing between")
    expect(log.page.locator(".facts")).to_contain_text("gap")


def test_times_are_shown_as_one_likes(log, start_pod, pod):
    start_pod(pod, lines=30, rate=100)
    wait_for_end(log.daemon, pod)
    log.open_job(pod).wait_for(20)
    time_of = log.row(20).locator(".time")
    expect(time_of).to_have_text("")
    log.page.keyboard.press("t")
    expect(time_of).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))
    log.page.keyboard.press("t")
    expect(time_of).to_have_text("+0.200")


def test_attempts_and_containers_are_chosen_or_merged(log, start_pod, pod):
    start_pod(pod, containers=("one", "two"), lines=2000, rate=1000,
              **{"restarts.two": 1, "rate.one": 500})
    wait_for_end(log.daemon, pod)
    log.open(pod, "one", workflow=pod, job=pod).wait_for(2000)
    choice = log.page.get_by_label("Container")
    expect(choice.locator("option")).to_have_text(
        ["one", "two attempt 0", "two attempt 1", "all, in order of time"])
    choice.select_option(label="two attempt 0")
    expect(log.page.get_by_text("Attempt 1 has started")).to_be_visible()
    choice.select_option(label="all, in order of time")
    expect(log.page.locator(".source", has_text="two").first).to_be_attached()
    stored = merged(log.daemon, pod)
    log.page.keyboard.press("g")
    expect(log.page.locator(".row").first.locator(".text")).to_contain_text(stored[0])
    shown = log.page.evaluate(MERGED)
    assert shown == stored


def test_lines_of_a_merged_log_are_linked_to_and_copied_in_order(open_page, daemon, start_pod, pod):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    start_pod(pod, containers=("one", "two"), lines=9000, rate=0, **{"lines.two": 6000})
    wait_for_end(daemon, pod)
    stored = merged(daemon, pod)
    log = LogPage(page, daemon)
    log.open(pod, "*", lines="#L7000-L7002", workflow=pod, job=pod).wait_for(7002)
    seen = log.seen_at_rest()
    assert [row["text"] for row in seen] == stored[seen[0]["line"]:][:len(seen)]
    expect(page.locator(".row.chosen")).to_have_count(3)
    log.row(7004).locator(".number").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile("#L7000-L7004$"))
    page.get_by_role("button", name="Copy text").click()
    expect(page.locator("#announcer")).to_have_text("5 lines copied.")
    texts = [text[3:] for text in stored[7000:7005]]
    assert page.evaluate("navigator.clipboard.readText()") == "".join(f"{text}\n" for text in texts)
    # The number itself leads to the container's own log.
    own = log.row(7004).locator(".number").get_attribute("href")
    assert f"/{stored[7004][:3]}?" in own
    page.goto(f"{daemon.url}/{own}")
    expect(page.locator(".row.chosen .text")).to_have_text(stored[7004][3:])


def test_a_merged_log_has_the_containers_that_begin_while_it_is_watched(log, start_pod, pod):
    start_pod(pod, init=("setup",), lines=20, **{"lines.setup": 60, "rate.setup": 20})
    log.open(pod, "*", lines="#L1", workflow=pod, job=pod)
    expect(log.page.locator(".source", has_text="setup").first).to_be_attached()
    log.page.keyboard.press("G")
    expect(log.page.locator(".source", has_text="main").first).to_be_attached()
    wait_for_end(log.daemon, pod)
    expect(log.state).to_have_text("ended: success, exit 0")
    expect(log.follow).to_have_attribute("aria-pressed", "true")
    sources = log.page.locator(".source").all_text_contents()
    assert sources == ["setup"] * sources.count("setup") + ["main"] * sources.count("main")


def merged(daemon, pod):
    """The lines of both containers in order of time, as `CONTAINER TEXT`."""
    lines = []
    for container in ("one", "two"):
        text = requests.get(
            f"{daemon.url}/logs/default/{pod}/{container}?timestamps", timeout=30).text
        lines += [(line[:30], container, index, line[31:])
                  for index, line in enumerate(text.rstrip("\n").split("\n"))]
    return [f"{container}{text}" for _, container, _, text in sorted(lines)]


# As READ_ALL, but in order of sight: in a merged log numbers come more than once.
MERGED = """async () => {
    const log = document.querySelector('.log');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const lines = [];
    log.scrollTop = 0;
    for (let still = 0; still < 20;) {
        await frame();
        await frame();
        if (document.querySelector('.row[data-kind=loading]') !== null) continue;
        const top = log.getBoundingClientRect().top;
        const rows = [...document.querySelectorAll('.row')].map((row) => [
            Math.round((row.getBoundingClientRect().top - top + log.scrollTop) / 20),
            row.querySelector('.text').textContent]);
        for (const [place, text] of rows) lines[place] = text;
        const before = log.scrollTop;
        log.scrollTop += 400;
        still = log.scrollTop === before ? still + 1 : 0;
    }
    return lines;
}"""
