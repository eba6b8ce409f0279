"""kubectl against an API server and against Podwire, to compare what it prints."""

import re
import subprocess
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What kubectl printed, and how it ended."""

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Kubectl:
    """kubectl with a kubeconfig; `flags` say where, and as whom."""

    kubeconfig: str
    namespace: str
    flags: tuple = field(default=())

    def __call__(self, *arguments, timeout=120):
        result = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), "--namespace", self.namespace,
             *map(str, self.flags), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        return Answer(result.returncode, result.stdout, result.stderr)

    def start(self, *arguments):
        """kubectl in the background."""
        return subprocess.Popen(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), "--namespace", self.namespace,
             *map(str, self.flags), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def without_credentials(directory):
    """A kubeconfig that names no cluster and no user: all that is used is in the flags."""
    path = directory / "empty.kubeconfig"
    path.write_text("apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n")
    return path


def to_podwire(daemon, directory, namespace, certificate_authority=None, token=None):
    """kubectl that asks Podwire, with nothing of the cluster's credentials."""
    # What another server on this port could do is cached in the home directory.
    flags = ["--server", daemon.url, "--cache-dir", directory / "podwire-cache"]
    if certificate_authority:
        flags += ["--certificate-authority", certificate_authority]
    if token:
        flags += ["--token", token]
    return Kubectl(without_credentials(directory), namespace, tuple(flags))


def comparable(arguments, answer):
    """The answer, with the logs of several containers in a fixed order: kubectl takes them from an
    unordered map."""
    if not {"--all-containers", "-l"} & set(arguments):
        return answer
    pieces = re.split(rb"(?<=\n)|(?=\[pod/)|(?=\d{4}-\d\d-\d\dT)", answer.out)
    if "--prefix" in arguments:
        # Lines of one container stay in the order in which they were printed.
        pieces.sort(key=lambda piece: piece.split(b"]")[0])
    else:
        pieces.sort()
    return Answer(answer.code, b"".join(pieces), answer.err)


def answers(invocations, client):
    """What each invocation gives."""
    return {
        " ".join(arguments): comparable(arguments, client(*arguments))
        for arguments in invocations}


def differences(expected, found):
    """The invocations that gave something else, with both answers."""
    return {
        name: (answer, found[name]) for name, answer in expected.items() if answer != found[name]}


def table(answer, columns):
    """The first columns of what `kubectl get` printed; restarts without their age."""
    assert answer.code == 0, answer
    text = re.sub(r" \(\S+ ago\)", "", answer.out.decode())
    return [line.split()[:columns] for line in text.splitlines()]
