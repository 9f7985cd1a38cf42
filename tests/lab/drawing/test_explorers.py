"""What stands in an explorer is true, and is inside the page."""

import hashlib
import json
import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from securedata_lab import flip_bit, xor
from securedata_lab.drawing.explorer import Explorer
from securedata_lab.lesson01_aes_modes import explore_bits, explore_two_texts
from securedata_lab.lesson02_aes_gcm import explore_tag
from securedata_lab.lesson03_dsa_signatures import explore_judge, explore_ring
from securedata_lab.lesson04_dsa_attacks import explore_arrows
from securedata_lab.lesson06_tls_on_the_wire import explore_session, wire
from securedata_lab.lesson07_secure_store import explore_rollback

TEXT = "pay 0100 EUR to Ada Lovelace, order 4711, today."
KEY = bytes(range(32))
MODES: dict[str, Callable[[dict[str, bytes]], modes.Mode]] = {
    "ECB": lambda sent: modes.ECB(),
    "CBC": lambda sent: modes.CBC(sent["IV"]),
    "CTR": lambda sent: modes.CTR(sent["nonce"] + (2).to_bytes(4, "big")),
}


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-answers="([^"]*)"', page)
    assert found is not None
    data: dict[str, Any] = json.loads(unescape(found[1]))
    return data


