"""The key schedules: from the secret of the key exchange to every key that encrypts a record.

TLS 1.3 (RFC 9846, 7.1): a chain of three secrets, from each of which others hang.

    0 → early_secret ─ + shared_secret → handshake_secret ─ + 0 → main_secret
                                         ├ "c hs traffic" → key, iv     ├ "c ap traffic" → key, iv
                                         └ "s hs traffic" → key, iv     └ "s ap traffic" → key, iv

TLS 1.2 (RFC 5246, 8.1 and 6.3): one master secret, and one block that is cut into keys.

Hashes and bytes only: no records, no streams. `hash_name` is "sha256" or "sha384", the end of the
cipher suite's name.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from securedata.errors import FormatError
from securedata.lab.primitives.bits import xor
from securedata.lab.wire.handshake import HandshakeMessage

IV_BYTES = 12
MASTER_SECRET_BYTES = 48
MESSAGE_HASH = 254  # the type of what stands in for a first hello that was retried


def hkdf_extract(hash_name: str, salt: bytes, input_secret: bytes) -> bytes:
    """HKDF-Extract: concentrate a secret into as many bytes as the hash has (RFC 5869, 2.2).

    >>> hkdf_extract("sha256", bytes(32), bytes(32)).hex()[:16]  # the early secret without a PSK
    '33ad0a1c607ec03b'
    """
    return hmac.digest(salt, input_secret, hash_name)


def hkdf_expand(hash_name: str, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand: stretch a secret to `length` bytes, which `info` sets apart (RFC 5869, 2.3).

    Raises:
        FormatError: more than 255 times the hash's length is asked for.

    >>> len(hkdf_expand("sha256", bytes(32), b"key", 42))
    42
    """
    if length > 255 * hashlib.new(hash_name).digest_size:
        raise FormatError(f"HKDF cannot give {length} bytes: 255 hashes are the limit")
    block, output, number = b"", b"", 0
    while len(output) < length:
        number += 1
        block = hmac.digest(secret, block + info + bytes([number]), hash_name)
        output += block
    return output[:length]


def hkdf_expand_label(
    hash_name: str, secret: bytes, label: str, context: bytes, length: int
) -> bytes:
    """HKDF-Expand-Label: HKDF-Expand, whose info names length, purpose, context (RFC 9846, 7.1).

    Raises:
        FormatError: label or context are longer than their length can say.

    >>> secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    >>> hkdf_expand_label("sha256", secret, "key", b"", 16).hex()  # RFC 8448, 3
    '3fce516009c21727d0f2e4e86ee403bc'
    """
    full_label = b"tls13 " + label.encode("ascii")
    info = length.to_bytes(2, "big") + _short(full_label) + _short(context)
    return hkdf_expand(hash_name, secret, info, length)


def derive_secret(hash_name: str, secret: bytes, label: str, transcript: bytes) -> bytes:
    """Derive-Secret: a new secret, bound to all that was said so far (RFC 9846, 7.1).

    `transcript` is the hash of the messages: see `transcript_hash`.

    >>> len(derive_secret("sha384", bytes(48), "derived", transcript_hash("sha384", [])))
    48
    """
    return hkdf_expand_label(hash_name, secret, label, transcript, len(transcript))


def transcript_hash(hash_name: str, messages: Sequence[HandshakeMessage]) -> bytes:
    """The hash of handshake messages, without record headers (RFC 9846, 4.1).

    After a HelloRetryRequest, the first ClientHello stands in it only as its hash.

    >>> transcript_hash("sha256", []).hex()[:16]  # SHA-256 of nothing
    'e3b0c44298fc1c14'
    """
    texts = [message.data for message in messages]
    if [message.name for message in messages[:2]] == ["ClientHello", "HelloRetryRequest"]:
        first_hash = hashlib.new(hash_name, texts[0]).digest()
        texts[0] = bytes([MESSAGE_HASH, 0, 0, len(first_hash)]) + first_hash
    return hashlib.new(hash_name, b"".join(texts)).digest()


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
        hkdf_expand_label(hash_name, traffic_secret, "key", b"", key_length),
        hkdf_expand_label(hash_name, traffic_secret, "iv", b"", IV_BYTES),
    )


