"""Sealing: one known answer, and the star test: no change to any field ever gives a plaintext."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS
from vocabulary import HEADER_FIELDS, a_record, changed, flat, flipped

from securedata import (
    AeadKey,
    EncryptedMessage,
    Header,
    KeyRing,
    SealedRecord,
    SigningKey,
    seal,
    unseal,
)
from securedata.crypto.dsa_parameters import G, P, Q
from securedata.crypto.sealing import rewrap
from securedata.errors import FormatError, SignatureError, TagError, UnknownKeyError
from securedata.record import WrappedKey, wrapping_data

KNOWN = json.loads((Path(__file__).parent / "known_answer.json").read_text(encoding="utf-8"))
BYTES_FIELDS = ("nonce", "ciphertext", "tag", "signature", "wrapped_key")

PLAINTEXT = b"attack at dawn"
KEYS = KeyRing(AeadKey.generate(), AeadKey.generate())
SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
SIGNERS = KeyRing(SIGNER.verifying_key, OTHER_SIGNER.verifying_key)
RECORD = a_record(PLAINTEXT, keys=KEYS, signer=SIGNER)


class Untouchable(KeyRing[AeadKey]):
    """A key ring that fails when a key is looked up."""

    def __init__(self) -> None:
        pass

    def __getitem__(self, key_id: str) -> AeadKey:
        raise AssertionError(f"the key {key_id} was touched")


def opened(record: SealedRecord) -> bytes:
    return unseal(record, keys=KEYS, signers=SIGNERS)


def signed_again(record: SealedRecord, signer: SigningKey = SIGNER) -> SealedRecord:
    """The record as signed by an attacker with the stolen signing key."""
    return replace(record, signature=signer.sign(record.signed_bytes))


def changes(name: str) -> Iterator[SealedRecord]:
    """The record with one bit, or one character, of this field changed: every possible place."""
    value = flat(RECORD)[name]
    if isinstance(value, bytes):
        for bit in range(8 * len(value)):
            yield changed(RECORD, **{name: flipped(value, bit)})
        return
    for place, character in enumerate(value):
        if character.islower() or character.isdigit():  # the rest of a time is fixed
            other = "1" if character == "0" else "0"
            yield changed(RECORD, **{name: value[:place] + other + value[place + 1 :]})


def data_key(record: SealedRecord) -> bytes:
    """The data key of a record: this takes the wrapping keys."""
    wrapped = record.wrapped_key
    message = EncryptedMessage(nonce=wrapped[:12], ciphertext=wrapped[12:44], tag=wrapped[44:])
    return KEYS[record.key_id].decrypt(message, wrapping_data(record.header))


def framed(*parts: bytes) -> bytes:
    return b"".join(b"%d %b " % (len(part), part) for part in parts)


def gcm(key: bytes, nonce: bytes, plaintext: bytes, associated_data: bytes) -> tuple[bytes, bytes]:
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=16)
    cipher.update(associated_data)
    return cipher.encrypt_and_digest(plaintext)


def short_hash(algorithm: bytes, key: bytes) -> str:
    return hashlib.sha256(framed(b"securedata/v1/key-id", algorithm, key)).hexdigest()[:16]


# The known answer.


def test_the_known_record_follows_from_its_inputs_without_our_code() -> None:
    """Every step from PyCryptodome's primitives alone: this is the format, in 30 lines."""
    inputs, steps, record = KNOWN["inputs"], KNOWN["steps"], KNOWN["record"]
    named = ("wrapping_key", "data_key", "nonce", "wrapping_nonce")
    wrapping_key, data_key, nonce, wrapping_nonce = (bytes.fromhex(inputs[name]) for name in named)
    x = int(inputs["signing_key"], 16)
    signing_key = DSA.construct((pow(G, x, P), G, P, Q, x))
    spki = signing_key.public_key().export_key(format="DER")

    signer_id = short_hash(b"dsa-2048-256-sha256", spki)
    header = framed(
        b"securedata/v1",
        b"aes-256-gcm",
        b"dsa-2048-256-sha256",
        *(inputs[name].encode("ascii") for name in ("record_id", "owner")),
        signer_id.encode("ascii"),
        inputs["created"].encode("ascii"),
    )
    ciphertext, tag = gcm(data_key, nonce, inputs["plaintext"].encode("utf-8"), header)
    wrapping_data = framed(b"securedata/v1/wrapped-key", header)
    wrapped, wrapped_tag = gcm(wrapping_key, wrapping_nonce, data_key, wrapping_data)
    signed = framed(header, nonce, ciphertext, tag)
    signer = DSS.new(signing_key, "deterministic-rfc6979", encoding="binary")

    assert steps["header"].encode("ascii") == header
    assert steps["header_sha256"] == hashlib.sha256(header).hexdigest()
    assert steps["wrapping_data"].encode("ascii") == wrapping_data
    assert steps["signed_bytes"] == signed.hex()
    assert steps["signed_bytes_sha256"] == hashlib.sha256(signed).hexdigest()
    assert record == {
        "record_id": inputs["record_id"],
        "owner": inputs["owner"],
        "signer_id": signer_id,
        "created": inputs["created"],
        "key_id": short_hash(b"aes-256-gcm", wrapping_key),
        "wrapped_key": (wrapping_nonce + wrapped + wrapped_tag).hex(),
        "nonce": nonce.hex(),
        "ciphertext": ciphertext.hex(),
        "tag": tag.hex(),
        "signature": signer.sign(SHA256.new(signed)).hex(),
    }
    pem_lines = steps["public_key_pem"].splitlines()
    assert base64.b64decode("".join(pem_lines[1:-1])) == spki


