"""A server in one call, the real one or a weak twin: what every lesson starts with."""

import weakref
from functools import cache
from pathlib import Path
from ssl import SSLContext
from typing import Protocol

from securedata.certificates.authority import CertificateAuthority
from securedata.certificates.folder import open_folder
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import new_token
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app
from securedata_lab.servers.error_hints import Servers, advise
from securedata_lab.servers.temporary_folders import clean_up, temporary_folder
from securedata_lab.twins.ca_file import vanishing_ca_file
from securedata_lab.twins.twin import Twin, TwinServer


class Running(Protocol):
    """A server of a lesson."""

    @property
    def is_running(self) -> bool:
        """Whether it answers."""


class LabServer(BackgroundServer):
    """The real service, with keys and a database of its own that vanish with the kernel.

    `ca_file` is what clients verify with; `database` is the SQLite file, to be looked into, and
    `key_file` what a thief would take. Stopped and started again, it still has its records.

    >>> with LabServer() as server:
    ...     server.database.name
    'records.sqlite3'
    """

    def __init__(self) -> None:
        folder = temporary_folder()
        self.database = folder / "records.sqlite3"
        records = RecordStore(f"sqlite:///{self.database}")
        weakref.finalize(self, clean_up, records, folder)
        self.key_file = folder / "keys.json"
        self._keys = KeyFile.create(self.key_file)
        self._tokens: dict[str, str] = {}  # by owner
        vault = Vault(records, self._keys)
        certificate = open_folder(folder)
        super().__init__(
            create_app(vault), tls=server_context(certificate.leaf), ca_file=certificate.ca_file
        )

    def token_of(self, owner: str) -> str:
        """The token of this owner. From the first one on, every store and retrieve needs one.

        >>> server = LabServer()
        >>> server.token_of("ada") == server.token_of("ada") != server.token_of("eve")
        True
        """
        if owner not in self._tokens:
            token = new_token()
            self._keys.update(lambda keys: keys.add_token(owner, token))
            self._tokens[owner] = token
        return self._tokens[owner]


def serve() -> LabServer:
    """Start the real service, or give back the one that runs: a cell may be run twice.

    >>> server = serve()
    >>> serve() is server
    True
    >>> server.stop()
    """
    global _server
    if _server is None:
        _server = LabServer()
    _server.start()
    advise_after_errors()
    return _server


def counts_as_started(server: Running) -> None:
    """From now on, advice after an error looks at this server, too: a lesson has one of its own."""
    if server not in _also_started:
        _also_started.append(server)


def ready() -> None:
    """What the set-up cell ends with: from now on, a sentence stands below an error.

    >>> ready()
    Ready. The server cell is next.
    """
    advise_after_errors()
    print("Ready. The server cell is next.")


@cache
def advise_after_errors() -> None:
    """In a notebook: say below an error which cell may help. Called twice, it says it once.

    The set-up cell calls it by `ready`, so that it can miss the server cell. `serve` calls it, too.

    >>> advise_after_errors()
    """
    advise(_servers_are)


def serve_twin(kind: type[Twin], *, seed: int | None = None) -> TwinServer:
    """Start a twin of this class, or give back the one that runs.

    A seed makes its keys the same every time.

    >>> twin = serve_twin(Twin)
    >>> serve_twin(Twin) is twin
    True
    >>> twin.stop()
    """
    server = _twins.get((kind, seed)) or TwinServer(kind(seed))
    server.start()
    _twins[kind, seed] = server
    return server


@cache
def localhost_tls() -> tuple[SSLContext, Path]:
    """TLS with a certificate for localhost, and the file of its CA, for an app of one's own.

    >>> tls, ca_file = localhost_tls()
    >>> ca_file.name
    'ca.pem'
    """
    ca = CertificateAuthority.create("The CA of my own service")
    tls = server_context(ca.issue(*LOCALHOST_NAMES))
    return tls, vanishing_ca_file(tls, ca.certificate_pem)


# One of each for the whole kernel, so that a cell may be run twice.
_server: LabServer | None = None
_also_started: list[Running] = []
_twins: dict[tuple[type[Twin], int | None], TwinServer] = {}


def _servers_are() -> Servers:
    started = [it for it in (_server, *_also_started) if it is not None]
    if not started:
        return Servers.NOT_STARTED
    return Servers.RUNNING if any(it.is_running for it in started) else Servers.STOPPED
