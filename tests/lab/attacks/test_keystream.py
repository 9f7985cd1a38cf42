"""Two texts under one keystream: one is read with the other, and known text is rewritten."""

import pytest
from Crypto.Cipher import AES
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks import read_with_known_text, rewrite

fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)
KEY, COUNTER = bytes(range(16)), bytes(range(16, 32))


def ctr(text: bytes) -> bytes:
    """AES-CTR from the same counter on, whatever was encrypted before: the repeated nonce."""
    return AES.new(KEY, AES.MODE_CTR, nonce=b"", initial_value=COUNTER).encrypt(text)


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
