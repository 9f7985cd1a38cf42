"""What stands in an explorer is true, and is inside the page."""

import json
import re
from html import unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from securedata.lab import explore_bits, explore_ring
from securedata.lab.primitives.small_dsa import ZeroError

TEXT = "pay 0100 EUR to Ada Lovelace, order 4711, today."
KEY, NONCE = bytes(range(32)), bytes(range(12))
MODES = {
    "ECB": modes.ECB(),
    "CBC": modes.CBC(bytes(range(16))),
    "CTR": modes.CTR(NONCE + (2).to_bytes(4, "big")),
}


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-answers="([^"]*)"', page)
    assert found is not None
    data: dict[str, Any] = json.loads(unescape(found[1]))
    return data


@pytest.mark.parametrize("name", MODES)
def test_every_flipped_bit_is_read_as_another_library_reads_it(name: str) -> None:
    mode = data_of(explore_bits(TEXT)._repr_html_())["modes"][name]
    ciphertext = bytes.fromhex(mode["ciphertext"])
    assert len(mode["reads"]) == 8 * len(TEXT)
    for bit, (start, change) in enumerate(mode["reads"]):
        flipped = bytearray(ciphertext)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        decryptor = Cipher(algorithms.AES(KEY), MODES[name]).decryptor()
        read = decryptor.update(bytes(flipped)) + decryptor.finalize()
        shown = bytearray(TEXT.encode())
        shown[start : start + len(change) // 2] = bytes.fromhex(change)
        assert shown == read


def test_gcm_gives_nothing_back_and_has_the_ciphertext_of_ctr() -> None:
    found = data_of(explore_bits(TEXT)._repr_html_())["modes"]
    assert found["GCM"] == {"ciphertext": found["CTR"]["ciphertext"], "reads": None}


def test_a_page_holds_its_words_and_asks_nobody_for_more() -> None:
    explorer = explore_bits(TEXT)
    page = explorer._repr_html_()
    assert f"<pre>{explorer}</pre>" in page
    assert not re.search(r"https?:|fetch|import\b|src=", page)
    assert len(page) < 100_000


@pytest.mark.parametrize("text", ["short", TEXT + "."])
def test_a_text_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="48 letters"):
        explore_bits(text)


def test_the_ring_has_the_powers_of_2_and_what_divides() -> None:
    data = data_of(explore_ring(x=4, h=9, k=6)._repr_html_())
    assert data["powers"] == [2**n % 23 for n in range(11)]
    assert 2**11 % 23 == 1
    assert [n * inverse % 11 for n, inverse in enumerate(data["inverses"])] == [0] + 10 * [1]
    assert data["start"] == [4, 9, 6]


def test_the_ring_begins_with_a_signature() -> None:
    with pytest.raises(ZeroError):
        explore_ring(x=4, h=5, k=6)  # 5 + 4 * 7 is 33, three times 11
