"""One nonce too many: H is found, and PyCryptodome's own GCM accepts what is forged with it."""

import random
from dataclasses import dataclass

import pytest
from Crypto.Cipher import AES
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vocabulary import flipped

from securedata.errors import FormatError
from securedata.lab import Row, TwinClient, xor
from securedata.lab.attacks import Sealed, forge_tag, ghash, recover_h
from securedata.lab.flaws import RepeatedNonceGcm
from securedata.lab.twin import TwinServer

fuzzing = settings(max_examples=15, deadline=None, derandomize=True, database=None)
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
        ciphertext, tag = cipher.encrypt_and_digest(plaintext)
        return Sealed(ciphertext, tag, associated_data)

    def open(self, sealed: Sealed) -> bytes:
        cipher = AES.new(self.key, AES.MODE_GCM, nonce=self.nonce)
        cipher.update(sealed.associated_data)
        return cipher.decrypt_and_verify(sealed.ciphertext, sealed.tag)


def a_victim(seed: int, key_bytes: int = 16, nonce_bytes: int = 12) -> Victim:
    chance = random.Random(seed)
    return Victim(chance.randbytes(key_bytes), chance.randbytes(nonce_bytes))


def assert_forged(victim: Victim, h: int, known: Sealed) -> None:
    """Another ciphertext, of another length and with other associated data, is accepted."""
    for length, associated_data in [(len(known.ciphertext), known.associated_data), (37, b"new")]:
        ciphertext = random.Random(length).randbytes(length)
        tag = forge_tag(h, known, ciphertext, associated_data)
        victim.open(Sealed(ciphertext, tag, associated_data))  # raises if the tag is wrong


# GHASH.


@pytest.mark.parametrize("key_bytes", [16, 24, 32])
@pytest.mark.parametrize("nonce_bytes", [12, 8, 16, 60])
def test_ghash_and_a_mask_are_pycryptodomes_tag(key_bytes: int, nonce_bytes: int) -> None:
    victim = a_victim(1, key_bytes, nonce_bytes)
    masks = set()
    for length, more in [(0, 0), (1, 0), (16, 0), (17, 5), (0, 20), (48, 16), (100, 33)]:
        sealed = victim.seal(bytes(length), bytes(more))
        hashed = ghash(victim.h, sealed.associated_data, sealed.ciphertext)
        masks.add(hashed ^ int.from_bytes(sealed.tag, "big"))
    assert len(masks) == 1  # it depends on key and nonce alone


def test_test_case_4_of_the_gcm_specification_is_forged_from_its_own_mask() -> None:
    # McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: cases 3 and 4 share key
    # and nonce.
    h = 0xB83B533708BF535D0AA6E52980D53B78
    ciphertext = bytes.fromhex(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
    )
    case_3 = Sealed(ciphertext, bytes.fromhex("4d5c2af327cd64a62cf35abd2ba6fab4"))
    associated_data = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    tag = forge_tag(h, case_3, ciphertext[:60], associated_data)
    assert tag.hex() == "5bc94fbc3221a5db94fae95ae7121a47"


# One-block messages: exactly one H.


@fuzzing
@given(one_block, one_block, st.binary(max_size=40), st.integers(0, 2**32))
def test_two_one_block_messages_give_exactly_the_true_h(
    one: bytes, other: bytes, associated_data: bytes, seed: int
) -> None:
    victim = a_victim(seed)
    assume(one != other)
    first, second = victim.seal(one, associated_data), victim.seal(other, associated_data)
    assert recover_h(first, second) == [victim.h]
    assert_forged(victim, victim.h, first)


@pytest.mark.parametrize("length", range(1, 17))
def test_messages_shorter_than_a_block_do_too(length: int) -> None:
    victim = a_victim(length, key_bytes=32)
    text = b"pay 0100 to Ada!"[:length]
    first, second = victim.seal(text), victim.seal(flipped(text, 8 * length - 1))
    assert recover_h(first, second) == [victim.h]
    assert_forged(victim, victim.h, second)


@pytest.mark.parametrize("bit", [0, 1, 63, 64, 127])
def test_one_different_bit_is_enough(bit: int) -> None:
    victim = a_victim(bit)
    assert recover_h(victim.seal(bytes(16)), victim.seal(flipped(bytes(16), bit))) == [victim.h]


def test_longer_messages_that_differ_in_their_last_block_only_do_too() -> None:
    victim = a_victim(1)
    first, second = victim.seal(b"=" * 48 + b"pay 0100"), victim.seal(b"=" * 48 + b"pay 9100")
    assert recover_h(first, second) == [victim.h]


