"""Bytes of a stream, and where each of them stands in it; and a reader that moves through them."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from securedata_lab.wire.errors import WireError


@dataclass(frozen=True)
class Piece:
    """Bytes that lie side by side in the stream, the first of them at `offset`."""

    offset: int
    data: bytes


@dataclass(frozen=True)
class Passage:
    """Bytes that belong together, but may lie in several pieces of the stream.

    A handshake message may be spread over records: between two pieces lies a record header, which
    is no part of the message. `starts` says at which of the bytes each piece begins, `offsets`
    where in the stream.

    >>> passage = Passage.of([Piece(5, b"Client"), Piece(16, b"Hello")])
    >>> passage.data, passage.offset, passage.offset_of(5), passage.offset_of(6)
    (b'ClientHello', 5, 10, 16)
    """

    data: bytes
    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> "Passage":
        """Join pieces, in this order; empty ones fall out."""
        filled = [piece for piece in pieces if piece.data]
        starts = [0]
        for piece in filled:
            starts.append(starts[-1] + len(piece.data))
        offsets = tuple(piece.offset for piece in filled)
        return cls(b"".join(piece.data for piece in filled), tuple(starts[:-1]), offsets)

    @property
    def offset(self) -> int:
        """Where in the stream the first byte stands."""
        return self.offset_of(0)

    def offset_of(self, position: int) -> int:
        """Where in the stream the byte at this position stands; past the end, where it would."""
        if not self.offsets:
            return 0
        piece = bisect_right(self.starts, position) - 1
        return self.offsets[piece] + position - self.starts[piece]

    def cut(self, start: int, end: int) -> "Passage":
        """The passage from one position up to another."""
        # Only the pieces it touches: a message of many records would be slow to split otherwise.
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = bisect_right(self.starts, max(start, end - 1))
        starts = tuple(max(place - start, 0) for place in self.starts[first:last])
        offsets = (self.offset_of(start), *self.offsets[first + 1 : last])
        return Passage(self.data[start:end], starts or (0,), offsets)


class Reader:
    """A place in a passage that moves forward, never past `end`.

    A class, because it remembers how far it has read.

    >>> reader = Reader(Passage.of([Piece(100, b"abcdef")]))
    >>> reader.take(4, "random"), reader.offset, reader.left
    (b'abcd', 104, 2)
    >>> reader.take(4, "session_id")
    Traceback (most recent call last):
        ...
    securedata_lab...WireError: session_id needs 4 bytes; left: 2 (at offset 104)
    """

    def __init__(self, passage: Passage, start: int = 0, end: int | None = None) -> None:
        self.passage = passage
        self.position = start
        self.end = len(passage.data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes are still to be read."""
        return self.end - self.position

    @property
    def offset(self) -> int:
        """Where in the stream the next byte stands."""
        return self.passage.offset_of(self.position)

    @property
    def rest(self) -> bytes:
        """The bytes that are still to be read."""
        return self.passage.data[self.position : self.end]

    def take(self, length: int, name: str) -> bytes:
        """The next bytes.

        Raises:
            WireError: there are not so many left.
        """
        if length > self.left:
            raise WireError(f"{name} needs {length} bytes; left: {self.left}", self.offset)
        start, self.position = self.position, self.position + length
        return self.passage.data[start : self.position]

    def part(self, length: int, name: str) -> "Reader":
        """A reader of the next bytes alone; this one goes on after them.

        Raises:
            WireError: there are not so many left.
        """
        start = self.position
        self.take(length, name)
        return Reader(self.passage, start, self.position)

    def fork(self) -> "Reader":
        """Another reader of what is left here; this one stays where it is."""
        return Reader(self.passage, self.position, self.end)

    def expect_end(self, name: str) -> None:
        """Check that all has been read.

        Raises:
            WireError: there are bytes that the structure does not have.
        """
        if self.left:
            raise WireError(f"{name} should end here; bytes left: {self.left}", self.offset)
