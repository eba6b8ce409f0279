"""Pictures of the page for a person to look at, in `.build/screenshots`: both themes, three widths.

What can be checked without looking is checked on the way: nothing sticks out sideways.
"""

import re

import pytest
from log_page import screenshots
from playwright.sync_api import expect
from site_pods import declare, pod_starter, wait_for_end
from test_lists import labels

SIZES = {"wide": (1600, 900), "desk": (1280, 800), "phone": (390, 844)}
WORKFLOW = "orders-42"
PLAN = {"run": "2026-11-24", "stages": [
    {"name": "extract", "jobs": [{"name": "orders"}, {"name": "customers"}]},
    {"name": "transform", "jobs": [
        {"name": "clean", "retries": 1}, {"name": "join", "needs": ["clean"]},
        {"name": "enrich-with-exchange-rates", "needs": ["clean"]}]},
    {"name": "approve", "type": "break"},
    {"name": "load", "jobs": [{"name": "warehouse"}, {"name": "search-index"}]}]}
LINES = [
    "\x1b[2m12:00:01\x1b[0m \x1b[32mINFO\x1b[0m  reading s3://lake/orders/42/part-0007.parquet",
    "\x1b[2m12:00:02\x1b[0m \x1b[33mWARN\x1b[0m  3 rows without a customer, kept aside",
    "  0%\r 40%\r 80%\r100% of 48,137 rows",
    "\x1b[2m12:00:04\x1b[0m \x1b[1;31mERROR\x1b[0m relation \x1b[4m\"staging.orders\"\x1b[24m does "
    "not exist", "\x1b[38;5;208mhint\x1b[0m \x1b[38;2;120;90;220mrun the migration first\x1b[0m",
    "\x1b[7m retrying \x1b[0m \x1b[44;97m attempt 2 of 3 \x1b[0m", "JOB_OUT rows=48137",
    "JOB_OUT 7up=not a key", "JOB_OUT report={\"run\":42,\"ok\":false}",
]


@pytest.fixture(scope="module")
def places(site):
    """What the pictures show: a workflow in the middle of its run, and logs of all kinds."""
    simulator, daemon = site
    start = pod_starter(simulator)
    declare(daemon, WORKFLOW, PLAN)

    def run(pod, job, **script):
        start(pod, labels=labels(WORKFLOW, job), **{"style": "pipeline", **script})

    run("orders", "orders", lines=40, rate=20, outputs="rows=48137;snapshot=s3://lake/42.parquet")
    run("customers", "customers", lines=60, rate=20, outputs="rows=9112")
    for pod in ("orders", "customers"):
        wait_for_end(daemon, f"{WORKFLOW}/{pod}")
    run("clean-1", "clean", lines=30, rate=20, exit_code=137, exit_reason="OOMKilled")
    wait_for_end(daemon, f"{WORKFLOW}/clean")
    run("clean-2", "clean", lines=30, rate=15)
    start("failed", lines=300, rate=0, style="pipeline", print_lines=LINES, exit_code=3)
    start("with-gap", lines=400, rate=100, log_faults="end-rotate@250;ok")
    start("pulling", image_pull_error="true")
    start("endless", lines="endless", rate=20, style="pipeline")
    start("several", containers=("app", "proxy"), lines=200, rate=100)
    wait_for_end(daemon, f"{WORKFLOW}/clean")
    run("join", "join", lines=2000, rate=20)
    wait_for_end(daemon, "with-gap")
    job = wait_for_end(daemon, "several")
    return {
        "jobs": "", "jobs-filtered": "?status=failure&text=e", "workflows": "workflows",
        "workflow": f"workflows/default/{WORKFLOW}",
        "log-failed": "logs/default/failed/main?workflow=failed&job=failed",
        "log-live": "logs/default/endless/main?workflow=endless&job=endless",
        "log-gap": "logs/default/with-gap/main?workflow=with-gap&job=with-gap#L249-L252",
        "log-merged": f"logs/default/several/*?uid={job['pods'][0]['uid']}"
                      "&workflow=several&job=several",
        "log-search": "logs/default/failed/main?workflow=failed&job=failed&q=rows",
        "log-filter": "logs/default/failed/main?workflow=failed&job=failed&q=rows&filter=1",
        "waiting": "jobs/default/pulling/pulling",
        "nowhere": "no/such/page",
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_every_view(open_page, daemon, places, size, theme):
    width, height = SIZES[size]
    page = open_page(viewport={"width": width, "height": height}, color_scheme=theme,
                     has_touch=size == "phone")
    for name, place in places.items():
        page.goto("about:blank")
        page.goto(f"{daemon.url}/#/{place}")
        expect(page.locator("#feed-state")).to_have_attribute("data-phase", "live")
        if name.startswith("log"):
            page.locator(".row:not([data-kind=loading])").first.wait_for()
        if name.startswith("log-") and name in ("log-search", "log-filter"):
            expect(page.locator(".count")).to_have_text(re.compile(r"\d"))
        page.wait_for_timeout(600)  # Icons turn, notices come: a picture wants the page at rest.
        page.screenshot(path=screenshots() / f"{name}-{size}-{theme}.png")
        if name == "log-live":
            page.keyboard.press("?")
            page.screenshot(path=screenshots() / f"help-{size}-{theme}.png")
            page.keyboard.press("Escape")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_phone_has_most_of_its_height_for_the_log(open_page, daemon, places):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{daemon.url}/#/{places['log-search']}")
    count = page.locator(".count")
    expect(count).to_have_text(re.compile(r"\d of \d"))
    box = count.bounding_box()
    assert box["x"] + box["width"] <= 391
    assert page.get_by_role("toolbar").bounding_box()["height"] < 60
    assert page.get_by_role("search").bounding_box()["height"] < 60
    download = page.get_by_role("link", name="Download")
    download.scroll_into_view_if_needed()
    expect(download).to_be_in_viewport(ratio=1)


def test_every_control_has_a_name_and_can_be_reached(page, daemon, places):
    for place in ("", f"workflows/default/{WORKFLOW}",
                  "logs/default/failed/main?workflow=failed&job=failed"):
        page.goto(f"{daemon.url}/#/{place}")
        expect(page.locator("#feed-state")).to_have_attribute("data-phase", "live")
        nameless = page.evaluate("""[...document.querySelectorAll('a, button, input, select')]
            .filter((node) => node.offsetParent !== null || node.getClientRects().length > 0)
            .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim()
                || node.labels?.length))
            .map((node) => node.outerHTML)""")
        assert nameless == []
        expect(page.locator("h1")).to_have_count(1)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('a, button')")
