"""Dissecting: from a record or a handshake message to a tree of fields."""

from securedata.lab.wire.fields import Field
from securedata.lab.wire.grammar import Number, Opaque, Parts, Section, read_exactly
from securedata.lab.wire.handshake import HandshakeMessage
from securedata.lab.wire.messages import MESSAGES, UNKNOWN_MESSAGE
from securedata.lab.wire.reader import Passage, Piece, Reader
from securedata.lab.wire.record_layer import Record
from securedata.lab.wire.registries import (
    ALERT_DESCRIPTIONS,
    ALERT_LEVELS,
    CONTENT_TYPES,
    HANDSHAKE_TYPES,
    VERSIONS,
)

HANDSHAKE_SECTION, RECORD_SECTION, ALERT_SECTION = "RFC 9846, 4", "RFC 9846, 5.1", "RFC 9846, 6"

HANDSHAKE_HEADER: Parts = (
    Section(
        HANDSHAKE_SECTION,
        (
            Number("handshake_type", 1, "Which message this is.", HANDSHAKE_TYPES),
            Number("body_length", 3, "How many bytes follow."),
        ),
    ),
)

RECORD_HEADER: Parts = (
    Number(
        "content_type",
        1,
        "What is inside; TLS 1.3 says application_data for all that is encrypted.",
        CONTENT_TYPES,
    ),
    Number(
        "legacy_record_version",
        2,
        "In TLS 1.3 not the version that is spoken: kept for the sake of old middleboxes.",
        VERSIONS,
    ),
    Number("fragment_length", 2, "How many bytes follow."),
)

ALERT: Parts = (
    Section(
        ALERT_SECTION,
        (
            Number(
                "level",
                1,
                "A warning, or the end; TLS 1.3 goes by the description alone.",
                ALERT_LEVELS,
            ),
            Number("description", 1, "What is wrong, or close_notify.", ALERT_DESCRIPTIONS),
        ),
    ),
)
ALERT_BYTES = 2  # in the clear; an encrypted one is longer

FRAGMENTS = {
    "change_cipher_spec": "One byte, 1. In TLS 1.2: from now on I encrypt. In TLS 1.3: nothing.",
    "alert": "An alert that is encrypted.",
    "handshake": "Handshake messages, or a part of one: see handshake_messages.",
    "application_data": "Ciphertext and tag: what kind of content it is, is encrypted too.",
}


def dissect(source: Record | HandshakeMessage) -> Field:
    """Take a record or a handshake message apart, into a tree of fields.

    What is not known (types, suites, groups, extensions) is shown as unknown, with its bytes.

    Raises:
        WireError: a length does not fit; its `offset` says where in the stream.

    >>> from securedata.lab.wire.record_layer import tls_records
    >>> (record,) = tls_records(bytes.fromhex("1503030002 0230"))
    >>> print(dissect(record))
         0      7  alert record
         0      1    content_type                       alert (0x15)
         1      2    legacy_record_version              TLS 1.2 (0x0303)
         5      1    level                              fatal (0x02)
         6      1    description                        unknown_ca (0x30)
    >>> dissect(record)["description"].sentence
    'What is wrong, or close_notify.'
    """
    return _dissect_record(source) if isinstance(source, Record) else _dissect_message(source)


def _dissect_record(record: Record) -> Field:
    reader = Reader(Passage.of([Piece(record.offset, record.data)]))
    name, data = f"{record.content_type} record", record.data
    children = read_exactly((*RECORD_HEADER, *_fragment(record)), reader, name, RECORD_SECTION)
    sentence = "A record: the envelope in which everything travels."
    return Field(name, record.offset, data, data, sentence, RECORD_SECTION, children)


def _fragment(record: Record) -> Parts:
    if record.content_type == "alert" and record.length == ALERT_BYTES:
        return ALERT
    sentence = FRAGMENTS.get(record.content_type, "What the record carries.")
    return (Opaque("fragment", sentence),)


def _dissect_message(message: HandshakeMessage) -> Field:
    name, data = message.name, message.data
    known = MESSAGES.get(name, UNKNOWN_MESSAGE)
    parts = (*HANDSHAKE_HEADER, *known.parts)
    children = read_exactly(parts, Reader(message.passage), name, known.rfc)
    return Field(name, message.offset, data, data, known.sentence, known.rfc, children)
