"""Exercise 3.2: a signature (r, s) in a toy group."""

import random
from collections.abc import Callable
from typing import Annotated, Any

from securedata.errors import SecureDataError
from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.primitives import small_dsa
from securedata.lab.primitives.small_dsa import REAL, TOY, Domain
from securedata.lab.student_answers.calls import outer_names
from securedata.lab.student_answers.mistakes import Formula, explaining
from securedata.lab.student_answers.powers import Base, without_search

Number = Annotated[
    int, "r and s are ints", "you divided real numbers; multiply by the inverse of k mod q"
]
Pair = Annotated[tuple[Number, Number], "return both numbers: (r, s)"]
Sign = Callable[[Domain, int, int, int], Pair]
Case = tuple[Domain, int, int, int]  # the domain, x, h and k
TOYS = (TOY, Domain(p=607, q=101, g=64))
TOYS_X, TOYS_H, TOYS_K = 8, 7, 6  # of the lesson's own example
SERVICES = Domain(REAL.p, REAL.q, Base(REAL.g))
LIBRARYS = "Crypto.PublicKey.DSA._sign"

WRONG_R: dict[str, Formula] = {
    "r is mod p, and then mod q": lambda d, x, h, k: pow(d.g, k, d.p),
    "p comes first: r is mod p, and then mod q": lambda d, x, h, k: pow(d.g, k, d.q),
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
    "those are the toy's p, q and g: use domain's": (
        lambda d, x, h, k: pow(TOY.g, k, TOY.p) % TOY.q
    ),
}
LESSONS_Q = "that is reduced by the lesson's q: use domain.q"
WRONG_R[LESSONS_Q] = lambda d, x, h, k: pow(d.g, k, d.p) % TOY.q
WRONG_S: dict[str, Formula] = {
    "you multiplied by k: multiply by its inverse mod q": (
        lambda d, x, h, k, r: k * (h + x * r) % d.q
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
    "without x anyone could do it: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * (h + r) % d.q,
    "without h it signs no message: h + x·r": lambda d, x, h, k, r: pow(k, -1, d.q) * x * r % d.q,
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
    "that is signed with the lesson's x: use the x that you are handed": (
        lambda d, x, h, k, r: pow(k, -1, d.q) * (h + TOYS_X * r) % d.q
    ),
    LESSONS_Q: lambda d, x, h, k, r: pow(k, -1, TOY.q) * (h + x * r) % TOY.q,
    f"{LESSONS_Q} for the last reduction": (
        lambda d, x, h, k, r: pow(k, -1, d.q) * (h + x * r) % TOY.q
    ),
    f"{LESSONS_Q} for 1/k": lambda d, x, h, k, r: pow(k, -1, TOY.q) * (h + x * r) % d.q,
    "that signs the lesson's h: use the h that you are handed": (
        lambda d, x, h, k, r: pow(k, -1, d.q) * (TOYS_H + x * r) % d.q
    ),
}


@exercise(
    "3.2",
    "the holder of x can sign any h, and each k makes another signature",
    ready_made=["securedata.lab.primitives.small_dsa.sign", LIBRARYS],
)
def signs(my_sign: Sign) -> str | None:
    """my_sign(domain, x, h, k): (r, s) by FIPS 186-4, 4.6."""
    chance = random.Random(3)  # noqa: S311  # exercise numbers
    numbers = [(d, [chance.randrange(1, d.q) for _ in range(3)]) for d in TOYS * 10]
    drawn = [(domain, x, h, k) for domain, (x, h, k) in numbers]
    cases = [(TOY, TOYS_X, TOYS_H, TOYS_K), *(case for case in drawn if _signature(*case))]
    right = [_signature(*case) for case in cases]
    pairs = [returned(my_sign, *case) for case in cases]
    n = next((n for n, pair in enumerate(pairs) if pair != right[n]), None)
    if n is None:
        return _fails_with_the_services(my_sign)
    domain, x, h, k = cases[n]
    why = (
        outer_names(my_sign, {"p", "q", "g"}, "domain's")
        or outer_names(my_sign, {"r", "s"}, "domain, x, h and k")
        or _wrong_signature(pairs, right, cases)
    )
    given_to = f"p, q, g = {domain.p}, {domain.q}, {domain.g}, x={x}, h={h}, k={k}"
    return f"expected {right[n]} for {given_to}, got {shown(pairs[n])}; {why}"


def _fails_with_the_services(my_sign: Sign) -> str | None:
    """What is wrong with the service's own numbers, which no search gets through."""
    chance = random.Random(4)  # noqa: S311  # exercise numbers
    x, h, k = (chance.randrange(1, REAL.q) for _ in range(3))
    with without_search():
        answer = returned(my_sign, SERVICES, x, h, k)
    if answer == small_dsa.sign(REAL, x, h, k):
        return None
    return "expected a signature in the service's domain, too, got another; use domain's p, q and g"


def _signature(domain: Domain, x: int, h: int, k: int) -> tuple[int, int] | None:
    try:
        return small_dsa.sign(domain, x, h, k)
    except SecureDataError:  # r or s is zero, which no exercise asks for
        return None


def _wrong_signature(answers: list[Any], right: list[Any], cases: list[Case]) -> str:
    if [(r, s) for s, r in answers] == right:
        return "those are both, in the other order: r comes first"
    if len(set(answers)) == 1:
        return "that is one answer for all: make it of domain, x, h and k"
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
