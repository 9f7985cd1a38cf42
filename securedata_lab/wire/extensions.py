"""Extensions: what hellos carry beyond their fixed parts.

    type (2) · length (2) · data        RFC 9846, 4.3

One table at the end describes those that a lesson looks into; others have a name, and their bytes.
Where client and server send different forms, both are there.
"""

from dataclasses import dataclass

from securedata_lab.wire.fields import Field
from securedata_lab.wire.grammar import (
    Either,
    Fields,
    IfAny,
    Number,
    Opaque,
    Part,
    Parts,
    Struct,
    Vector,
    read_exactly,
)
from securedata_lab.wire.reader import Reader
from securedata_lab.wire.registries import (
    EXTENSION_TYPES,
    GROUPS,
    NAME_TYPES,
    VERSIONS,
    name_of,
)


@dataclass(frozen=True)
class Description:
    """What is known of one extension or message."""

    name: str
    sentence: str
    parts: Parts


@dataclass(frozen=True)
class Extension:
    """One extension of any type: a `Part` that looks into the table below."""

    def read(self, reader: Reader) -> Fields:
        """One field, named after the extension."""
        offset, start = reader.offset, reader.position
        (kind,) = TYPE.read(reader)
        (length,) = LENGTH.read(reader)
        number = int.from_bytes(kind.data, "big")
        known = EXTENSIONS.get(number) or _whole(number)
        content = reader.part(int.from_bytes(length.data, "big"), known.name)
        children = (kind, length, *read_exactly(known.parts, content, known.name))
        data = reader.passage.data[start : reader.position]
        return (Field(known.name, offset, data, data, known.sentence, children),)


def extensions(sentence: str) -> Vector:
    """The list of extensions that ends a message."""
    return Vector("extensions", 2, sentence, (Extension(),))


def _whole(number: int) -> Description:
    return Description(
        name_of(number, 2, EXTENSION_TYPES),  # RFC 9846, 4.3
        "An extension that is not taken apart here; a receiver ignores those it does not know.",
        (Opaque("extension_data", "What the extension says."),),
    )


def _list(name: str, length_size: int, sentence: str, item: Part) -> Parts:
    return (Vector(name, length_size, sentence, (item,)),)


GROUP = Number(
    "group",
    2,
    "A group for the key exchange: a curve, a prime field, ML-KEM, or a curve and ML-KEM together.",
    GROUPS,
)

SERVER_NAMES: Parts = (
    Vector(
        "server_name_list",
        2,
        "The names the client asks for; in practice one.",
        (
            Number("name_type", 1, "What kind of name follows.", NAME_TYPES),
            Vector(
                "host_name",
                2,
                "The host the client wants, in clear: everybody on the way can read it.",
                is_text=True,
            ),
        ),
    ),
)

OFFERED_VERSIONS = _list(
    "versions",
    1,
    "The versions the client can speak, the best first: this is where TLS 1.3 is offered.",
    Number("version", 2, "A version the client can speak.", VERSIONS),
)

SELECTED_VERSION: Parts = (
    Number(
        "selected_version",
        2,
        "The version that is spoken from here on: the real one.",
        VERSIONS,
    ),
)

KEY_SHARE: Parts = (
    GROUP,
    Vector(
        "key_exchange",
        2,
        "For x25519 a public key of 32 bytes. X25519MLKEM768 puts ML-KEM's part before it: the "
        "client's public key, 1184 bytes, or the server's ciphertext, 1088.",
    ),
)

OFFERED_KEY_SHARES = _list(
    "client_shares",
    2,
    "The client guesses which groups the server takes, and sends a public key for each.",
    Struct("key_share_entry", "A group and a public key for it.", KEY_SHARE),
)

# By extension type (IANA's registry of TLS ExtensionType values).
EXTENSIONS = {
    0: Description(
        "server_name",  # RFC 6066, 3
        "Which of a server's many names is meant (SNI); the server confirms with an empty one.",
        (IfAny(SERVER_NAMES),),
    ),
    10: Description(
        "supported_groups",  # RFC 9846, 4.3.7
        "The groups for a key exchange that are understood.",
        _list("named_group_list", 2, "The groups, the best first.", GROUP),
    ),
    43: Description(
        "supported_versions",  # RFC 9846, 4.3.1
        "The versions the client can speak, or the one that the server chose.",
        (Either("supported_versions", (OFFERED_VERSIONS, SELECTED_VERSION)),),
    ),
    51: Description(
        "key_share",  # RFC 9846, 4.3.8
        "A side's part of the key exchange; in a HelloRetryRequest, only the group that is wanted.",
        (Either("key_share", (OFFERED_KEY_SHARES, KEY_SHARE, (GROUP,))),),
    ),
}

TYPE = Number(
    "extension_type",
    2,
    "Which extension this is.",
    EXTENSION_TYPES,
)
LENGTH = Number("extension_length", 2, "How long the extension is, in bytes.")
