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
    inode is not used again. The kubelet rotates every 10 s at most, and compresses a rotated file
    when it rotates the next one: none comes and goes between two looks, even if one is late.
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
        for path in POD_LOGS.glob(f"{self.namespace}_*/main/0.log*"):
            if path.suffix in (".gz", ".tmp"):
                continue
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

    def contents(self, pod, uid):
        """The records of each of a container's log files, in order."""
        files = []
        for descriptor in self._files[f"{self.namespace}_{pod}_{uid}"].values():
            size = os.fstat(descriptor).st_size
            files.append(os.pread(descriptor, size, 0).splitlines(keepends=True))
        # Each record begins with its time. Only the newest file can be empty.
        return sorted(files, key=lambda records: (not records, records))


def written(files):
    """What the container wrote, without times."""
    return b"".join(content for records in files for _, content in map(served, records))


def truth(files, stored):
    """All that the container wrote, and the lines with which its log files began.

    A line in the middle of which a file was rotated is two records, each with a time of its own.
    Who followed the file gets them one behind the other (kubelets from 1.26 on leave the second
    time out), and so they are `stored` then. For everybody else they are two lines, the second of
    which begins a file.
    """
    lines, rotations = [], []
    for records in files:
        added = [served(record) for record in records]
        second = b""
        if lines and not lines[-1].endswith(b"\n"):
            second = followed(lines[-1], added, stored)
            lines[-1] += second or b"\n"
        if second:
            added = added[1:]
        elif lines:
            rotations.append(len(lines))  # Behind the last line, if the file is empty.
        lines += [time + content for time, content in added]
        assert all(line.endswith(b"\n") for line in lines[:-1]), "a line was split within a file"
    return Truth(LogText(b"".join(lines)), rotations)


def followed(first, records, stored):
    """What is stored of the second half of a line directly behind the first one, if anything is."""
    for time, content in records[:1]:
        for second in (time + content, content):
            if first + second in stored:
                return second
    return b""


def served(record):
    """A record's time, as the kubelet serves it, with nine digits of fraction; and its content."""
    time, _stream, tag, content = record.split(b" ", 3)
    whole, _, fraction = time.removesuffix(b"Z").partition(b".")
    stamp = whole + b"." + fraction.ljust(9, b"0") + b"Z "
    return stamp, content if tag == b"F" else content.removesuffix(b"\n")
