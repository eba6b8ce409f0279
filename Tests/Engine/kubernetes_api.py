"""What an engine asks of Kubernetes: to make a Pod or a Job, and to delete it."""

import base64
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from http_json import Refused, call

PATHS = {
    "Pod": "/api/v1/namespaces/{}/pods",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
}


class Kubernetes:
    """The cluster of a kubeconfig's current context, with a certificate, a token, or neither."""

    def __init__(self, kubeconfig):
        config = yaml.safe_load(Path(kubeconfig).read_text())
        context = _named(config, "context", config["current-context"])
        cluster = _named(config, "cluster", context["cluster"])
        user = _named(config, "user", context["user"])
        self.server = cluster["server"].rstrip("/")
        self.headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        self.context = _tls(cluster, user) if self.server.startswith("https:") else None

    def create(self, namespace, manifest):
        """Whether it is new: an object that is there already stays as it is."""
        try:
            self._call("POST", PATHS[manifest["kind"]].format(namespace), manifest)
        except Refused as refusal:
            if refusal.code != 409:
                raise
            return False
        return True

    def delete(self, namespace, kind, name):
        """Whether it was there. Deletes a Job's Pods with it."""
        try:
            path = f"{PATHS[kind].format(namespace)}/{name}"
            self._call("DELETE", path, {"propagationPolicy": "Background"})
        except Refused as refusal:
            if refusal.code != 404:
                raise
            return False
        return True

    def _call(self, method, path, body):
        call(method, self.server + path, body, headers=self.headers, context=self.context)


def _named(config, kind, name):
    """An entry of one of a kubeconfig's lists."""
    return next(each[kind] for each in config[kind + "s"] if each["name"] == name)


def _tls(cluster, user):
    context = ssl.create_default_context(cadata=_pem(cluster, "certificate-authority"))
    certificate = _pem(user, "client-certificate")
    if certificate:
        # Python reads a client's certificate from a file only.
        with TemporaryDirectory() as directory:
            file = Path(directory, "client.pem")
            file.touch(mode=0o600)
            file.write_text(certificate + "\n" + _pem(user, "client-key"))
            context.load_cert_chain(file)
    return context


def _pem(entry, key):
    """A certificate or key, which stands in the kubeconfig or in a file that it names."""
    if key + "-data" in entry:
        return base64.b64decode(entry[key + "-data"]).decode()
    return Path(entry[key]).read_text() if key in entry else None
