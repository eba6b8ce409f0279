"""Pods and workflows on the simulated cluster, as a test wants them."""

import base64

import requests
from processes import eventually


def pod_starter(simulator):
    """Creates Pods: `start_pod("name", lines="endless", rate=50)`."""
    def start(name, containers=("main",), labels=None, print_lines=None, init=(),
              **script):
        if print_lines is not None:
            text = "\n".join(print_lines).encode()
            script["print"] = base64.b64encode(text).decode()
        annotations = {
            f"sim.podwire.dev/{key.replace('_', '-')}": str(value)
            for key, value in script.items()}
        answer = requests.post(
            f"{simulator.url}/api/v1/namespaces/default/pods",
            json={
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "annotations": annotations, "labels": labels or {}},
                "spec": {"restartPolicy": "Never",
                         "containers": [{"name": each, "image": "simulated"}
                                        for each in containers],
                         "initContainers": [{"name": each, "image": "simulated"}
                                            for each in init]},
            },
            timeout=30)
        assert answer.status_code == 201, answer.text

    return start


def wait_for_end(daemon, job):
    """The job once it has ended."""
    def ended():
        answer = requests.get(f"{daemon.url}/v1/jobs/default/{job}", timeout=30)
        document = answer.json() if answer.ok else {}
        return document if document.get("status") == "end" else None

    return eventually(ended)


def declare(daemon, workflow, plan):
    answer = requests.put(
        f"{daemon.url}/v1/workflows/default/{workflow}", json=plan, timeout=30)
    assert answer.status_code == 201, answer.text
