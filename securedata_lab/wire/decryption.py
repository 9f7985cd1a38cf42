"""Decrypting a recorded session with its key log, record by record.

Encrypted records have numbers that are never sent: both sides count, from 0 under each key. So
records must be opened in order, without a gap. What ends the use of a key:

    TLS 1.3   a side's Finished (from handshake to application keys)
    TLS 1.2   nothing: ChangeCipherSpec starts the one key that a side has

KeyUpdate, 0-RTT data and TLS 1.2's renegotiation are not followed: Python sends none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from securedata_lab.wire.errors import WireError
from securedata_lab.wire.handshake import (
    HEADER_BYTES,
    HandshakeMessage,
    join_messages,
)
from securedata_lab.wire.keylog import session_secrets
from securedata_lab.wire.keyschedule import (
    TrafficKeys,
    key_block,
    record_nonce,
    traffic_keys,
)
from securedata_lab.wire.protection import (
    TAG_BYTES,
    Protection,
    open_record,
    open_sealed,
    protection_of,
)
from securedata_lab.wire.reader import Piece
from securedata_lab.wire.record_layer import Record, tls_records
from securedata_lab.wire.registries import HANDSHAKE_TYPES, name_of
from securedata_lab.wire.session_parameters import Session

CLIENT, SERVER = "client", "server"

# The labels of a side's secrets in the key log, in the order of their use.
LABELS = {
    CLIENT: ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
    SERVER: ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
}
MASTER_LABEL = "CLIENT_RANDOM"  # TLS 1.2: what follows is the master secret
FIXED_IV_BYTES, EXPLICIT_BYTES = 4, 8  # of a nonce in TLS 1.2 (RFC 5288, 3)


@dataclass(frozen=True)
class DecryptedRecord:
    """One encrypted record, opened.

    `side` sent it ("client" or "server"). `secret_name` says which secret of the key log its key
    comes from, and `keys` are key and IV. `plaintext_offset` is where in the stream the ciphertext
    of the first plaintext byte stands.

    >>> DecryptedRecord("client", Record(23, 0x0303, 0, b""), "CLIENT_TRAFFIC_SECRET_0",
    ...     TrafficKeys(bytes(16), bytes(12)), 0, "application_data", b"GET /", 5).plaintext
    b'GET /'
    """

    side: str
    record: Record
    secret_name: str
    keys: TrafficKeys
    sequence_number: int
    content_type: str
    plaintext: bytes
    plaintext_offset: int


def decrypt(client_stream: bytes, server_stream: bytes, keylog: str) -> tuple[bytes, bytes]:
    """The application data that the client sent, and that the server sent.

    TLS 1.3 and TLS 1.2, with AES-GCM. The streams are all bytes of one connection; the key log may
    hold other sessions too.

    Raises:
        WireError: not TLS, no secret of this session in the key log, a suite or version that is
            not decrypted here, or a record whose tag is invalid; `offset` says where.

    >>> from securedata_lab.wire.recording import load_recording
    >>> recording = load_recording("tls13-hybrid")
    >>> request, answer = decrypt(recording.client_stream, recording.server_stream,
    ...     recording.keylog)
    >>> request.split()[:2]
    [b'POST', b'/store']
    """
    opened = decrypted_records(client_stream, server_stream, keylog)
    return _application_data(opened, CLIENT), _application_data(opened, SERVER)


def decrypted_records(
    client_stream: bytes, server_stream: bytes, keylog: str
) -> list[DecryptedRecord]:
    """Every encrypted record of the client, then every one of the server, opened in order.

    Raises:
        WireError: as `decrypt` does.

    >>> from securedata_lab.wire.recording import load_recording
    >>> recording = load_recording("tls12-rsa")
    >>> opened = decrypted_records(recording.client_stream, recording.server_stream,
    ...     recording.keylog)
    >>> [(record.side, record.sequence_number, record.content_type) for record in opened[:2]]
    [('client', 0, 'handshake'), ('client', 1, 'application_data')]
    """
    session = Session.of(client_stream, server_stream)
    if session.version not in OPENERS:
        raise WireError(f"{session.version} is not decrypted here", session.server_hello.offset)
    secrets = session_secrets(keylog, session.client_random)
    if not secrets:
        offset = session.client_hello["random"].offset
        raise WireError("the key log has no line with this session's client random", offset)
    rows = {CLIENT: tls_records(client_stream), SERVER: tls_records(server_stream)}
    return OPENERS[session.version](session, rows, secrets)


def decrypted_messages(opened: Sequence[DecryptedRecord], side: str) -> list[HandshakeMessage]:
    """The handshake messages that one side sent encrypted, put together from opened records.

    A message's offset is where in the stream its first byte stands, encrypted.

    Raises:
        WireError: cut off in the middle of a message.

    >>> from securedata_lab.wire.recording import load_recording
    >>> recording = load_recording("tls13-hybrid")
    >>> opened = decrypted_records(recording.client_stream, recording.server_stream,
    ...     recording.keylog)
    >>> [message.name for message in decrypted_messages(opened, "server")][:3]
    ['EncryptedExtensions', 'Certificate', 'CertificateVerify']
    """
    return join_messages(
        Piece(row.plaintext_offset, row.plaintext)
        for row in opened
        if row.side == side and row.content_type == "handshake"
    )


def _application_data(opened: Sequence[DecryptedRecord], side: str) -> bytes:
    return b"".join(
        row.plaintext
        for row in opened
        if row.side == side and row.content_type == "application_data"
    )


# TLS 1.3.


def _open_tls13(
    session: Session, rows: Mapping[str, list[Record]], secrets: Mapping[str, bytes]
) -> list[DecryptedRecord]:
    return [
        record
        for side in (CLIENT, SERVER)
        for record in _open_tls13_side(side, session, rows[side], secrets)
    ]


def _open_tls13_side(
    side: str, session: Session, rows: Sequence[Record], secrets: Mapping[str, bytes]
) -> Iterator[DecryptedRecord]:
    """The encrypted records of one side, in order: each may change the key of the next."""
    protection = protection_of(session.suite, session.suite_offset)
    labels = list(LABELS[side])  # of the secrets to come
    handshake = bytearray()  # of a message that is not complete yet
    keys = None
    # All that is encrypted calls itself application data; ChangeCipherSpec means nothing.
    for record in (row for row in rows if row.content_type == "application_data"):
        if keys is None:
            label, number = labels.pop(0), 0
            secret = _secret(label, session, secrets)
            keys = traffic_keys(protection.hash_name, secret, protection.key_bytes)
        content_type, plaintext = open_record(record, keys.key, record_nonce(keys.iv, number))
        yield DecryptedRecord(
            side=side,
            record=record,
            secret_name=label,
            keys=keys,
            sequence_number=number,
            content_type=content_type,
            plaintext=plaintext,
            plaintext_offset=record.fragment_offset,
        )
        number += 1
        if content_type == "handshake":
            handshake += plaintext
        if "Finished" in _take_complete_messages(handshake) and labels:
            keys = None


def _secret(label: str, session: Session, secrets: Mapping[str, bytes]) -> bytes:
    if label not in secrets:
        offset = session.client_hello["random"].offset
        raise WireError(f"the key log has no {label} for this session", offset)
    return secrets[label]


def _take_complete_messages(handshake: bytearray) -> list[str]:
    """Remove the messages that are there as a whole, and return their names."""
    names = []
    while len(handshake) >= HEADER_BYTES:
        end = HEADER_BYTES + int.from_bytes(handshake[1:HEADER_BYTES], "big")
        if len(handshake) < end:
            break
        names.append(name_of(handshake[0], 1, HANDSHAKE_TYPES))
        del handshake[:end]  # in place: a long message in short records stays linear
    return names


# TLS 1.2.


def _open_tls12(
    session: Session, rows: Mapping[str, list[Record]], secrets: Mapping[str, bytes]
) -> list[DecryptedRecord]:
    protection = protection_of(session.suite, session.suite_offset)
    keys = _tls12_keys(session, protection, _secret(MASTER_LABEL, session, secrets))
    return [
        _open_tls12_record(side, keys[side], number, record)
        for side in (CLIENT, SERVER)
        for number, record in enumerate(_after_change_cipher_spec(rows[side]))
    ]


def _tls12_keys(
    session: Session, protection: Protection, master_secret: bytes
) -> Mapping[str, TrafficKeys]:
    key_end, iv_bytes = 2 * protection.key_bytes, FIXED_IV_BYTES
    block = key_block(
        protection.hash_name,
        master_secret,
        session.client_random,
        session.server_random,
        key_end + 2 * iv_bytes,
    )
    client_key, server_key = block[: key_end // 2], block[key_end // 2 : key_end]
    client_iv, server_iv = block[key_end : key_end + iv_bytes], block[key_end + iv_bytes :]
    return {CLIENT: TrafficKeys(client_key, client_iv), SERVER: TrafficKeys(server_key, server_iv)}


def _after_change_cipher_spec(rows: Sequence[Record]) -> Sequence[Record]:
    return list(dropwhile(lambda record: record.content_type != "change_cipher_spec", rows))[1:]


def _open_tls12_record(
    side: str, keys: TrafficKeys, number: int, record: Record
) -> DecryptedRecord:
    if record.content_type == "change_cipher_spec":
        raise WireError("a second handshake (renegotiation) is not followed", record.offset)
    # The rest of the nonce stands before the ciphertext (RFC 5288, 3).
    explicit_nonce, sealed = record.fragment[:EXPLICIT_BYTES], record.fragment[EXPLICIT_BYTES:]
    # Number, type, version and the length of the plaintext (RFC 5246, 6.2.3.3).
    length = max(len(sealed) - TAG_BYTES, 0)
    associated_data = number.to_bytes(8, "big") + record.header[:3] + length.to_bytes(2, "big")
    nonce = keys.iv + explicit_nonce
    plaintext = open_sealed(record, sealed, keys.key, nonce, associated_data)
    return DecryptedRecord(
        side=side,
        record=record,
        secret_name=MASTER_LABEL,
        keys=keys,
        sequence_number=number,
        content_type=record.content_type,
        plaintext=plaintext,
        plaintext_offset=record.fragment_offset + EXPLICIT_BYTES,
    )


OPENERS = {"TLS 1.3": _open_tls13, "TLS 1.2": _open_tls12}
