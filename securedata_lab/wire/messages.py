"""The two hellos, each a table of its parts, in the order of the wire. Others are just a body."""

from securedata_lab.wire.extensions import Description, extensions
from securedata_lab.wire.grammar import (
    IfAny,
    Number,
    Opaque,
    Parts,
    Vector,
)
from securedata_lab.wire.registries import (
    CIPHER_SUITES,
    COMPRESSION_METHODS,
    VERSIONS,
)

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
    Opaque(
        "random", "32 fresh random bytes: no two handshakes of this server are the same.", size=32
    ),
    Vector(
        "legacy_session_id_echo",
        1,
        "In TLS 1.2 the name of this session; in TLS 1.3 what the client sent.",
    ),
    Number("cipher_suite", 2, "The suite the server chose.", CIPHER_SUITES),
    Number("legacy_compression_method", 1, "Always null.", COMPRESSION_METHODS),
    IfAny((extensions("What the server answers to the client's offers."),)),
)

UNKNOWN_MESSAGE = Description(
    "",  # RFC 9846, 4
    "A message that is not taken apart here.",
    (Opaque("body", "What the message says."),),
)

MESSAGES = {
    message.name: message
    for message in (
        Description(
            "ClientHello",  # RFC 9846, 4.2.2
            "The first message: what the client can do, and whom it wants.",
            CLIENT_HELLO,
        ),
        Description(
            "ServerHello",  # RFC 9846, 4.2.3
            "The server's choice among the client's offers.",
            SERVER_HELLO,
        ),
    )
}
