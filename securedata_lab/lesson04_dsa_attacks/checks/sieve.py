"""Exercise 4.3: the sieve, which crosses out every key that needs a long k."""

from collections.abc import Callable
from random import SystemRandom
from typing import Any

from securedata_lab.judging.engine import exercise, returned, shown

Toy = list[tuple[int, int]]  # t and a of each slip
MySieve = Callable[[Toy, int, int], Any]
PRIMES = (251, 509, 1009)
SLIPS = 3  # and then 1, and 2


@exercise("4.3", "what is left is the key; LLL does the same for 256 bits", points=2)
def sieves(my_sieve: MySieve) -> str | None:
    """my_sieve(slips, q, B): all x for which each k = t·x + a mod q is below B."""
    drawn = SystemRandom()
    for q in PRIMES:
        x, B = drawn.randrange(1, q), q // 8 + 1  # noqa: N806
        slips = _slips(drawn, x, q, B)
        for count in range(1, SLIPS + 1):
            if wrong := _wrong(my_sieve, slips[:count], q, B):
                return wrong
    return None


def _slips(drawn: SystemRandom, x: int, q: int, B: int) -> Toy:  # noqa: N803
    """Slips that tell mistakes apart: with an a below B, some of them leave the same xs.

    With one slip, each k comes for one x, also B: so <= is told from <.
    """
    while True:
        ts = drawn.sample(range(2, q), SLIPS)
        slips = [(t, (drawn.randrange(1, B) - t * x) % q) for t in ts]
        if all(a >= B for _, a in slips):
            return slips


def _wrong(my_sieve: MySieve, slips: Toy, q: int, B: int) -> str | None:  # noqa: N803
    answer = returned(my_sieve, list(slips), q, B)
    expected = f"expected all x that are left by {len(slips)} of 3 slips with q = {q}"
    if not isinstance(answer, (list, tuple, set, frozenset)):
        return f"{expected}, got {shown(answer)}; return a list, [x for x in …], also of one x"
    left, right = set(answer), set(_left(slips, q, lambda k: k < B))
    if left - {0} == right:
        return None
    got = f"{len(left)} instead of {len(right)}" if len(left) != len(right) else "others"
    return f"{expected}, got {got}; {_why(left, slips, q, B)}"


def _left(slips: Toy, q: int, fits: Callable[[int], bool]) -> list[int]:
    return [x for x in range(1, q) if all(fits((t * x + a) % q) for t, a in slips)]


def _why(left: set[Any], slips: Toy, q: int, B: int) -> str:  # noqa: N803
    each = [set(_left([slip], q, lambda k: k < B)) for slip in slips]
    usual = {
        "a k may not be B itself: below B": set(_left(slips, q, lambda k: k <= B)),
        "you kept those that need a long k: turn it round": set(_left(slips, q, lambda k: k >= B)),
        "each slip must agree: it is enough for you if one does": set().union(*each),
        "you kept the ks: keep the x": {
            (t * x + a) % q for x in _left(slips, q, lambda k: k < B) for t, a in slips
        },
        "t and a have changed places: k = t·x + a": {
            x for x in range(1, q) if all((a * x + t) % q < B for t, a in slips)
        },
    }
    for why, wrong in usual.items():
        if left - {0} == wrong - {0}:
            return why
    if not left:
        return "you crossed out all of them: k = t·x + a counts modulo q"
    if len(slips) > 1 and left - {0} in (each[0], each[-1]):
        return "you used one slip: go through all of them"
    return "for each x: is (t·x + a) % q below B, for each slip?"
