"""Two texts under one keystream: one is read with the other, and known text is rewritten."""

import pytest
from Crypto.Cipher import AES
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks import read_with_known_text, rewrite

fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)
# NIST SP 800-38A, F.5.1: CTR-AES128, the first two blocks.
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
COUNTER = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
TEXT = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
CIPHERTEXT = bytes.fromhex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff")


def ctr(text: bytes) -> bytes:
    """AES-CTR from F.5.1's counter on, whatever was encrypted before: the repeated nonce."""
    cipher = AES.new(KEY, AES.MODE_CTR, nonce=b"", initial_value=int.from_bytes(COUNTER, "big"))
    return cipher.encrypt(text)


def test_the_standards_known_text_reads_any_other_under_its_counter() -> None:
    assert read_with_known_text(ctr(b"attack at dawn"), CIPHERTEXT, TEXT) == b"attack at dawn"


@fuzzing
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_text_is_read_as_far_as_the_known_one_goes(text: bytes, known: bytes) -> None:
    assert read_with_known_text(ctr(text), ctr(known), known) == text[: len(known)]


@fuzzing
@given(st.binary(max_size=80), st.data())
def test_known_text_is_rewritten_at_its_place_and_nowhere_else(
    text: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, len(text) - at))
    new = data.draw(st.binary(min_size=length, max_size=length))
    forged = rewrite(ctr(text), at, text[at : at + length], new)
    assert ctr(forged) == text[:at] + new + text[at + length :]


def test_lengths_and_places_that_do_not_fit_are_refused() -> None:
    for at in (-1, 5):
        with pytest.raises(FormatError, match=f"4 bytes from place {at} are not within 8"):
            rewrite(bytes(8), at, b"0100", b"9100")
    with pytest.raises(FormatError, match="not 4 and 5 bytes"):
        rewrite(bytes(32), 4, b"0100", b"19100")
    with pytest.raises(FormatError, match="not 5 and 4 bytes"):
        read_with_known_text(bytes(9), bytes(5), bytes(4))
