"""The DSA domain parameters, derived again: FIPS 186-4, A.1.1.3 for p and q, A.2.4 for g."""

import hashlib
import math
from collections.abc import Iterator
from itertools import islice

import pytest
from Crypto.Util.number import isPrime, sieve_base
from vocabulary import ROOT

from securedata.crypto.dsa_parameters import COUNTER, INDEX, SEED, SEED_TEXT, G, P, Q

L, N = 2048, 256  # bits of p and q
HASH_BITS = 256
SMALL_PRIMES: int = math.prod(sieve_base)


def sha256(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def q_from(seed: bytes) -> int:
    """A.1.1.3, steps 6 and 7: the hash of the seed, with its first and last bit set."""
    first_bit: int = 2 ** (N - 1)
    u = sha256(seed) % first_bit
    return first_bit + u + 1 - u % 2


def candidates_for_p(seed: bytes, q: int) -> Iterator[int]:
    """A.1.1.3, step 13: numbers that follow from the seed and are 1 modulo 2q, one a counter."""
    n = -(-L // HASH_BITS) - 1
    b = L - 1 - n * HASH_BITS
    offset = 1
    while True:
        v = [
            sha256(((int.from_bytes(seed, "big") + offset + j) % 2**N).to_bytes(len(seed), "big"))
            for j in range(n + 1)
        ]
        v[n] %= 2**b
        x = sum(v[j] << (j * HASH_BITS) for j in range(n + 1)) + 2 ** (L - 1)
        yield x - x % (2 * q) + 1
        offset += n + 1


def g_from(seed: bytes, p: int, q: int, index: int) -> int:
    """A.2.4: the first power of a hash that is a generator."""
    for count in range(1, 2**16):
        w = sha256(seed + b"ggen" + index.to_bytes(1, "big") + count.to_bytes(2, "big"))
        g = pow(w, (p - 1) // q, p)
        if g >= 2:
            return g
    raise AssertionError("no generator")


def is_prime_of_full_size(p: int) -> bool:
    # Most candidates share a small factor, which one gcd tells sooner than a primality test.
    return p >= 2 ** (L - 1) and math.gcd(p, SMALL_PRIMES) == 1 and bool(isPrime(p))


def test_the_seed_is_the_hash_of_a_sentence() -> None:
    assert hashlib.sha256(SEED_TEXT.encode("ascii")).digest() == SEED


def test_the_attempts_before_give_no_prime_q() -> None:
    sentence, attempt = SEED_TEXT[:-1], int(SEED_TEXT[-1])
    for earlier in range(attempt):
        seed = hashlib.sha256(f"{sentence}{earlier}".encode("ascii")).digest()
        assert not isPrime(q_from(seed))


def test_q_follows_from_the_seed_and_is_prime() -> None:
    assert q_from(SEED) == Q
    assert isPrime(Q)


@pytest.mark.thorough  # arithmetic: the same on each machine
def test_p_is_the_first_prime_that_follows_from_the_seed() -> None:
    *earlier, last = islice(candidates_for_p(SEED, Q), COUNTER + 1)
    assert last == P
    assert is_prime_of_full_size(P)
    assert not [p for p in earlier if is_prime_of_full_size(p)]


def test_g_follows_from_the_seed_and_generates_the_subgroup_of_order_q() -> None:
    assert g_from(SEED, P, Q, INDEX) == G
    assert pow(G, Q, P) == 1


def test_the_page_about_the_format_prints_them() -> None:
    printed = "".join((ROOT / "docs" / "format.md").read_text(encoding="utf-8").split())
    assert f"```textp{P:x}q{Q:x}g{G:x}```" in printed
