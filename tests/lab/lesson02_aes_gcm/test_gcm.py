"""One nonce too many: H is found, and PyCryptodome's own GCM accepts what is forged with it.

test_gcm_bank.py has the attack at a bank.
"""

import random
from dataclasses import dataclass
from typing import Any

import pytest
from Crypto.Cipher import AES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson02_aes_gcm.gcm import ghash_under, recover_h
from securedata_lab.twins.twin import Row

one_block = st.binary(min_size=16, max_size=16)


@dataclass(frozen=True)
class Victim:
    """Somebody who seals under one key and one nonce, again and again."""

    key: bytes
    nonce: bytes

    @property
    def h(self) -> int:
        """What the attacker is after: the zero block, encrypted (NIST SP 800-38D, 7.1)."""
        return int.from_bytes(AES.new(self.key, AES.MODE_ECB).encrypt(bytes(16)), "big")

    def seal(self, plaintext: bytes) -> Row:
        return Row(self.nonce, *self._cipher().encrypt_and_digest(plaintext))

    def open(self, row: Row) -> bytes:
        return self._cipher().decrypt_and_verify(row.ciphertext, row.tag)

    def _cipher(self) -> Any:
        return AES.new(self.key, AES.MODE_GCM, nonce=self.nonce)


def a_victim(seed: int) -> Victim:
    chance = random.Random(seed)
    return Victim(chance.randbytes(16), chance.randbytes(12))


def assert_forged(victim: Victim, h: int, known: Row) -> None:
    """Another ciphertext, also of another length, is accepted."""
    ghash = ghash_under(h)
    for length in (len(known.ciphertext), 37):
        ciphertext = random.Random(length).randbytes(length)
        tag = xor(xor(known.tag, ghash(known.ciphertext)), ghash(ciphertext))
        victim.open(Row(victim.nonce, ciphertext, tag))  # raises if the tag is wrong


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(one_block, one_block, st.integers(1, 16), st.integers(0, 2**32))
def test_two_one_block_messages_give_exactly_the_true_h(
    one: bytes, other: bytes, length: int, seed: int
) -> None:
    victim = a_victim(seed)
    assume(one[:length] != other[:length])
    first, second = (victim.seal(text[:length]) for text in (one, other))
    assert recover_h(first, second) == victim.h
    assert_forged(victim, victim.h, first)


@pytest.mark.parametrize("text", [b"", b"pay 0100", bytes(16)])
def test_equal_ciphertexts_say_nothing(text: bytes) -> None:
    first = a_victim(8).seal(text)
    for second in (first, Row(first.nonce, first.ciphertext, bytes(16))):  # of another key
        with pytest.raises(FormatError, match="say nothing about H"):
            recover_h(first, second)


@pytest.mark.parametrize(("one", "other"), [(16, 15), (17, 17), (0, 48)])
def test_longer_or_unequal_messages_are_refused(one: int, other: int) -> None:
    victim = a_victim(9)
    with pytest.raises(FormatError, match="of one block, and of one length"):
        recover_h(victim.seal(bytes(one)), victim.seal(bytes(other)))
