"""A server of TLS 1.3 (RFC 9846, 4, 5 and 7) with one suite and one group: a lesson's own server.

The student's function signs, and their number makes the keys. X25519, AES-256-GCM with SHA-384, and
ECDSA with SHA-256, as the kit's certificates have it. Its clients are OpenSSL, which verifies.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable

from Crypto.Cipher import AES

from securedata_lab.lesson06_tls_on_the_wire.x25519 import power, share_of
from securedata_lab.wire import dissect, handshake_messages, record_nonce
from securedata_lab.wire.keyschedule import hkdf_expand_label, traffic_keys, traffic_secrets

HASH, KEY_BYTES, HASH_BYTES = "sha384", 32, 48
SUITE = bytes.fromhex("1302")  # TLS_AES_256_GCM_SHA384
ECDSA_SHA256 = bytes.fromhex("0403")
TLS13 = bytes.fromhex("002b 0002 0304")  # supported_versions
X25519_SHARE = bytes.fromhex("0033 0024 001d 0020")  # key_share: what stands before the 32 bytes
SERVER_HELLO, EXTENSIONS, CERTIFICATE, VERIFY, FINISHED = 2, 8, 11, 15, 20
HANDSHAKE, APPLICATION_DATA = b"\x16\x03\x03", b"\x17\x03\x03"
SIGNED = b" " * 64 + b"TLS 1.3, server CertificateVerify\0"  # RFC 9846, 4.5.2


def share_in(hello: bytes) -> bytes:
    """The key share in the hello that these bytes of a connection begin with."""
    return dissect(handshake_messages(hello)[0])["key_exchange"].data


def flight(
    hello: bytes, number: bytes, certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """All that the server sends before the client's Finished, as bytes of the connection.

    `hello` is the client's record, `number` the server's secret b, `certificate` its DER. `sign`
    is called with what a server signs: 64 spaces, a label, a hash of all messages so far.
    """
    (asked,) = handshake_messages(hello)
    session_id = dissect(asked)["legacy_session_id"].data
    chosen = b"\x03\x03" + os.urandom(32) + _block(1, session_id) + SUITE + b"\0"
    answer = _message(SERVER_HELLO, chosen + _block(2, TLS13 + X25519_SHARE + share_of(number)))
    shared = power(number, share_in(hello))
    secrets = traffic_secrets(HASH, shared, asked.data + answer)
    secret = secrets["SERVER_HANDSHAKE_TRAFFIC_SECRET"]
    entry = _block(3, certificate) + _block(2, b"")
    said = [_message(EXTENSIONS, _block(2, b""))]
    said.append(_message(CERTIFICATE, _block(1, b"") + _block(3, entry)))
    signature = sign(SIGNED + _hash([asked.data, answer, *said]))
    said.append(_message(VERIFY, ECDSA_SHA256 + _block(2, signature)))
    finished_key = hkdf_expand_label(HASH, secret, "finished", HASH_BYTES)
    all_so_far = _hash([asked.data, answer, *said])
    said.append(_message(FINISHED, hmac.digest(finished_key, all_so_far, HASH)))
    return HANDSHAKE + _block(2, answer) + _sealed(secret, said)


def _sealed(secret: bytes, messages: Iterable[bytes]) -> bytes:
    """Each message in a record of its own, encrypted."""
    keys, records = traffic_keys(HASH, secret, KEY_BYTES), b""
    for number, message in enumerate(messages):
        text = message + HANDSHAKE[:1]  # the true type stands inside
        header = APPLICATION_DATA + (len(text) + 16).to_bytes(2, "big")
        cipher = AES.new(keys.key, AES.MODE_GCM, nonce=record_nonce(keys.iv, number))
        cipher.update(header)
        records += header + b"".join(cipher.encrypt_and_digest(text))
    return records


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _block(3, body)


def _block(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _hash(messages: list[bytes]) -> bytes:
    return hashlib.new(HASH, b"".join(messages)).digest()
