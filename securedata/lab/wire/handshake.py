"""Puts handshake messages together from records: one message may span several.

    type (1) · length (3) · body        RFC 9846, 4; RFC 5246, 7.4

It knows where a message begins and ends, and where the handshake stops being readable; what a
message says is for `dissect`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from securedata.lab.wire.reader import Passage, Piece, Reader
from securedata.lab.wire.record_layer import Record, tls_records
from securedata.lab.wire.registries import HANDSHAKE_TYPES, name_of

HEADER_BYTES = 4
IN_THE_CLEAR = ("handshake", "alert")
# SHA-256 of "HelloRetryRequest": a ServerHello with this random is no hello (RFC 9846, 4.2.3).
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass(frozen=True)
class HandshakeMessage:
    """One message: its bytes, and where they stand in the stream.

    >>> (message,) = split_messages(bytes.fromhex("18000001 00"))
    >>> message.name, message.type_number, message.offset, message.body
    ('KeyUpdate', 24, 0, b'\\x00')
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
    def type_number(self) -> int:
        """The first byte."""
        return self.data[0]

    @property
    def body(self) -> bytes:
        """What follows the type and the length."""
        return self.data[HEADER_BYTES:]

    @property
    def random(self) -> bytes:
        """The 32 bytes after a hello's version; of other messages, no more than bytes."""
        return self.body[2:34]

    @property
    def name(self) -> str:
        """The type's name: "ClientHello"; a ServerHello may be a "HelloRetryRequest"."""
        name = name_of(self.type_number, 1, HANDSHAKE_TYPES)
        is_retry = name == "ServerHello" and self.random == RETRY_RANDOM
        return "HelloRetryRequest" if is_retry else name


def handshake_messages(stream: bytes | Sequence[Record]) -> list[HandshakeMessage]:
    """The handshake messages that one side sent in the clear, from its bytes or its records.

    They end where encryption begins: at ChangeCipherSpec in TLS 1.2, at the first encrypted record
    in TLS 1.3, where ChangeCipherSpec means nothing and may stand before a second hello.

    Raises:
        WireError: not TLS, or cut off in the middle of a record or of a message.

    >>> hello = bytes.fromhex("0e000000")  # ServerHelloDone, in two records
    >>> stream = bytes.fromhex("1603030001") + hello[:1] + bytes.fromhex("1603030003") + hello[1:]
    >>> [(message.name, message.offset, message.data == hello)
    ...     for message in handshake_messages(stream)]
    [('ServerHelloDone', 5, True)]
    """
    rows = tls_records(stream) if isinstance(stream, bytes) else stream
    clear, left = _clear_part(rows)
    messages = join_messages(handshake_pieces(clear))
    if _second_hello_follows(messages, left):  # once: no server may ask for a third
        clear, _ = _clear_part(left)
        messages += join_messages(handshake_pieces(clear))
    return messages


def split_messages(handshake: bytes) -> list[HandshakeMessage]:
    """The messages in handshake bytes without record headers, such as decrypted ones.

    Raises:
        WireError: cut off in the middle of a message.

    >>> [message.name for message in split_messages(bytes.fromhex("05000000 0e000000"))]
    ['EndOfEarlyData', 'ServerHelloDone']
    """
    return join_messages([Piece(0, handshake)])


def join_messages(pieces: Iterable[Piece]) -> list[HandshakeMessage]:
    """The messages in handshake bytes that lie in several pieces of a stream.

    Raises:
        WireError: cut off in the middle of a message.

    >>> join_messages([Piece(13, bytes.fromhex("1800")), Piece(90, bytes.fromhex("0002 00"))])
    Traceback (most recent call last):
        ...
    securedata.lab.wire.errors.WireError: KeyUpdate needs 2 bytes; left: 1 (at offset 92)
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


def handshake_pieces(rows: Iterable[Record]) -> Iterator[Piece]:
    """What the handshake records among these hold.

    >>> rows = tls_records(bytes.fromhex("140303000101 16030300020e00"))
    >>> list(handshake_pieces(rows))
    [Piece(offset=11, data=b'\\x0e\\x00')]
    """
    for record in rows:
        if record.content_type == "handshake":
            yield Piece(record.fragment_offset, record.fragment)


def _clear_part(rows: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The records before any other kind than these two, and what handshake may follow later."""
    clear = list(takewhile(lambda record: record.content_type in IN_THE_CLEAR, rows))
    left = dropwhile(lambda record: record.content_type != "handshake", rows[len(clear) :])
    return clear, list(left)


def _second_hello_follows(messages: list[HandshakeMessage], left: list[Record]) -> bool:
    # After a HelloRetryRequest all begins again in the clear. The client's second hello repeats the
    # random of its first (RFC 9846, 4.2.2); an encrypted Finished has other bytes there.
    if not messages or not left:
        return False
    first, begin = messages[0], left[0].fragment
    if first.name == "ClientHello":
        return begin[:1] == first.data[:1] and begin[6:38] == first.random
    return messages[-1].name == "HelloRetryRequest"
