"""Lesson 01's checks: padding, a repeated keystream, forgeries, and a letter from an oracle.

Each tests a property, mostly at a running twin: a forged text counts when the API returns it.
"""

import os
import secrets
import string
from collections.abc import Callable
from typing import Any

from Crypto.Util.Padding import pad

from securedata.lab.attacks import blocks, oracle_of
from securedata.lab.checks.engine import compared, exercise, returned, shown
from securedata.lab.primitives.bits import xor
from securedata.lab.servers.clients import TwinClient
from securedata.lab.student_answers.calls import shortcut
from securedata.lab.student_answers.interpreter import names_in
from securedata.lab.twins.flaws import Cbc, Ecb, FixedNonceCtr, PaddingOracle
from securedata.lab.twins.twin import Row, TwinServer

FEW = 4  # bytes that our exercises change
OLD, NEW = b"0100 EUR to Ada", b"9100 EUR to Eve"
TRANSFER = "pay 0100 EUR to Ada Lovelace, order "
PROFILE = "role=user;name=Ada"
ANOTHER = "that was made of another row: change what your function is given"
STORED = "you had a text stored: change the bytes that you were given instead"
ATTACKS = "securedata.lab.attacks"
REWRITERS = [
    f"{ATTACKS}.keystream.read_with_known_text",
    f"{ATTACKS}.keystream.rewrite",
    f"{ATTACKS}.block_modes.flip_through_iv",
]
QUESTIONS = 600  # more than twice what one letter takes

Oracle = Callable[[bytes, bytes], bool]


# 1.1


@exercise(
    "1.1",
    "every text gets a padding, and every padding can be taken off again",
    ready_made=["Crypto.Util.Padding.pad"],
)
def pads(my_pad: Callable[[bytes], bytes]) -> str | None:
    """PKCS#7 (RFC 5652, 6.3): n bytes of value n, and a whole block where nothing is missing."""
    for length in (5, 15, 16, 0, 31, 32):
        data = os.urandom(length)
        padded = returned(my_pad, data)
        if padded != pad(data, 16):
            return _wrong_padding(data, padded)
    # Of a library in C or Rust, only the name tells.
    return shortcut(names_in(my_pad), "padder", "PKCS7")


