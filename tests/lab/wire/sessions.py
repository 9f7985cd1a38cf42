"""Real TLS sessions for the tests: in memory with Python's ssl, over sockets with openssl."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from Crypto.Cipher import AES
from recordings import Conversation, client_context, server_context
from vocabulary import free_port, openssl

from securedata.lab.wire import Field, handshake_messages
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


class Tap:
    """Brings one connection to a port, and keeps what both sides send."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.client_stream, self.server_stream = bytearray(), bytearray()
        self._target = port
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with self._listener:
            client, _ = self._listener.accept()
        with client, self._connect() as server:
            back = threading.Thread(target=_pump, args=(server, client, self.server_stream))
            back.start()
            _pump(client, server, self.client_stream)
            back.join()

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self._target), timeout=20)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.01)


def _pump(source: socket.socket, target: socket.socket, stream: bytearray) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            stream += piece
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class OpenSsl:
    """An s_server, and the s_client that is talking to it through a tap."""

    client: subprocess.Popen[bytes]
    tap: Tap

    def __init__(self, folder: Path, leaf: Path, *server: str) -> None:
        self._folder = folder
        self._port = free_port()
        self._keylog = folder / f"{self._port}.keylog"
        self._processes: list[subprocess.Popen[bytes]] = []
        address = f"127.0.0.1:{self._port}"
        self.server = self._start("s_server", "-accept", address, "-cert", leaf, *server)

    def connect(self, *client: str) -> None:
        """Start a client, and wait until its handshake is done."""
        self.tap = Tap(self._port)
        address = f"127.0.0.1:{self.tap.port}"
        self.client = self._start(
            "s_client", "-connect", address, "-keylogfile", self._keylog, *client
        )
        self._wait(lambda: self.tap.server_stream)
        self._settle()

    def type(self, process: subprocess.Popen[bytes], line: str) -> None:
        """Type a line, and wait until something of it went over the wire."""
        stream = self.tap.client_stream if process is self.client else self.tap.server_stream
        before = len(stream)
        assert process.stdin is not None
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()
        self._wait(lambda: len(stream) > before)
        self._settle()

    def finish(self) -> Live:
        """End the client; return all that was said and the key log."""
        with suppress(BrokenPipeError):
            self.client.communicate(b"Q\n", timeout=20)
        self.tap.join()
        keylog = self._keylog.read_text(encoding="ascii")
        return Live(bytes(self.tap.client_stream), bytes(self.tap.server_stream), keylog)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    def _start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["openssl", *map(str, arguments)],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def _settle(self) -> None:
        """Wait until nobody has said anything for a moment."""
        before = -1
        while before != (before := len(self.tap.client_stream) + len(self.tap.server_stream)):
            time.sleep(0.05)

    def _wait(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)


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
