"""The outputs that a stored log announces, by the rules of `JOB_OUT`, read on their own."""

import base64
import re

KEY = re.compile(rb"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
LONGEST_VALUE = 1 << 20


def printed(runs, token=None):
    """The last value of each key in these runs of stored lines, times before them."""
    marker = f"JOB_OUT[{token}] " if token else "JOB_OUT "
    line = re.compile(rb"^\S+ " + re.escape(marker.encode()) + rb"(.*)$", re.MULTILINE)
    values = {}
    for run in runs:
        for match in line.finditer(run):
            key, sign, value = match[1].partition(b"=")
            value = value.removesuffix(b"\r")
            if sign and KEY.fullmatch(key) and len(value) <= LONGEST_VALUE:
                values[key.decode()] = value
    return values


def announced(document):
    """The values of an answer of `/v1/jobs/…/outputs`, as bytes."""
    values = {key: value.encode() for key, value in document["outputs"].items()}
    for key, value in document.get("outputsBase64", {}).items():
        values[key] = base64.b64decode(value)
    return values
