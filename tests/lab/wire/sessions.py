"""Real TLS sessions for the tests: in memory with Python's ssl, over sockets with openssl."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from Crypto.Cipher import AES
from recordings import Conversation, server_context

from securedata_lab.wire import (
    WireError,
    handshake_messages,
    load_recording,
)
from securedata_lab.wire.fields import Field
from securedata_lab.wire.handshake import HandshakeMessage, join_messages
from securedata_lab.wire.reader import Piece

NO_EXTENDED_MASTER_SECRET = ssl.Options(1)  # OpenSSL's SSL_OP_NO_EXTENDED_MASTER_SECRET
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

REQUEST, ANSWER = b"POST /store attack at dawn", b"200 it is stored"


class Live(NamedTuple):
    """What a tap and a key log hold after a session."""

    client_stream: bytes
    server_stream: bytes
    keylog: str

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
        self.client = ssl.create_default_context(cafile=leaf)
        self.server = server_context(leaf)
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


@contextmanager
def refused_at(offset: int, words: str | None = None) -> Iterator[None]:
    """A WireError with these words, which says that it is here."""
    with pytest.raises(WireError, match=words) as caught:
        yield
    assert caught.value.offset == offset


def fields(field: Field) -> Iterator[Field]:
    """A field and all fields below."""
    yield field
    for child in field.children:
        yield from fields(child)


def split_messages(handshake: bytes) -> list[HandshakeMessage]:
    """The messages in handshake bytes without record headers."""
    return join_messages([Piece(0, handshake)])


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
