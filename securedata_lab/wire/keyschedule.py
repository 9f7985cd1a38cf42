"""The key schedules: from a secret of the handshake to every key that encrypts a record.

TLS 1.3 (RFC 9846, 7.3): from each traffic secret of the key log come a key and an IV.

TLS 1.2 (RFC 5246, 8.1 and 6.3): one master secret, and one block that is cut into keys.

Hashes and bytes only: no records, no streams. `hash_name` is "sha256" or "sha384", the end of the
cipher suite's name.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from securedata_lab.basics.bits import xor
from securedata_lab.wire.handshake import HandshakeMessage

HASHES = {"sha256": SHA256(), "sha384": SHA384()}
IV_BYTES = 12
MASTER_SECRET_BYTES = 48


def hkdf_info(label: str, length: int, context: bytes = b"") -> bytes:
    """What HKDF-Expand hashes here: length, purpose, and a context (RFC 9846, 7.1).

    >>> hkdf_info("iv", 12)
    b'\\x00\\x0c\\x08tls13 iv\\x00'
    """
    name = b"tls13 " + label.encode("ascii")
    return length.to_bytes(2, "big") + bytes([len(name)]) + name + bytes([len(context)]) + context


def hkdf_expand_label(
    hash_name: str, secret: bytes, label: str, length: int, context: bytes = b""
) -> bytes:
    """HKDF-Expand with this info (RFC 9846, 7.1).

    >>> secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    >>> hkdf_expand_label("sha256", secret, "key", 16).hex()  # RFC 8448, 3
    '3fce516009c21727d0f2e4e86ee403bc'
    """
    return HKDFExpand(HASHES[hash_name], length, hkdf_info(label, length, context)).derive(secret)


def transcript_hash(hash_name: str, messages: Sequence[HandshakeMessage]) -> bytes:
    """The hash of handshake messages, without record headers (RFC 9846, 4.1).

    >>> transcript_hash("sha256", []).hex()[:16]  # SHA-256 of nothing
    'e3b0c44298fc1c14'
    """
    return hashlib.new(hash_name, b"".join(message.data for message in messages)).digest()


def traffic_secrets(
    hash_name: str, shared: bytes, hellos: bytes, flight: bytes = b""
) -> dict[str, bytes]:
    """From g^ab and the messages to each side's secrets, by their names in a key log.

    RFC 9846, 7.1, without a pre-shared key. `hellos` are both. The `flight` is all that follows, up
    to the server's Finished: without it, only the secrets of the handshake are right.

    >>> sorted(traffic_secrets("sha256", bytes(32), b""))[0]
    'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
    """
    nothing, empty = bytes(HASHES[hash_name].digest_size), hashlib.new(hash_name).digest()

    def expanded(secret: bytes, label: str, context: bytes) -> bytes:
        return hkdf_expand_label(hash_name, secret, label, len(nothing), context)

    def extracted(secret: bytes, more: bytes) -> bytes:
        return hmac.digest(expanded(secret, "derived", empty), more, hash_name)

    handshake = extracted(hmac.digest(nothing, nothing, hash_name), shared)
    main = extracted(handshake, nothing)
    before, after = (
        hashlib.new(hash_name, messages).digest() for messages in (hellos, hellos + flight)
    )
    return {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET": expanded(handshake, "c hs traffic", before),
        "SERVER_HANDSHAKE_TRAFFIC_SECRET": expanded(handshake, "s hs traffic", before),
        "CLIENT_TRAFFIC_SECRET_0": expanded(main, "c ap traffic", after),
        "SERVER_TRAFFIC_SECRET_0": expanded(main, "s ap traffic", after),
    }


@dataclass(frozen=True)
class TrafficKeys:
    """What encrypts the records of one side: a key, and an IV that makes nonces.

    >>> keys = traffic_keys("sha256", bytes(32), key_length=16)
    >>> len(keys.key), len(keys.iv)
    (16, 12)
    """

    key: bytes
    iv: bytes


def traffic_keys(hash_name: str, traffic_secret: bytes, key_length: int) -> TrafficKeys:
    """The key (16 or 32 bytes) and IV (12 bytes) of a traffic secret (RFC 9846, 7.3).

    >>> secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    >>> traffic_keys("sha256", secret, key_length=16).iv.hex()  # RFC 8448, 3
    '5d313eb2671276ee13000b30'
    """
    return TrafficKeys(
        hkdf_expand_label(hash_name, traffic_secret, "key", key_length),
        hkdf_expand_label(hash_name, traffic_secret, "iv", IV_BYTES),
    )


def record_nonce(iv: bytes, sequence_number: int) -> bytes:
    """The nonce of a record: its number, left-padded to the IV's 12 bytes, XORed with the IV.

    The numbers begin with 0 under each key (RFC 9846, 5.3).

    >>> record_nonce(bytes.fromhex("5d313eb2671276ee13000b30"), 1).hex()
    '5d313eb2671276ee13000b31'
    """
    return xor(iv, sequence_number.to_bytes(len(iv), "big"))


def prf(hash_name: str, secret: bytes, label: str, seed: bytes, length: int) -> bytes:
    """TLS 1.2's PRF: HMAC after HMAC, until there are `length` bytes (RFC 5246, 5).

    >>> prf("sha256", b"secret", "label", b"seed", 100)[:4] == prf("sha256", b"secret", "label",
    ...     b"seed", 4)
    True
    """
    labelled_seed = label.encode("ascii") + seed
    chain, output = labelled_seed, b""
    while len(output) < length:
        chain = hmac.digest(secret, chain, hash_name)
        output += hmac.digest(secret, chain + labelled_seed, hash_name)
    return output[:length]


def master_secret(
    hash_name: str, pre_master_secret: bytes, client_random: bytes, server_random: bytes
) -> bytes:
    """TLS 1.2's master secret, 48 bytes, from the secret of the key exchange (RFC 5246, 8.1).

    >>> len(master_secret("sha256", bytes(48), bytes(32), bytes(32)))
    48
    """
    seed = client_random + server_random
    return prf(hash_name, pre_master_secret, "master secret", seed, MASTER_SECRET_BYTES)


def extended_master_secret(hash_name: str, pre_master_secret: bytes, session_hash: bytes) -> bytes:
    """The master secret if both sides sent extended_master_secret (RFC 7627, 4).

    `session_hash` is the hash of all messages up to ClientKeyExchange: with the randoms alone, a
    man in the middle could give two sessions one master secret.

    >>> len(extended_master_secret("sha384", bytes(48), bytes(48)))
    48
    """
    label = "extended master secret"
    return prf(hash_name, pre_master_secret, label, session_hash, MASTER_SECRET_BYTES)


def key_block(
    hash_name: str, master_secret: bytes, client_random: bytes, server_random: bytes, length: int
) -> bytes:
    """TLS 1.2's key material: the client's key, the server's, the client's IV, the server's.

    With an AEAD suite there are no MAC keys before them. The server's random comes first here,
    unlike in the master secret (RFC 5246, 6.3).

    >>> len(key_block("sha256", bytes(48), bytes(32), bytes(32), 2 * 16 + 2 * 4))
    40
    """
    return prf(hash_name, master_secret, "key expansion", server_random + client_random, length)
