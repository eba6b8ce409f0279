"""Searching a whole log, in a real browser. The daemon searches, the page shows what it found."""

import re
import time

import requests
from playwright.sync_api import expect
from processes import eventually
from site_pods import wait_for_end
from test_log import LINES, STORED, lines_of


def count(log):
    return log.page.locator(".count")


def current(log):
    return log.page.locator(".row.current")


def test_matches_are_counted_marked_and_stepped_through(log, start_pod, pod):
    start_pod(pod, lines=20_000, rate=0)
    wait_for_end(log.daemon, pod)
    stored = requests.get(f"{log.daemon.url}/logs/default/{pod}", timeout=30).text.split("\n")
    found = [number for number, line in enumerate(stored) if "00777" in line]
    log.open_job(pod).wait_for(20_000)
    log.page.keyboard.press("/")
    log.page.keyboard.type("00777")
    expect(count(log)).to_have_text(f"1 of {len(found)}")
    expect(current(log).locator("mark")).to_have_text("00777")
    expect(current(log)).to_be_in_viewport()
    expect(log.page).to_have_url(re.compile("q=00777"))
    log.page.keyboard.press("Enter")
    expect(count(log)).to_have_text(f"2 of {len(found)}")
    log.page.get_by_role("log").focus()
    log.page.keyboard.press("n")
    expect(count(log)).to_have_text(f"3 of {len(found)}")
    expect(current(log)).to_have_attribute("data-line", str(found[2]))
    for _ in range(3):
        log.page.keyboard.press("N")
    expect(count(log)).to_have_text(f"{len(found)} of {len(found)}")
    expect(current(log)).to_have_attribute("data-line", str(found[-1]))
    log.page.keyboard.press("Escape")
    expect(count(log)).to_have_text("")
    expect(log.page.locator("mark")).to_have_count(0)


def test_the_filter_shows_matches_with_what_is_around_them(log, start_pod, pod):
    start_pod(pod, lines=20_000, rate=0)
    wait_for_end(log.daemon, pod)
    log.open_job(pod).wait_for(20_000)
    log.page.keyboard.press("/")
    log.page.keyboard.type(r"line 00000(05|15)000\b")
    log.page.get_by_role("button", name="Regular expression").click()
    log.page.get_by_role("log").focus()
    log.page.keyboard.press("f")
    expect(log.page.locator(".row")).to_have_count(10)
    eventually(lambda: [row["line"] for row in log.seen()] == [
        *range(4998, 5003), *range(14998, 15003)])
    expect(log.page.locator(".row.match")).to_have_count(2)
    expect(log.row(14_998)).to_have_class(re.compile("apart"))
    log.row(5001).locator(".number").click()
    log.wait_for(5010)
    expect(log.row(5001)).to_have_class(re.compile("chosen"))
    log.assert_whole()


def test_capitals_matter_only_if_one_wants(log, start_pod, pod):
    start_pod(pod, lines=1, rate=20, print_lines=["Alpha", "alpha"])
    wait_for_end(log.daemon, pod)
    log.open(pod, q="alpha")
    expect(count(log)).to_have_text("1 of 2")
    log.page.get_by_role("button", name="Capitals matter").click()
    expect(count(log)).to_have_text("1 of 1")
    expect(current(log).locator(".text")).to_have_text("alpha")


def test_a_bad_pattern_is_told_in_the_daemons_words(log, start_pod, pod):
    start_pod(pod, lines=5, rate=50)
    wait_for_end(log.daemon, pod)
    log.open(pod, q="(", regex="1")
    expect(count(log)).to_contain_text("missing closing parenthesis")
    log.page.get_by_role("button", name="Regular expression").click()
    expect(count(log)).to_have_text("no match")


def test_what_comes_later_is_found_too(log, start_pod, pod):
    start_pod(pod, lines="endless", rate=50)
    log.open_job(pod).wait_past(20)
    log.page.keyboard.press("/")
    log.page.keyboard.type("line")
    expect(count(log)).to_have_text(re.compile("^1 of"))
    first = int(re.search("of ([0-9,]+)", count(log).text_content()).group(1).replace(",", ""))
    expect(count(log)).not_to_have_text(re.compile(f"of {first}\\b"))


def test_a_failed_job_opens_at_its_first_error(log, start_pod, pod):
    lines = ["all is well"] * 300 + ["\x1b[31mERROR\x1b[0m no such table"] + ["cleaning up"] * 300
    start_pod(pod, lines=500, rate=0, print_lines=lines, exit_code=3)
    wait_for_end(log.daemon, pod)
    log.open_job(pod).wait_for(801)
    expect(current(log)).to_be_in_viewport()
    expect(current(log).locator(".text")).to_have_text("ERROR no such table")
    expect(log.page.locator(".notice")).to_contain_text("line 801")
    log.page.keyboard.press("G")
    log.wait_for(1100)


def test_a_rare_word_of_a_large_log_is_found(log, start_pod, pod):
    start_pod(pod, lines=LINES, bytes=100, pace="reader")
    eventually(lambda: lines_of(log.daemon, pod) > LINES, timeout=STORED)
    wanted = LINES - 1234
    started = time.monotonic()
    log.open(pod, q=f"line {wanted:010}")
    expect(current(log)).to_be_in_viewport()
    print(f"a rare word of {LINES} lines after {time.monotonic() - started:.2f} s")
    expect(current(log)).to_have_attribute("data-line", str(wanted))


def test_a_search_that_failed_goes_on_with_enter(log, start_pod, pod):
    start_pod(pod, lines=200, rate=0)
    wait_for_end(log.daemon, pod)
    log.open_job(pod).wait_for(200)
    log.page.route("**/logs/**fixed=*", lambda route: route.abort())
    log.page.keyboard.press("/")
    log.page.keyboard.type("line 0000000077")
    expect(count(log)).to_have_class(re.compile("refused"))
    log.page.unroute_all()
    log.page.keyboard.press("Enter")
    expect(count(log)).to_have_text("1 of 1")
    expect(current(log)).to_have_attribute("data-line", "77")
