"""Exercise 3.1: a signature (r, s), in toy groups and with the shop's numbers."""

import random
import secrets
from collections.abc import Callable
from types import EllipsisType
from typing import Annotated, Any

from securedata.errors import SecureDataError
from securedata_lab.basics import small_dsa
from securedata_lab.basics.small_dsa import REAL, Domain
from securedata_lab.judging.attempts import NotAttemptedError
from securedata_lab.judging.calls import outer_names
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.judging.mistakes import Formula, explaining
from securedata_lab.judging.powers import Base, without_search
from securedata_lab.lesson03_dsa_signatures.explorer_ring import RING, H, K, X

Number = Annotated[
    int, "r and s are ints", "you divided real numbers; multiply by the inverse of k mod q"
]
Part = Number | EllipsisType  # the last is the stub's
Pair = Annotated[tuple[Part, Part], "return both numbers: r, s"]
Sign = Callable[[int, int, int, int, int, int], Pair]
Case = tuple[Domain, int, int, int]  # the domain, x, h and k
TOYS = (RING, Domain(p=607, q=101, g=64))
LIBRARYS = "Crypto.PublicKey.DSA._sign"

RINGS_Q = "that is reduced by the ring's q: use the q that you are handed"
WRONG_R: dict[str, Formula] = {
    "that is the power on k's dot: what of the second mod?": lambda d, x, h, k: pow(d.g, k, d.p),
    "you began with q: read the formula of r from the inside": lambda d, x, h, k: pow(d.g, k, d.q),
    "that is g to the power k, and nothing reduced: mod p, and then mod q": (
        lambda d, x, h, k: d.g**k
    ),
    "that is g to the power x: r is g to the power of k": (
        lambda d, x, h, k: pow(d.g, x, d.p) % d.q
    ),
    "that is k to the power g: r is g to the power k": lambda d, x, h, k: pow(k, d.g, d.p) % d.q,
    "you multiplied: r is g to the power k": lambda d, x, h, k: d.g * k % d.p % d.q,
    "^ is XOR in Python: a power is ** or pow": lambda d, x, h, k: (d.g ^ k) % d.p % d.q,
    "^ is XOR in Python: a power is ** or pow, and is reduced": lambda d, x, h, k: d.g ^ k,
    "those are the ring's numbers: use the p, q and g that you are handed": (
        lambda d, x, h, k: pow(RING.g, k, RING.p) % RING.q
    ),
    "k is not in it: r is g to the power of k": lambda d, x, h, k: d.g % d.p % d.q,
    RINGS_Q: lambda d, x, h, k: pow(d.g, k, d.p) % RING.q,
}
WRONG_S: dict[str, Formula] = {
    "you multiplied by k: multiply by its inverse mod q": (
        lambda d, x, h, k, r: k * (h + x * r) % d.q
    ),
    "8 and 11 are the example's: the inverse of k, mod q": lambda d, x, h, k, r: (
        pow(8, -1, 11) * (h + x * r) % d.q
    ),
    "the inverse of k is missing": lambda d, x, h, k, r: (h + x * r) % d.q,
    "that is (h + x·r)/k, rounded: multiply by the inverse of k mod q": (
        lambda d, x, h, k, r: (h + x * r) // k % d.q
    ),
    "the inverse of k multiplies all of (h + x·r): brackets": (
        lambda d, x, h, k, r: (pow(k, -1, d.q) * h + x * r) % d.q
    ),
    "the inverse of k multiplies all of (h + x·r), also h: brackets": (
        lambda d, x, h, k, r: (h + pow(k, -1, d.q) * x * r) % d.q
    ),
    "plus, not minus: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * (h - x * r) % d.q,
    "x is missing: without it, everybody could sign": lambda d, x, h, k, r: (
        pow(k, -1, d.q) * (h + r) % d.q
    ),
    "h is missing: without it, no note is signed": lambda d, x, h, k, r: (
        pow(k, -1, d.q) * x * r % d.q
    ),
    "x multiplies r, not h": lambda d, x, h, k, r: pow(k, -1, d.q) * (x * h + r) % d.q,
    "x and h have changed places": lambda d, x, h, k, r: pow(k, -1, d.q) * (x + h * r) % d.q,
    "x and k have changed places in s": lambda d, x, h, k, r: pow(x, -1, d.q) * (h + k * r) % d.q,
    "the inverse of k is mod q, not mod p": lambda d, x, h, k, r: (
        pow(k, -1, d.p) * (h + x * r) % d.q
    ),
    "s is mod q; p is for r alone": lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % d.p,
    "the inverse and the sum are mod q, not mod p": lambda d, x, h, k, r: (
        pow(k, -1, d.p) * (h + x * r) % d.p
    ),
    "^ is XOR in Python: 1/k is pow(k, -1, q)": lambda d, x, h, k, r: (h + x * r) * (k ^ -1) % d.q,
    RINGS_Q: lambda d, x, h, k, r: pow(k, -1, RING.q) * (h + x * r) % RING.q,
    f"{RINGS_Q} for the last reduction": (
        lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % RING.q
    ),
    f"{RINGS_Q} for 1/k": lambda d, x, h, k, r: pow(k, -1, RING.q) * (h + x * r) % d.q,
}


