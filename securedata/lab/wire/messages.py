"""The messages of the handshake, each a table of its parts, for TLS 1.3 and TLS 1.2.

The order is that of the wire. Where the two versions, or two key exchanges, use one message type
for different things, the forms stand beside each other.
"""

from dataclasses import dataclass

from securedata.lab.wire.extensions import GROUP, extensions
from securedata.lab.wire.fields import Field
from securedata.lab.wire.grammar import (
    Either,
    Fields,
    IfAny,
    Number,
    Opaque,
    Parts,
    Section,
    Struct,
    Vector,
)
from securedata.lab.wire.handshake import RETRY_RANDOM
from securedata.lab.wire.reader import Reader
from securedata.lab.wire.registries import (
    CIPHER_SUITES,
    COMPRESSION_ALGORITHMS,
    COMPRESSION_METHODS,
    CURVE_TYPES,
    KEY_UPDATE_REQUESTS,
    SIGNATURE_SCHEMES,
    VERSIONS,
)

# The last 8 bytes of a server's random, if it knows a better version than it speaks: somebody
# between may have removed the better one from the client's hello (RFC 9846, 4.2.3).
DOWNGRADE_SENTINELS = {
    b"DOWNGRD\x01": "TLS 1.2",
    b"DOWNGRD\x00": "TLS 1.1 or below",
}


@dataclass(frozen=True)
class ServerRandom:
    """The server's 32 bytes, whose sentence depends on them: a `Part`."""

    def read(self, reader: Reader, rfc: str) -> Fields:
        """One field, whose value is its bytes."""
        offset, data = reader.offset, reader.take(32, "random")
        return (Field("random", offset, data, data, _about_random(data), rfc),)


def _about_random(random: bytes) -> str:
    if random == RETRY_RANDOM:
        return (
            "This fixed value says that it is a HelloRetryRequest: the client is to begin again, "
            "with a key share of the group that is named."
        )
    spoken = DOWNGRADE_SENTINELS.get(random[-8:])
    if spoken is not None:
        return (
            "Random bytes, but the last 8 are a warning: "
            f"the server speaks {spoken} here, and could do better."
        )
    return "32 fresh random bytes: no two handshakes of this server are the same."


CLIENT_HELLO: Parts = (
    Number(
        "legacy_version",
        2,
        "0x0303 even in TLS 1.3, for the sake of old servers; the offer is in supported_versions.",
        VERSIONS,
    ),
    Opaque(
        "random", "32 fresh random bytes: no two handshakes of this client are the same.", size=32
    ),
    Vector(
        "legacy_session_id",
        1,
        "In TLS 1.2 the name of a session to resume; in TLS 1.3 random bytes that mean nothing.",
    ),
    Vector(
        "cipher_suites",
        2,
        "The suites the client can use, the best first; the server chooses one.",
        (
            Number(
                "cipher_suite",
                2,
                "A set of algorithms: cipher and hash; in TLS 1.2 also key exchange and signature.",
                CIPHER_SUITES,
            ),
        ),
    ),
    Vector(
        "legacy_compression_methods",
        1,
        "Always null: compressing before encrypting lets the length tell the text (CRIME).",
        (Number("compression_method", 1, "A way to compress.", COMPRESSION_METHODS),),
    ),
    IfAny((extensions("What the client offers and asks beyond the above."),)),
)

SERVER_HELLO: Parts = (
    Number(
        "legacy_version",
        2,
        "The version, unless supported_versions names another: TLS 1.3 says 0x0303 here.",
        VERSIONS,
    ),
    ServerRandom(),
    Vector(
        "legacy_session_id_echo",
        1,
        "In TLS 1.2 the name of this session; in TLS 1.3 what the client sent.",
    ),
    Number("cipher_suite", 2, "The suite the server chose.", CIPHER_SUITES),
    Number("legacy_compression_method", 1, "Always null.", COMPRESSION_METHODS),
    IfAny((extensions("What the server answers to the client's offers."),)),
)

ENCRYPTED_EXTENSIONS: Parts = (extensions("What the server answers, out of sight."),)

CERTIFICATE = Vector("cert_data", 3, "An X.509 certificate in DER.")

CERTIFICATE_TLS13: Parts = (
    Vector("certificate_request_context", 1, "Which request this answers; empty for a server."),
    Vector(
        "certificate_list",
        3,
        "The chain: the sender's own certificate first, then its issuers.",
        (
            Struct(
                "certificate_entry",
                "One certificate of the chain, and what is said of it.",
                (CERTIFICATE, extensions("What is said of this certificate.")),
            ),
        ),
    ),
)

CERTIFICATE_TLS12: Parts = (
    Section(
        "RFC 5246, 7.4.2",
        (
            Vector(
                "certificate_list",
                3,
                "The chain: the sender's own certificate first, then its issuers; all in clear.",
                (CERTIFICATE,),
            ),
        ),
    ),
)

COMPRESSED_CERTIFICATE: Parts = (
    Number("algorithm", 2, "How it is compressed.", COMPRESSION_ALGORITHMS),
    Number("uncompressed_bytes", 3, "How long it will be again."),
    Vector("compressed_certificate_message", 3, "A Certificate, compressed."),
)

SIGNATURE: Parts = (
    Number("algorithm", 2, "How it was signed.", SIGNATURE_SCHEMES),
    Vector(
        "signature",
        2,
        "The signature: only the holder of the certificate's private key can make it.",
    ),
)

