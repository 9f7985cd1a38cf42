"""Lesson 01's checks: padding, a repeated keystream, flips and moved blocks.

Each tests a property, mostly on a running twin: a forged text counts when the API gives it back.
"""

import os
from collections.abc import Callable
from typing import Any

from Crypto.Util.Padding import pad

from securedata.lab.attacks import blocks
from securedata.lab.bits import xor
from securedata.lab.checking import exercise, given, shown
from securedata.lab.twin import Row, TwinServer
from securedata.lab.twinclient import TwinClient

OLD_AMOUNT, NEW_AMOUNT = b"0100", b"9100"
TRANSFER = "pay 0100 EUR to Ada Lovelace"
PROFILE = "role=user;name=Ada"


@exercise("1.1", "every text gets a padding, and every padding can be taken off again")
def pads(my_pad: Callable[[bytes], bytes]) -> str | None:
    """PKCS#7 (RFC 5652, 6.3): n bytes of value n, and a whole block where nothing is missing."""
    for length in (5, 15, 16, 0, 31, 32):
        data = os.urandom(length)
        padded, expected = given(my_pad(data)), pad(data, 16)
        if padded == expected:
            continue
        return (
            f"expected {len(expected)} bytes ending in {shown(expected[-1:])} for {length} bytes, "
            f"got {shown(padded)}; {_padding_mistake(data, padded, expected)}"
        )
    return None


def _padding_mistake(data: bytes, padded: Any, expected: bytes) -> str:
    if not isinstance(padded, bytes):
        return f"the answer must be bytes, not {type(padded).__name__}"
    if not padded.startswith(data):
        return "the text itself must stay as it is: padding comes after it"
    if len(data) % 16 == 0 and padded == data:
        return "a full block is added, or the last byte is ambiguous: is it text or padding?"
    if len(padded) != len(expected):
        return "the result must be the next multiple of 16, and at least one byte longer"
    return "every byte that is added holds the number of bytes added, so that it can be taken off"


@exercise("1.2", "the keystream of one known text reads every other text under the same nonce")
def reads(my_read: Callable[[bytes, bytes, bytes], bytes]) -> str | None:
    """my_read(known_text, known_ciphertext, ciphertext) under one keystream."""
    keystream, known, hidden = os.urandom(40), os.urandom(40), os.urandom(24)
    known_ciphertext, ciphertext = xor(known, keystream), xor(hidden, keystream[:24])
    answer = given(my_read(known, known_ciphertext, ciphertext))
    if answer == hidden:
        return None
    mistakes = {
        xor(
            known_ciphertext[:24], ciphertext
        ): "that is text XOR text; you know one text: XOR it in",
        xor(
            known[:24], ciphertext
        ): "that still has the keystream in it; XOR the known ciphertext in",
        keystream[:24]: "that is the keystream; XOR it with the ciphertext",
        keystream: "that is the keystream; XOR it with the ciphertext",
        ciphertext: "that is the ciphertext itself",
    }
    why = mistakes.get(answer) if isinstance(answer, bytes) else "the answer must be bytes"
    if why is None:
        why = "keystream = known text XOR its ciphertext; then text = ciphertext XOR keystream"
    return f"expected {shown(hidden)}, got {shown(answer)}; {why}"


