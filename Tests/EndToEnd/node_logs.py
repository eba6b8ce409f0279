"""The log files of a node, kept open from their first line on, whatever becomes of them."""

import os
import threading
from pathlib import Path

from checking.text import LogText
from checking.truth import Truth

POD_LOGS = Path("/var/log/pods")
"""Where a kubelet keeps `NAMESPACE_POD_UID/CONTAINER/ATTEMPT.log`."""


class NodeLogs:
    """Watches the logs of one namespace, for container `main` and its first attempt.

    A file that is held open can be read after the kubelet has compressed or removed it, and its
    inode is not used again. The kubelet rotates every 10 s at most, so no file comes and goes
    between two looks.
    """

    SECONDS_BETWEEN_LOOKS = 0.2

    def __init__(self, namespace):
        self.namespace = namespace
        self._files = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for files in self._files.values():
            for descriptor in files.values():
                os.close(descriptor)

    def _watch(self):
        while not self._stop.wait(self.SECONDS_BETWEEN_LOOKS):
            self._look()

    def _look(self):
        for path in POD_LOGS.glob(f"{self.namespace}_*/main/0.log"):
            # A Pod of that name may have left its files behind in an earlier cluster.
            files = self._files.setdefault(path.parts[-3], {})
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue  # It is being rotated at this moment.
            inode = os.fstat(descriptor).st_ino
            if inode in files:
                os.close(descriptor)
            else:
                files[inode] = descriptor

    def truth(self, pod, uid):
        """All that the container wrote, and the lines with which its log files began."""
        text, rotations, lines = [], [], 0
        for descriptor in self._files[f"{self.namespace}_{pod}_{uid}"].values():
            size = os.fstat(descriptor).st_size
            records = os.pread(descriptor, size, 0).splitlines(keepends=True)
            if lines:
                rotations.append(lines)  # Behind the last line, if it is still empty.
            text += map(served, records)
            lines += len(records)
        return Truth(LogText(b"".join(text)), rotations)


def served(record):
    """A record of a log file as the kubelet serves it, with nine digits of fraction."""
    time, _stream, tag, content = record.split(b" ", 3)
    assert tag == b"F", f"the line was split into records: {record!r}"
    whole, _, fraction = time.removesuffix(b"Z").partition(b".")
    return whole + b"." + fraction.ljust(9, b"0") + b"Z " + content
