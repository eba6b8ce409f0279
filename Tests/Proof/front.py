"""What stands in front of the simulated API server: HTTP/2 over TLS, by `nghttpx`."""

import os
import signal
import socket
import ssl
import subprocess
import time

from certificates import Certificates
from held_port import HeldPort
from processes import eventually

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: proof
clusters:
  - {{name: proof, cluster: {{server: "{server}", certificate-authority: {authority}}}}}
users:
  - {{name: proof, user: {{}}}}
contexts:
  - {{name: proof, context: {{cluster: proof, user: proof}}}}
"""

STREAMS_A_CONNECTION = 100
"""As Kubernetes' API server allows."""


class Front:
    """nghttpx on a port that stays the same, with nothing in it that ends a quiet stream.

    `renew` has it send GOAWAY on every connection: streams in flight go on. `kill` and `start` are
    what clients see of an API server that is restarted.
    """

    def __init__(self, directory, backend):
        self.log_path = directory / "nghttpx.log"
        self.backend = backend
        # While it is away nobody else may come to listen there.
        self._held = HeldPort()
        self.port = self._held.number
        self.certificates = Certificates(directory)
        self.kubeconfig = directory / "front.kubeconfig"
        self.kubeconfig.write_text(KUBECONFIG.format(
            server=f"https://127.0.0.1:{self.port}", authority=self.certificates.authority))
        self.process = None

    def start(self):
        """Starts it and waits until it answers."""
        never = "24h"
        command = [
            "nghttpx", "--conf=/dev/null", "--workers=1", "--no-ocsp",
            f"--frontend=127.0.0.1,{self.port}", f"--backend=127.0.0.1,{self.backend}",
            f"--frontend-http2-max-concurrent-streams={STREAMS_A_CONNECTION}",
            f"--backend-read-timeout={never}", f"--backend-write-timeout={never}",
            f"--frontend-http2-read-timeout={never}", f"--frontend-write-timeout={never}",
            f"--stream-read-timeout={never}", f"--stream-write-timeout={never}",
            "--log-level=WARN", "--errorlog-file=/dev/stderr",
            self.certificates.key, self.certificates.certificate,
        ]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        context = ssl.create_default_context(cafile=self.certificates.authority)
        deadline = time.monotonic() + 60
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    with context.wrap_socket(connection, server_hostname="127.0.0.1"):
                        return self
            except OSError:
                assert self.process.poll() is None, self.log_path.read_text(errors="replace")
                assert time.monotonic() < deadline, "nghttpx does not answer"
                time.sleep(0.02)

    def renew(self):
        """New connections get a new worker; old ones get GOAWAY and end with their streams."""
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        """SIGKILL for it and all its workers: each connection breaks off."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # Only the first of them is our child; another may have the port for a moment more.
        eventually(lambda: not self._is_listening(), interval=0.01)

    def _is_listening(self):
        with socket.socket() as probe:
            probe.settimeout(5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
