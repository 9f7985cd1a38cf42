"""The student's search at a long p, and at X25519."""

from math import factorial

from Crypto.Util.number import isPrime

from securedata_lab.lesson06_tls_on_the_wire.search_again import FFDHE2048


def test_the_prime_is_that_of_the_standard_and_a_safe_one() -> None:
    """RFC 7919, A.1: 2^2048 - 2^1984 + {[2^1918 * e] + 560316} * 2^64 - 1."""
    e = sum((1 << 2100) // factorial(k) for k in range(400)) >> 2100 - 1918
    assert 2**2048 - 2**1984 + (e + 560316) * 2**64 - 1 == FFDHE2048
    assert isPrime(FFDHE2048)
    assert isPrime(FFDHE2048 // 2)
