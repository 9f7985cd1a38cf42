"""Extensions: what hellos, certificates and tickets carry beyond their fixed parts.

    type (2) · length (2) · data        RFC 9846, 4.3

One table at the end describes them all; what is longer than a line stands before it. Where client
and server send different forms, both are there.
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
    COMPRESSION_ALGORITHMS,
    GROUPS,
    NAME_TYPES,
    POINT_FORMATS,
    PSK_MODES,
    SIGNATURE_SCHEMES,
    VERSIONS,
    name_of,
)


@dataclass(frozen=True)
class Description:
    """What is known of one extension or message; without parts, it must be empty."""

    name: str
    rfc: str
    sentence: str
    parts: Parts = ()


@dataclass(frozen=True)
class Extension:
    """One extension of any type: a `Part` that looks into the table below."""

    def read(self, reader: Reader, rfc: str) -> Fields:
        """One field, named after the extension."""
        offset, start = reader.offset, reader.position
        (kind,) = TYPE.read(reader, rfc)
        (length,) = LENGTH.read(reader, rfc)
        number = int.from_bytes(kind.data, "big")
        known = EXTENSIONS.get(number) or _unknown(number)
        content = reader.part(int.from_bytes(length.data, "big"), known.name)
        children = (kind, length, *read_exactly(known.parts, content, known.name, known.rfc))
        data = reader.passage.data[start : reader.position]
        return (Field(known.name, offset, data, data, known.sentence, known.rfc, children),)


def extensions(sentence: str) -> Vector:
    """The list of extensions that ends a message."""
    return Vector("extensions", 2, sentence, (Extension(),))


def _unknown(number: int) -> Description:
    return Description(
        name_of(number, 2, {}),
        "RFC 9846, 4.3",
        "An extension that this table does not know; a receiver ignores those it does not know.",
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

SIGNATURE_SCHEME = Number(
    "signature_scheme", 2, "A signature algorithm and its hash.", SIGNATURE_SCHEMES
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

PROTOCOL = Vector("protocol_name", 1, 'A protocol, such as "http/1.1" or "h2".', is_text=True)

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

OFFERED_TICKETS: Parts = (
    Vector(
        "identities",
        2,
        "The tickets the client would like to resume with.",
        (
            Struct(
                "psk_identity",
                "One ticket from an earlier session.",
                (
                    Vector("identity", 2, "The ticket, as the server gave it out."),
                    Number(
                        "obfuscated_ticket_age",
                        4,
                        "The ticket's age in milliseconds plus a secret number, so that nobody on "
                        "the way can link the two sessions by it.",
                    ),
                ),
            ),
        ),
    ),
    Vector(
        "binders",
        2,
        "For each ticket, a proof that the client knows its secret.",
        (Vector("binder", 1, "An HMAC over the hello so far, under a key from that secret."),),
    ),
)

SELECTED_TICKET: Parts = (
    Number(
        "selected_identity", 2, "Which of the client's tickets the server takes; the first is 0."
    ),
)

# By extension type (IANA's registry of TLS ExtensionType values).
EXTENSIONS = {
    0: Description(
        "server_name",
        "RFC 6066, 3",
        "Which of a server's many names is meant (SNI); the server confirms with an empty one.",
        (IfAny(SERVER_NAMES),),
    ),
    5: Description(
        "status_request",
        "RFC 6066, 8",
        "Asks the server to bring along a fresh statement that its certificate is not revoked.",
        (Opaque("status_request_data", "What is asked or stated."),),
    ),
    10: Description(
        "supported_groups",
        "RFC 9846, 4.3.7",
        "The groups for a key exchange that are understood.",
        _list("named_group_list", 2, "The groups, the best first.", GROUP),
    ),
    11: Description(
        "ec_point_formats",
        "RFC 8422, 5.1.2",
        "How points on a curve may be written; only TLS 1.2 asks.",
        _list(
            "ec_point_format_list",
            1,
            "The formats; today all write points uncompressed.",
            Number("ec_point_format", 1, "A way to write a point.", POINT_FORMATS),
        ),
    ),
    13: Description(
        "signature_algorithms",
        "RFC 9846, 4.3.3",
        "The signatures that are understood in the handshake, and in certificates.",
        _list(
            "supported_signature_algorithms", 2, "The signatures, the best first.", SIGNATURE_SCHEME
        ),
    ),
    16: Description(
        "application_layer_protocol_negotiation",
        "RFC 7301, 3.1",
        "Which protocol is spoken inside TLS (ALPN); the server answers with one.",
        _list("protocol_name_list", 2, "The protocols, the best first.", PROTOCOL),
    ),
    18: Description(
        "signed_certificate_timestamp",
        "RFC 6962, 3.3.1",
        "Asks for proofs that the certificate stands in public logs, or brings them.",
        (Opaque("signed_certificate_timestamps", "The proofs, if any."),),
    ),
    21: Description(
        "padding",
        "RFC 7685, 3",
        "Zeros that make the hello longer: some old servers fail at certain lengths.",
        (Opaque("padding_bytes", "Nothing but zeros."),),
    ),
    22: Description(
        "encrypt_then_mac",
        "RFC 7366, 2",
        "For old CBC suites: authenticate the ciphertext, which stops padding oracles.",
    ),
    23: Description(
        "extended_master_secret",
        "RFC 7627, 5.1",
        "In TLS 1.2: make the master secret depend on the whole handshake, not on two randoms.",
    ),
    27: Description(
        "compress_certificate",
        "RFC 8879, 3",
        "The ways to compress a certificate that are understood.",
        _list(
            "compression_algorithms",
            1,
            "The algorithms, the best first.",
            Number("compression_algorithm", 2, "A way to compress.", COMPRESSION_ALGORITHMS),
        ),
    ),
    28: Description(
        "record_size_limit",
        "RFC 8449, 4",
        "The longest record that this side wants to receive.",
        (Number("limit", 2, "The limit in bytes of plaintext."),),
    ),
    35: Description(
        "session_ticket",
        "RFC 5077, 3.2",
        "In TLS 1.2: an earlier session's ticket; an empty one says: I would like to get one.",
        (IfAny((Opaque("ticket", "The ticket; only the server can read it."),)),),
    ),
    41: Description(
        "pre_shared_key",
        "RFC 9846, 4.3.11",
        "Resumption: continue from a secret of an earlier session, without certificates.",
        (Either("pre_shared_key", (SELECTED_TICKET, OFFERED_TICKETS)),),
    ),
    42: Description(
        "early_data",
        "RFC 9846, 4.3.10",
        "Data may come with the first flight (0-RTT); such data can be replayed.",
        (
            IfAny(
                (Number("max_early_data_size", 4, "In a ticket: how much the server will take."),)
            ),
        ),
    ),
    43: Description(
        "supported_versions",
        "RFC 9846, 4.3.1",
        "The versions the client can speak, or the one that the server chose.",
        (Either("supported_versions", (OFFERED_VERSIONS, SELECTED_VERSION)),),
    ),
    44: Description(
        "cookie",
        "RFC 9846, 4.3.2",
        "A server's note to itself, which the client must bring back in its second hello.",
        (Vector("cookie_bytes", 2, "The note."),),
    ),
    45: Description(
        "psk_key_exchange_modes",
        "RFC 9846, 4.3.9",
        "How the client would resume: from the old secret alone, or with a new key exchange.",
        _list(
            "ke_modes",
            1,
            "The modes the client allows.",
            Number(
                "ke_mode",
                1,
                "With psk_dhe_ke there is a new key exchange too: it keeps forward secrecy.",
                PSK_MODES,
            ),
        ),
    ),
    47: Description(
        "certificate_authorities",
        "RFC 9846, 4.3.4",
        "The CAs whose certificates are welcome.",
        (Opaque("authorities", "Their names."),),
    ),
    49: Description(
        "post_handshake_auth",
        "RFC 9846, 4.3.6",
        "The client agrees to be asked for a certificate later.",
    ),
    50: Description(
        "signature_algorithms_cert",
        "RFC 9846, 4.3.3",
        "The signatures that are understood in certificates, if they differ.",
        _list(
            "supported_signature_algorithms", 2, "The signatures, the best first.", SIGNATURE_SCHEME
        ),
    ),
    51: Description(
        "key_share",
        "RFC 9846, 4.3.8",
        "A side's part of the key exchange; in a HelloRetryRequest, only the group that is wanted.",
        (Either("key_share", (OFFERED_KEY_SHARES, KEY_SHARE, (GROUP,))),),
    ),
    0xFF01: Description(
        "renegotiation_info",
        "RFC 5746, 3.2",
        "In TLS 1.2: ties a new handshake to the one before it; empty in the first.",
        (Vector("renegotiated_connection", 1, "The Finished of the handshake before."),),
    ),
}

TYPE = Number(
    "extension_type",
    2,
    "Which extension this is.",
    {number: known.name for number, known in EXTENSIONS.items()},
)
LENGTH = Number("extension_length", 2, "How long the extension is, in bytes.")
