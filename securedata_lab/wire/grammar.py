"""What messages are made of, in the words of TLS's presentation language (RFC 9846, 3).

A message is described by a table of parts; a part takes its bytes from a reader and returns them
as fields. With such tables, no message needs code of its own.

    Number     1 to 4 bytes that mean a number, or a name from a registry
    Opaque     bytes that are not looked into: so many, or all that are left
    Vector     a length, and then so many bytes: opaque, text, or parts again and again
    Struct     parts under one name
    IfAny      parts that stand there only if bytes are left
    Either     several forms; the first one that fits exactly
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from securedata_lab.wire.errors import WireError
from securedata_lab.wire.fields import Field
from securedata_lab.wire.reader import Reader
from securedata_lab.wire.registries import Names, name_of

Fields = tuple[Field, ...]


class Part(Protocol):
    """What can take its bytes from a reader."""

    def read(self, reader: Reader) -> Fields:
        """Take the bytes of this part, and return its fields.

        Raises:
            WireError: the bytes are too few, or not of this form.
        """
        ...


Parts = tuple[Part, ...]


def read_all(parts: Parts, reader: Reader) -> Fields:
    """Each part once, in this order."""
    return tuple(field for part in parts for field in part.read(reader))


def read_exactly(parts: Parts, reader: Reader, name: str) -> Fields:
    """Each part once, and then there must be nothing left."""
    fields = read_all(parts, reader)
    reader.expect_end(name)
    return fields


@dataclass(frozen=True)
class Number:
    """A number of `size` bytes, the highest first; with a registry, its name."""

    name: str
    size: int
    sentence: str
    names: Names | None = None

    def read(self, reader: Reader) -> Fields:
        """One field, whose value is the number or its name."""
        offset, data = reader.offset, reader.take(self.size, self.name)
        number = int.from_bytes(data, "big")
        value = number if self.names is None else name_of(number, self.size, self.names)
        return (Field(self.name, offset, data, value, self.sentence),)


@dataclass(frozen=True)
class Opaque:
    """Bytes that are not looked into: `size` of them, or all that are left."""

    name: str
    sentence: str
    size: int | None = None

    def read(self, reader: Reader) -> Fields:
        """One field, whose value is its bytes."""
        size = reader.left if self.size is None else self.size
        offset, data = reader.offset, reader.take(size, self.name)
        return (Field(self.name, offset, data, data, self.sentence),)


@dataclass(frozen=True)
class Vector:
    """A length of `length_size` bytes, and so many bytes: `items` again and again, or opaque."""

    name: str
    length_size: int
    sentence: str
    items: Parts = ()
    is_text: bool = False

    def read(self, reader: Reader) -> Fields:
        """Two fields: the length, and what it announces."""
        sentence = f"How long {self.name} is, in bytes."
        (length,) = Number(f"{self.name}_length", self.length_size, sentence).read(reader)
        offset = reader.offset
        content = reader.part(int.from_bytes(length.data, "big"), self.name)
        data = content.rest
        value = data.decode("ascii", "backslashreplace") if self.is_text else data
        children = tuple(self._items(content))
        return length, Field(self.name, offset, data, value, self.sentence, children)

    def _items(self, content: Reader) -> Iterator[Field]:
        while self.items and content.left:
            yield from read_all(self.items, content)


@dataclass(frozen=True)
class Struct:
    """Parts under one name."""

    name: str
    sentence: str
    parts: Parts

    def read(self, reader: Reader) -> Fields:
        """One field, whose children are the parts."""
        offset, start = reader.offset, reader.position
        children = read_all(self.parts, reader)
        data = reader.passage.data[start : reader.position]
        return (Field(self.name, offset, data, data, self.sentence, children),)


@dataclass(frozen=True)
class IfAny:
    """Parts that stand there only if bytes are left."""

    parts: Parts

    def read(self, reader: Reader) -> Fields:
        """The fields of the parts, or none."""
        return read_all(self.parts, reader) if reader.left else ()


@dataclass(frozen=True)
class Either:
    """Several forms of what is left, where only its lengths tell which of them it is."""

    name: str
    forms: tuple[Parts, ...]

    def read(self, reader: Reader) -> Fields:
        """The fields of the first form that fits exactly.

        Raises:
            WireError: none fits; this is the error of the form that came furthest.
        """
        errors = []
        for parts in self.forms:
            attempt = reader.fork()
            try:
                fields = read_exactly(parts, attempt, self.name)
            except WireError as error:
                errors.append(error)
                continue
            reader.take(reader.left, self.name)
            return fields
        raise max(errors, key=lambda error: error.offset)
