"""Dissecting: from a handshake message to a tree of fields."""

from securedata.lab.wire.fields import Field
from securedata.lab.wire.grammar import Number, Parts, Section, read_exactly
from securedata.lab.wire.handshake import HandshakeMessage
from securedata.lab.wire.messages import MESSAGES, UNKNOWN_MESSAGE
from securedata.lab.wire.reader import Reader
from securedata.lab.wire.registries import (
    HANDSHAKE_TYPES,
)

HANDSHAKE_SECTION = "RFC 9846, 4"

HANDSHAKE_HEADER: Parts = (
    Section(
        HANDSHAKE_SECTION,
        (
            Number("handshake_type", 1, "Which message this is.", HANDSHAKE_TYPES),
            Number("body_length", 3, "How many bytes follow."),
        ),
    ),
)


def dissect(message: HandshakeMessage) -> Field:
    """Take a handshake message apart, into a tree of fields.

    What is not known (types, suites, groups, extensions) is shown as unknown, with its bytes.

    Raises:
        WireError: a length is invalid; its `offset` says where in the stream.

    >>> from securedata.lab.wire.handshake import split_messages
    >>> (message,) = split_messages(bytes.fromhex("18000001 01"))
    >>> dissect(message)["request_update"].value
    'update_requested'
    >>> dissect(message)["request_update"].sentence
    'Whether the other side must change its keys, too.'
    """
    name, data = message.name, message.data
    known = MESSAGES.get(name, UNKNOWN_MESSAGE)
    parts = (*HANDSHAKE_HEADER, *known.parts)
    children = read_exactly(parts, Reader(message.passage), name, known.rfc)
    return Field(name, message.offset, data, data, known.sentence, known.rfc, children)