@exercise(
    "3.1",
    "whoever has x can sign any h, and each k makes another signature",
    points=6,
    ready_made=["securedata_lab.basics.small_dsa.sign", LIBRARYS],
    errors={
        "llipsis": "r is still `...`, and s is made of it: begin with r",
        "invertible": "divide by k modulo q, and by nothing else: pow(k, -1, q)",
    },
)
def signs(my_sign: Sign) -> str | None:
    """my_sign(p, q, g, x, h, k): r, s by FIPS 186-4, 4.6."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    numbers = [(d, [chance.randrange(1, d.q) for _ in range(3)]) for d in TOYS * 10]
    drawn = [(domain, x, h, k) for domain, (x, h, k) in numbers]
    cases = [(RING, X, H, K), *(case for case in drawn if _signature(*case))]
    right = [_signature(*case) for case in cases]
    pairs = [_signed(my_sign, *case) for case in cases]
    if ... in pairs[0]:
        return _half_done(pairs, right, cases)
    n = next((n for n, pair in enumerate(pairs) if pair != right[n]), None)
    if n is None:
        return _fails_with_the_shops(my_sign)
    domain, x, h, k = cases[n]
    why = outer_names(my_sign, {"r", "s", "y"}, "what you are handed") or _wrong_signature(
        pairs, right, cases
    )
    given_to = f"p, q, g = {domain.p}, {domain.q}, {domain.g}, x={x}, h={h}, k={k}"
    return f"expected {right[n]} for {given_to}, got {shown(pairs[n])}; {why}"


def _signed(my_sign: Sign, domain: Domain, x: int, h: int, k: int) -> tuple[Any, Any]:
    return returned(my_sign, domain.p, domain.q, domain.g, x, h, k)


def _half_done(
    pairs: list[tuple[Any, Any]], right: list[tuple[int, int] | None], cases: list[Case]
) -> str:
    rs, right_rs = [r for r, _ in pairs], [it[0] for it in right if it]
    if rs[0] is ...:
        raise NotAttemptedError
    why = "r is right. Go on with s"
    if rs != right_rs:
        why = explaining(WRONG_R, cases, rs) or "r is g to the power of k, mod p, and then mod q"
    return f"expected r and s, got {shown(rs[0])} and ...; {why}"


def _fails_with_the_shops(my_sign: Sign) -> str | None:
    """What is wrong with the shop's own numbers, which no search gets through."""
    x, h, k = (1 + secrets.randbelow(REAL.q - 1) for _ in range(3))
    with without_search():
        answer = returned(my_sign, REAL.p, REAL.q, Base(REAL.g), x, h, Base(k))
    if answer == small_dsa.sign(REAL, x, h, k):
        return None
    return "expected a signature with the shop's numbers, too, got another; use all that is handed"


def _signature(domain: Domain, x: int, h: int, k: int) -> tuple[int, int] | None:
    try:
        return small_dsa.sign(domain, x, h, k)
    except SecureDataError:  # r or s is zero, which no exercise asks for
        return None


def _wrong_signature(answers: list[Any], right: list[Any], cases: list[Case]) -> str:
    if [(r, s) for s, r in answers] == right:
        return "those are both, in the other order: r comes first"
    if len(set(answers)) == 1:
        return "that is one answer for all: make it of what you are handed"
    valid = sum(_is_valid(case, pair) for case, pair in zip(cases, answers, strict=True))
    if valid > 0.8 * len(cases):  # all, but those with an s that is 0
        return "this signature is valid, but made with another k: use the k that you are handed"
    rs = [r for r, _ in answers]
    right_rs = [r for r, _ in right]
    if rs != right_rs:
        return explaining(WRONG_R, cases, rs) or "r is g to the power of k, mod p, and then mod q"
    all_ss = zip([s for _, s in answers], right, cases, strict=True)
    if all(s % domain.q == wanted for s, (_, wanted), (domain, *_) in all_ss):
        return "take s mod q too"
    with_r = [(*case, r) for case, r in zip(cases, right_rs, strict=True)]
    ss = [s for _, s in answers]
    reduced = [s % domain.q for s, (domain, *_) in zip(ss, cases, strict=True)]
    return (
        explaining(WRONG_S, with_r, ss)
        or explaining(WRONG_S, with_r, reduced)
        or ("r is right; compare your s with the formula, letter by letter")
    )


def _is_valid(case: Case, pair: tuple[int, int]) -> bool:
    domain, x, h, _ = case
    return small_dsa.fits(domain, pow(domain.g, x, domain.p), h, pair)
