"""The API server restarts under a running workflow (PODWIRE_TEST_RESTART is the command for it)."""

import os
import shlex
import subprocess

import pytest

import etl
from kubernetes_api import Kubernetes
from test_engine import SLOW, check_success

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


@pytest.mark.parametrize("moment", ["started orders", "podwire.job.end .*/orders", "started join"])
def test_the_api_server_restarts(cluster_world, start_engine, moment):
    plan = etl.plan(cluster_world, orders=etl.work("orders", SLOW), join=etl.work("join", SLOW))
    engine = start_engine(cluster_world, plan, "--approve")
    engine.wait_for(moment)
    subprocess.run(
        [*shlex.split(os.environ["PODWIRE_TEST_RESTART"]), "apiserver"], check=True, timeout=120,
        stdout=subprocess.DEVNULL)
    check_success(cluster_world, Kubernetes(cluster_world.kubeconfig), engine, plan)
