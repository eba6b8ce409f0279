"""JSON over HTTP, as Podwire and Kubernetes speak it: an answer, a refusal, or none."""

import json
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Refused(Exception):
    """The server says no, and would say so again: the request must change."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Unreachable(Exception):
    """Nobody answered, or someone in trouble: the same request may succeed later."""


def call(method, url, body=None, *, headers=None, context=None):
    """The answer's status code and its JSON."""
    with open_url(method, url, body, headers=headers, context=context) as answer:
        try:
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(f"{method} {url}: {error}") from error


def open_url(method, url, body=None, *, headers=None, context=None, timeout=30):
    """The answer, to be read; fails unless it is a 2xx."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        return urlopen(request, timeout=timeout, context=context)
    except HTTPError as error:
        with error:
            if error.code == 429 or error.code >= 500:
                raise Unreachable(f"{method} {url}: {error.code}") from error
            raise Refused(error.code, message(error)) from error
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{method} {url}: {error}") from error


def message(error):
    """What an error says: Podwire and Kubernetes both answer with a Status object."""
    try:
        return json.loads(error.read())["message"]
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return error.reason
