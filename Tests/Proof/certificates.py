"""An authority and a server certificate for 127.0.0.1, by the `openssl` command."""

import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """`authority`, `key` and `certificate`: paths of PEM files in a directory."""

    def __init__(self, directory):
        self.authority = directory / "ca.pem"
        self.key = directory / "server.key"
        self.certificate = directory / "server.pem"
        authority_key = directory / "ca.key"
        request = directory / "server.csr"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *curve, "-keyout", authority_key, "-out", self.authority,
                "-days", 2, "-subj", "/CN=podwire proof")
        openssl("req", *curve, "-keyout", self.key, "-out", request, "-subj", "/CN=localhost",
                "-addext", "subjectAltName=IP:127.0.0.1")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", authority_key,
                "-CAcreateserial", "-copy_extensions", "copy", "-days", 2,
                "-out", self.certificate)
