"""Pods on podwire-sim, made through its Kubernetes API."""

import requests


def create_pod(simulator, name, namespace="default", containers=("main",), init=(), labels=None,
               annotations=None, **settings):
    """Creates a Pod; `settings` are podwire-sim's annotations without their prefix."""
    scripts = {
        "sim.podwire.dev/" + key.replace("_", "-"): str(value) for key, value in settings.items()}
    answer = requests.post(
        f"{simulator.url}/api/v1/namespaces/{namespace}/pods",
        json={
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name, "labels": labels or {},
                "annotations": {**scripts, **(annotations or {})},
            },
            "spec": {
                "containers": [{"name": each, "image": "simulated"} for each in containers],
                "initContainers": list(init),
                "restartPolicy": "Never",
            },
        }, timeout=30)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["metadata"]["uid"]


def delete_pod(simulator, name, namespace="default"):
    answer = requests.delete(
        f"{simulator.url}/api/v1/namespaces/{namespace}/pods/{name}", timeout=30)
    assert answer.status_code == 200, answer.text


def written_log(simulator, name, container="main", namespace="default", **parameters):
    """What the container wrote, from the simulated API itself."""
    answer = requests.get(
        f"{simulator.url}/api/v1/namespaces/{namespace}/pods/{name}/log",
        params={"container": container, **parameters}, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.content
