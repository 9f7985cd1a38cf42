"""Exercise 3.3: signed bytes that have one reading only."""

import secrets
from itertools import zip_longest
from math import log2

from securedata_lab.judging.engine import exercise, returned
from securedata_lab.judging.interpreter import globals_read
from securedata_lab.lesson03_dsa_signatures.checks.second_reading import (
    NAMES,
    PLAIN,
    Rule,
    second_reading,
)

A_LENGTH = 'a length is an int: f"{len(part)}" is it as a text'
TWO_KINDS = "texts and bytes do not mix: join texts, and .encode() them at the end"
LONG = 80  # digits, of 265 bits
ENOUGH = 200  # bits that a hash must have: SHA-256 has 256


@exercise(
    "3.3",
    "we found no two slips with the same signed bytes",
    points=4,
    ready_made=["securedata.record.frame", "securedata_lab.lesson03_dsa_signatures.shop.framed"],
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
    if returned(my_bytes, ["Ada", "Bob", "2", "cups"]) == signed:
        return "expected other bytes for another slip, got the same; make them of all four texts"
    if "hash" in globals_read(my_bytes):
        return (
            "expected bytes that the judge can make, too, got a call of hash; Python's hash() "
            "is another one in each process"
        )
    return _shortens(my_bytes) or second_reading(my_bytes)


def _shortens(rule: Rule) -> str | None:
    """Whether many texts become few bits: then two are signed alike, and Eve can find them."""
    for place, name in enumerate(NAMES):
        texts = (str(secrets.randbelow(10**LONG)).zfill(LONG) for _ in range(200))
        signed = [rule([*PLAIN[:place], text, *PLAIN[place + 1 :]]) for text in texts]
        ends = signed, [it[::-1] for it in signed]  # lengths may differ
        bits = round(min(sum(log2(len({*it})) for it in zip_longest(*end)) for end in ends))
        if 0 < bits < ENOUGH:
            return (
                f"expected every text to be signed, got about {bits} bits for {LONG} digits of "
                f"the {name}; Eve tries slips until two agree: sign the texts, or their SHA-256"
            )
    return None
