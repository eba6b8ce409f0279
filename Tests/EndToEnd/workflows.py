"""The end of a workflow, behind which its part of the feed is complete."""

from api import get, wait_for_job
from processes import eventually


def wait_for_workflow(daemon, namespace, name, timeout=90):
    """The workflow once it has ended: its end is an event of its own, behind those of its jobs."""
    def ended():
        answer = get(daemon, f"/v1/workflows/{namespace}/{name}")
        assert answer.status_code in (200, 404), answer.text
        found = answer.json() if answer.status_code == 200 else {}
        return found if found.get("status") == "end" else None
    return eventually(ended, timeout)


def wait_for_job_and_workflow(daemon, namespace, name, timeout=90):
    """The job once its workflow, of the same name, has ended too: no event of it follows."""
    found = wait_for_job(daemon, namespace, name, timeout=timeout)
    wait_for_workflow(daemon, namespace, name, timeout)
    return found
