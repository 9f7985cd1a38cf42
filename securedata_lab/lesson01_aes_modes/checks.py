"""Lesson 01's checks: a stolen order read and changed, a bank fixed, and letters from an oracle.

Each runs the student's lines at a bank or twin of its own, with secrets drawn just now.
"""

import math
import secrets
import string
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Any

from Crypto.Cipher import AES

from securedata.errors import FormatError, SecureDataError
from securedata_lab.basics.bits import xor
from securedata_lab.judging.attempts import UnjudgedError, given, is_empty
from securedata_lab.judging.declared import as_declared
from securedata_lab.judging.engine import (
    NotAttemptedError,
    compared,
    exercise,
    part_by_part,
    returned,
    shown,
)
from securedata_lab.judging.interpreter import names_in, stopped_clock, watched
from securedata_lab.lesson01_aes_modes.bank import RIGHT, UNSAID, WRONG, CtrBank, Teller
from securedata_lab.lesson01_aes_modes.block_modes import BLOCK_BYTES, blocks
from securedata_lab.lesson01_aes_modes.flaws import Ecb
from securedata_lab.twins.twin import Row

TIMES = 3  # each with another order
AS_THEY_ARE = "return the bytes as they are"
SAY_IT = "hand over what the bank answers: said = bank.say(…)"
NO_CARET = "bytes have no ^: use xor"


# 1.7

OWN_BANKS = "the check has banks of its own"
UNEXPLAINED = "which two of the three belong together, and what is their XOR?"


@exercise(
    "1.7",
    "your lines read three new strangers' orders, without a key",
    points=6,
    errors={
        "XOR needs two equal lengths": "how many bytes has the stolen order, and how many yours?",
        "UnicodeDecodeError": AS_THEY_ARE,
        "type(s) for ^": NO_CARET,
    },
    in_parts=True,
)
def reads_and_says(
    my_text: Annotated[str, "a text stands in quotes, with no b before them"],
    my_read: Callable[[bytes, bytes, bytes], Annotated[bytes, AS_THEY_ARE]],
    said: Annotated[str, SAY_IT],
) -> str | None:
    """my_read reads the orders of three fresh banks, and a bank called its code word right."""
    return part_by_part(
        {"my_read": lambda: _wrong_reader(my_text, my_read), "said": lambda: _wrong_words(said)}
    )


def _wrong_reader(my_text: str, my_read: Callable[[bytes, bytes, bytes], bytes]) -> str | None:
    """At fresh banks: store my_text, and read the stranger's order."""
    if is_empty(my_read):
        raise NotAttemptedError
    if is_empty(my_text):
        return "expected a text, got ...; my_text is still empty"
    for _ in range(TIMES):
        teller = Teller(CtrBank())
        known, mine = my_text.encode(), teller.store(my_text).ciphertext
        hidden, stolen = teller.order.text.encode(), teller.stolen.ciphertext
        answer = returned(my_read, known, mine, stolen)
        if answer != hidden:
            why = _wrong_reading(known, mine, stolen, hidden, answer)
            if why == UNEXPLAINED:
                why = _what_it_ignores(my_read) or why
            return f"{compared(hidden, answer)}; {why}"
    return None


def _wrong_reading(known: bytes, mine: bytes, stolen: bytes, hidden: bytes, answer: bytes) -> str:
    keystream, length = xor(known, mine), min(len(known), len(stolen))
    mistakes = {
        xor(mine[:length], stolen[:length]): "that is text XOR text, and you know one of them",
        xor(known[:length], stolen[:length]): "the keystream is still in it",
        keystream: "that is the keystream: what does it do to the other ciphertext?",
        keystream[:length]: "that is the keystream: what does it do to the other ciphertext?",
        stolen: "that is the ciphertext itself",
        known: "that is the text that you knew already",
    }
    if answer in mistakes:
        return mistakes[answer]
    if answer and hidden.startswith(answer):
        return "right so far, and the code word comes last: how long must your own text be?"
    if answer.startswith(hidden):
        return "right at first, and then it goes on: stop where the ciphertext stops"
    if answer and hidden.endswith(answer) and answer != hidden:
        return "return the whole order, from its first byte on"
    return UNEXPLAINED


