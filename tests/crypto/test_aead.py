"""AES-256-GCM: published vectors through our own names, and nothing but the right lengths."""

from collections import Counter

import pytest
from vocabulary import wycheproof

from securedata import AeadKey, EncryptedMessage
from securedata.errors import FormatError, TagError

KEY = AeadKey(bytes(range(32)))


def decrypted(key: str, associated_data: str, *message: str) -> bytes | None:
    """What our names make of a vector in hex; None if they refuse it."""
    try:
        nonce, ciphertext, tag = map(bytes.fromhex, message)
        encrypted = EncryptedMessage(nonce=nonce, ciphertext=ciphertext, tag=tag)
        return AeadKey(bytes.fromhex(key)).decrypt(encrypted, bytes.fromhex(associated_data))
    except (FormatError, TagError):
        return None


def test_wycheproof_is_accepted_where_it_is_valid_and_ours_and_refused_everywhere_else() -> None:
    counts: Counter[bool] = Counter()
    for group in wycheproof("Cipher/wycheproof/aes_gcm_test.json"):
        is_ours = (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
        for case in group["tests"]:
            text = decrypted(case["key"], case["aad"], case["iv"], case["ct"], case["tag"])
            good = is_ours and case["result"] == "valid"
            assert text == (bytes.fromhex(case["msg"]) if good else None), case["tcId"]
            if good:
                nonce, associated_data = bytes.fromhex(case["iv"]), bytes.fromhex(case["aad"])
                made = AeadKey(bytes.fromhex(case["key"]))._encrypt(
                    bytes.fromhex(case["msg"]), associated_data, nonce=nonce
                )
                assert (made.ciphertext.hex(), made.tag.hex()) == (case["ct"], case["tag"])
            counts[good] += 1
    assert counts[True] >= 39
    assert counts[False] >= 277


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match=f"must be 32 bytes, not {length}"):
        AeadKey(bytes(length))


def test_its_printed_form_is_its_name() -> None:
    assert f"{[KEY]}" == f"[AeadKey(key_id='{KEY.key_id}')]"
