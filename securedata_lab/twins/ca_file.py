"""A server with a CA of its own, and the CA's certificate in a file, for clients."""

import shutil
import tempfile
import weakref
from pathlib import Path

from flask import Flask

from securedata.certificates.authority import CertificateAuthority
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.serving.server import BackgroundServer


def vanishing_ca_file(owner: object, ca_pem: str) -> Path:
    """A file `ca.pem` that vanishes with its owner, or at the latest with the kernel.

    >>> ca_file = vanishing_ca_file(owner := {1}, "-----BEGIN CERTIFICATE-----")
    >>> del owner
    >>> ca_file.exists()
    False
    """
    folder = Path(tempfile.mkdtemp(prefix="securedata-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    ca_file = folder / "ca.pem"
    ca_file.write_text(ca_pem, encoding="ascii")
    return ca_file


class LocalServer(BackgroundServer):
    """An app over real TLS, in a thread, on loopback only, with a CA of this name for it alone.

    >>> with LocalServer(Flask("an app"), "Example CA") as server:
    ...     server.ca_file.name
    'ca.pem'
    """

    def __init__(self, app: Flask, ca_name: str) -> None:
        ca = CertificateAuthority.create(ca_name)
        ca_file = vanishing_ca_file(self, ca.certificate_pem)
        super().__init__(app, tls=server_context(ca.issue(*LOCALHOST_NAMES)), ca_file=ca_file)
