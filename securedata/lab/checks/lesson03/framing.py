"""Exercise 3.3: signed bytes that have one reading only."""

import secrets
from itertools import combinations
from string import ascii_letters

from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.checks.lesson03.second_reading import (
    NAMES,
    PLAIN,
    Rule,
    second_reading,
    signed_or_none,
)

A_LENGTH = 'a length is an int: f"{len(part)}" is it as a text'
TWO_KINDS = "texts and bytes do not mix: join texts, and .encode() them at the end"
LONG = 40  # letters
ENOUGH = 28  # bytes that a hash must have: SHA-256 has 32
# Two texts each that careless rules write alike.
ALIKE = [("Eve", "eve"), ("7", "07"), ("7", "7 "), ("7", " 7"), ("Zoé", "Zoè"), ("a b", "a  b")]


@exercise(
    "3.3",
    "we found no two slips with the same signed bytes",
    ready_made=["securedata.record.frame", "securedata.lab.break_ins.shop.framed"],
    errors={
        "'int' and 'str'": A_LENGTH,
        'not "int") to str': A_LENGTH,
        "'int' and 'bytes'": A_LENGTH,
        "can't concat int to bytes": A_LENGTH,
        'not "bytes") to str': TWO_KINDS,
        "can't concat str to bytes": TWO_KINDS,
        "expected str instance, bytes found": TWO_KINDS,
        "expected a bytes-like object, str found": TWO_KINDS,
        "'list' object has no attribute 'encode'": "parts is a list: make one text of it first",
    },
)
def frames(my_bytes: Rule) -> str | None:
    """my_bytes(parts): bytes of four texts, and of no other four texts."""
    signed = returned(my_bytes, [*PLAIN])
    if returned(my_bytes, [*PLAIN]) != signed:
        return "expected the same bytes for the same slip, got others; nobody could verify them"
    return (
        _refuses(my_bytes)
        or _leaves_out(my_bytes, signed)
        or second_reading(my_bytes)
        or _makes_alike(my_bytes)
        or _shortens(my_bytes)
    )


def _refuses(rule: Rule) -> str | None:
    for name, memo in {"Zoë": "31 bottles", "Eve": "", "Kim": 300 * "x"}.items():
        try:
            returned(rule, ["Kim", name, "7", memo])
        except Exception as error:
            what = f"{type(error).__name__}: {error}"[:80]
            where = "for a name with ë" if name == "Zoë" else f"for a memo of {len(memo)} letters"
            return f"expected bytes {where}, got {what}; every text must be signed"
    return None


def _leaves_out(rule: Rule, signed: bytes) -> str | None:
    for place, name in enumerate(NAMES):
        for changed in ("x" + PLAIN[place][1:], PLAIN[place] + "x", "x" + PLAIN[place]):
            slip = [*PLAIN[:place], changed, *PLAIN[place + 1 :]]
            if signed_or_none(rule, slip) == signed:
                got = f"{shown(PLAIN[place])} and {shown(changed)} alike"
                return f"expected every text to be signed, got {got}; what of the {name}?"
    for one, two in combinations(range(4), 2):
        slip = [*PLAIN]
        slip[one], slip[two] = slip[two], slip[one]
        if signed_or_none(rule, slip) == signed:
            names = f"{NAMES[one]} and {NAMES[two]}"
            return (
                f"expected one reading, got the same when {names} change places; "
                "each text needs a place of its own"
            )
    return None


def _makes_alike(rule: Rule) -> str | None:
    for place, name in enumerate(NAMES):
        for pair in ALIKE:
            slips = [[*PLAIN[:place], text, *PLAIN[place + 1 :]] for text in pair]
            signed = {signed_or_none(rule, slip) for slip in slips}
            if len(signed) == 1 and None not in signed:
                got = f"{pair[0]!r} and {pair[1]!r} signed alike"
                return f"expected one reading, got {got}; sign each {name} as it is written"
    return None


def _shortens(rule: Rule) -> str | None:
    """Whether many texts become few bytes: then two are signed alike, and Eve can find them."""
    for place, name in enumerate(NAMES):
        texts = ["".join(secrets.choice(ascii_letters) for _ in range(LONG)) for _ in range(40)]
        signed = [rule([*PLAIN[:place], text, *PLAIN[place + 1 :]]) for text in texts]
        if len({len(it) for it in signed}) > 1:
            continue  # no checksum: those have one length
        varying = sum(len(set(column)) > 1 for column in zip(*signed, strict=True))
        if varying < ENOUGH:
            return (
                f"expected every text to be signed, got {varying} bytes for {LONG} letters of the "
                f"{name}; Eve tries slips until two agree: sign the texts, or their SHA-256"
            )
    return None