def _what_it_ignores(my_read: Callable[[bytes, bytes, bytes], bytes]) -> str | None:
    """Which arguments do not change what it returns, in a sentence."""
    names = ("known_text", "known_ciphertext", "ciphertext")
    drawn = [secrets.token_bytes(53) for _ in names]
    first = returned(my_read, *drawn)
    ignored = [
        name
        for place, name in enumerate(names)
        if returned(my_read, *drawn[:place], secrets.token_bytes(53), *drawn[place + 1 :]) == first
    ]
    if len(ignored) == len(names):
        return "it answers the same at each bank: work it out from the three arguments"
    if ignored:
        return f"it never looks at {' and '.join(ignored)}: {OWN_BANKS}, use all three arguments"
    return None


def _wrong_words(said: str) -> str | None:
    """A made-up answer of the bank passes. It wins nothing: my_read must be right all the same."""
    if is_empty(said) or said.startswith(UNSAID):
        raise NotAttemptedError
    if said.startswith(RIGHT):
        return None
    why = "what stands behind `is ` in what you have read, up to its end?"
    return f"expected the bank to take you for the stranger, got {shown(said)}; " + (
        why if said == WRONG else SAY_IT
    )


# 1.2

WISH = b"pay 9999 EUR to Eve"


@exercise(
    "1.2",
    "the bank pays 9999 EUR to Eve, and the code word is right",
    points=4,
    errors={
        "XOR needs two equal lengths": "which bytes of the order are to change, and how many?",
        "type(s) for ^": NO_CARET,
    },
)
def changes(my_change: Callable[[bytes, bytes], bytes]) -> str | None:
    """my_change(ciphertext, text): the ciphertext of an order that begins with text, changed."""
    for _ in range(TIMES):
        teller = _bank_with_other_digits()
        before, text = teller.stolen.ciphertext, teller.order.bill.encode()
        after = returned(my_change, before, text)
        said = teller.pay(replace(teller.stolen, ciphertext=after))
        if said != "The bank pays 9999 EUR to Eve.":
            others = (before, WISH), (bytes(len(before)), text)
            why = _wrong_change(before, after, text, [returned(my_change, *it) for it in others])
            return f'expected "The bank pays 9999 EUR to Eve." at another bank, got "{said}"; {why}'
    return None


def _bank_with_other_digits() -> Teller:
    """A bank whose bill has four digits that all must change, so that no mistake is hidden."""
    while True:
        teller = Teller(CtrBank())
        if not set(teller.order.bill[6:8]) & set("09"):
            return teller


def _wrong_change(before: bytes, after: bytes, text: bytes, others: list[bytes]) -> str:
    """What went wrong where `text` should have become the wish."""
    length, difference = len(text), xor(text, WISH)
    if after == before:
        return "nothing was changed"
    if len(after) < len(before):
        return "the rest of the order is missing: hand back all of its bytes, in order"
    if len(after) > len(before):
        return f"the order has {len(before)} bytes, and you return {len(after)}: do not add any"
    change = xor(before, after)
    mistakes = {
        WISH: "you wrote text into encrypted bytes: XOR something onto them",
        difference: "the difference replaces the old bytes: XOR it onto them",
        xor(before[:length], WISH): "you XORed the new text alone: then the old one is still in it",
        xor(before[:length], text): "you XORed the old text alone: then zero bytes are left of it",
    }
    for mistaken, why in mistakes.items():  # for the beginning, or for the amount alone
        if after[4:8] == mistaken[4:8]:
            return why
    if change[4:8] == difference[4:8]:
        return "bytes 4 to 7 are right: now leave all other bytes as they were"
    if difference[4:8] in change:
        return "the right difference: look where it begins, and that nothing else changes"
    if after[4:8] in [it[4:8] for it in others]:  # of another text, and of another ciphertext
        return "the check has a bank of its own, with another key and bill: use both arguments"
    if not any(change[8:]):
        return "you change the amount alone, and into another one: look at your new text"
    return "use the two arguments: what do you XOR onto the old text to get the new one?"


# 1.3

DRAWN = 600
COUNTED = 10  # of so many, most come in equal steps from a counter
AN_ORDER = "x" * 53
ENOUGH = 45  # bits of chance in a nonce: six bytes have 48, and some values are not drawn
ENOUGH_OF_A_START = 30  # of a counter that begins anywhere: there are fewer restarts than orders
FILES = {"open", "read_text", "read_bytes", "connect"}
CLOCKS = {"time", "time_ns", "datetime", "now", "monotonic_ns", "perf_counter_ns", "uuid1"}


