"""Puts handshake messages together from records: one message may span several.

    type (1) · length (3) · body        RFC 9846, 4; RFC 5246, 7.4

It knows where a message begins and ends, and where the handshake stops being readable; what a
message says is for `dissect`. After a HelloRetryRequest, which is a ServerHello here, the client
says hello again: lessons never see one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from securedata_lab.wire.reader import Passage, Piece, Reader
from securedata_lab.wire.record_layer import tls_records
from securedata_lab.wire.registries import HANDSHAKE_TYPES, name_of

HEADER_BYTES = 4
IN_THE_CLEAR = ("handshake", "alert")


@dataclass(frozen=True)
class HandshakeMessage:
    """One message: its bytes, and where they stand in the stream.

    >>> (message,) = join_messages([Piece(0, bytes.fromhex("18000001 00"))])
    >>> message.name, message.offset, message.body
    ('KeyUpdate', 0, b'\\x00')
    """

    passage: Passage

    @property
    def data(self) -> bytes:
        """The whole message, without the record headers that may lie within it."""
        return self.passage.data

    @property
    def offset(self) -> int:
        """Where in the stream its first byte stands."""
        return self.passage.offset

    @property
    def body(self) -> bytes:
        """What follows the type and the length."""
        return self.data[HEADER_BYTES:]

    @property
    def name(self) -> str:
        """The type's name, such as "ClientHello"."""
        return name_of(self.data[0], 1, HANDSHAKE_TYPES)


def handshake_messages(stream: bytes) -> list[HandshakeMessage]:
    """The handshake messages that one side sent in the clear.

    They end where encryption begins: at ChangeCipherSpec, or at the first encrypted record.

    Raises:
        WireError: not TLS, or cut off in the middle of a record or of a message.

    >>> hello = bytes.fromhex("0e000000")  # ServerHelloDone, in two records
    >>> stream = bytes.fromhex("1603030001") + hello[:1] + bytes.fromhex("1603030003") + hello[1:]
    >>> [(message.name, message.offset, message.data == hello)
    ...     for message in handshake_messages(stream)]
    [('ServerHelloDone', 5, True)]
    """
    clear = takewhile(lambda record: record.content_type in IN_THE_CLEAR, tls_records(stream))
    return join_messages(
        Piece(record.fragment_offset, record.fragment)
        for record in clear
        if record.content_type == "handshake"
    )


def join_messages(pieces: Iterable[Piece]) -> list[HandshakeMessage]:
    """The messages in handshake bytes that lie in several pieces of a stream.

    Raises:
        WireError: cut off in the middle of a message.

    >>> join_messages([Piece(13, bytes.fromhex("1800")), Piece(90, bytes.fromhex("0002 00"))])
    Traceback (most recent call last):
        ...
    securedata_lab...WireError: KeyUpdate needs 2 bytes; left: 1 (at offset 92)
    """
    reader = Reader(Passage.of(pieces))
    found = []
    while reader.left:
        start = reader.position
        name = name_of(reader.take(1, "a handshake type")[0], 1, HANDSHAKE_TYPES)
        length = int.from_bytes(reader.take(3, f"the length of {name}"), "big")
        reader.take(length, name)
        found.append(HandshakeMessage(reader.passage.cut(start, reader.position)))
    return found
