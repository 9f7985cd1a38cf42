"""Exercise 3.5: the leftmost bits of a hash."""

import hashlib
import random
from collections.abc import Callable
from itertools import product
from typing import Any

from securedata_lab.basics import small_dsa
from securedata_lab.judging.attempts import SHOWN_LENGTH
from securedata_lab.judging.declared import is_fraction, is_int
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.judging.mistakes import Formula, about_bytes, explaining

WRONG_CUTS: dict[str, Formula] = {
    "the right bits, and then % q: keep them as they are (FIPS 186-4, 4.6)": (
        lambda digest, q: small_dsa.leftmost_bits(digest, q) % q
    ),
    "that is the whole hash: keep as many bits as q has": (
        lambda digest, q: int.from_bytes(digest, "big")
    ),
    "that is the remainder: keep the leftmost bits": (
        lambda digest, q: int.from_bytes(digest, "big") % q
    ),
    "those are the rightmost bits: shift right instead": (
        lambda digest, q: int.from_bytes(digest, "big") % 2 ** q.bit_length()
    ),
    "read the bytes big-endian": lambda digest, q: int.from_bytes(digest, "little"),
    "read the bytes big-endian: the first is the highest": (
        lambda digest, q: small_dsa.leftmost_bits(digest[::-1], q)
    ),
    "read the bytes big-endian, and keep the leftmost bits": (
        lambda digest, q: int.from_bytes(digest, "little") % q
    ),
    "digest is a hash already: cut it, and do not hash it again": (
        lambda digest, q: small_dsa.leftmost_bits(hashlib.sha256(digest).digest(), q)
    ),
}


@exercise(
    "3.5",
    "the leftmost bits, as many as q has",
    points=2,
    ready_made=["securedata_lab.basics.small_dsa.leftmost_bits"],
    errors={
        "negative shift": "len counts bytes, and you need bits",
        **about_bytes("digest is bytes: make a number of it first (int.from_bytes)"),
        ": b": "digest is bytes: make a number of it first (int.from_bytes)",  # int(b"…")
    },
)
def cuts_the_hash(my_cut: Callable[[bytes, int], Any]) -> str | None:
    """my_cut(digest, q): the leftmost bits of a hash as a number (FIPS 186-4, 4.6)."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    sizes = ((224, 32), (160, 32), (256, 32), (224, 64), (163, 32))
    for first, (bits, length) in product((b"\xff", b"\x00"), sizes):
        q = 2**bits - chance.randrange(3, 2**bits // 2, 2)
        digest = first + chance.randbytes(length - 1)
        answer = returned(my_cut, digest, q)
        right = small_dsa.leftmost_bits(digest, q)
        if is_int(answer) and answer == right:
            continue
        wanted = f"{bits} of {8 * length} bits, {_both_ends(right)}"
        return f"expected {wanted}, got {_both_ends(answer)}; {_wrong_cut(answer, digest, q)}"
    return None


def _both_ends(answer: object) -> str:
    """A number in hex, with its first and last digits: they show where it was cut."""
    if type(answer) is not int:
        return shown(answer)
    digits = hex(answer)
    return digits if len(digits) <= SHOWN_LENGTH else f"{digits[:14]}…{digits[-12:]}"


def _wrong_cut(answer: object, digest: bytes, q: int) -> str:
    if is_fraction(answer):
        return "/ makes a fraction: >> takes bits away"
    if not is_int(answer):
        return "return one int: int.from_bytes makes one of bytes, int(…, 2) one of a bit string"
    if why := explaining(WRONG_CUTS, [(digest, q)], [answer]):
        return why
    bits, whole = q.bit_length(), int.from_bytes(digest, "big")
    surplus = 8 * len(digest) - bits
    taken = next((n for n in range(8 * len(digest)) if whole >> n == answer), None)
    if taken is None:
        return "keep the leftmost bits: shift right by as many as are too many"
    if taken == bits:
        return f"you took {bits} bits away: keep {bits}"
    why = f"you took {taken} bits away, not {surplus}"
    if digest[0] == 0:
        return f"{why}: zeros at the front are bits too"
    return f"{why}: how many bits has the hash, and how many has q?"