def record_nonce(iv: bytes, sequence_number: int) -> bytes:
    """The nonce of a record: its number, left-padded to the IV's 12 bytes, XORed with the IV.

    The numbers begin with 0 under each key (RFC 9846, 5.3).

    >>> record_nonce(bytes.fromhex("5d313eb2671276ee13000b30"), 1).hex()
    '5d313eb2671276ee13000b31'
    """
    return xor(iv, sequence_number.to_bytes(len(iv), "big"))


def finished_key(hash_name: str, traffic_secret: bytes) -> bytes:
    """The HMAC key of a side's Finished, from its handshake traffic secret (RFC 9846, 4.5.3).

    >>> len(finished_key("sha256", bytes(32)))
    32
    """
    return hkdf_expand_label(hash_name, traffic_secret, "finished", b"", len(traffic_secret))


def verify_data(hash_name: str, traffic_secret: bytes, transcript: bytes) -> bytes:
    """What a Finished says: an HMAC over all messages before it (RFC 9846, 4.5.3).

    >>> len(verify_data("sha256", bytes(32), transcript_hash("sha256", [])))
    32
    """
    return hmac.digest(finished_key(hash_name, traffic_secret), transcript, hash_name)


@dataclass(frozen=True, kw_only=True)
class KeySchedule:
    """Every secret of a full TLS 1.3 handshake, in the order of the derivation.

    >>> schedule = key_schedule("sha256", bytes(32), hello_hash=bytes(32),
    ...     server_finished_hash=bytes(32), client_finished_hash=bytes(32))
    >>> schedule.early_secret.hex()[:16]  # the same in every handshake without a PSK
    '33ad0a1c607ec03b'
    """

    early_secret: bytes
    handshake_secret: bytes
    client_handshake_traffic_secret: bytes
    server_handshake_traffic_secret: bytes
    main_secret: bytes
    client_application_traffic_secret_0: bytes
    server_application_traffic_secret_0: bytes
    exporter_secret: bytes
    resumption_secret: bytes


def key_schedule(
    hash_name: str,
    shared_secret: bytes,
    *,
    hello_hash: bytes,
    server_finished_hash: bytes,
    client_finished_hash: bytes,
) -> KeySchedule:
    """All secrets of a full handshake, without a PSK (RFC 9846, 7.1).

    `shared_secret` comes from the key exchange (ECDHE, or hybrid). The three hashes are those of
    all messages up to ServerHello, up to the server's Finished, up to the client's Finished.

    >>> schedule = key_schedule("sha384", b"shared", hello_hash=bytes(48),
    ...     server_finished_hash=bytes(48), client_finished_hash=bytes(48))
    >>> len(schedule.client_application_traffic_secret_0)
    48
    """
    zeros = bytes(len(hello_hash))  # what takes the place of a secret that there is not
    nothing = transcript_hash(hash_name, [])

    def derive(secret: bytes, label: str, transcript: bytes) -> bytes:
        return derive_secret(hash_name, secret, label, transcript)

    early = hkdf_extract(hash_name, zeros, zeros)
    handshake = hkdf_extract(hash_name, derive(early, "derived", nothing), shared_secret)
    main = hkdf_extract(hash_name, derive(handshake, "derived", nothing), zeros)
    return KeySchedule(
        early_secret=early,
        handshake_secret=handshake,
        client_handshake_traffic_secret=derive(handshake, "c hs traffic", hello_hash),
        server_handshake_traffic_secret=derive(handshake, "s hs traffic", hello_hash),
        main_secret=main,
        client_application_traffic_secret_0=derive(main, "c ap traffic", server_finished_hash),
        server_application_traffic_secret_0=derive(main, "s ap traffic", server_finished_hash),
        exporter_secret=derive(main, "exp master", server_finished_hash),
        resumption_secret=derive(main, "res master", client_finished_hash),
    )


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


def _short(data: bytes) -> bytes:
    """The bytes after their length, which is one byte."""
    if len(data) > 255:
        raise FormatError(f"one byte cannot say the length of {len(data)} bytes")
    return bytes([len(data)]) + data
