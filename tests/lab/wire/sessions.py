"""Real TLS sessions for the tests: in memory with Python's ssl, over sockets with openssl."""

import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from Crypto.Cipher import AES
from recordings import Conversation, client_context, server_context
from vocabulary import free_port, openssl

from securedata.lab import Tap
from securedata.lab.tls.tap import Connection
from securedata.lab.wire import Field, handshake_messages, load_recording
from securedata.lab.wire.handshake import HandshakeMessage

NO_EXTENDED_MASTER_SECRET = ssl.Options(1)  # OpenSSL's SSL_OP_NO_EXTENDED_MASTER_SECRET
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

REQUEST, ANSWER = b"POST /store attack at dawn", b"200 it is stored"


@dataclass(frozen=True)
class Live:
    """What a tap and a key log hold after a session."""

    client_stream: bytes
    server_stream: bytes
    keylog: str

    @property
    def all(self) -> tuple[bytes, bytes, str]:
        return self.client_stream, self.server_stream, self.keylog

    @property
    def messages(self) -> list[HandshakeMessage]:
        """The clear messages, the client's first."""
        return handshake_messages(self.client_stream) + handshake_messages(self.server_stream)

    def message(self, name: str) -> HandshakeMessage:
        return next(message for message in self.messages if message.name == name)


def recorded(name: str) -> Live:
    recording = load_recording(name)
    return Live(recording.client_stream, recording.server_stream, recording.keylog)


class Pair:
    """A client and a server context, and as many sessions of them as a test wants."""

    def __init__(
        self,
        folder: Path,
        leaf: Path,
        version: ssl.TLSVersion,
        ciphers: str | None = None,
        options: ssl.Options = ssl.Options(0),  # noqa: B008  # a number
    ) -> None:
        self._keylog = folder / f"{time.monotonic_ns()}.keylog"
        self.client, self.server = client_context(leaf), server_context(leaf)
        self.client.keylog_filename = str(self._keylog)
        for context in (self.client, self.server):
            context.minimum_version = context.maximum_version = version
            context.options |= options
            if ciphers is not None:
                context.set_ciphers(ciphers)

    def talk(
        self,
        request: bytes = REQUEST,
        answer: bytes = ANSWER,
        session: ssl.SSLSession | None = None,
    ) -> tuple[Live, ssl.SSLSession]:
        conversation = Conversation(self.client, self.server, session)
        conversation.handshake()
        assert conversation.say(conversation.client, request) == request
        assert conversation.say(conversation.server, answer) == answer
        resumable = conversation.client.session
        conversation.close()
        keylog = self._keylog.read_text(encoding="ascii")
        live = Live(bytes(conversation.client_stream), bytes(conversation.server_stream), keylog)
        assert resumable is not None
        return live, resumable


class OpenSsl:
    """An s_server, and the s_client that is talking to it through a tap."""

    client: subprocess.Popen[bytes]

    def __init__(self, folder: Path, leaf: Path, *options: str) -> None:
        address = f"127.0.0.1:{free_port()}"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.server = self._start("s_server", "-accept", address, "-cert", leaf, *options)
        assert self.server.stdout is not None
        assert b"ACCEPT\n" in iter(self.server.stdout.readline, b"")
        self.tap = Tap(f"http://{address}")
        self.tap.start()

    @property
    def connection(self) -> Connection:
        return self.tap.connections[-1]

    def connect(self, *client: str) -> None:
        """Start a client, and wait until its handshake is done."""
        known = len(self.tap.connections)
        self.client = self._start(
            "s_client", "-connect", self.tap.address, "-keylogfile", "keylog", *client
        )
        self._wait(lambda: len(self.tap.connections) > known and self.connection.server)

    def type(self, process: subprocess.Popen[bytes], line: str) -> None:
        """Type a line, and wait until something of it went over the wire."""
        before = self._sent(process)
        assert process.stdin is not None
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()
        self._wait(lambda: self._sent(process) > before)

    def finish(self) -> Live:
        """End the client; return all that was said and the key log."""
        with suppress(BrokenPipeError):
            self.client.communicate(b"Q\n", timeout=20)
        self._wait(lambda: self.connection.closed)
        keylog = (self._folder / "keylog").read_text(encoding="ascii")
        return Live(self.connection.client, self.connection.server, keylog)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()
        self.tap.stop()

    def _start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["openssl", *map(str, arguments)],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def _sent(self, process: subprocess.Popen[bytes]) -> int:
        sent = self.connection.client if process is self.client else self.connection.server
        return len(sent)

    def _wait(self, condition: Callable[[], object]) -> None:
        """Wait until this has happened, and nobody has said anything for a moment."""
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        before = -1
        while before != (before := len(self.connection.client) + len(self.connection.server)):
            time.sleep(0.05)


@contextmanager
def an_openssl_server(folder: Path, leaf: Path, *options: str) -> Iterator[OpenSsl]:
    if not openssl("version").stdout.startswith("OpenSSL "):
        pytest.skip("needs OpenSSL's own command")
    session = OpenSsl(folder, leaf, *options)
    try:
        yield session
    finally:
        session.kill()


def leaves(field: Field) -> Iterator[Field]:
    """The fields below that have no parts."""
    if not field.children:
        yield field
    for child in field.children:
        yield from leaves(child)


def fields(field: Field) -> Iterator[Field]:
    """A field and all fields below."""
    yield field
    for child in field.children:
        yield from fields(child)


def in_records(handshake: bytes, size: int) -> bytes:
    """Handshake bytes in records of this many bytes."""
    return b"".join(
        b"\x16\x03\x03" + len(part).to_bytes(2, "big") + part
        for part in (handshake[start : start + size] for start in range(0, len(handshake), size))
    )


def sealed_record(handshake: bytes, key: bytes, nonce: bytes) -> bytes:
    """Handshake bytes as an encrypted record of TLS 1.3 (RFC 9846, 5.2)."""
    inner = handshake + b"\x16"
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(header)
    ciphertext, tag = cipher.encrypt_and_digest(inner)
    return header + ciphertext + tag