@exercise("1.3", "no nonce came twice in 1,200 orders, and honest orders are still paid", points=4)
def fixes(MyBank: type[CtrBank]) -> str | None:  # noqa: N803  # it is a class
    """MyBank must take another nonce for each order, also after a restart."""
    if "nonce" not in vars(MyBank):
        if MyBank is CtrBank or not {*vars(MyBank)} - {"__module__", "__doc__"}:
            raise NotAttemptedError
        return "expected a method nonce, got none; the bank calls a method of exactly this name"
    return _wrong_nonces(MyBank) or _wrong_bank(MyBank)


def _wrong_nonces(kind: type[CtrBank]) -> str | None:
    one = kind()
    first = _nonce(one)
    if not 8 <= len(first) <= 12:  # a counter of 4 bytes or more is left
        why = "nonce and counter share a block" if len(first) > 8 else "so few bytes come again"
        return f"expected 8 bytes, got {len(first)}; {why}: take 8"
    with stopped_clock():
        with watched() as called:
            running = [_nonce(one) for _ in range(DRAWN)]
        restarted = [_nonce(kind()) for _ in range(DRAWN)]  # after each order
    # If one nonce came again as soon as the clock stood still, it is a clock's.
    clocks = CLOCKS if first not in running and len({*running}) == 1 else set[str]()
    names = clocks.union(called, *map(names_in, vars(kind).values()))
    return _wrong_series(running, restarted, names)