ECDHE_PARAMETERS: Parts = (
    Section(
        "RFC 8422, 5.4",
        (
            Number("curve_type", 1, "How the curve is given: by its name.", CURVE_TYPES),
            GROUP,
            Vector("public", 1, "The server's public key of this session: a point."),
        ),
    ),
    *SIGNATURE,
)

ECDHE_KEY: Parts = (
    Section(
        "RFC 8422, 5.7",
        (
            Vector(
                "ecdh_Yc",
                1,
                "The client's public key of this session: a point. The secret is never sent.",
            ),
        ),
    ),
)

RSA_OR_DHE_KEY: Parts = (
    Vector(
        "exchange_keys",
        2,
        "With static RSA the pre-master secret itself, encrypted to the server's certificate; with "
        "DHE the client's public key.",
    ),
)

TICKET_TLS13: Parts = (
    Number("ticket_lifetime", 4, "How long the ticket is good, in seconds."),
    Opaque("ticket_age_add", "A secret number that hides the ticket's age.", size=4),
    Vector("ticket_nonce", 1, "Gives each ticket of a session a secret of its own."),
    Vector("ticket", 2, "The ticket; only the server can read it."),
    extensions("What is said of this ticket."),
)

TICKET_TLS12: Parts = (
    Section(
        "RFC 5077, 3.3",
        (
            Number("ticket_lifetime_hint", 4, "How long it may be good, in seconds."),
            Vector("ticket", 2, "The ticket; only the server can read it."),
        ),
    ),
)

FINISHED: Parts = (
    Opaque(
        "verify_data",
        "An HMAC over all messages so far: a change to any of them is noticed here.",
    ),
)

KEY_UPDATE: Parts = (
    Number(
        "request_update",
        1,
        "Whether the other side must change its keys, too.",
        KEY_UPDATE_REQUESTS,
    ),
)


@dataclass(frozen=True)
class MessageDescription:
    """What is known of one message type; without parts, its body must be empty."""

    rfc: str
    sentence: str
    parts: Parts = ()


UNKNOWN_MESSAGE = MessageDescription(
    "RFC 9846, 4",
    "A message that is not taken apart here.",
    (Opaque("body", "What the message says."),),
)

# By the message's name. Of two forms, TLS 1.3's own comes first: it has more lengths, so that no
# message of TLS 1.2 fits it by accident.
MESSAGES = {
    "HelloRequest": MessageDescription(
        "RFC 5246, 7.4.1.1", "In TLS 1.2: the server asks for a new handshake."
    ),
    "ClientHello": MessageDescription(
        "RFC 9846, 4.2.2",
        "The first message: what the client can do, and whom it wants.",
        CLIENT_HELLO,
    ),
    "ServerHello": MessageDescription(
        "RFC 9846, 4.2.3", "The server's choice among the client's offers.", SERVER_HELLO
    ),
    "HelloRetryRequest": MessageDescription(
        "RFC 9846, 4.2.4",
        "The server could not use any key share, and says which group it wants.",
        SERVER_HELLO,
    ),
    "NewSessionTicket": MessageDescription(
        "RFC 9846, 4.7.1",
        "A ticket with which the client may resume this session later.",
        (Either("NewSessionTicket", (TICKET_TLS13, TICKET_TLS12)),),
    ),
    "EndOfEarlyData": MessageDescription(
        "RFC 9846, 4.6", "The client's early data ends here; now come the handshake's keys."
    ),
    "EncryptedExtensions": MessageDescription(
        "RFC 9846, 4.4.1",
        "The server's other answers: the first message that is encrypted.",
        ENCRYPTED_EXTENSIONS,
    ),
    "Certificate": MessageDescription(
        "RFC 9846, 4.5.1",
        "Who the sender is, and who vouches for it; encrypted in TLS 1.3, in clear in TLS 1.2.",
        (Either("Certificate", (CERTIFICATE_TLS13, CERTIFICATE_TLS12)),),
    ),
    "CompressedCertificate": MessageDescription(
        "RFC 8879, 4",
        "A Certificate that was compressed, to save bytes.",
        COMPRESSED_CERTIFICATE,
    ),
    "ServerKeyExchange": MessageDescription(
        "RFC 5246, 7.4.3",
        "In TLS 1.2: the server's public key of this session, signed by its certificate's key.",
        ECDHE_PARAMETERS,
    ),
    "ServerHelloDone": MessageDescription(
        "RFC 5246, 7.4.5", "In TLS 1.2: the server waits for the client."
    ),
    "ClientKeyExchange": MessageDescription(
        "RFC 5246, 7.4.7",
        "In TLS 1.2: the client's part of the key exchange.",
        (Either("ClientKeyExchange", (ECDHE_KEY, RSA_OR_DHE_KEY)),),
    ),
    "CertificateVerify": MessageDescription(
        "RFC 9846, 4.5.2",
        "A signature over all messages so far: the sender holds the certificate's private key.",
        SIGNATURE,
    ),
    "Finished": MessageDescription(
        "RFC 9846, 4.5.3", "The end of the handshake: both have seen the same messages.", FINISHED
    ),
    "KeyUpdate": MessageDescription(
        "RFC 9846, 4.7.3", "From the next record on, the sender uses new keys.", KEY_UPDATE
    ),
}