def test_the_known_record_is_opened_and_its_steps_are_ours() -> None:
    keys = KeyRing(AeadKey(bytes.fromhex(KNOWN["inputs"]["wrapping_key"])))
    signer = SigningKey.from_pem(KNOWN["inputs"]["signing_key_pem"])
    header = Header(**{name: KNOWN["record"][name] for name in HEADER_FIELDS})
    as_bytes = {name: bytes.fromhex(KNOWN["record"][name]) for name in BYTES_FIELDS}
    record = SealedRecord(header=header, key_id=KNOWN["record"]["key_id"], **as_bytes)
    plaintext = unseal(record, keys=keys, signers=KeyRing(signer.verifying_key))
    assert plaintext == KNOWN["inputs"]["plaintext"].encode("utf-8")
    assert record.header.encoded == KNOWN["steps"]["header"].encode("ascii")
    assert record.signed_bytes.hex() == KNOWN["steps"]["signed_bytes"]
    assert signer.sign(record.signed_bytes) == record.signature
    assert (signer.key_id, keys.primary.key_id) == (record.header.signer_id, record.key_id)


# What seal makes.


def test_sealing_one_text_twice_repeats_nothing_and_shows_no_text() -> None:
    records = [a_record(PLAINTEXT, keys=KEYS, signer=SIGNER) for _ in range(20)]
    for name in BYTES_FIELDS:
        assert len({getattr(record, name) for record in records}) == 20
        assert PLAINTEXT not in getattr(RECORD, name)
    assert len({it for record in records for it in (record.nonce, record.wrapped_key[:12])}) == 40
    assert len({data_key(record) for record in records}) == 20
    assert len({rewrap(RECORD, keys=KEYS).wrapped_key for _ in range(10)}) == 10
    assert RECORD.key_id == KEYS.primary.key_id


def test_a_header_that_names_another_signer_is_not_sealed() -> None:
    with pytest.raises(FormatError, match=f"{SIGNER.key_id}, not {OTHER_SIGNER.key_id}"):
        seal(PLAINTEXT, RECORD.header, keys=KEYS, signer=OTHER_SIGNER)


# The star test: the error for a change of each field, and the error after the changed record was
# signed again with the stolen signing key.

