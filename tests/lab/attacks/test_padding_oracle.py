"""The padding oracle: every text is read from yes and no, in few questions, in process and live."""

import random

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab import Row, TwinClient, xor
from securedata.lab.attacks import (
    decrypt_block,
    decrypt_last_byte,
    decrypt_message,
    oracle_of,
)
from securedata.lab.attacks.padding_oracle import Oracle
from securedata.lab.flaws import Cbc, PaddingOracle
from securedata.lab.twin import TwinServer

KEY = bytes(range(16))
fuzzing = settings(max_examples=20, deadline=None, derandomize=True, database=None)


class Counting:
    """An oracle that counts its questions: right is the PKCS#7 padding (RFC 5652, 6.3)."""

    def __init__(self, key: bytes = KEY) -> None:
        self.key = key
        self.questions = 0

    def __call__(self, iv: bytes, ciphertext: bytes) -> bool:
        self.questions += 1
        text = AES.new(self.key, AES.MODE_CBC, iv=iv).decrypt(ciphertext)
        return 1 <= text[-1] <= 16 and text.endswith(bytes([text[-1]]) * text[-1])


def cbc(text: bytes, iv: bytes) -> bytes:
    """Whole blocks of text, encrypted without any padding of ours."""
    return AES.new(KEY, AES.MODE_CBC, iv=iv).encrypt(text)


# One byte.


def test_the_last_byte_of_any_block_takes_at_most_257_questions() -> None:
    chance = random.Random(1)
    for _ in range(200):
        key, iv, block = (chance.randbytes(16) for _ in range(3))
        oracle = Counting(key)
        text = AES.new(key, AES.MODE_CBC, iv=iv).decrypt(block)
        assert decrypt_last_byte(oracle, iv, block) == text[-1]
        assert oracle.questions <= 257


def test_every_last_byte_is_found_in_at_most_257_questions() -> None:
    for last in range(256):
        oracle = Counting()
        text = bytes(15) + bytes([last])
        assert decrypt_last_byte(oracle, bytes(16), cbc(text, bytes(16))) == last
        assert oracle.questions <= 257


@pytest.mark.parametrize(
    "text",
    [pad(bytes(range(65, 65 + length)), 16) for length in range(16)]
    + [b"one more at last", b"fourteen letts\x02\x02", b"thirteen let\x00\x03\x03\x03"],
)
def test_a_text_that_ends_in_a_longer_padding_is_not_taken_for_one_of_01(text: bytes) -> None:
    iv = random.Random(1).randbytes(16)
    oracle = Counting()
    assert decrypt_last_byte(oracle, iv, cbc(text, iv)) == text[-1]
    assert oracle.questions <= 257


@pytest.mark.parametrize("ending", [b"\x02", b"\x03\x03", b"\x04\x04\x04", b"\x10" * 15])
def test_an_accident_is_seen_through_at_every_place_it_can_happen(ending: bytes) -> None:
    # We hand in zeros before the guess, so the block itself, before CBC's XOR, must hold the rest
    # of a longer padding; then a guess for it and a guess for 01 are both right.
    for last in range(256):
        inside = bytes(15 - len(ending)) + ending + bytes([last])
        block = AES.new(KEY, AES.MODE_ECB).encrypt(inside)
        oracle = Counting()
        assert decrypt_last_byte(oracle, bytes(16), block) == last
        assert oracle.questions <= 257


# Blocks and messages.


@fuzzing
@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_any_block_is_read_in_at_most_4097_questions(previous: bytes, block: bytes) -> None:
    oracle = Counting()
    text = AES.new(KEY, AES.MODE_CBC, iv=previous).decrypt(block)
    assert decrypt_block(oracle, previous, block) == text
    assert oracle.questions <= 16 * 256 + 1


@pytest.mark.parametrize("length", [0, 1, 2, 14, 15, 16, 17, 31, 32, 33, 47, 48, 64])
def test_a_message_of_any_length_is_read(length: int) -> None:
    chance = random.Random(length)
    text, iv = chance.randbytes(length), chance.randbytes(16)
    assert decrypt_message(Counting(), iv, cbc(pad(text, 16), iv)) == text


