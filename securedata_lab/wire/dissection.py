"""Dissecting: from a handshake message to a tree of fields."""

from securedata_lab.wire.fields import Field
from securedata_lab.wire.grammar import (
    Number,
    Parts,
    read_all,
    read_exactly,
)
from securedata_lab.wire.handshake import HandshakeMessage
from securedata_lab.wire.messages import MESSAGES, UNKNOWN_MESSAGE
from securedata_lab.wire.reader import Reader
from securedata_lab.wire.registries import HANDSHAKE_TYPES

HANDSHAKE_HEADER: Parts = (  # RFC 9846, 4
    Number("handshake_type", 1, "Which message this is.", HANDSHAKE_TYPES),
    Number("body_length", 3, "How many bytes follow."),
)


def dissect(message: HandshakeMessage) -> Field:
    """Take a hello apart, into a tree of fields. Of other messages, the body stays whole.

    What is not known (suites, groups, extensions) is shown as unknown, with its bytes.

    Raises:
        WireError: a length is invalid; its `offset` says where in the stream.

    >>> from securedata_lab.wire.handshake import handshake_messages
    >>> (message,) = handshake_messages(bytes.fromhex("1603030005 18000001 01"))
    >>> dissect(message)["handshake_type"].value, dissect(message)["body"].data
    ('KeyUpdate', b'\\x01')
    """
    name, data = message.name, message.data
    known = MESSAGES.get(name, UNKNOWN_MESSAGE)
    reader = Reader(message.passage)
    header = read_all(HANDSHAKE_HEADER, reader)
    children = header + read_exactly(known.parts, reader, name)
    return Field(name, message.offset, data, data, known.sentence, children)
