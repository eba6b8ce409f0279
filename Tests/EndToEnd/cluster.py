"""A real cluster through kubectl, and the Pods that the tests run on it."""

import json
import os
import re
import subprocess

IMAGE = os.environ.get("PODWIRE_TEST_IMAGE", "localhost/busybox:1")


def container(name, script, **fields):
    """A container that runs a shell script on the test image."""
    return {
        "name": name,
        "image": IMAGE,
        "imagePullPolicy": "Never",
        "command": ["sh", "-c", script],
        **fields,
    }


class Cluster:
    """One namespace of the cluster of a kubeconfig."""

    def __init__(self, kubeconfig, namespace):
        self.kubeconfig = kubeconfig
        self.namespace = namespace

    def kubectl(self, *arguments, stdin=None, timeout=120, check=True):
        result = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin, capture_output=True, timeout=timeout, check=False,
        )
        if check:
            assert result.returncode == 0, result.stderr.decode()
        return result.stdout

    def create(self):
        self.kubectl("create", "namespace", self.namespace)
        # Pods are refused until the controller has made the default service account.
        self.kubectl(
            "apply", "-f", "-", "-n", self.namespace, check=False,
            stdin=json.dumps({
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"},
            }).encode(),
        )

    def delete(self):
        self.kubectl("delete", "namespace", self.namespace, "--wait=false")

    def apply(self, manifest):
        self.kubectl("create", "-n", self.namespace, "-f", "-", stdin=json.dumps(manifest).encode())

    def pod(self, name, containers, **spec):
        """Creates a Pod; restartPolicy is Never unless given."""
        metadata = spec.pop("metadata", {})
        self.apply({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, **metadata},
            "spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 1,
                "containers": containers,
                **spec,
            },
        })

    def job(self, name, containers, **spec):
        """Creates a batch/v1 Job."""
        self.apply({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {
                "backoffLimit": 0,
                **spec,
                "template": {"spec": {"restartPolicy": "Never", "containers": containers}},
            },
        })

    def delete_pod(self, name):
        self.kubectl("delete", "pod", name, "-n", self.namespace, "--wait=true")

    def pods(self, selector=""):
        """The names of the namespace's Pods."""
        out = self.kubectl("get", "pods", "-n", self.namespace, "-l", selector, "-o", "name")
        return [line.split("/", 1)[1] for line in out.decode().split()]

    def uid(self, pod):
        return self.kubectl(
            "get", "pod", pod, "-n", self.namespace, "-o", "jsonpath={.metadata.uid}").decode()

    def phase(self, pod):
        return self.kubectl(
            "get", "pod", pod, "-n", self.namespace, "-o", "jsonpath={.status.phase}").decode()

    def end_reason(self, pod):
        """Why the kubelet says that a Pod's only container ended."""
        return self.kubectl(
            "get", "pod", pod, "-n", self.namespace,
            "-o", "jsonpath={.status.containerStatuses[0].state.terminated.reason}").decode()

    def log_requests(self):
        """How many log requests the API server has answered or is answering, by its own count."""
        metrics = self.kubectl("get", "--raw", "/metrics").decode()
        done = sum(
            int(float(value)) for value in re.findall(
                r'^apiserver_request_total\{[^}]*subresource="log"[^}]*\} (\S+)$', metrics, re.M))
        running = sum(
            int(float(value)) for value in re.findall(
                r'^apiserver_longrunning_gauge\{[^}]*subresource="log"[^}]*\} (\S+)$', metrics,
                re.M))
        return done + running
