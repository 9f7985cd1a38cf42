"""Exercise 4.6: a k that withstands everything that this lesson does to one."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from random import SystemRandom
from typing import Literal

from securedata_lab.basics import small_dsa
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.judging.attempts import this_attempt
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.judging.interpreter import stopped_clock
from securedata_lab.lesson04_dsa_attacks.checks.drawn import signed_with
from securedata_lab.lesson04_dsa_attacks.checks.even import uneven
from securedata_lab.lesson04_dsa_attacks.checks.lattice import ZERO_BITS
from securedata_lab.lesson04_dsa_attacks.checks.secret_number import GAMES
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks

MakesK = Callable[[int, bytes, int], int]
MESSAGES = 1000
SIX = 6  # short ks, one more than LLL needs
ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")


@exercise(
    "4.6",
    "our attacks did not find this k, and no two messages share one",
    points=2,
)
def makes_a_good_k(my_k: MakesK) -> str | None:
    """my_k(x, digest, q): k for a message with this hash; attacked by what is public."""
    this_attempt().called = set()
    drawn, q = SystemRandom(), REAL.q
    x = drawn.randrange(1, q // 2)
    messages = [f"message {number} {drawn.random()}".encode() for number in range(MESSAGES)]
    digests = [hashlib.sha256(message).digest() for message in messages]
    ks = [returned(my_k, x, digest, q) for digest in digests]
    if len(set(ks)) < len(ks):
        return "expected another k for each message, got one twice; k must depend on the message"
    return (
        _needs_no_x(my_k, x, digests[0])
        or _is_of_the_public_key(x, digests[0], ks[0])
        or _given_by_one(x, digests[0], ks[0] % q)
        or _out_of_range(ks)
        or (GAMES if "random.Random" in (this_attempt().called or ()) else None)
        or _attacked(x, digests, ks)
    )


def _needs_no_x(my_k: MakesK, x: int, digest: bytes) -> str | None:
    other_low, other_high = x ^ (1 << 128) - 1, x ^ (1 << 248) - (1 << 128)
    with stopped_clock():
        k, *others = (my_k(it, digest, REAL.q) for it in (x, other_low, other_high))
    same = [other == k for other in others]
    if all(same):
        return (
            f"expected a secret k, got one that needs no x: {shown(k)}; "
            "anyone can compute it, or try what a clock may have shown; k must depend on x"
        )
    if any(same):
        return "expected a k made of all of x, got one made of a part; put all its bytes in"
    return None


def _numbers_of(*texts: bytes) -> list[int]:
    """What everybody can make of public texts: themselves, and their hashes, as numbers."""
    hashes = [
        hashlib.new(name, text).digest()
        for name in ("sha1", "sha256", "sha384", "sha512", "sha3_256", "blake2b")
        for text in texts
    ]
    return [int.from_bytes(it, order) for it in (*texts, *hashes) for order in ORDERS]


def _is_of_the_public_key(x: int, digest: bytes, k: int) -> str | None:
    y, h = pow(REAL.g, x, REAL.p), int.from_bytes(digest, "big")
    forms = [y.to_bytes(256, "big"), y.to_bytes(256, "little"), str(y).encode()]
    texts = [text for form in forms for text in (form, form + digest, digest + form)]
    numbers = [*_numbers_of(*texts), pow(y, h, REAL.p), y * h, y + h]
    for form, name in product(forms, ("sha256", "sha512")):
        numbers += _numbers_of(hmac.digest(form, digest, name))
    if any(k in (number % REAL.q, number % (REAL.q - 1) + 1) for number in numbers):
        return (
            f"expected a secret k, got one made of y: {shown(k)}; "
            "y = g^x is public, so anyone can compute it"
        )
    return None


def _given_by_one(x: int, digest: bytes, k: int) -> str | None:
    """Whether k is x and a public number, added or multiplied: one signature gives x then."""
    of_digest = _numbers_of(digest, digest.hex().encode())
    powers = [number**exponent for number in of_digest[:2] for exponent in (2, 3)]
    for f in (*of_digest, *powers):
        for modulus, first in ((REAL.q, 0), (REAL.q - 1, 1)):
            made = [(it + first) % REAL.q for it in _mixed(x, f, modulus)]
            if k in made:
                return (
                    "expected ks that nobody can relate, got x and a public number, "
                    "added, XORed or multiplied; in s·k = h + x·r one unknown is left"
                )
    return None


def _mixed(x: int, f: int, modulus: int) -> list[int]:
    simple = [x + f, x - f, f - x, x * f, x ^ f, x * x * f, x * x + f, (x + f) ** 2]
    inverted = [pow(it, -1, REAL.q) for it in simple if it % REAL.q]
    return [it % modulus for it in (*simple, *inverted)]


def _out_of_range(ks: Sequence[int]) -> str | None:
    outside = [k for k in ks if not 0 < k < REAL.q]
    return f"expected 0 < k < q, got {shown(outside[0])}; reduce it mod q" if outside else None


def _attacked(x: int, digests: Sequence[bytes], ks: Sequence[int]) -> str | None:
    q, y = REAL.q, pow(REAL.g, x, REAL.p)
    hs = [small_dsa.leftmost_bits(digest, q) for digest in digests]
    signed = [signed_with(x, k, h) for k, h in zip(ks[:SIX], hs, strict=False)]
    if key_from_short_ks(REAL, y, signed, ZERO_BITS) == x:
        return "expected a long k, got short ones; the lattice found x: use all 256 bits"
    return _related(ks[:100], digests[:100]) or _biased(ks)


def _related(ks: Sequence[int], digests: Sequence[bytes]) -> str | None:
    """Whether ks are public numbers with something secret added, or multiplied by it."""
    public = {
        "the hashes": [int.from_bytes(digest, "big") for digest in digests],
        "the hashes, read backwards,": [int.from_bytes(digest, "little") for digest in digests],
        "the hashes of the hashes": [small_dsa.hashed(digest, REAL.q) for digest in digests],
        "numbers in a row": list(range(len(digests))),
    }
    for name, numbers in public.items():
        if _differ_alike(ks, numbers):
            return (
                f"expected ks that nobody can relate, got ks that differ as {name} do; "
                "adding is not hiding: which function mixes x and the message?"
            )
        if any(_on_a_line(ks, numbers, modulus) for modulus in (REAL.q, REAL.q - 1)):
            return (
                f"expected ks that nobody can relate, got multiples of {name}; "
                "as many equations as unknowns: which function mixes x and the message?"
            )
    return None


def _differ_alike(ks: Sequence[int], numbers: Sequence[int]) -> bool:
    pairs = [*pairwise(zip(ks, numbers, strict=True))]
    return any(
        (k - j - m + n) % REAL.q == 0 or (k - j + m - n) % REAL.q == 0 or k ^ j == m ^ n
        for (k, m), (j, n) in pairs
    )


def _on_a_line(ks: Sequence[int], numbers: Sequence[int], modulus: int) -> bool:
    """Whether k = a·n + b, or k = a/n, whatever a and b are: three points, or two, tell."""
    points = [*zip(ks, numbers, strict=True)]
    return any(
        ((k0 - k1) * (n1 - n2) - (k1 - k2) * (n0 - n1)) % modulus == 0
        or (k0 * n0 - k1 * n1) % modulus == 0
        for (k0, n0), (k1, n1), (k2, n2) in zip(points, points[1:], points[2:], strict=False)
    )


def _biased(ks: Sequence[int]) -> str | None:
    """What the owner can see in many ks: in even ones, every byte takes nearly all values."""
    if max(ks).bit_length() < REAL.q.bit_length():
        return "expected a long k, got ks whose first bit is always 0; use all 256 bits"
    return uneven(ks)
