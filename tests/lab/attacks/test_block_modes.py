"""Blocks: cut, counted, moved, and reached into through the IV; ECB and CBC follow."""

import pytest
from Crypto.Cipher import AES
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks import blocks, flip_through_iv, rearranged, repeated_blocks

KEY = bytes(range(16))
fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)
block = st.binary(min_size=16, max_size=16)


@fuzzing
@given(st.binary(max_size=100))
def test_blocks_are_16_bytes_but_for_the_last_and_joined_they_are_the_data(data: bytes) -> None:
    parts = blocks(data)
    assert b"".join(parts) == data
    assert all(len(part) == 16 for part in parts[:-1])
    assert all(parts)


@pytest.mark.parametrize(
    ("ciphertext", "repetitions"),
    [
        (b"", 0),
        (bytes(16), 0),
        (bytes(64), 3),
        (bytes(16) + b"x" * 16 + bytes(16), 1),  # they need not be neighbours
        (bytes(8) + bytes(range(16)) + bytes(8), 0),  # a shifted block does not count
        (bytes(20), 0),  # nor a shorter one
    ],
)
def test_a_block_that_has_been_seen_is_a_repetition(ciphertext: bytes, repetitions: int) -> None:
    assert repeated_blocks(ciphertext) == repetitions


@fuzzing
@given(st.lists(block, min_size=1, max_size=6), st.data())
def test_under_ecb_the_text_follows_its_blocks(texts: list[bytes], data: st.DataObject) -> None:
    order = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=8))
    cipher = AES.new(KEY, AES.MODE_ECB)
    moved = rearranged(cipher.encrypt(b"".join(texts)), order)
    assert cipher.decrypt(moved) == b"".join(texts[number] for number in order)


@fuzzing
@given(st.data(), block, block)
def test_the_iv_changes_the_first_block_of_cbc_there_and_nowhere_else(
    data: st.DataObject, iv: bytes, text: bytes
) -> None:
    at = data.draw(st.integers(0, 16))
    length = data.draw(st.integers(0, 16 - at))
    new = data.draw(st.binary(min_size=length, max_size=length))
    ciphertext = AES.new(KEY, AES.MODE_CBC, iv=iv).encrypt(text * 2)
    flipped = flip_through_iv(iv, at, text[at : at + length], new)
    opened = AES.new(KEY, AES.MODE_CBC, iv=flipped).decrypt(ciphertext)
    assert opened == text[:at] + new + text[at + length :] + text


def test_a_block_or_a_place_that_is_not_there_is_refused() -> None:
    for number in (2, -1):
        with pytest.raises(FormatError, match=f"no block {number}: there are 2, from 0"):
            rearranged(bytes(32), [0, number])
    for at in (-1, 13):
        with pytest.raises(FormatError, match="only the first 16 bytes"):
            flip_through_iv(bytes(16), at, b"user", b"root")
    with pytest.raises(FormatError, match="not 4 and 5 bytes"):
        flip_through_iv(bytes(16), 5, b"user", b"admin")
