"""Blocks: cut, counted, moved, and reached into through the IV; ECB and CBC follow."""

import os

import pytest
from Crypto.Cipher import AES
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks import blocks, flip_through_iv, rearranged, repeated_blocks

fuzzing = settings(max_examples=100, deadline=None, derandomize=True, database=None)
block = st.binary(min_size=16, max_size=16)


@fuzzing
@given(st.binary(max_size=100))
def test_blocks_are_16_bytes_but_for_the_last_and_joined_they_are_what_was_cut(
    data: bytes,
) -> None:
    parts = blocks(data)
    assert b"".join(parts) == data
    assert all(len(part) == 16 for part in parts[:-1])
    assert all(parts)


@pytest.mark.parametrize(
    ("ciphertext", "repetitions"),
    [
        (b"", 0),
        (bytes(16), 0),
        (bytes(32), 1),
        (bytes(64), 3),
        (bytes(16) + b"x" * 16 + bytes(16), 1),  # they need not be neighbours
        (bytes(8) + bytes(range(16)) + bytes(8), 0),  # nor does a shifted block count
        (bytes(20), 0),  # nor a shorter one
    ],
)
def test_a_block_that_has_been_seen_is_a_repetition(ciphertext: bytes, repetitions: int) -> None:
    assert repeated_blocks(ciphertext) == repetitions


@fuzzing
@given(st.lists(block, max_size=8))
def test_ecb_repeats_what_the_text_repeats_and_cbc_does_not(texts: list[bytes]) -> None:
    text, key = b"".join(texts), os.urandom(16)
    assert repeated_blocks(AES.new(key, AES.MODE_ECB).encrypt(text)) == repeated_blocks(text)
    assert repeated_blocks(AES.new(key, AES.MODE_CBC).encrypt(text)) == 0


@fuzzing
@given(st.lists(block, min_size=1, max_size=6), st.data())
def test_under_ecb_the_text_follows_its_blocks(texts: list[bytes], data: st.DataObject) -> None:
    order = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=8))
    cipher = AES.new(bytes(32), AES.MODE_ECB)
    moved = rearranged(cipher.encrypt(b"".join(texts)), order)
    assert cipher.decrypt(moved) == b"".join(texts[number] for number in order)


@pytest.mark.parametrize("number", [2, -1, 100])
def test_a_block_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(FormatError, match=f"no block {number}: there are 2, from 0"):
        rearranged(bytes(32), [0, number])


@fuzzing
@given(st.data(), block, st.binary(min_size=16, max_size=40))
def test_the_iv_changes_the_first_block_of_cbc_there_and_nowhere_else(
    data: st.DataObject, iv: bytes, text: bytes
) -> None:
    text = text[: len(text) // 16 * 16]
    at = data.draw(st.integers(0, 15))
    length = data.draw(st.integers(0, 16 - at))
    new = data.draw(st.binary(min_size=length, max_size=length))
    key = bytes(range(16))
    ciphertext = AES.new(key, AES.MODE_CBC, iv=iv).encrypt(text)
    flipped = flip_through_iv(iv, at, text[at : at + length], new)
    opened = AES.new(key, AES.MODE_CBC, iv=flipped).decrypt(ciphertext)
    assert opened == text[:at] + new + text[at + length :]


@pytest.mark.parametrize("at", [-1, 13, 16, 100])
def test_a_place_outside_the_first_block_is_refused(at: int) -> None:
    with pytest.raises(FormatError, match="only the first 16 bytes"):
        flip_through_iv(bytes(16), at, b"user", b"root")


def test_a_new_text_of_another_length_is_refused() -> None:
    with pytest.raises(FormatError, match="not 4 and 5 bytes"):
        flip_through_iv(bytes(16), 5, b"user", b"admin")