@exercise("1.3", "the running twin pays 9100, and nobody had the key")
def forges_an_amount(my_forge: Callable[[bytes], bytes], twin: TwinServer) -> str | None:
    """my_forge(ciphertext) turns 0100 into 9100 in a stored transfer; the twin must accept it."""
    client = TwinClient(twin)
    row = client.store(TRANSFER)
    forged = given(my_forge(row.ciphertext))
    expected = TRANSFER.replace(OLD_AMOUNT.decode(), NEW_AMOUNT.decode())
    if not isinstance(forged, bytes):
        return f"expected the changed ciphertext, got {shown(forged)}; the answer must be bytes"
    text = client.retrieve(Row(row.nonce, forged, row.tag))
    if text == expected:
        return None
    at = TRANSFER.index(OLD_AMOUNT.decode())
    if forged == row.ciphertext:
        why = "nothing was changed"
    elif forged[at : at + 4] == NEW_AMOUNT:
        why = "you wrote plaintext into the ciphertext: XOR in the difference, old XOR new"
    elif forged[at : at + 4] == xor(row.ciphertext[at : at + 4], NEW_AMOUNT):
        why = "you XORed in the new text alone: XOR in the difference, old XOR new"
    elif len(forged) != len(row.ciphertext):
        why = "the length must stay: change four bytes, keep the others"
    else:
        why = f"change the four bytes from place {at} on, and no others"
    return f"expected {shown(expected)}, got {shown(text)}; {why}"


@exercise("1.4", "user became root through the IV, and the twin believes it")
def flips_through_the_iv(my_flip: Callable[[bytes], bytes], twin: TwinServer) -> str | None:
    """my_flip(iv) turns role=user into role=root; the twin must accept the new IV."""
    client = TwinClient(twin)
    row = client.store(PROFILE)
    iv = given(my_flip(row.nonce))
    expected = PROFILE.replace("user", "root")
    if not isinstance(iv, bytes) or len(iv) != 16:
        return f"expected an IV of 16 bytes, got {shown(iv)}; hand back all of the IV, not the text"
    text = client.retrieve(Row(iv, row.ciphertext, row.tag))
    if text == expected:
        return None
    if iv == row.nonce:
        why = "nothing was changed"
    elif iv[5:9] == b"root":
        why = "you wrote text into the IV: XOR in the difference, old XOR new"
    elif xor(iv, row.nonce)[:4] == xor(b"user", b"root"):
        why = "right difference, wrong place: 'user' begins at byte 5 of its block"
    elif xor(iv, row.nonce)[5:9] == b"root":
        why = "you XORed in the new text alone: XOR in the difference, old XOR new"
    else:
        why = "change bytes 5 to 8 of the IV: each goes into the same byte of the first block"
    return f"expected {shown(expected)}, got {shown(text)}; {why}"


@exercise("1.5", "the running twin says role=admin, and you only signed up")
def becomes_admin(
    my_admin: Callable[[Callable[[str], bytes]], bytes], twin: TwinServer
) -> str | None:
    """my_admin(sign_up) builds a ciphertext out of blocks of others; the twin must say admin."""
    client = TwinClient(twin)
    issued: list[bytes] = []

    def sign_up(name: str) -> bytes:
        issued.append(client.sign_up(name).ciphertext)
        return issued[-1]

    forged = given(my_admin(sign_up))
    if not isinstance(forged, bytes):
        return f"expected a ciphertext, got {shown(forged)}; the answer must be bytes"
    text = client.retrieve(Row(b"", forged, b""))
    if dict(part.partition("=")[::2] for part in text.split(";")).get("role") == "admin":
        return None
    known = {block for ciphertext in issued for block in blocks(ciphertext)}
    if not issued:
        why = "call sign_up(name) first: only the twin can make blocks"
    elif forged in issued:
        why = "that is one of your profiles as it is: take blocks of two and put them together"
    elif len(forged) % 16:
        why = "move whole blocks of 16 bytes"
    elif not set(blocks(forged)) <= known:
        why = "use blocks that the twin has made: nobody else can encrypt"
    elif "role=" not in text[:16]:
        why = "the first block must be name=…;role= and end there: a name of 5 letters"
    elif "role=admin\x0b" in text:
        why = "right block, but more follows it: take only [16:32] of that ciphertext"
    elif "admin" in text:
        why = "'admin' must fill a block of its own, padded as a last block is: 11 times 0b"
    else:
        why = "'admin' must start at byte 0 of its block: 'name=' takes 5, so 11 more come first"
    return f"expected a text with role=admin, got {shown(text)}; {why}"
