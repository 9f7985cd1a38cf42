"""Lesson 02's checks: which lock held, binding a row, counting nonces, and one nonce too many."""

import os
from collections.abc import Callable
from typing import Any

from Crypto.Cipher import AES

from securedata.errors import SecureDataError
from securedata.lab.attacks import Sealed, ghash
from securedata.lab.attacks.field import inverse, multiply
from securedata.lab.checking import exercise, given, shown
from securedata.lab.twin import Row, Twin, TwinServer
from securedata.lab.twinclient import TwinClient

RECIPE = "H·H = (T XOR T') / (C XOR C'): + is ^, · is multiply, / is multiplying with inverse"
KNOWN_TEXT = "pay 0100 to Ada!"
FORGED_TEXT = "pay 9100 to Eve!"


@exercise("2.1", "the signature stands first: the tag was never read")
def names_the_lock(answer: str) -> str | None:
    """Which layer of the real service refused a changed tag: signature, key or tag?"""
    words = given(answer)
    if isinstance(words, str) and words.strip().lower().removesuffix("error") == "signature":
        return None
    why = {
        "tag": "the log says SignatureError; the tag was never read",
        "key": "no key was looked at: the log says which error it was",
        "nonce": "the nonce was right, and the row was found; read the log's last line",
    }.get(str(words).strip().lower(), "look at server.log_tail(1), and answer in one word")
    return f"expected the layer that the log names, got {shown(words)}; {why}"


@exercise("2.2", "the moved row is refused, and the honest one still opens")
def binds_a_row(MyTwin: type[Twin]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin must refuse a row that was moved to another record id."""
    given(MyTwin)
    if not (isinstance(MyTwin, type) and issubclass(MyTwin, Twin)):
        return (
            f"expected a class made from lab.Twin, got {shown(MyTwin)}; "
            "begin with class MyTwin(lab.Twin), and hand the class over, without brackets"
        )
    twin = MyTwin()
    ids = ["0" * 31 + "1", "0" * 31 + "2", "1" + "0" * 30 + "1"]
    rows = {record_id: twin.seal(b"pay 0100 to Ada", record_id) for record_id in ids}
    for record_id in ids:
        try:
            honest = twin.open(rows[record_id], record_id)
        except SecureDataError as error:
            return (
                f"expected the honest row to open, got {shown(error)}; "
                "sealing and opening must use the same associated data"
            )
        if honest != b"pay 0100 to Ada":
            return (
                f"expected the text as it went in, got {shown(honest)}; "
                "associated data is not part of the text"
            )
    for home in ids:
        for elsewhere in ids:
            if home != elsewhere and _opens(twin, rows[home], elsewhere):
                return (
                    "expected the moved row to be refused, got its text; "
                    "move the row: who compares them? Give GCM the whole record_id"
                )
    return None


def _opens(twin: Twin, row: Row, record_id: str) -> bool:
    try:
        twin.open(row, record_id)
    except SecureDataError:
        return False
    return True


@exercise("2.3", "up to 2^32 messages, two nonces are equal for less than one key in 2^32")
def counts_nonces(answer: int) -> str | None:
    """How many messages may one key encrypt with random 96-bit nonces (SP 800-38D, 8.3)?"""
    number = given(answer)
    if number == 2**32:
        return None
    why = {
        2**96: "that is how many nonces there are: they collide long before they run out",
        2**48: "there a collision is likely already; the limit keeps it at one in 2^32",
        2**64: "half of the nonce's bits and more: collisions, not exhaustion, set the limit",
        2**128: "that counts tags or keys: a nonce has 96 bits",
        34: "in Python ^ is XOR: a power is written **",
        32: "that is the exponent: the answer is a number of messages, 2**...",
        2**31: "close: SP 800-38D, 8.3 says 2^32",
    }.get(number if isinstance(number, int) else 0, "NIST SP 800-38D, 8.3 has one number")
    return f"expected the limit of SP 800-38D, 8.3, got {shown(number)}; {why}"


@exercise("2.4", "with H, any text can be given a tag")
def recovers_h(my_recover: Callable[[Sealed, Sealed], int]) -> str | None:
    """my_recover(first, second) for two one-block messages under one nonce, as an int."""
    key, nonce = os.urandom(32), os.urandom(12)
    first, second = _sealed(key, nonce, os.urandom(16)), _sealed(key, nonce, os.urandom(16))
    h = int.from_bytes(AES.new(key, AES.MODE_ECB).encrypt(bytes(16)), "big")
    answer = given(my_recover(first, second))
    if isinstance(answer, list) and answer == [h]:
        return None
    if answer == h:
        return None
    square = multiply(h, h)
    c = int.from_bytes(first.ciphertext, "big") ^ int.from_bytes(second.ciphertext, "big")
    t = int.from_bytes(first.tag, "big") ^ int.from_bytes(second.tag, "big")
    why = {
        square: "that is H squared: take the square root",
        t: "that is the sum of the tags: divide it by the sum of the ciphertexts",
        c: "that is the sum of the ciphertexts: it belongs under the fraction",
        multiply(t, c): "you multiplied: dividing is multiplying with the inverse",
        multiply(c, inverse(t)): "that is the fraction upside down",
        t // c
        if c
        else 0: "that divides integers: these are elements of GF(2^128), so use inverse",
    }.get(answer if isinstance(answer, int) else -1)
    if why is None:
        why = "H is an int" if not isinstance(answer, int) else RECIPE
    return f"expected the H of this key, got {shown(answer)}; {why}"


def _sealed(key: bytes, nonce: bytes, plaintext: bytes) -> Sealed:
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    return Sealed(*cipher.encrypt_and_digest(plaintext))


@exercise("2.5", "the running twin accepted a text that nobody had sealed")
def forges(my_forge: Callable[[int, Row, bytes], Any], twin: TwinServer) -> str | None:
    """my_forge(h, row, known_text) -> (encrypted_data, tag) that says FORGED_TEXT at the twin."""
    client = TwinClient(twin)
    row = client.store(KNOWN_TEXT)
    h = int.from_bytes(AES.new(twin.twin.key, AES.MODE_ECB).encrypt(bytes(16)), "big")
    forged = given(my_forge(h, row, KNOWN_TEXT.encode()))
    if not (isinstance(forged, tuple) and len(forged) == 2):
        return f"expected (encrypted_data, tag), got {shown(forged)}; return both"
    encrypted_data, tag = forged
    if not (isinstance(encrypted_data, bytes) and isinstance(tag, bytes)):
        return (
            f"expected two byte strings, got {shown(forged)}; ghash gives a number, a tag is bytes"
        )
    text = client.retrieve(Row(row.nonce, encrypted_data, tag))
    if text == FORGED_TEXT:
        return None
    if text.startswith("pay") and text != KNOWN_TEXT:
        why = "the tag is right, the text is not"
        return f"expected {shown(FORGED_TEXT)}, got {shown(text)}; {why}"
    hashes = [ghash(h, data, encrypted_data) for data in (b"", b"securedata/twin")]
    if encrypted_data == row.ciphertext:
        why = "the text is still the old one: XOR in the difference, as under CTR"
    elif tag == row.tag:
        why = "the text changed; recompute the tag"
    elif int.from_bytes(tag, "big") in hashes:
        why = "that is GHASH alone: add the mask, known tag XOR GHASH of the known ciphertext"
    else:
        why = "tag = known tag XOR GHASH(known ciphertext) XOR GHASH(forged ciphertext)"
    return f"expected {shown(FORGED_TEXT)}, got {shown(text)}; {why}"