UNKNOWN = (UnknownKeyError, "unknown key id")
UNSIGNED = (SignatureError, "^record [0-9a-f]{32}: the signature is invalid$")
WRONG_WRAP = (TagError, "the wrapped key is invalid")
WRONG_TAG = (TagError, f"{RECORD.record_id}: the tag is invalid")
STARS = {
    "record_id": (UNSIGNED, WRONG_WRAP),
    "owner": (UNSIGNED, WRONG_WRAP),
    "signer_id": (UNKNOWN, UNKNOWN),
    "created": (UNSIGNED, WRONG_WRAP),
    "nonce": (UNSIGNED, WRONG_TAG),
    "ciphertext": (UNSIGNED, WRONG_TAG),
    "tag": (UNSIGNED, WRONG_TAG),
    "signature": (UNSIGNED, None),
    "key_id": (UNKNOWN, UNKNOWN),
    "wrapped_key": (WRONG_WRAP, WRONG_WRAP),
}


@pytest.mark.parametrize("name", flat(RECORD))
def test_no_changed_bit_or_character_of_any_field_is_opened_signed_again_or_not(name: str) -> None:
    (error, words), again = STARS[name]
    for spoiled in changes(name):
        with pytest.raises(error, match=words):
            opened(spoiled)
        if again is not None:
            with pytest.raises(again[0], match=again[1]):
                opened(signed_again(spoiled))


# The order: signature, wrapped key, tag.


def test_a_forged_record_never_meets_a_secret_key() -> None:
    forged = replace(RECORD, signature=flipped(RECORD.signature, 300))
    with pytest.raises(SignatureError):
        unseal(forged, keys=Untouchable(), signers=SIGNERS)
    with pytest.raises(UnknownKeyError):
        unseal(changed(RECORD, signer_id="0" * 16), keys=Untouchable(), signers=SIGNERS)
    with pytest.raises(AssertionError, match="was touched"):
        unseal(RECORD, keys=Untouchable(), signers=SIGNERS)


def test_the_first_check_that_fails_is_the_one_that_is_named() -> None:
    wrong_everywhere = replace(
        RECORD, signature=bytes(64), wrapped_key=bytes(60), tag=bytes(16), key_id="0" * 16
    )
    for record, (error, words) in (
        (wrong_everywhere, UNSIGNED),
        (signed_again(wrong_everywhere), UNKNOWN),
        (signed_again(replace(wrong_everywhere, key_id=RECORD.key_id)), WRONG_WRAP),
        (signed_again(replace(RECORD, tag=bytes(16))), WRONG_TAG),
    ):
        with pytest.raises(error, match=words) as refusal:
            opened(record)
        assert refusal.value.__suppress_context__  # a cause could quote something


# Wrapping anew.

NEW_KEYS = KeyRing(AeadKey.generate(), *KEYS)
WRAPPED = WrappedKey(header=RECORD.header, key_id=RECORD.key_id, wrapped_key=RECORD.wrapped_key)


def test_a_data_key_wrapped_anew_opens_the_record_and_only_the_wrap_has_changed() -> None:
    again = rewrap(WRAPPED, keys=NEW_KEYS)
    assert again.key_id == NEW_KEYS.primary.key_id
    assert replace(again, key_id=WRAPPED.key_id, wrapped_key=WRAPPED.wrapped_key) == WRAPPED
    rotated = replace(RECORD, key_id=again.key_id, wrapped_key=again.wrapped_key)
    assert unseal(rotated, keys=KeyRing(NEW_KEYS.primary), signers=SIGNERS) == PLAINTEXT


def test_a_data_key_of_another_record_or_a_changed_one_is_not_wrapped_anew() -> None:
    for change in (
        {"owner": "eve"},
        {"record_id": "f" * 32},
        {"signer_id": OTHER_SIGNER.key_id},
        {"created": "2026-01-02T03:04:06Z"},
        {"wrapped_key": flipped(WRAPPED.wrapped_key, 100)},
        {"key_id": list(KEYS)[1].key_id},
    ):
        with pytest.raises(TagError, match="the wrapped key is invalid"):
            rewrap(changed(RECORD, **change), keys=NEW_KEYS)
    with pytest.raises(UnknownKeyError, match=WRAPPED.key_id):
        rewrap(WRAPPED, keys=KeyRing(NEW_KEYS.primary))