def _wrong_padding(data: bytes, padded: bytes) -> str:
    length = (len(data) // 16 + 1) * 16
    expected = f"expected {length} bytes for {len(data)} bytes of text"
    if len(data) % 16 == 0:  # how many is what the student has to find
        expected = f"expected a padding that can be taken off again, for {len(data)} bytes of text"
    end = f"{len(padded)} bytes that end in {padded[-3:].hex(' ')}"
    if not padded.startswith(data):
        why = "the text itself must stay as it is: padding comes after it"
    elif len(data) % 16 == 0 and padded == data:
        why = "then nobody can tell whether the last byte is text or padding"
    elif padded[len(data) :].isdigit():
        why = "these are digits: the padding is bytes of that value"
    elif len(padded) != length:
        why = "n bytes are added, until the blocks are whole"
    else:
        why = "every byte that is added holds the number of bytes added"
    return f"{expected}, got {end}; {why}"


# 1.2


@exercise(
    "1.2",
    "one known text reads the others under the same nonce, as far as it goes",
    ready_made=REWRITERS,
)
def reads(my_read: Callable[[bytes, bytes, bytes], bytes]) -> str | None:
    """my_read(known_text, known_ciphertext, ciphertext) under one keystream."""
    keystream, known, hidden = os.urandom(40), os.urandom(40), os.urandom(24)
    sealed = xor(known, keystream), xor(hidden, keystream[:24])
    answer = returned(my_read, known, *sealed)
    if answer == hidden:
        return None
    return f"{compared(hidden, answer)}; {_wrong_reading(known, *sealed, hidden, answer)}"


def _wrong_reading(
    known: bytes, known_ciphertext: bytes, ciphertext: bytes, hidden: bytes, answer: bytes
) -> str:
    keystream = xor(known, known_ciphertext)
    mistakes = {
        xor(known_ciphertext[:24], ciphertext): "that is text XOR text, and you know one of them",
        xor(known[:24], ciphertext): "the keystream is still in it",
        keystream: "that is the keystream: what does it do to the other ciphertext?",
        keystream[:24]: "that is the keystream: what does it do to the other ciphertext?",
        xor(keystream[-24:], ciphertext): "you took the keystream's end: it is used from its start",
        ciphertext: "that is the ciphertext itself",
        known: "that is the text that you knew already",
        known[:24]: "that is the text that you knew already",
    }
    if answer in mistakes:
        return mistakes[answer]
    if answer and hidden.startswith(answer):
        return f"right so far, but the ciphertext has {len(hidden)} bytes"
    if answer.startswith(hidden):
        return "right at first, and then it goes on: stop where the ciphertext stops"
    return "which two of the three belong together, and what is their XOR?"


# 1.3


@exercise(
    "1.3",
    "the running twin pays 9100 to Eve, and nobody had the key",
    twin=FixedNonceCtr.flaw,
    ready_made=REWRITERS,
)
def forges_an_amount(my_forge: Callable[[bytes], bytes], twin: TwinServer) -> str | None:
    """my_forge(ciphertext) changes amount and name of a stored order; the twin must accept it."""
    client = TwinClient(twin)
    # Nobody can have stored the wanted text before.
    transfer = f"{TRANSFER}{secrets.randbelow(10**8):08}"
    row = client.store(transfer)
    stored = len(twin.rows)
    forged = returned(my_forge, row.ciphertext)
    text = client.retrieve(Row(row.nonce, forged, row.tag))
    expected = transfer.replace(OLD.decode(), NEW.decode(), 1)
    if text == expected and len(twin.rows) == stored:
        return None
    if len(twin.rows) > stored:
        return f"expected a changed ciphertext, got a new one; {STORED}"
    why = _wrong_change(row.ciphertext, forged, 4, OLD, NEW)
    if text == transfer.replace("0100", "9100"):
        why = "the amount is right: now change the name in the same way"
    elif text == transfer.replace("Ada", "Eve"):
        why = "the name is right: now change the amount in the same way"
    elif _is_like_one_of(
        {other.ciphertext for other in twin.rows.values()} - {row.ciphertext}, forged
    ):
        why = ANOTHER
    return f"expected {shown(expected)}, got {shown(text)}; {why}"


def _wrong_change(before: bytes, after: bytes, at: int, old: bytes, new: bytes) -> str:
    """What went wrong where `old` should have become `new`, in a ciphertext or in an IV."""
    end = at + len(old)
    if after == before:
        return "nothing was changed"
    if after in (old, new, xor(old, new)) or len(after) != len(before):
        return f"hand back all {len(before)} bytes, also those that stay the same"
    change = xor(before, after)
    if after[at:end] == new:
        return "you wrote text into encrypted bytes: XOR something onto them"
    if after[at:end] == xor(old, new):
        return "the difference replaces the old bytes: XOR it onto them"
    mistakes = {
        new: "you XORed the new text alone: then the old one is still in it",
        old: "you XORed the old text alone: then zero bytes are left of it",
    }
    if change[at:end] in mistakes:
        return mistakes[change[at:end]]
    difference = xor(old, new)
    if difference in change or change.strip(b"\0") in difference:
        return "the right difference: look where it begins, and that nothing else changes"
    return "what do you XOR onto the old text to get the new one?"


# 1.4


@exercise(
    "1.4",
    "user became root through the IV, and the twin believes it",
    twin=Cbc.flaw,
    ready_made=REWRITERS,
)
def flips_through_the_iv(my_flip: Callable[[bytes], bytes], twin: TwinServer) -> str | None:
    """my_flip(iv) turns role=user into role=root; the twin must accept the new IV."""
    client = TwinClient(twin)
    row = client.store(PROFILE)
    iv = returned(my_flip, row.nonce)
    why = _wrong_change(row.nonce, iv, 5, b"user", b"root")
    if len(iv) != 16:
        return f"expected an IV of 16 bytes, got {shown(iv)}; {why}"
    expected = PROFILE.replace("user", "root")
    text = client.retrieve(Row(iv, row.ciphertext, row.tag))
    if text == expected:
        return None
    if _is_like_one_of({other.nonce for other in twin.rows.values()} - {row.nonce}, iv):
        why = ANOTHER
    elif iv == bytes(5) + xor(b"user", b"root") + bytes(7):
        why = "that is the difference alone: XOR it onto the IV"
    return f"expected {shown(expected)}, got {shown(text)}; {why}"


def _is_like_one_of(known: set[bytes], changed: bytes) -> bool:
    """Whether this is one of these byte strings, but for a few bytes."""
    return any(
        len(other) == len(changed)
        and sum(a != b for a, b in zip(other, changed, strict=True)) <= FEW
        for other in known
    )


# 1.5


@exercise("1.5", "the running twin says role=admin, and you only signed up", twin=Ecb.flaw)
def becomes_admin(
    my_admin: Callable[[Callable[[str], bytes]], bytes], twin: TwinServer
) -> str | None:
    """my_admin(sign_up) builds a ciphertext out of blocks of others; the twin must say admin."""
    client = TwinClient(twin)
    issued: list[bytes] = []

    def sign_up(name: str) -> bytes:
        issued.append(client.sign_up(name).ciphertext)
        return issued[-1]

    rows = len(twin.rows)
    forged = returned(my_admin, sign_up)
    text = client.retrieve(Row(b"", forged, b""))
    stored_more = len(twin.rows) - rows > len(issued)
    if stored_more:
        return f"expected blocks of profiles, got a text that was stored; {STORED}"
    if _role(text) == "admin":
        if forged in [row.ciphertext for row in twin.rows.values()]:
            return f"expected blocks of profiles, got a text that was stored; {STORED}"
        return None
    why = _wrong_blocks(forged, issued, text)
    return f"expected a text that ends in role=admin, got {shown(text)}; {why}"


def _role(text: str) -> str | None:
    return dict(part.partition("=")[::2] for part in text.split(";")).get("role")


def _wrong_blocks(forged: bytes, issued: list[bytes], text: str) -> str:
    known = {block for ciphertext in issued for block in blocks(ciphertext)}
    if not issued:
        return "call sign_up(name) first: only the twin can make blocks"
    if forged in issued:
        return "that is one of your profiles as it is: put blocks of two together"
    if len(forged) % 16:
        return "move whole blocks of 16 bytes"
    if not set(blocks(forged)) <= known:
        return "use blocks that your own twin has made: nobody else has its key"
    if "adding is incorrect" in text:
        return "the twin takes a padding off the last block: which value must its bytes have?"
    if "role=admin" in text:
        return "something follows 'admin': only a padding may, and no other block"
    if not any(part.endswith(b"role=") for part in blocks(text.encode())):
        return "a block must end exactly behind 'role=': count the letters of your name"
    if "admin" in text:
        return "'admin' must stand at the very start of its block: what comes before a name?"
    return "the block behind 'role=' must begin with 'admin'"


# 1.6

WHOLE_ATTACKS = [
    f"{ATTACKS}.padding_oracle.decrypt_{what}" for what in ("last_byte", "block", "message")
]
NOT_BYTE_14 = "the letter before the last is made by byte 14 of the IV: try all its values"
NEVER_02 = "the last byte must come out as 02: what must the last byte of your IV be?"
LETTER_QUESTION = "at which guess did the twin say yes, and why at this one?"


class TooManyQuestionsError(Exception):
    """An answer is not found by asking on and on."""


@exercise("1.6", "so the oracle reads a whole block, letter by letter", ready_made=WHOLE_ATTACKS)
def recovers_a_letter(my_letter: Callable[[Oracle, bytes, bytes, int], Any]) -> str | None:
    """my_letter(padding_is_right, iv, block, last): the last letter but one, given the last."""
    for _ in range(3):
        wrong = _wrong_letter(my_letter)
        if wrong is not None:
            return wrong
    return None


def _wrong_letter(my_letter: Callable[[Oracle, bytes, bytes, int], Any]) -> str | None:
    twin, iv, block, text = _stolen()
    asked: list[bytes] = []
    right: list[bytes] = []
    tell = oracle_of(twin)

    def padding_is_right(forged_iv: bytes, forged_block: bytes) -> bool:
        if len(asked) == QUESTIONS:
            raise TooManyQuestionsError(f"{QUESTIONS} questions, and one letter takes 256 at most")
        asked.append(bytes(forged_iv))
        is_right = tell(forged_iv, forged_block)
        right.extend(asked[-1:] * is_right)
        return is_right

    try:
        answer = returned(my_letter, padding_is_right, iv, block, text[15])
    except TooManyQuestionsError:
        raise
    except Exception:
        if asked and not right and (why := _wrong_questions(asked, iv, text)):
            return f"expected the last letter but one, got no answer; {why}"
        raise
    number = ord(answer) if isinstance(answer, (str, bytes)) and len(answer) == 1 else answer
    if number == text[14]:
        return None
    why = _wrong_questions(asked, iv, text) if asked and not right else None
    why = why or _letter_mistake(number, text, iv, right)
    return f"expected the last letter but one, got {shown(answer)}; {why}"


def _stolen() -> tuple[PaddingOracle, bytes, bytes, bytes]:
    """A twin, and an IV, a block and the text of somebody else that was stored there."""
    twin = PaddingOracle()
    while True:
        text = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16)).encode()
        row = twin.seal(text, record_id="1")
        if len({text[14], *_letter_mistakes(text, row.nonce)}) == 7:  # to be told apart
            return twin, row.nonce, row.ciphertext[:16], text


