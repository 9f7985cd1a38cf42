"""The servers that are measured, each in a process of its own, all with one certificate.

The same ECDSA certificate for all of them, also for the baseline: the RSA one of the brief would
make its handshakes dearer.
"""

import sys
from pathlib import Path

from bench.client import Connection
from vocabulary import APP, ROOT, RunningService

from securedata import KeyFile
from securedata.certificates.folder import open_folder
from securedata.record import DSA, Scheme


class Service(RunningService):
    """One server: it runs inside a `with`, in its folder."""

    def __init__(self, folder: Path, *options: str, **others: object) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, *options, PYTHONPATH=str(ROOT / "tests"), **others)
        self.ca_file = open_folder(folder.parent / "certs").ca_file

    def connection(self) -> Connection:
        """A new client of this server."""
        return Connection(self.port, self.ca_file)


def naive(folder: Path) -> Service:
    """The baseline."""
    certs = folder.parent / "certs"
    pair = (str(certs / "localhost.pem"), str(certs / "localhost-key.pem"))
    return Service(folder, *pair, command=(sys.executable, "-m", "bench.baseline"))


def ours(folder: Path, scheme: Scheme = DSA) -> Service:
    """`python app.py` as it is, with a signer of this scheme."""
    KeyFile.load_or_create(folder / "data" / "keys.json", None, scheme)
    return Service(folder, "--certs", str(folder.parent / "certs"), command=APP)