# Other messages: a few candidates, the true one among them.


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 2), (5, 16), (16, 15), (0, 1), (0, 16), (16, 17), (16, 32), (17, 40), (48, 16)],
)
def test_messages_of_different_lengths_give_a_few_candidates(one: int, other: int) -> None:
    victim = a_victim(100 * one + other)
    chance = random.Random(1)
    first, second = victim.seal(chance.randbytes(one)), victim.seal(chance.randbytes(other))
    found = recover_h(first, second)
    assert victim.h in found
    assert len(found) <= (max(one, other) + 15) // 16 + 1
    assert_forged(victim, victim.h, first)


@pytest.mark.parametrize("length", [17, 32, 33, 48, 64, 80])
def test_longer_messages_of_one_length_give_a_few_candidates(length: int) -> None:
    victim = a_victim(length)
    chance = random.Random(2)
    texts = chance.randbytes(length), chance.randbytes(length)
    found = recover_h(victim.seal(texts[0]), victim.seal(texts[1]))
    assert victim.h in found
    assert len(found) <= (length + 15) // 16 + 1


def test_a_third_message_tells_which_candidate_is_true() -> None:
    victim = a_victim(3)
    chance = random.Random(3)
    first, second, third = (victim.seal(chance.randbytes(40)) for _ in range(3))
    common = set(recover_h(first, second)) & set(recover_h(second, third))
    assert common == {victim.h}


def test_a_wrong_candidate_forges_nothing() -> None:
    victim = a_victim(4)
    known = victim.seal(bytes(16))
    tag = forge_tag(victim.h ^ 1, known, bytes(range(16)))
    with pytest.raises(ValueError, match="MAC check failed"):
        victim.open(Sealed(bytes(range(16)), tag))


@pytest.mark.parametrize(
    ("one", "other"),
    [(b"", b"one"), (b"one", b"two"), (b"a", b"longer than one block"), (b"x" * 16, b"x" * 17)],
)
def test_different_associated_data_is_taken_into_account(one: bytes, other: bytes) -> None:
    victim = a_victim(5)
    first = victim.seal(b"pay 0100 to Ada!", one)
    for text in (b"pay 0100 to Ada!", b"pay 9100 to Eve!"):
        found = recover_h(first, victim.seal(text, other))
        assert victim.h in found
    assert_forged(victim, victim.h, first)


def test_an_attacker_who_has_the_associated_data_wrong_but_equal_still_gets_h() -> None:
    victim = a_victim(6)
    sealed = [victim.seal(text, b"unknown") for text in (b"pay 0100", b"pay 9100")]
    first, second = (Sealed(message.ciphertext, message.tag) for message in sealed)
    assert recover_h(first, second) == [victim.h]  # what is equal falls out of the sum


def test_a_nonce_of_another_length_changes_nothing() -> None:
    victim = a_victim(7, nonce_bytes=16)
    first, second = victim.seal(b"pay 0100"), victim.seal(b"pay 9100")
    assert recover_h(first, second) == [victim.h]


# Messages that say nothing.


def test_equal_messages_say_nothing() -> None:
    victim = a_victim(8)
    for text in (b"", b"pay 0100", bytes(48)):
        with pytest.raises(FormatError, match="say nothing about H"):
            recover_h(victim.seal(text), victim.seal(text))


def test_equal_ciphertexts_under_different_nonces_say_nothing() -> None:
    first, second = (Sealed(bytes(16), bytes([number]) * 16) for number in range(2))
    with pytest.raises(FormatError, match="say nothing about H"):
        recover_h(first, second)


def test_two_nonces_do_not_give_the_true_h() -> None:
    key = bytes(16)
    first = Victim(key, bytes(12)).seal(b"pay 0100 to Ada!")
    second = Victim(key, bytes(11) + b"\x01").seal(b"pay 9100 to Eve!")
    assert recover_h(first, second) != [Victim(key, bytes(12)).h]


# Live.


def test_a_text_that_nobody_sealed_is_read_by_a_running_twin() -> None:
    known, wanted = b"pay 0100 to Ada!", b"pay 9100 to Eve!"
    with TwinServer(RepeatedNonceGcm()) as server:
        client = TwinClient(server)
        rows = [client.store(text) for text in (known.decode(), "pay 0200 to Bob!")]
        first, second = (Sealed(row.ciphertext, row.tag, b"securedata/twin") for row in rows)
        (h,) = recover_h(first, second)
        ciphertext = xor(first.ciphertext, xor(known, wanted))
        tag = forge_tag(h, first, ciphertext, first.associated_data)
        assert client.retrieve(Row(rows[0].nonce, ciphertext, tag)) == wanted.decode()
        assert len(server.rows) == 2
