"""Fixtures: a Podwire on a simulated or a real cluster, and engines beside it."""

import json
from dataclasses import dataclass

import pytest
import requests

from api import events, get
from cluster import IMAGE
from engine_process import EngineProcess
from kubernetes_api import Kubernetes
from processes import eventually


@dataclass
class World:
    """A daemon that follows one namespace of a cluster."""

    daemon: object
    kubeconfig: object
    namespace: str
    kinds: tuple
    """The kinds of objects that a job may be here: podwire-sim knows Pods only."""
    image: str = IMAGE

    def workflow(self, name):
        answer = get(self.daemon, f"/v1/workflows/{self.namespace}/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for(self, name, status, timeout=90):
        """The workflow once it has the status; the engine may not have declared it yet."""
        def found():
            answer = get(self.daemon, f"/v1/workflows/{self.namespace}/{name}")
            assert answer.status_code in (200, 404), answer.text
            return answer.status_code == 200 and answer.json()["status"] == status and answer.json()

        return eventually(found, timeout)

    def post(self, name, move):
        return requests.post(
            f"{self.daemon.url}/v1/workflows/{self.namespace}/{name}/{move}", timeout=30)

    def put(self, name, body):
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return requests.put(
            f"{self.daemon.url}/v1/workflows/{self.namespace}/{name}", data=data, timeout=30)

    def feed(self, name):
        """All events of a workflow."""
        return events(self.daemon, namespace=self.namespace, workflow=name)

    def restart_daemon(self):
        """kill -9, and up again."""
        self.daemon.kill()
        self.daemon.start()


@pytest.fixture
def simulated_world(simulator, start_daemon):
    kinds = ("Pod",)
    if requests.get(f"{simulator.url}/apis/batch/v1", timeout=30).status_code == 200:
        kinds = ("Pod", "Job")
    return World(
        start_daemon(simulator.kubeconfig), simulator.kubeconfig, "default", kinds)


@pytest.fixture
def cluster_world(cluster, start_daemon):
    daemon = start_daemon(cluster.kubeconfig, "--namespace", cluster.namespace)
    return World(daemon, cluster.kubeconfig, cluster.namespace, ("Pod", "Job"))


@pytest.fixture(params=[
    "simulated", pytest.param("cluster", marks=pytest.mark.cluster)])
def world(request):
    return request.getfixturevalue(request.param + "_world")


@pytest.fixture
def start_engine(tmp_path):
    """Starts the engine on a plan: `start_engine(world, plan, "--approve")`."""
    started = []

    def start(world, plan, *options):
        file = tmp_path / f"plan{len(started)}.json"
        file.write_text(json.dumps(plan))
        engine = EngineProcess(
            [file, "--podwire", world.daemon.url, "--kubeconfig", world.kubeconfig, *options])
        started.append(engine)
        engine.start()
        return engine

    yield start
    for engine in started:
        engine.kill()


@pytest.fixture
def kubernetes(world):
    return Kubernetes(world.kubeconfig)
