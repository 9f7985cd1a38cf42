"""Exercise 4.3: from many signatures of a running twin to its private key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from securedata.lab.attacks import Signed, equal_r, k_from_pair
from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.checks.lesson04.algebra import OURS, explained_key
from securedata.lab.primitives.small_dsa import REAL
from securedata.lab.servers.clients import TwinClient
from securedata.lab.student_answers.declared import is_int
from securedata.lab.twins.flaws import RepeatedK
from securedata.lab.twins.twin import TwinServer

MyTheft = Callable[[list[Signed]], Any | None]
STORES = 40


@exercise(
    "4.3",
    "a running twin's key, from signatures alone",
    ready_made=[OURS + name for name in ("equal_r", "k_from_pair", "key_from_k")],
)
def steals(my_theft: MyTheft) -> str | None:
    """my_theft(signatures): x of a fresh twin, from signatures of which some share a k."""
    twin = RepeatedK()
    with TwinServer(twin) as server:
        client, signed = TwinClient(server), list[Signed]()
        while len(equal_r(signed)) < 2:
            rows = [client.store(f"text {number}") for number in range(STORES)]
            signed += [Signed.seen(twin.signed_bytes(row), row.signature, REAL.q) for row in rows]
            # Who compares neighbours alone must find nothing.
            signed = [it for i, it in enumerate(signed) if i == 0 or it.r != signed[i - 1].r]
        y = client.public_number()
    try:
        answer = returned(my_theft, list(signed))
    except ValueError as error:
        why = "is a signature compared with itself? then s1 - s2 is 0"
        return f"expected x, got ValueError: {error}; {why}"
    except (IndexError, StopIteration, TypeError) as error:
        if isinstance(error, TypeError) and "NoneType" not in str(error):
            raise
        why = f"here are {len(signed)} signatures: len(seen); did it find a pair with one r?"
        return f"expected x, got {type(error).__name__}: {error}; {why}"
    if is_int(answer) and pow(REAL.g, answer, REAL.p) == y:
        return None
    return f"expected x, got {shown(answer)}; {_why(answer, signed, twin.x)}"


def _why(answer: Any, signed: Sequence[Signed], x: int) -> str:
    if answer is None:
        return "it found no pair: compare every r with every later one"
    if isinstance(answer, (tuple, list)):
        if x in answer:
            return "x is among them: return that one number"
        return "the pair is the first step of three: then k, then x"
    if not is_int(answer):
        return "x is one int"
    if answer == pow(REAL.g, x, REAL.p):
        return "that is y, which everybody sees: return x itself"
    if answer == RepeatedK(seed=1).x:
        return "that is the key of the notebook's twin: here a fresh one signs"
    for i, j in equal_r(signed):
        k = k_from_pair(signed[i], signed[j], REAL.q)
        for one, other in ((signed[i], signed[j]), (signed[j], signed[i])):
            if answer == k:
                return "that is k: one more step gives x"
            if answer == _key_with(one, -k):
                return "that comes from -k: the same order above and below, and no abs"
            if answer == _key_with(replace(one, h=other.h), k):
                return "s and h are of two signatures: take both of one"
            why = explained_key(answer, one, k, x)
            if why:
                return why
    return "g to the power of that is not y: which two signatures share their k?"


def _key_with(one: Signed, k: int) -> int:
    """The x that a wrong k leads to.

    >>> _key_with(Signed(h=1, r=1, s=1), k=3)
    2
    """
    return (one.s * k - one.h) * pow(one.r, -1, REAL.q) % REAL.q
