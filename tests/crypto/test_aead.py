"""AES-256-GCM: published vectors through our own names, and nothing but the right lengths."""

import hashlib
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from vocabulary import flipped, nist_vectors, wycheproof

from securedata import AeadKey, EncryptedMessage
from securedata.errors import FormatError, TagError

NIST = "ciphers/AES/GCM"
KEY = AeadKey(bytes(range(32)))
ASSOCIATED_DATA = b"to: the general"
ENCRYPTED = KEY.encrypt(b"attack at dawn", ASSOCIATED_DATA)


def decrypted(key: str, associated_data: str, *message: str) -> bytes | None:
    """What our names make of a vector in hex; None if they refuse it."""
    try:
        encrypted = EncryptedMessage(*map(bytes.fromhex, message))
        return AeadKey(bytes.fromhex(key)).decrypt(encrypted, bytes.fromhex(associated_data))
    except (FormatError, TagError):
        return None


def encrypted(key: str, nonce: str, text: str, associated_data: str) -> EncryptedMessage | None:
    try:
        return AeadKey(bytes.fromhex(key))._encrypt(
            bytes.fromhex(text), bytes.fromhex(associated_data), nonce=bytes.fromhex(nonce)
        )
    except (FormatError, ValueError):  # PyCryptodome itself refuses an empty nonce
        return None


def is_ours(group: dict[str, Any]) -> bool:
    return (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)


def say(source: str, counts: Counter[str]) -> None:
    print(f"{source}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))


def test_wycheproof_is_accepted_where_it_is_valid_and_ours_and_refused_everywhere_else() -> None:
    counts: Counter[str] = Counter()
    for group in wycheproof("Cipher/wycheproof/aes_gcm_test.json"):
        for case in group["tests"]:
            text = decrypted(case["key"], case["aad"], case["iv"], case["ct"], case["tag"])
            good = is_ours(group) and case["result"] == "valid"
            assert text == (bytes.fromhex(case["msg"]) if good else None), case["tcId"]
            counts["accepted" if good else "refused"] += 1
    say("Wycheproof AES-GCM, decrypted", counts)
    assert counts["accepted"] >= 39
    assert counts["refused"] >= 277


def test_wycheproof_gives_the_published_bytes_when_encrypted_or_is_refused() -> None:
    counts: Counter[str] = Counter()
    for group in wycheproof("Cipher/wycheproof/aes_gcm_test.json"):
        for case in group["tests"]:
            made = encrypted(case["key"], case["iv"], case["msg"], case["aad"])
            assert (made is not None) == is_ours(group), case["tcId"]
            if made is not None:
                assert made.ciphertext.hex() == case["ct"]
                assert (made.tag.hex() == case["tag"]) == (case["result"] == "valid")
            counts["encrypted" if made else "refused"] += 1
    say("Wycheproof AES-GCM, encrypted", counts)
    assert counts["encrypted"] >= 66
    assert counts["refused"] >= 250


def test_nist_decryption_is_right_for_our_lengths_and_refused_for_all_others() -> None:
    counts: Counter[str] = Counter()
    for case in nist_vectors(f"{NIST}/gcmDecrypt256.rsp"):
        text = decrypted(case["Key"], case["AAD"], case["IV"], case["CT"], case["Tag"])
        ours = (case["IVlen"], case["Taglen"]) == ("96", "128")
        good = ours and "FAIL" not in case
        assert text == (bytes.fromhex(case["PT"]) if good else None), case
        counts["accepted" if good else "false and refused" if ours else "not ours and refused"] += 1
    say("NIST gcmDecrypt256", counts)
    assert counts.total() == 7875
    assert counts["accepted"] > 100
    assert counts["false and refused"] > 100


def test_nist_encryption_is_right_for_our_nonces_and_refused_for_all_others() -> None:
    counts: Counter[str] = Counter()
    for case in nist_vectors(f"{NIST}/gcmEncryptExtIV256.rsp"):
        made = encrypted(case["Key"], case["IV"], case["PT"], case["AAD"])
        assert (made is not None) == (case["IVlen"] == "96"), case
        if made is not None:
            # A short tag is the first bytes of the whole one (SP 800-38D, 7.1): ours is whole.
            assert made.ciphertext.hex() == case["CT"]
            assert made.tag.hex().startswith(case["Tag"])
            assert len(made.tag) == 16
        counts["encrypted" if made else "refused"] += 1
    say("NIST gcmEncryptExtIV256", counts)
    assert counts.total() == 7875
    assert counts["encrypted"] == 2625


def test_a_key_id_is_the_hash_of_purpose_algorithm_and_key() -> None:
    named = b"20 securedata/v1/key-id 11 aes-256-gcm 32 " + bytes(32) + b" "
    assert AeadKey(bytes(32)).key_id == hashlib.sha256(named).hexdigest()[:16]


def test_two_generated_keys_differ_in_key_and_id() -> None:
    one, other = AeadKey.generate(), AeadKey.generate()
    assert one.secret != other.secret
    assert one.key_id != other.key_id


@pytest.mark.parametrize("length", [0, 8, 11, 12, 13, 15, 16, 17, 24, 31, 32, 33])
def test_a_key_nonce_or_tag_of_another_length_is_refused(length: int) -> None:
    if length != 32:
        with pytest.raises(FormatError, match=f"must be 32 bytes, not {length}"):
            AeadKey(bytes(length))
    for name, right in (("nonce", 12), ("tag", 16)):
        if length != right:
            with pytest.raises(FormatError, match=f"{name} must be {right} bytes, not {length}"):
                replace(ENCRYPTED, **{name: bytes(length)})


@pytest.mark.parametrize("part", ["nonce", "ciphertext", "tag", "associated data", "key"])
def test_every_single_flipped_bit_is_refused(part: str) -> None:
    good = {**vars(ENCRYPTED), "associated data": ASSOCIATED_DATA, "key": KEY.secret}
    for bit in range(8 * len(good[part])):
        bad = good | {part: flipped(good[part], bit)}
        message = EncryptedMessage(bad["nonce"], bad["ciphertext"], bad["tag"])
        with pytest.raises(TagError):
            AeadKey(bad["key"]).decrypt(message, bad["associated data"])


def test_an_encrypted_message_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        ENCRYPTED.tag = bytes(16)  # type: ignore[misc]


def test_a_byte_moved_between_ciphertext_and_associated_data_is_refused() -> None:
    first, rest = ENCRYPTED.ciphertext[:1], ENCRYPTED.ciphertext[1:]
    with pytest.raises(TagError):
        KEY.decrypt(replace(ENCRYPTED, ciphertext=rest), ASSOCIATED_DATA + first)


def test_the_nonces_of_a_thousand_encryptions_differ() -> None:
    assert len({KEY.encrypt(b"same", b"").nonce for _ in range(1000)}) == 1000


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 100_000])
def test_any_plaintext_comes_back_and_its_ciphertext_is_as_long(length: int) -> None:
    plaintext = bytes(length)
    message = KEY.encrypt(plaintext, b"")
    assert len(message.ciphertext) == length
    assert KEY.decrypt(message, b"") == plaintext


def test_no_printed_form_shows_the_secret() -> None:
    for printed in (repr(KEY), str(KEY), f"{KEY}", f"{[KEY]}"):
        assert KEY.secret.hex() not in printed
        assert repr(KEY.secret) not in printed
        assert KEY.key_id in printed


def test_a_refusal_carries_no_cause_that_could_quote_anything() -> None:
    with pytest.raises(TagError) as refusal:
        KEY.decrypt(ENCRYPTED, b"")
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
