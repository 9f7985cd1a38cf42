"""The padding oracle: every last byte is read from yes and no, in few questions.

test_bank.py reads a whole order at a bank.
"""

import pytest
from Crypto.Cipher import AES

from securedata.errors import FormatError
from securedata_lab.lesson01_aes_modes.padding_oracle import right_guesses

KEY = bytes(range(16))


class Counting:
    """An oracle that counts its questions: right is the PKCS#7 padding (RFC 5652, 6.3)."""

    def __init__(self) -> None:
        self.questions = 0

    def __call__(self, iv: bytes, ciphertext: bytes) -> bool:
        self.questions += 1
        text = AES.new(KEY, AES.MODE_CBC, iv=iv).decrypt(ciphertext)
        return 1 <= text[-1] <= 16 and text.endswith(bytes([text[-1]]) * text[-1])


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
