"""The lists of jobs and workflows, and a workflow's page, in a real browser."""

import requests
from playwright.sync_api import expect
from site_pods import declare, wait_for_end

PLAN = {"run": "r1", "stages": [
    {"name": "build", "jobs": [{"name": "compile"}, {"name": "lint", "needs": ["compile"]}]},
    {"name": "approve", "type": "break"},
    {"name": "deploy", "jobs": [{"name": "europe"}, {"name": "asia"}]}]}


def job_row(page, name):
    return page.locator(f'tr[data-job$="/{name}"]')


def labels(workflow, job):
    return {"podwire.dev/workflow": workflow, "podwire.dev/job": job}


def test_the_list_shows_a_job_as_it_begins_and_ends(page, daemon, start_pod, pod):
    page.goto(daemon.url)
    expect(page.locator("#feed-state")).to_have_text("live")
    # For ten seconds it can be seen to run.
    start_pod(f"{pod}-good", lines=30, rate=3, outputs="rows=7")
    start_pod(f"{pod}-bad", lines=30, rate=15, exit_code=3)
    good, bad = job_row(page, f"{pod}-good"), job_row(page, f"{pod}-bad")
    expect(good.locator(".status")).to_have_text("Running")
    expect(good.locator(".status")).to_have_text("Success")
    expect(good.locator(".outputs-cell")).to_have_text("rows=7")
    expect(bad.locator(".status")).to_have_text("Failure")
    expect(bad).to_contain_text("exit 3")
    # Not by colour alone: each status has a shape of its own.
    shapes = [row.locator(".status-icon").inner_html() for row in (good, bad)]
    assert shapes[0] != shapes[1]


def test_a_filter_is_part_of_the_address(page, daemon, start_pod, pod):
    for job, code in (("apple", 0), ("pear", 3)):
        start_pod(f"{pod}-{job}", lines=5, rate=50, exit_code=code, labels=labels(pod, job))
    page.goto(f"{daemon.url}/#/?workflow={pod}&status=failure")
    expect(job_row(page, "pear")).to_be_visible()
    expect(job_row(page, "apple")).to_have_count(0)
    page.get_by_label("Status").select_option("")
    expect(job_row(page, "apple")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("apple")
    expect(job_row(page, "pear")).to_have_count(0)
    expect(page).to_have_url(f"{daemon.url}/#/?text=apple&workflow={pod}")
    page.reload()
    expect(job_row(page, "apple")).to_be_visible()
    expect(job_row(page, "pear")).to_have_count(0)
    page.goto(f"{daemon.url}/#/?namespace=elsewhere")
    expect(page.get_by_text("No job matches this filter.")).to_be_visible()


def test_a_workflow_is_drawn_before_it_runs_and_as_it_runs(page, daemon, start_pod, pod):
    declare(daemon, pod, PLAN)
    page.goto(f"{daemon.url}/#/workflows")
    page.get_by_role("link", name=pod).click()
    node = {name: page.locator(f'.node[data-job="{name}"]')
            for name in ("compile", "lint", "europe", "asia")}
    for each in node.values():
        expect(each).to_have_attribute("data-status", "pending")
    boxes = {name: each.bounding_box() for name, each in node.items()}
    assert boxes["compile"]["x"] < boxes["lint"]["x"] < boxes["europe"]["x"]
    assert boxes["europe"]["x"] == boxes["asia"]["x"]
    expect(page.locator(".stage-box")).to_have_count(3)
    expect(page.locator(".bars li")).to_have_count(4)
    expect(page.locator(".run")).to_have_count(0)

    start_pod(f"{pod}-compile", lines=30, rate=3, labels=labels(pod, "compile"))
    expect(node["compile"]).to_have_attribute("data-status", "running")
    expect(node["compile"]).to_have_attribute("data-status", "success")
    bar = page.locator(".bars li", has_text="compile").locator(".run")
    expect(bar).to_contain_text("Success")
    node["compile"].click()
    expect(page.get_by_role("heading", name="compile")).to_be_visible()
    expect(page.locator(".row")).to_have_count(31)


def test_a_job_that_waits_opens_its_log_when_it_begins(page, daemon, start_pod, pod):
    declare(daemon, pod, PLAN)
    page.goto(f"{daemon.url}/#/workflows/default/{pod}")
    page.locator('.node[data-job="compile"]').click()
    expect(page.get_by_text("waiting for its turn")).to_be_visible()
    start_pod(f"{pod}-compile", lines=30, rate=15, labels=labels(pod, "compile"))
    expect(page.locator('.row[data-line="5"]')).to_be_attached()


def test_every_try_of_a_job_is_a_bar(page, daemon, start_pod, pod):
    declare(daemon, pod, {"stages": [{"name": "s", "jobs": [{"name": "flaky", "retries": 1}]}]})
    start_pod(f"{pod}-1", lines=5, rate=20, exit_code=1, labels=labels(pod, "flaky"))
    wait_for_end(daemon, f"{pod}/flaky")
    start_pod(f"{pod}-2", lines=5, rate=20, labels=labels(pod, "flaky"))
    page.goto(f"{daemon.url}/#/workflows/default/{pod}")
    runs = page.locator(".bars li", has_text="flaky").locator(".run")
    expect(runs).to_have_count(2)
    expect(runs.nth(0)).to_contain_text("Failure")
    expect(runs.nth(1)).to_contain_text("Success")


def test_an_image_that_cannot_be_pulled_is_what_a_job_waits_for(page, daemon, start_pod, pod):
    start_pod(pod, image_pull_error="true")
    page.goto(daemon.url)
    job_row(page, pod).locator(".job-name").click()
    expect(page.get_by_text("waiting for image")).to_be_visible()


def test_a_job_whose_only_pod_never_began_ended_without_a_log(page, daemon, site, start_pod, pod):
    start_pod(pod, image_pull_error="true")
    page.goto(daemon.url)
    job_row(page, pod).locator(".job-name").click()
    expect(page.get_by_text("waiting for image")).to_be_visible()
    answer = requests.delete(f"{site[0].url}/api/v1/namespaces/default/pods/{pod}", timeout=30)
    assert answer.ok, answer.text
    expect(page.get_by_text("ended without a log")).to_be_visible()
    page.goto(f"{daemon.url}/#/logs/default/{pod}/main?workflow={pod}&job={pod}")
    expect(page.locator(".stream-state")).to_contain_text("ended without a log")


def test_keys_are_told(page, daemon):
    page.goto(daemon.url)
    expect(page.locator("#feed-state")).to_have_text("live")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("filter by text")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_list_shows_what_a_job_waits_for_as_that_changes(page, daemon, start_pod, pod):
    page.goto(daemon.url)
    start_pod(pod, image_pull_error="true")
    expect(job_row(page, pod)).to_contain_text("Back-off pulling image")
