"""The servers that are measured, each in a process of its own, all with one certificate.

The same ECDSA certificate for all of them, also for the baseline: the RSA one of the brief would
make its handshakes dearer.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from bench.client import Connection
from vocabulary import ROOT, free_port, hear_ctrl_c

from securedata.certificates.folder import open_folder

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}


class Service:
    """One server: it runs inside a `with`, in its folder; what it prints is in the file `log`."""

    def __init__(self, folder: Path, *arguments: str | Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        certificate = open_folder(folder.parent / "certs")
        self.ca_file = certificate.ca_file
        self._arguments = [str(argument).format(port=self.port) for argument in arguments]
        folder.mkdir(exist_ok=True)

    def start(self) -> None:
        """Return when it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._arguments],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that all its processes can be ended together
                preexec_fn=hear_ctrl_c,
            )
        while not self._listens():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.01)

    def stop(self) -> None:
        """End it as Ctrl-C does, and wait for its end."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait()

    def connection(self, patience_seconds: float = 60) -> Connection:
        """A new client of this server, who waits so long for each byte."""
        return Connection(self.port, self.ca_file, patience_seconds)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("localhost", self.port), timeout=10).close()
        except ConnectionRefusedError:
            return False
        return True

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def naive(folder: Path) -> Service:
    """The baseline."""
    certs = folder.parent / "certs"
    pair = (certs / "localhost.pem", certs / "localhost-key.pem")
    return Service(folder, "-m", "bench.baseline", "{port}", *pair)


def ours(folder: Path, *options: str) -> Service:
    """`python app.py` as it is, with the options that it has."""
    certs = str(folder.parent / "certs")
    return Service(folder, ROOT / "app.py", "--port", "{port}", "--certs", certs, *options)
