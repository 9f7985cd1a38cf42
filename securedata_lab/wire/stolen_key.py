"""What the thief of a server's RSA key can do with sessions recorded long ago.

The attacker has both streams of a session, and later the server's private key. With static RSA
(RFC 5246, 7.4.7.1) the client sent the pre-master secret encrypted to that key, so the thief has
it, and all that follows. With ECDHE, and always in TLS 1.3, the key only signed: its holder knows
no more than everybody else. That is forward secrecy.
"""

from Crypto.Cipher import PKCS1_v1_5
from Crypto.PublicKey import RSA

from securedata.errors import FormatError
from securedata_lab.wire.errors import WireError
from securedata_lab.wire.handshake import HandshakeMessage
from securedata_lab.wire.keylog import master_secret_line
from securedata_lab.wire.keyschedule import (
    extended_master_secret,
    master_secret,
    transcript_hash,
)
from securedata_lab.wire.protection import protection_of
from securedata_lab.wire.session_parameters import Session, last_named

STATIC_RSA = "TLS_RSA_WITH_"  # how the names of these suites begin
LENGTH_BYTES = 2  # before the encrypted secret
PRE_MASTER_SECRET_BYTES = 48  # the client's version (2) and 46 random bytes
EXTENDED = "extended_master_secret"


def master_secret_from_rsa(client_stream: bytes, server_stream: bytes, private_key_pem: str) -> str:
    """The key log line of a recorded TLS 1.2 session with static RSA, from the server's key.

    Raises:
        WireError: the session does not open with this key; the message says where the attack stops.
        FormatError: this is not an RSA private key in PEM.

    >>> from securedata_lab.wire.recording import load_recording
    >>> recording = load_recording("tls12-rsa")
    >>> line = master_secret_from_rsa(recording.client_stream, recording.server_stream,
    ...     recording.stolen_private_key)
    >>> line in recording.keylog
    True
    """
    session = Session.of(client_stream, server_stream)
    _check_static_rsa(session)  # first: without static RSA, no key of any kind opens it
    key = _private_key(private_key_pem)
    pre_master_secret = _pre_master_secret(session, key)
    return master_secret_line(session.client_random, _master_secret(session, pre_master_secret))


def _private_key(private_key_pem: str) -> RSA.RsaKey:
    try:
        key = RSA.import_key(private_key_pem)
    except (ValueError, IndexError, TypeError):
        raise FormatError("not an RSA private key in PEM") from None
    if not key.has_private():
        raise FormatError("this is an RSA public key; the attack needs the private one")
    return key


def _check_static_rsa(session: Session) -> None:
    offset = session.suite_offset
    if session.version == "TLS 1.3":
        raise WireError(
            "TLS 1.3 encrypts no secret to the server's key: it only signs",
            offset,
        )
    if not session.suite.startswith(STATIC_RSA):
        exchange = session.suite.removeprefix("TLS_").partition("_")[0]
        raise WireError(f"the key exchange was {exchange}: the server's key only signed", offset)


def _pre_master_secret(session: Session, key: RSA.RsaKey) -> bytes:
    message = last_named("ClientKeyExchange", session.client_messages)
    # A server must go on with random bytes here, and never say which check failed: else it is
    # Bleichenbacher's oracle (RFC 5246, 7.4.7.1). The thief need not answer.
    try:
        decrypted = PKCS1_v1_5.new(key).decrypt(message.body[LENGTH_BYTES:], None)
    except ValueError:  # not as long as the key's modulus
        decrypted = None
    version = session.client_hello["legacy_version"].data
    if (
        decrypted is None
        or len(decrypted) != PRE_MASTER_SECRET_BYTES
        or not decrypted.startswith(version)
    ):
        raise WireError("the pre-master secret was encrypted to another key", message.offset)
    return bytes(decrypted)


def _master_secret(session: Session, pre_master_secret: bytes) -> bytes:
    hash_name = protection_of(session.suite, session.suite_offset).hash_name
    if EXTENDED in session.client_hello and EXTENDED in session.server_hello:
        session_hash = transcript_hash(hash_name, _up_to_client_key_exchange(session))
        return extended_master_secret(hash_name, pre_master_secret, session_hash)
    return master_secret(hash_name, pre_master_secret, session.client_random, session.server_random)


def _up_to_client_key_exchange(session: Session) -> list[HandshakeMessage]:
    """The messages of both sides in the order in which they were sent (RFC 7627, 3).

    Raises:
        WireError: the client's messages are in another order than a client sends them.
    """
    hello, *others = session.client_messages
    names = [message.name for message in others]
    if hello.name != "ClientHello" or "ClientKeyExchange" not in names:
        raise WireError("the client's messages are not in their order", hello.offset)
    client_key_exchange = names.index("ClientKeyExchange")
    # The server's ticket comes later, before its ChangeCipherSpec.
    server = [message for message in session.server_messages if message.name != "NewSessionTicket"]
    return [hello, *server, *others[: client_key_exchange + 1]]