@pytest.mark.parametrize("text", [b"\x01", b"\x02\x02", b"\x10" * 16, b"\x01" * 15, b"x\x03\x03"])
def test_a_message_that_looks_like_padding_is_read_whole(text: bytes) -> None:
    iv = bytes(range(16, 32))
    assert decrypt_message(Counting(), iv, cbc(pad(text, 16), iv)) == text


@pytest.mark.parametrize("kind", [Cbc, PaddingOracle])
def test_a_twin_in_process_is_an_oracle(kind: type[Cbc]) -> None:
    twin = kind()
    row = twin.seal("Grüße, und ein zweiter Block".encode(), record_id="1")
    read = decrypt_message(oracle_of(twin), row.nonce, row.ciphertext)
    assert read.decode() == "Grüße, und ein zweiter Block"


def test_progress_is_told_after_every_block() -> None:
    told: list[tuple[int, int]] = []
    iv = bytes(16)
    ciphertext = cbc(pad(bytes(40), 16), iv)
    decrypt_message(Counting(), iv, ciphertext, lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


# Oracles that are none.


def test_an_oracle_that_always_says_no_is_found_out_after_256_questions() -> None:
    questions: list[bytes] = []

    def no(iv: bytes, ciphertext: bytes) -> bool:
        questions.append(iv)
        return False

    with pytest.raises(FormatError, match="the oracle never said yes"):
        decrypt_message(no, bytes(16), bytes(32))
    assert len(questions) == len(set(questions)) == 256


def test_an_oracle_that_always_says_yes_ends_in_17_questions_a_block_and_no_text() -> None:
    questions: list[bytes] = []

    def yes(iv: bytes, ciphertext: bytes) -> bool:
        questions.append(iv)
        return True

    # Every first guess is right, so every byte seems to be its own padding.
    assert decrypt_block(yes, bytes(16), bytes(16)) == bytes(range(16, 0, -1))
    assert len(questions) == 17
    assert decrypt_message(yes, bytes(16), bytes(48)) == (bytes(range(16, 0, -1)) * 3)[:-1]
    assert decrypt_message(yes, bytes(15) + b"\x01", bytes(16)) == b""


def test_an_oracle_that_flips_a_coin_comes_to_an_end() -> None:
    chance = random.Random(1)

    def coin(iv: bytes, ciphertext: bytes) -> bool:
        return chance.random() < 0.5

    for _ in range(20):
        assert len(decrypt_block(coin, bytes(16), bytes(16))) == 16


def test_an_oracle_that_breaks_off_is_not_hidden() -> None:
    def broken(iv: bytes, ciphertext: bytes) -> bool:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        decrypt_last_byte(broken, bytes(16), bytes(16))


@pytest.mark.parametrize(("iv_bytes", "ciphertext_bytes"), [(15, 16), (16, 15), (16, 17), (16, 0)])
def test_a_message_that_is_no_cbc_is_refused(iv_bytes: int, ciphertext_bytes: int) -> None:
    with pytest.raises(FormatError):
        decrypt_message(oracle_of(Cbc(seed=1)), bytes(iv_bytes), bytes(ciphertext_bytes))


# Live.


def oracle_over_https(client: TwinClient) -> Oracle:
    def oracle(iv: bytes, ciphertext: bytes) -> bool:
        return client.retrieve(Row(iv, ciphertext, b"")) == "This text is not yours."

    return oracle


def test_the_last_byte_is_read_from_a_running_twin_in_at_most_257_requests() -> None:
    with TwinServer(PaddingOracle(seed=1)) as server:  # without, the first guess may be right
        client = TwinClient(server)
        row = client.store("attack at dawn")
        last = decrypt_last_byte(oracle_over_https(client), row.nonce, row.ciphertext)
        requests = [line for line in server.log_tail(1000) if "/retrieve" in line]
    assert last == 2  # two bytes are missing in the block
    assert len(requests) <= 257
    assert {line.split()[2] for line in requests} == {"400", "403"}


def test_a_running_twin_never_shows_the_text_that_its_answers_give_away() -> None:
    with TwinServer(PaddingOracle(seed=1)) as server:
        client = TwinClient(server)
        row = client.store("attack at dawn")
        honest = client.retrieve(row)
        wrong = client.retrieve(Row(xor(row.nonce, bytes(15) + b"\xff"), row.ciphertext, b""))
    assert honest == "This text is not yours."
    assert wrong == "Invalid padding."
