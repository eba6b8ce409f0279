"""One run: the cluster, what is in front of it, the daemon, and the schedule carried out."""

import threading
import time
from contextlib import contextmanager

import requests

from front import Front
from processes import Daemon, Simulator, eventually
from simulated import create_pod, delete_pod
from timeline import Timeline


class Run:
    """Starts everything in a directory; `carry_out` does what the schedule says."""

    def __init__(self, directory, seed, schedule):
        self.schedule = schedule
        self.interruptions = []
        self.kills = 0
        self.renewals = 0
        self.outages = 0
        self.created = []
        self.simulator = Simulator(directory, "empty", "--seed", seed, "--faults", "all")
        self.front = Front(directory, self.simulator.url.rsplit(":", 1)[1]).start()
        self.daemon = Daemon(directory, self.front.kubeconfig, "--log-level", "trace")
        self.daemon.start()
        self._stop = threading.Event()

    def carry_out(self):
        """Returns when the last step is done."""
        schedule = self.schedule
        cluster = Timeline(self._stop)
        for pod in schedule.pods:
            cluster.add(pod.at, lambda pod=pod: self._create(pod))
            if pod.delete_at:
                cluster.add(pod.delete_at, lambda pod=pod: delete_pod(self.simulator, pod.name))
        front = Timeline(self._stop)
        for at in schedule.renewals:
            front.add(at, self._renew)
        for outage in schedule.outages:
            front.add(outage.at, lambda outage=outage: self._fail(outage))
        daemon = Timeline(self._stop)
        for kill in schedule.kills:
            daemon.add(kill.at, lambda kill=kill: self._kill(kill))
        timelines = [cluster, front, daemon]
        for timeline in timelines:
            timeline.start()
        try:
            for timeline in timelines:
                timeline.finish()
        finally:
            self._stop.set()

    def _create(self, pod):
        # Steps that are late are taken at once, and a Pod that was told to go takes a second.
        eventually(lambda: self._is_free(pod.name))
        uid = create_pod(
            self.simulator, pod.name, containers=pod.containers, init=pod.init,
            annotations=pod.annotations, **pod.settings)
        self.created.append((uid, pod))

    def _is_free(self, name):
        path = f"{self.simulator.url}/api/v1/namespaces/default/pods/{name}"
        return requests.get(path, timeout=60).status_code == 404

    def _renew(self):
        self.front.renew()
        self.renewals += 1

    def _fail(self, outage):
        with self._interruption():
            self.front.kill()
        self.outages += 1
        self._stop.wait(outage.down)
        self.front.start()

    def _kill(self, kill):
        environment = {"PODWIRE_KUBERNETES_STREAMS_PER_CONNECTION": str(kill.streams)}
        self._kill_once()
        self._stop.wait(kill.down)
        self.daemon.launch(environment)
        if kill.again:
            self._stop.wait(kill.again)
            self._kill_once()
            self.daemon.launch(environment)
        self.daemon.wait_ready()

    def _kill_once(self):
        with self._interruption():
            self.daemon.kill()
        self.kills += 1

    @contextmanager
    def _interruption(self):
        """The kill in it comes at some time from its begin to its end."""
        began = time.time()
        yield
        self.interruptions.append((began, time.time()))

    def faults(self):
        """What went wrong and how often, by kind; kills of the daemon are not among it."""
        answer = requests.get(f"{self.simulator.url}/simulation/faults", timeout=60)
        return {**answer.json()["kinds"], "goaway": self.renewals, "restart": self.outages}

    def stop(self):
        """Ends all that was started."""
        if self.daemon.is_running:
            self.daemon.stop()
        self.front.kill()
        self.simulator.program.terminate()

    def abandon(self):
        """The same where something has failed already: nothing is expected of it any more."""
        self._stop.set()
        for program in (self.daemon.program, self.simulator.program):
            program.kill()
        if self.front.process.poll() is None:
            self.front.kill()