def _wrong_questions(asked: list[bytes], iv: bytes, text: bytes) -> str | None:
    """What is wrong with IVs that found no right padding."""
    if {len(question) for question in asked} != {16}:
        return "an IV has 16 bytes: bytes([7]) is one byte of value 7, bytes(7) is seven zeros"
    if all(question[15] ^ iv[15] ^ text[15] != 2 for question in asked):
        return NEVER_02
    if len({question[14] for question in asked}) == 1:
        return NOT_BYTE_14
    if len({question[14] for question in asked}) < 256:
        return "no guess gave True: a byte has the values 0 to 255"
    return None


def _letter_mistake(number: Any, text: bytes, iv: bytes, right: list[bytes]) -> str:
    if not isinstance(number, int):
        return "return one letter, or its number"
    if not right:
        return "ask padding_is_right(iv, block): nothing else tells you anything"
    if right[-1][15] ^ iv[15] ^ text[15] == 1:
        return "the last byte came out as 01: then the byte before it does not matter"
    return _letter_mistakes(text, iv).get(number, LETTER_QUESTION)


def _letter_mistakes(text: bytes, iv: bytes) -> dict[int, str]:
    letter, byte = text[14], iv[14]
    return {
        letter ^ byte ^ 2: "that is your guess: which byte did it make of the text's?",
        letter ^ byte: "that is the byte before CBC's XOR: whose IV did the text go through?",
        letter ^ 2: "the byte came out as 02 when the padding was right: it is in your sum",
        letter ^ 3: "that is right for a padding of 01: now both bytes came out as 02",
        2: "that is the padding: which byte of the text stood there before?",
        text[15]: "that is the last letter, which you knew",
    }
