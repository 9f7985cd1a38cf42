"""Exercise 4.7: the private key, in three lines: which two slips have one k, then k, then x."""

from collections.abc import Callable
from random import SystemRandom
from typing import Annotated, Any

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.judging.engine import exercise, part_by_part, returned, shown
from securedata_lab.judging.powers import Exponent, without_search
from securedata_lab.lesson04_dsa_attacks.checks.algebra import (
    OTHER,
    explained_k,
    explained_key,
    one_letter_for_all,
    one_number_for_all,
)
from securedata_lab.lesson04_dsa_attacks.checks.drawn import signed_with
from securedata_lab.lesson04_dsa_attacks.newer_machines import P256_Q

TRIES = 20  # so that half a solution does not pass by luck
SMALL = 1 << 64  # no toy's q is larger
HANDED_Q = "right for Kim's q, and wrong for another: use the q that your function is handed"
OTHER_Q = "these are small numbers: is q still the machine's? Run the server cell again"
ON_PAPER = "h1 on paper is one.h in code, and h2 is two.h: so with r and s"
REAL_NUMBERS = "divided real numbers: multiply by the inverse mod q"
OneK = Annotated[int, "my_k's answer is one int", f"my_k {REAL_NUMBERS}"]
OneX = Annotated[int, "my_key's answer is one int", f"my_key {REAL_NUMBERS}"]
MyPair = Callable[[Signed, Signed], Any | None]
MyK = Callable[[Signed, Signed, int], OneK]
MyKey = Callable[[Signed, int, int], OneX]
Same = Callable[[Signed, Signed], object]
# What a wrong my_pair may have looked at.
WRONG_PAIRS: dict[str, Same] = {
    "the texts are equal, not the ks": lambda one, two: one.h == two.h,
    "s has the text in it: which of the three depends on k alone?": lambda one, two: one.s == two.s,
    "it says yes where they differ: turn it round": lambda one, two: one.r != two.r,
    "it says yes to every two slips": lambda one, two: True,
    "it says yes to no two slips: which of h, r, s depends on k alone?": lambda one, two: False,
}


@exercise(
    "4.7",
    "two slips with one k, and you sign for Kim",
    points=6,
    errors={
        "not invertible": "what do you divide by? It is 0 for these two slips",
        "1' is not defined": ON_PAPER,
        "2' is not defined": ON_PAPER,
        "no attribute 'k'": "k is on no slip: which of h, r, s shows it?",
        "no attribute 'x'": "x is on no slip: it is what you are looking for",
    },
)
def steals_the_key(my_pair: MyPair, my_k: MyK, my_key: MyKey) -> str | None:
    """my_pair(one, two), my_k(one, two, q), my_key(one, k, q): yes or no, then k, then x."""
    return part_by_part(
        {
            "my_pair": lambda: _wrong_pair(my_pair),
            "my_k": lambda: _wrong_k(my_k),
            "my_key": lambda: _wrong_key(my_key),
        }
    )


def _wrong_pair(my_pair: MyPair) -> str | None:
    """Two slips have one k, two one h, two one s; so nobody is right by chance."""
    drawn, q = SystemRandom(), REAL.q
    x, h, k, *others = (drawn.randrange(1, q) for _ in range(6))
    first, same_k = signed_with(x, k, h), signed_with(x, k, others[0])
    same_h = signed_with(x, others[1], h)
    k_of_s = others[2]
    r_of_s = pow(REAL.g, k_of_s, REAL.p) % q
    same_s = Signed((first.s * k_of_s - x * r_of_s) % q, r_of_s, first.s)
    slips = [first, same_k, same_h, same_s]
    places = [(one, two) for one in slips for two in slips if one is not two]
    answers = [bool(returned(my_pair, *place)) for place in places]
    if answers == [one.r == two.r for one, two in places]:
        return None
    usual = (
        why
        for why, same in WRONG_PAIRS.items()
        if answers == [bool(same(*place)) for place in places]
    )
    why = next(usual, "which of h, r, s depends on k alone?")
    return f"expected yes for two slips with one k, and else no, got other answers; {why}"


def _wrong_k(my_k: MyK) -> str | None:
    drawn, q, zero = SystemRandom(), Exponent(REAL.q), False
    for _ in range(TRIES):
        x, k = (drawn.randrange(1, q) for _ in range(2))
        one, two = (signed_with(x, k, drawn.randrange(1, q)) for _ in range(2))
        with without_search():
            answer = returned(my_k, one, two, q)
        if answer == 0 or answer % q == k:
            zero = zero or answer == 0  # by // half the time: another pair shows more
            continue
        why = (
            one_number_for_all(answer, my_k, Signed(1, 2, 3), OTHER, q)
            or explained_k(answer, one, two, x)  # by // a number may be small, too
            or (OTHER_Q if 1 < answer < SMALL else "write both equations: what falls out?")
        )
        return f"expected k, got {shown(answer)}; {why}"
    if zero:
        why = (
            one_number_for_all(0, my_k, Signed(1, 2, 3), OTHER, q)
            or "r1 = r2, so r1 - r2 is 0: what differs in the two equations?"
        )
        return f"expected k, got 0; {why}"
    _, k, one, two = _on_p256()
    answer = returned(my_k, one, two, Exponent(P256_Q))
    return None if answer % P256_Q == k else f"expected k, got {shown(answer)}; {HANDED_Q}"


def _wrong_key(my_key: MyKey) -> str | None:
    drawn, q = SystemRandom(), Exponent(REAL.q)
    for _ in range(TRIES):
        x, k, h = (drawn.randrange(1, q) for _ in range(3))
        signed = signed_with(x, k, h)
        with without_search():
            answer = returned(my_key, signed, k, q)
        if answer % q == x:
            continue
        why = (
            one_number_for_all(answer, my_key, Signed(1, 2, 3), 4, q)
            or (OTHER_Q if 1 < answer < SMALL else None)
            or explained_key(answer, signed, k)
            or one_letter_for_all(answer, my_key, signed, k)
            or "solve s·k = h + x·r for x, mod q"
        )
        return f"expected the key, got {shown(answer)}; {why}"
    x, k, one, _ = _on_p256()
    answer = returned(my_key, one, k, Exponent(P256_Q))
    return None if answer % P256_Q == x else f"expected the key, got {shown(answer)}; {HANDED_Q}"


def _on_p256() -> tuple[int, int, Signed, Signed]:
    """x, k and two slips of this k, modulo the q of the table's ECDSA machines.

    r is drawn: only the equation counts.
    """
    drawn, q = SystemRandom(), P256_Q
    x, k, r, *hs = (drawn.randrange(1, q) for _ in range(5))
    one, two = (Signed(h, r, pow(k, -1, q) * (h + x * r) % q) for h in hs)
    return x, k, one, two
