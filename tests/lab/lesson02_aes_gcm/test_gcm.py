"""One nonce too many: H is found, and PyCryptodome's own GCM accepts what is forged with it.

test_gcm_bank.py has the attack at a bank.
"""

import random
from dataclasses import dataclass

import pytest
from Crypto.Cipher import AES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata_lab.lesson02_aes_gcm.gcm import Sealed, ghash, recover_h

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

    def seal(self, plaintext: bytes, associated_data: bytes = b"") -> Sealed:
        cipher = AES.new(self.key, AES.MODE_GCM, nonce=self.nonce)
        cipher.update(associated_data)
        return Sealed(*cipher.encrypt_and_digest(plaintext), associated_data)

    def open(self, sealed: Sealed) -> bytes:
        cipher = AES.new(self.key, AES.MODE_GCM, nonce=self.nonce)
        cipher.update(sealed.associated_data)
        return cipher.decrypt_and_verify(sealed.ciphertext, sealed.tag)


def a_victim(seed: int) -> Victim:
    chance = random.Random(seed)
    return Victim(chance.randbytes(16), chance.randbytes(12))


def assert_forged(victim: Victim, h: int, known: Sealed) -> None:
    """Another ciphertext, of another length and with other associated data, is accepted."""
    for length, associated_data in [(len(known.ciphertext), known.associated_data), (37, b"new")]:
        ciphertext = random.Random(length).randbytes(length)
        mask = int.from_bytes(known.tag, "big") ^ ghash(h, known.associated_data, known.ciphertext)
        tag = (mask ^ ghash(h, associated_data, ciphertext)).to_bytes(16, "big")
        victim.open(Sealed(ciphertext, tag, associated_data))  # raises if the tag is wrong


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(one_block, one_block, st.binary(max_size=40), st.integers(1, 16), st.integers(0, 2**32))
def test_two_one_block_messages_give_exactly_the_true_h(
    one: bytes, other: bytes, associated_data: bytes, length: int, seed: int
) -> None:
    victim = a_victim(seed)
    assume(one[:length] != other[:length])
    first, second = (victim.seal(text[:length], associated_data) for text in (one, other))
    assert recover_h(first, second) == victim.h
    assert_forged(victim, victim.h, first)
    # Equal associated data falls out of the sum, so it need not even be known.
    unknown = (Sealed(message.ciphertext, message.tag) for message in (first, second))
    assert recover_h(*unknown) == victim.h


@pytest.mark.parametrize("text", [b"", b"pay 0100", bytes(16)])
def test_equal_ciphertexts_say_nothing(text: bytes) -> None:
    first = a_victim(8).seal(text)
    for second in (first, Sealed(first.ciphertext, bytes(16))):  # under another nonce
        with pytest.raises(FormatError, match="say nothing about H"):
            recover_h(first, second)


@pytest.mark.parametrize(("one", "other"), [(16, 15), (17, 17), (0, 48)])
def test_longer_or_unequal_messages_are_refused(one: int, other: int) -> None:
    victim = a_victim(9)
    with pytest.raises(FormatError, match="of one block, and of one length"):
        recover_h(victim.seal(bytes(one)), victim.seal(bytes(other)))