@pytest.mark.parametrize("name", MODES)
def test_every_flipped_bit_is_read_as_another_library_reads_it(name: str) -> None:
    parts = data_of(explore_bits(TEXT)._repr_html_())["modes"][name]
    sent = {part["name"]: bytes.fromhex(part["hex"]) for part in parts}
    for part in parts:
        assert len(part["reads"]) == 8 * len(sent[part["name"]])
        for bit, (start, change) in enumerate(part["reads"]):
            flipped = bytearray(sent[part["name"]])
            flipped[bit // 8] ^= 0x80 >> bit % 8
            changed = sent | {part["name"]: bytes(flipped)}
            decryptor = Cipher(algorithms.AES(KEY), MODES[name](changed)).decryptor()
            read = decryptor.update(changed["ciphertext"]) + decryptor.finalize()
            shown = bytearray(TEXT.encode())
            shown[start : start + len(change) // 2] = bytes.fromhex(change)
            assert shown == read


def test_gcm_gives_nothing_back_and_has_the_ciphertext_of_ctr() -> None:
    found = data_of(explore_bits(TEXT)._repr_html_())["modes"]
    assert [(part["name"], part["reads"]) for part in found["GCM"]] == [
        ("nonce", None),
        ("ciphertext", None),
        ("tag", None),
    ]
    assert found["GCM"][1]["hex"] == found["CTR"][1]["hex"]


def test_the_page_of_two_unknown_texts_has_their_xor_alone() -> None:
    """Nothing in it could tell whether a guess is right."""
    data = data_of(explore_two_texts()._repr_html_())
    assert data == {"both": data["both"], "guess": " the "}
    assert len(bytes.fromhex(data["both"])) > 40


@pytest.mark.parametrize(
    "explorer",
    [
        explore_bits(TEXT),
        explore_two_texts(),
        explore_ring(),
        explore_judge(),
        explore_arrows(q=211, T=124, A=66, B=12),
        explore_rollback(),
    ],
    ids=lambda it: it.name,
)
def test_a_page_holds_its_words_and_asks_nobody_for_more(explorer: Explorer) -> None:
    page = explorer._repr_html_()
    assert f"<pre>{escape(str(explorer))}</pre>" in page
    asks = page.replace("http://www.w3.org/2000/svg", "")  # a name, and nobody's address
    assert not re.search(r"https?:|fetch|import\b|src=", asks)
    assert len(page) < 100_000


@pytest.mark.parametrize("text", ["short", TEXT + "."])
def test_a_text_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="48 letters"):
        explore_bits(text)


def test_the_heads_of_a_rollback_are_a_chain_and_each_keeper_has_what_they_saw() -> None:
    data = data_of(explore_rollback()._repr_html_())
    head, heads = bytes(32), [bytes(32)]
    for number in (1, 2, 3):
        signature = hashlib.sha512(f"record {number}".encode()).digest()
        head = hashlib.sha256(head + signature).digest()
        heads.append(head)
    assert data["heads"] == [it.hex()[:8] for it in heads]
    assert [step["rows"] for step in data["steps"]] == [2, 2, 3, 2, 2]
    kept = dict(
        zip(data["keepers"], zip(*(it["kept"] for it in data["steps"]), strict=True), strict=True)
    )
    assert kept == {
        "nobody": (None,) * 5,
        "the database": (2, 2, 3, 2, 2),
        "Ada": (2, 2, 3, 3, 3),
    }


ONE, TWO = "Kim: 0100 to Gil", "Eve: 0001 to Kim"


def test_every_flipped_bit_of_a_tag_is_accepted_by_another_library() -> None:
    """What a tag becomes when a bit of C is flipped: under its key the row opens."""
    data = data_of(explore_tag(ONE, TWO)._repr_html_())
    blocks = {part: bytes.fromhex(block) for part, block in data["blocks"].items()}
    tag = xor(blocks["M"], bytes.fromhex(data["ghash"]))
    for bit, step in enumerate(data["steps"]):
        flipped = bytes.fromhex(flip_bit(blocks["C"].hex(), bit))
        sealed = flipped + xor(tag, bytes.fromhex(step))
        AESGCM(KEY).decrypt(bytes(12), sealed, None)  # no objection
    other = AESGCM(KEY).encrypt(bytes(12), TWO.encode(), None)[16:]
    assert xor(tag, other).hex() == data["difference"]


def test_a_tag_s_parts_are_one_block_each() -> None:
    with pytest.raises(ValueError, match="16 letters of ASCII, not 15"):
        explore_tag(ONE[:-1], TWO)
    assert len(explore_tag(ONE, TWO)._repr_html_()) < 100_000


def seen(record: wire.Record, key: bytes, iv: bytes, number: int) -> bytes:
    nonce = wire.record_nonce(iv, number)
    return wire.open_record(record, key, nonce)[1]


def test_a_sessions_parts_are_all_its_bytes_in_their_order() -> None:
    recording = wire.load_recording("tls13-hybrid")
    sides = data_of(explore_session(recording, seen)._repr_html_())
    for side, stream in (("client", recording.client_stream), ("server", recording.server_stream)):
        place = 0
        for part in sides[side]:
            assert part["start"] == place
            shown = bytes.fromhex(part["hex"])
            assert stream[place : place + len(shown)] == shown
            place += part["length"]
        assert place == len(stream)


@pytest.mark.parametrize(("name", "length"), [("rfc8448", 32), ("tls13-hybrid", 1216)])
def test_only_a_share_of_x25519_is_called_a_point(name: str, length: int) -> None:
    sides = data_of(explore_session(wire.load_recording(name), seen)._repr_html_())
    (share,) = (part for part in sides["client"] if part["name"] == "key share g^a")
    assert share["length"] == length
    assert (share["sentence"] == "A point of the curve X25519.") == (length == 32)


def test_a_record_opens_by_a_right_answer_alone() -> None:
    recording = wire.load_recording("tls13-hybrid")
    right = explore_session(recording, seen)
    kinds = [part["kind"] for part in data_of(right._repr_html_())["client"]]
    assert kinds.count("opened") == 3
    assert '{"data": ' in str(right)
    first_only = explore_session(recording, lambda record, key, iv, _: seen(record, key, iv, 0))
    page = first_only._repr_html_()
    assert [it["kind"] for it in data_of(page)["client"]].count("opened") == 2
    assert "record 1, data keys: encrypted (WireError" in str(first_only)
    assert '{"data": ' not in page
    assert len(page) < 100_000