def _wrong_series(running: list[bytes], restarted: list[bytes], names: set[str]) -> str | None:
    """What is wrong with these nonces, of methods that use these names.

    A counter in a class outlives its instances, and no process: so one must be read from a file.
    """
    different = {*running, *restarted}
    numbers = [int.from_bytes(it, "big") for it in running[:COUNTED]]
    steps = Counter(two - one for one, two in pairwise(numbers))
    step, times = steps.most_common(1)[0]  # a carry of a little-endian counter has another one
    drawn, enough = [*different], float(ENOUGH)
    if names & CLOCKS and "os.urandom" not in names:
        enough, why = (
            math.inf,
            "those of a clock; two orders in one moment, or a clock put back, give the same nonce",
        )
    elif "random.Random" in names:
        enough, why = (
            math.inf,
            "the module random's; it is made for games, and a seed brings all of them again",
        )
    elif (step != 0 and times > COUNTED // 2) or len({*restarted}) == 1 < len(different):
        drawn, enough = restarted, 0 if names & FILES else ENOUGH_OF_A_START
        why = "a counter; a counter in memory starts again after a restart"
    elif len(different) == 1:
        why = "one; that is still one nonce for all"
    elif len({*running}) == 1:
        why = "one for all orders, until the bank starts again; draw it for each order"
    else:
        why = (
            f"at most 2^{math.ceil(_bits_of_chance(drawn))} values; "
            "so few come again: draw from more values"
        )
    if len(different) == 2 * DRAWN and _bits_of_chance(drawn) > enough:
        return None
    return f"expected nonces that do not come again, got {why}"


def _bits_of_chance(nonces: list[bytes]) -> float:
    """At most so many: by how many values each byte takes, and by what does not compress.

    >>> _bits_of_chance([bytes([n, 7]) for n in range(256)])
    8.0
    """
    by_values = sum(math.log2(len({*values})) for values in zip(*nonces, strict=False))
    return min(by_values, 8 * len(zlib.compress(b"".join(nonces))) / len(nonces))


def _nonce(twin: CtrBank) -> bytes:
    nonce: object = twin.nonce()
    if nonce is None and not is_empty(twin.nonce):
        raise UnjudgedError("expected 8 bytes, got None; the method must return the nonce")
    return as_declared(given(nonce), Annotated[bytes, "a nonce is 8 bytes"])  # type: ignore[no-any-return]


def _wrong_bank(kind: type[CtrBank]) -> str | None:
    """It must pay, and the attack of 1.7 must fail."""
    teller = Teller(kind())
    said = teller.pay(teller.stolen)
    if not said.startswith("The bank pays ") or said.startswith("The bank pays nothing"):
        return (
            f'expected an honest order to be paid, got "{said}"; '
            "sealing and opening must use the same nonce: replace nonce alone"
        )
    keystream = xor(AN_ORDER.encode(), teller.store(AN_ORDER).ciphertext)
    if xor(keystream, teller.stolen.ciphertext) == teller.order.text.encode():
        return "expected noise, got the stranger's order; both are still under one keystream"
    return None


# 1.4


@exercise("1.4", "the letter behind every right guess, whatever the padding is", points=2)
def makes_a_letter(my_letter: Callable[[int, int, int], Any]) -> str | None:
    """my_letter(guess, padding, iv_byte): the letter, or its number."""
    for padding in range(1, BLOCK_BYTES + 1):
        guess, iv_byte, letter = _right_guess(padding)
        answer = returned(my_letter, guess, padding, iv_byte)
        number = ord(answer) if isinstance(answer, (str, bytes)) and len(answer) == 1 else answer
        if number != letter:
            why = "return one letter, or its number"
            if isinstance(number, int):
                why = _letter_sums(guess, padding, iv_byte).get(
                    number, "the drawing has two rows: b comes from one, the letter from the other"
                )
            given_now = f"(guess {guess:02x}, padding {padding:02x}, IV {iv_byte:02x})"
            return f"expected {chr(letter)!r}, got {shown(answer)} {given_now}; {why}"
    return None


def _right_guess(padding: int) -> tuple[int, int, int]:
    """A guess, the true IV's byte and the letter, so that every mistake is told apart."""
    while True:
        iv_byte, letter = secrets.randbelow(256), ord(secrets.choice(string.ascii_lowercase))
        guess = letter ^ iv_byte ^ padding
        sums = _letter_sums(guess, padding, iv_byte)
        if letter not in sums and len(sums) == (6 if padding > 1 else 5):
            return guess, iv_byte, letter


def _letter_sums(guess: int, padding: int, iv_byte: int) -> dict[int, str]:
    mistakes = {
        guess: "that is your guess: what does it say of b?",
        guess ^ padding: "that is b: the true IV is missing",
        guess ^ iv_byte: "the padding is missing: what did your guess make of b?",
        padding ^ iv_byte: "your guess is missing: it was right, and tells b",
        padding: "that is the padding: which letter stands there under the true IV?",
    }
    if padding > 1:  # else it is right
        mistakes[guess ^ 1 ^ iv_byte] = "that fits a padding of 01 alone"
    return mistakes


# 1.6

NAMES_HOLD = "a name holds no semicolon and no equals sign"


@exercise(
    "1.6",
    "a twin says role=admin, and you only signed up",
    points=4,
    errors={NAMES_HOLD: "the service writes both itself: which blocks can you get from it?"},
)
def becomes_admin(my_admin: Callable[[Callable[[str], bytes]], bytes]) -> str | None:
    """my_admin(sign_up) builds a ciphertext out of blocks of others; a twin must say admin."""
    twin, issued = Ecb(), list[bytes]()

    def sign_up(name: str) -> bytes:
        if set(name) & set(";="):
            raise FormatError(NAMES_HOLD)
        issued.append(twin.seal(f"name={name};role=user".encode(), "").ciphertext)
        return issued[-1]

    forged = returned(my_admin, sign_up)
    try:
        text = twin.answer(twin.open(Row(b"", forged, b""), None))
    except SecureDataError as error:
        text = str(error)
    known = {block for ciphertext in issued for block in blocks(ciphertext)}
    if text.rpartition(";")[2] == "role=admin" and known.issuperset(blocks(forged)):
        return None
    why = _wrong_blocks(forged, issued, known) or _wrong_text(twin, forged)
    return f"expected a text that ends in role=admin, got {shown(text)}; {why}"


def _wrong_blocks(forged: bytes, issued: list[bytes], known: set[bytes]) -> str | None:
    if not issued:
        return "call sign_up(name) first: only the twin can make blocks"
    if forged in issued:
        return "that is one of your profiles as it is: put blocks of two together"
    if len(forged) % BLOCK_BYTES:
        return "move whole blocks of 16 bytes"
    if not known.issuperset(blocks(forged)):
        return "sign_up has not given you one of these blocks, and an attacker has no key"
    return None


def _wrong_text(twin: Ecb, forged: bytes) -> str:
    """What is wrong with blocks that the twin has made. It may look at its own padding."""
    *before, last = blocks(AES.new(twin.key, AES.MODE_ECB).decrypt(forged))
    ends = [n for n, block in enumerate(before) if block.endswith(b"role=")]
    if not ends:
        return "a block must end exactly behind 'role=': count the letters of your name"
    behind = [*before, last][ends[-1] + 1]
    if not behind.startswith(b"admin"):
        if b"min" in behind:
            return "'admin' must stand at the very start of its block: what comes before a name?"
        return "the block behind 'role=' must begin with 'admin'"
    if behind is last and not last[5:].strip(last[-1:]):
        return "the twin takes a padding off the last block: which value must its bytes have?"
    return "something follows 'admin': only a padding may, and no other block"
