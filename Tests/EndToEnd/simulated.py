"""Pods on podwire-sim, made through its Kubernetes API."""

import requests


def create_pod(simulator, name, namespace="default", containers=("main",), init=(), labels=None,
               annotations=None, owners=None, **settings):
    """Creates a Pod; `settings` are podwire-sim's annotations without their prefix."""
    scripts = {
        "sim.podwire.dev/" + key.replace("_", "-"): str(value) for key, value in settings.items()}
    answer = requests.post(
        f"{simulator.url}/api/v1/namespaces/{namespace}/pods",
        json={
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name, "labels": labels or {}, "ownerReferences": owners or [],
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


JOBS = "/apis/batch/v1/namespaces/default/jobs"


def create_job(simulator, name, spec=None, **settings):
    """Creates a batch/v1 Job of one container; `settings` as for a Pod."""
    annotations = {
        "sim.podwire.dev/" + key.replace("_", "-"): str(value) for key, value in settings.items()}
    answer = requests.post(
        simulator.url + JOBS,
        json={
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {
                **(spec or {}),
                "template": {
                    "metadata": {"annotations": annotations},
                    "spec": {
                        "restartPolicy": "Never",
                        "containers": [{"name": "main", "image": "simulated"}],
                    },
                },
            },
        }, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["metadata"]["uid"]


def suspend_job(simulator, name, suspend):
    answer = requests.patch(
        f"{simulator.url}{JOBS}/{name}", json={"spec": {"suspend": suspend}},
        headers={"Content-Type": "application/merge-patch+json"}, timeout=30)
    assert answer.status_code == 200, answer.text


def delete_job(simulator, name, propagation="Background"):
    answer = requests.delete(
        f"{simulator.url}{JOBS}/{name}", json={"propagationPolicy": propagation}, timeout=30)
    assert answer.status_code == 200, answer.text


def job_object(simulator, name):
    """The Job, or None where there is none."""
    answer = requests.get(f"{simulator.url}{JOBS}/{name}", timeout=30)
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    return answer.json()


def pods_of_job(simulator, name):
    """The names of a Job's Pods that exist."""
    answer = requests.get(
        f"{simulator.url}/api/v1/namespaces/default/pods",
        params={"labelSelector": f"job-name={name}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return [pod["metadata"]["name"] for pod in answer.json()["items"]]
