"""A field: one part of a message, with its place in the stream and a sentence on what it is for.

Fields are trees. The children of a field lie side by side and cover it: not a byte is left out,
and lengths are fields like all others.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from securedata_lab.wire.errors import NoSuchFieldError

# In the tree, but not in a list of names: what they announce says the same.
NOT_LISTED = ("_length", "extension_type", "handshake_type")


@dataclass(frozen=True)
class Field:
    """One part of a message.

    `offset` is where in the stream its first byte stands, `data` are its bytes. If a record header
    lies within the field, `data` leaves it out: then, and only then, `data` is not what the stream
    has from `offset` on. `value` is what the bytes mean: a number, a name, a text, or just bytes.

    >>> version = Field("legacy_version", 9, b"\\x03\\x03", "TLS 1.2", "The version.")
    >>> hello = Field("ClientHello", 5, bytes(4) + b"\\x03\\x03", b"", "…", (version,))
    >>> hello["legacy_version"].value, hello["legacy_version"].offset, hello.length
    ('TLS 1.2', 9, 6)
    """

    name: str
    offset: int
    data: bytes
    value: bytes | int | str
    sentence: str
    children: tuple["Field", ...] = ()

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.data)

    def __getitem__(self, name: str) -> "Field":
        """The field of this name below this one; of several, the nearest, and then the first.

        Raises:
            NoSuchFieldError: there is none; the message lists the names that there are.
        """
        field = self.get(name)
        if field is not None:
            return field
        names = ", ".join(dict.fromkeys(child.name for child in self._listed())) or "no parts"
        raise NoSuchFieldError(f"{self.name} has no field {name}; it has {names}")

    def get(self, name: str) -> "Field | None":
        """The field of this name below this one, or None."""
        return next((field for field in self._below() if field.name == name), None)

    def __contains__(self, name: str) -> bool:
        """Whether there is a field of this name below this one."""
        return self.get(name) is not None

    def _below(self) -> Iterator["Field"]:
        """All fields below this one, level by level."""
        waiting = deque(self.children)
        while waiting:
            field = waiting.popleft()
            yield field
            waiting.extend(field.children)

    def _listed(self) -> list["Field"]:
        return [child for child in self.children if not child.name.endswith(NOT_LISTED)]
