"""DSA's groups in sizes that no standard has, the same every time; and keys and signatures in them.

p is only a little longer than q: it makes no discrete logarithm hard, and every test fast.
"""

import random
from dataclasses import dataclass
from functools import cache
from itertools import count

from Crypto.Util.number import isPrime

from securedata_lab.basics.small_dsa import Domain, Signed, sign


@cache
def a_group(q_bits: int) -> Domain:
    """q is the largest prime of so many bits; p the first prime k·q + 1 that is 16 bits longer."""
    q = next(n for n in range(2**q_bits - 1, 1, -2) if isPrime(n))
    p = next(k * q + 1 for k in count(2**16, 2) if isPrime(k * q + 1))
    g = next(g for base in count(2) if (g := pow(base, (p - 1) // q, p)) != 1)
    return Domain(p, q, g)


@dataclass(frozen=True)
class Key:
    """A private key x and its public key y."""

    domain: Domain
    x: int

    @property
    def y(self) -> int:
        return pow(self.domain.g, self.x, self.domain.p)

    def sign(self, h: int, k: int) -> Signed:
        return Signed(h, *sign(self.domain, self.x, h, k))


def a_key(domain: Domain, chance: random.Random) -> Key:
    return Key(domain, chance.randrange(1, domain.q))


def short_k_signatures(key: Key, count: int, zero_bits: int, chance: random.Random) -> list[Signed]:
    """Signatures whose ks begin with so many zero bits; with none, they are evenly drawn."""
    q = key.domain.q
    longest = q if zero_bits == 0 else 1 << q.bit_length() - zero_bits
    return [key.sign(chance.randrange(q), chance.randrange(1, longest)) for _ in range(count)]
