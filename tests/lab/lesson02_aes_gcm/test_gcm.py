"""One nonce too many: H is found, and the tags that it gives are those of PyCryptodome's own GCM.

test_gcm_bank.py has the attack at a bank.
"""

import pytest
from Crypto.Cipher import AES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson02_aes_gcm.gcm import ghash_under, recover_h
from securedata_lab.twins.twin import Row

one_block = st.binary(min_size=16, max_size=16)


def seal(key: bytes, plaintext: bytes) -> Row:
    """Somebody seals under one nonce, again and again."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=bytes(12))
    return Row(bytes(12), *cipher.encrypt_and_digest(plaintext))


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(one_block, one_block, st.integers(1, 16), one_block)
def test_two_one_block_messages_give_exactly_the_true_h_and_with_it_every_tag(
    one: bytes, other: bytes, length: int, key: bytes
) -> None:
    assume(one[:length] != other[:length])
    first, second = (seal(key, text[:length]) for text in (one, other))
    h = recover_h(first, second)
    # What the attacker is after: the zero block, encrypted (NIST SP 800-38D, 7.1).
    assert h == int.from_bytes(AES.new(key, AES.MODE_ECB).encrypt(bytes(16)), "big")
    ghash = ghash_under(h)
    mask = xor(first.tag, ghash(first.ciphertext))
    for text in (one[:length], one + other + b"a tail"):
        wanted = seal(key, text)
        assert xor(mask, ghash(wanted.ciphertext)) == wanted.tag


@pytest.mark.parametrize("text", [b"", b"pay 0100", bytes(16)])
def test_equal_ciphertexts_say_nothing(text: bytes) -> None:
    first = seal(bytes(16), text)
    for second in (first, Row(first.nonce, first.ciphertext, bytes(16))):  # of another key
        with pytest.raises(FormatError, match="say nothing about H"):
            recover_h(first, second)


@pytest.mark.parametrize(("one", "other"), [(16, 15), (17, 17), (0, 48)])
def test_longer_or_unequal_messages_are_refused(one: int, other: int) -> None:
    with pytest.raises(FormatError, match="of one block, and of one length"):
        recover_h(seal(bytes(16), bytes(one)), seal(bytes(16), bytes(other)))
