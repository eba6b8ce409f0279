"""The Pods and Jobs whose logs kubectl is to print in the same way, whoever serves them."""

from cluster import container
from processes import eventually

COUNT = "n=$(cat /count/n 2>/dev/null | wc -c); printf x >> /count/n"


def create(cluster):
    """Starts them all; they end, or stand still, within some seconds."""
    cluster.pod("fifty", [container("main", "seq 1 50 | sed 's/^/line /'")])
    cluster.pod(
        "several",
        [container("a", "echo of a; sleep 1; printf 'no newline'"),
         container("b", "echo of b; exit 3")],
        initContainers=[container("prepare", "echo of prepare")],
        metadata={"labels": {"app": "several"}})
    counted = {"volumeMounts": [{"name": "count", "mountPath": "/count"}]}
    # It runs on: kubelets remove the instances before the last one of a Pod that is over.
    again = f"{COUNT}; echo run $n; [ $n = 1 ] && exec sleep 3600; exit 1"
    cluster.pod(
        "restarted", [container("main", again, **counted)], restartPolicy="OnFailure",
        volumes=[{"name": "count", "emptyDir": {}}])
    cluster.pod("long", [container(
        "main", "head -c 40000 /dev/zero | tr '\\0' a; echo; echo short;"
                " head -c 16384 /dev/zero | tr '\\0' b; echo")])
    cluster.pod("bytes", [container(
        "main", r"printf '\033[31mred\033[0m\n\377\376\000x\ncr\r\r\n\n\n  spaces  \n'")])
    cluster.pod("failed", [container("main", "echo before; exit 7")])
    cluster.pod("silent", [container("main", "true")])
    cluster.pod("slow", [container(
        "main", "for i in 1 2 3 4 5; do echo line $i; sleep 1.1; done")])
    cluster.pod("imageless", [{
        "name": "main", "image": "localhost/no-such-image:1", "imagePullPolicy": "Never"}])
    cluster.pod("homeless", [container("main", "true")], nodeSelector={"no": "such-node"})
    cluster.job("job", [container("main", "echo of the job")])
    for number in range(3):
        cluster.pod(
            f"labelled-{number}", [container("main", f"seq {number} 20")],
            metadata={"labels": {"set": "labelled"}})


ENDED = {
    "fifty": "Succeeded", "several": "Failed", "long": "Succeeded",
    "bytes": "Succeeded", "failed": "Failed", "silent": "Succeeded", "slow": "Succeeded",
    "labelled-0": "Succeeded", "labelled-1": "Succeeded", "labelled-2": "Succeeded",
}


def wait_until_settled(cluster):
    """Waits until each has ended, or says why it cannot start."""
    for name, phase in ENDED.items():
        eventually(lambda: cluster.phase(name) == phase, timeout=120)
    eventually(
        lambda: b"1" in cluster.kubectl(
            "get", "job", "job", "-n", cluster.namespace, "-o", "jsonpath={.status.succeeded}"),
        timeout=120)
    running = "{.status.containerStatuses[0].restartCount}{.status.containerStatuses[0].ready}"
    eventually(
        lambda: cluster.kubectl(
            "get", "pod", "restarted", "-n", cluster.namespace, "-o", f"jsonpath={running}")
        == b"1true",
        timeout=120)
    eventually(
        lambda: b"ErrImageNeverPull" in cluster.kubectl(
            "get", "pod", "imageless", "-n", cluster.namespace),
        timeout=120)


def logs(middle):
    """Invocations of `kubectl logs`; `middle` is a time within the log of `slow`."""
    seconds = middle.split(".")[0] + "Z"
    return [
        ("logs", "fifty"),
        ("logs", "pod/fifty"),
        ("logs", "fifty", "main"),
        ("logs", "fifty", "-c", "main"),
        ("logs", "fifty", "--all-containers"),
        ("logs", "fifty", "--follow"),
        ("logs", "fifty", "--tail=7"),
        ("logs", "fifty", "--tail=0"),
        ("logs", "fifty", "--tail=1000"),
        ("logs", "fifty", "--limit-bytes=25"),
        ("logs", "fifty", "--tail=3", "--limit-bytes=9"),
        ("logs", "fifty", "--timestamps"),
        ("logs", "fifty", "--timestamps", "--tail=2", "--follow"),
        ("logs", "fifty", "--timestamps", "--limit-bytes=40"),
        ("logs", "fifty", "--since=1h"),
        ("logs", "fifty", "--since=1s"),
        ("logs", "fifty", "--since=1h", "--tail=4"),
        ("logs", "slow", "--since-time", middle),
        ("logs", "slow", "--since-time", seconds, "--timestamps"),
        ("logs", "slow", "--since-time", "2000-01-01T00:00:00Z", "--prefix"),
        ("logs", "slow", "--since-time", "2100-01-01T00:00:00Z"),
        ("logs", "slow", "--since-time", "yesterday"),
        ("logs", "slow", "--since-time", seconds, "--since=1h"),
        ("logs", "slow", "--tail=-2"),
        ("logs", "slow", "--limit-bytes=-2"),
        ("logs", "several"),
        ("logs", "several", "-c", "prepare"),
        ("logs", "several", "-c", "b", "--prefix"),
        ("logs", "several", "-c", "nothing"),
        ("logs", "several", "--all-containers", "--prefix"),
        ("logs", "several", "--all-containers", "--timestamps"),
        ("logs", "several", "-l", "app=several"),
        ("logs", "-l", "app=several", "--all-containers", "--prefix", "--tail=-1"),
        ("logs", "-l", "set=labelled", "--prefix"),
        ("logs", "-l", "set=labelled", "--tail=3", "--follow", "--max-log-requests=1"),
        ("logs", "-l", "set=none"),
        ("logs", "-l", "set in (labelled", "--tail=2"),
        ("logs", "restarted"),
        ("logs", "restarted", "--previous"),
        ("logs", "restarted", "-p", "--timestamps", "-c", "main"),
        ("logs", "fifty", "--previous"),
        ("logs", "long"),
        ("logs", "long", "--limit-bytes=39000"),
        ("logs", "bytes"),
        ("logs", "bytes", "--timestamps"),
        ("logs", "bytes", "--tail=3"),
        ("logs", "failed"),
        ("logs", "failed", "--follow", "--ignore-errors"),
        ("logs", "silent"),
        ("logs", "silent", "--follow", "--timestamps"),
        ("logs", "imageless"),
        ("logs", "imageless", "--follow", "--ignore-errors"),
        ("logs", "homeless"),
        ("logs", "missing"),
        ("logs", "job/job"),
        ("logs", "job/job", "--pod-running-timeout=5s", "--timestamps"),
        ("logs", "job/job", "--follow", "--prefix"),
    ]


GETS = [
    ("get", "pod", "missing"),
    ("get", "pods", "-o", "name"),
    ("get", "pods", "-l", "set=labelled", "-o", "name"),
    ("get", "pods", "-l", "app notin (several),!set", "-o", "name"),
    ("get", "pods", "--field-selector", "status.phase=Failed", "-o", "name"),
    ("get", "pods", "--field-selector", "no.field=x"),
    ("get", "pods", "--chunk-size=2", "-o", "name"),
    ("get", "pod", "several", "-o", "jsonpath={.status.containerStatuses[*].state.terminated}"),
]
