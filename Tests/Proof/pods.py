"""The Pods of a run: of every kind that makes a log hard to capture, drawn by seed."""

from dataclasses import dataclass, field

OLD_KUBELETS = ["v1.20.2", "v1.24.7", "v1.27.4"]
"""The first two put a timestamp before each 16 KiB of a line; none follows across a rotation."""

SLOWEST_LOOK, FASTEST_LOOK = 12.0, 10.0
"""Seconds between two looks of the kubelet at a file's size. A response that stalls for 5 s, as the
faults do, must not miss two rotations: the kubelet itself would leave the file between them out. So
there is as much again for a machine that is held up."""


@dataclass
class PodPlan:
    """One Pod: when it is made, as what, and whether it is deleted in mid-run.

    `settings` are podwire-sim's annotations without their prefix. `exit_code` is that of the main
    containers' last instances.
    """

    name: str
    kind: str
    at: float
    settings: dict = field(default_factory=dict)
    containers: tuple = ("main",)
    init: tuple = ()
    annotations: dict = field(default_factory=dict)
    delete_at: float | None = None

    @property
    def exit_code(self):
        return self.settings.get("exit_code", 0)

    @property
    def restarts(self):
        return self.settings.get("restarts", 0)


def printing(random, span, least, most, **settings):
    """Settings of a log of `least` to `most` lines that takes about `span` seconds."""
    lines = random.randint(least, most)
    return {"lines": lines, "rate": round(lines / span, 2), "bytes": random.randint(40, 120),
            **settings}


class Kinds:
    """Each method fills one kind of Pod in; `span` is how long it may print, in seconds."""

    def __init__(self, random):
        self.random = random

    def plain(self, pod, span):
        pod.settings = printing(self.random, span, 1000, 6000)

    def big(self, pod, span):
        pod.settings = printing(self.random, span, 50_000, 80_000, burst=20)

    def slow(self, pod, span):
        pod.settings = {"lines": max(10, int(span)), "rate": 1}

    def bursts(self, pod, span):
        burst = self.random.choice([50, 200, 1000])
        pod.settings = printing(self.random, span, 3000, 8000, burst=burst)

    def brief(self, pod, span):
        pod.settings = {"lines": self.random.randint(0, 40), "rate": 0}

    def rotating(self, pod, span):
        pod.settings = printing(
            self.random, span, 3000, 9000, **self._rotation([20_000, 50_000, 100_000]))

    def old_kubelet(self, pod, span):
        pod.settings = printing(
            self.random, span, 3000, 9000, kubelet=self.random.choice(OLD_KUBELETS),
            **self._rotation([65_536, 131_072]))

    def long_lines(self, pod, span):
        pod.settings = printing(
            self.random, span, 20, 120, kubelet=self.random.choice([*OLD_KUBELETS, "v1.33.1"]))
        pod.settings["bytes"] = self.random.choice([17_000, 40_000, 100_000])

    def huge_lines(self, pod, span):
        pod.settings = printing(self.random, span, 3, 6)
        pod.settings["bytes"] = self.random.choice([1_048_576, 1_048_577, 3_000_000])

    def mixed(self, pod, span):
        pod.settings = printing(
            self.random, span, 2000, 6000, style="mixed",
            kubelet=self.random.choice([*OLD_KUBELETS, "v1.33.1"]))

    def several(self, pod, span):
        pod.settings = printing(self.random, span, 500, 2500)
        pod.containers = ("main", "beside") if self.random.random() < 0.7 else ("a", "b", "c")

    def surrounded(self, pod, span):
        pod.settings = printing(self.random, span, 500, 2500)
        pod.settings.update({"lines.prepare": 300, "rate.prepare": 200, "rate.proxy": 5})
        pod.init = ({"name": "prepare", "image": "simulated"},
                    {"name": "proxy", "image": "simulated", "restartPolicy": "Always"})

    def restarting(self, pod, span):
        restarts = self.random.choice([1, 2])
        pod.settings = printing(
            self.random, span / (restarts + 1), 300, 2000, restarts=restarts,
            restart_delay=f"{self.random.uniform(2, 6):.1f}s")

    def unterminated(self, pod, span):
        pod.settings = printing(self.random, span, 100, 2000, final_newline="false")

    def disordered(self, pod, span):
        pod.settings = printing(
            self.random, span, 1000, 4000, burst=self.random.choice([1, 10]),
            disorder=self.random.choice(["5ms", "200ms", "1500ms"]))

    def same_time(self, pod, span):
        pod.settings = printing(
            self.random, span, 1000, 5000, burst=self.random.choice([10, 300]), same_time="true",
            style=self.random.choice(["plain", "repeated"]))

    def outputs(self, pod, span):
        pairs = ";".join(f"key{n}=value {self.random.random()}={n}" for n in range(20))
        pod.settings = printing(self.random, span, 300, 1500, outputs=pairs, style="pipeline")
        if self.random.random() < 0.4:
            pod.annotations = {"podwire.dev/output-token": "s3cret"}

    def failing(self, pod, span):
        pod.settings = printing(
            self.random, span, 200, 2000, exit_code=self.random.choice([1, 3, 137]))

    def vanishing(self, pod, span):
        pod.settings = printing(
            self.random, span, 200, 3000, delete_after=f"{self.random.uniform(3, 12):.1f}s")

    def deleted(self, pod, span):
        pod.settings = printing(self.random, 4 * span, 4000, 16000)
        pod.delete_at = pod.at + span

    def unreadable(self, pod, span):
        at = self.random.randint(10, 1000)
        fault = self.random.choice([f"removed@{at}", f"node-gone@{at}"])
        pod.settings = printing(self.random, span, 2000, 4000, log_faults=f"cut@5;{fault}")

    def _rotation(self, sizes):
        interval = self.random.uniform(FASTEST_LOOK, SLOWEST_LOOK)
        return {"file_bytes": self.random.choice(sizes), "rotate_interval": f"{interval:.1f}s"}


SHARES = {
    "plain": 50, "big": 8, "slow": 12, "bursts": 20, "brief": 10, "rotating": 25,
    "old_kubelet": 15, "long_lines": 8, "huge_lines": 4, "mixed": 14, "several": 14,
    "surrounded": 14, "restarting": 14, "unterminated": 8, "disordered": 8, "same_time": 8,
    "outputs": 8, "failing": 6, "vanishing": 14, "deleted": 14, "unreadable": 6,
}
"""How many of each kind there are among 280."""


def draw_pods(random, count, seconds):
    """`count` Pods for a run in which they are made and print for `seconds`."""
    kinds = Kinds(random)
    names = [kind for kind, share in SHARES.items() for _ in range(share)]
    chosen = [names[index * len(names) // count] for index in range(count)]
    pods = []
    for number, kind in enumerate(chosen):
        at = random.uniform(0, 0.6 * seconds)
        span = random.uniform(0.15, 0.4) * seconds
        pod = PodPlan(f"{kind.replace('_', '-')}-{number}", kind, at)
        getattr(kinds, kind)(pod, min(span, 300))
        pods.append(pod)
    again = [pod for pod in pods if pod.delete_at and random.random() < 0.6]
    return pods + [successor(random, pod) for pod in again]


def successor(random, pod):
    """A Pod of the same name, made when the first one is gone."""
    again = PodPlan(pod.name, "again", pod.delete_at + random.uniform(3, 6))
    again.settings = printing(random, random.uniform(5, 20), 300, 2000)
    return again
