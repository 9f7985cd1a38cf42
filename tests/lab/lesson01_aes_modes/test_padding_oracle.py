"""The padding oracle: every text is read from yes and no, in few questions."""

import random
from itertools import pairwise

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from securedata.errors import FormatError
from securedata_lab import xor
from securedata_lab.lesson01_aes_modes.block_modes import blocks
from securedata_lab.lesson01_aes_modes.padding_oracle import Oracle, right_guesses

KEY = bytes(range(16))
IV = bytes(range(16, 32))


class Counting:
    """An oracle that counts its questions: right is the PKCS#7 padding (RFC 5652, 6.3)."""

    def __init__(self) -> None:
        self.questions = 0

    def __call__(self, iv: bytes, ciphertext: bytes) -> bool:
        self.questions += 1
        text = AES.new(KEY, AES.MODE_CBC, iv=iv).decrypt(ciphertext)
        return 1 <= text[-1] <= 16 and text.endswith(bytes([text[-1]]) * text[-1])


def read(oracle: Oracle, iv: bytes, ciphertext: bytes) -> bytes:
    """The whole text, with its padding, from the right guesses."""
    text = b""
    for previous, block in pairwise([iv, *blocks(ciphertext)]):
        guesses = bytes(right_guesses(oracle, block))[::-1]
        text += xor(xor(guesses, bytes(range(16, 0, -1))), previous)
    return text


def cbc(text: bytes, iv: bytes = IV) -> bytes:
    """Whole blocks of text, encrypted without any padding of ours."""
    return AES.new(KEY, AES.MODE_CBC, iv=iv).encrypt(text)


@pytest.mark.parametrize("ending", [b"", b"\x02", b"\x03\x03", b"\x04\x04\x04", b"\x10" * 15])
def test_every_last_byte_is_found_and_no_accident_is_taken_for_01(ending: bytes) -> None:
    # We hand in zeros before the guess, so the block itself, before CBC's XOR, must hold the rest
    # of a longer padding; then a guess for it and a guess for 01 are both right.
    for last in range(256):
        inside = bytes(15 - len(ending)) + ending + bytes([last])
        oracle = Counting()
        block = AES.new(KEY, AES.MODE_ECB).encrypt(inside)
        assert next(right_guesses(oracle, block)) ^ 1 == last
        assert oracle.questions <= 257


@pytest.mark.parametrize(
    "text",
    [random.Random(length).randbytes(length) for length in (0, 1, 15, 16, 17, 32, 33, 64)]
    # What looks like padding is text.
    + [b"\x01", b"\x02\x02", b"\x10" * 16, b"\x01" * 15, b"fourteen letts\x02\x02"],
)
def test_a_message_is_read_whole(text: bytes) -> None:
    oracle, ciphertext = Counting(), cbc(pad(text, 16))
    assert read(oracle, IV, ciphertext) == pad(text, 16)
    assert oracle.questions <= len(ciphertext) // 16 * (16 * 256 + 1)


def test_an_oracle_that_always_says_no_is_found_out_after_256_questions() -> None:
    asked: list[bytes] = []

    def no(iv: bytes, ciphertext: bytes) -> bool:
        asked.append(iv)
        return False

    with pytest.raises(FormatError, match="the oracle never said yes"):
        next(right_guesses(no, bytes(16)))
    assert len(asked) == len(set(asked)) == 256


def test_an_oracle_that_always_says_yes_comes_to_an_end() -> None:
    assert len([*right_guesses(lambda iv, ciphertext: True, bytes(16))]) == 16
