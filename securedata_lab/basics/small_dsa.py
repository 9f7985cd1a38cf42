"""A small readable DSA (FIPS 186-4, section 4) to look at and to break: it protects nothing.

The caller chooses k, and Python's `pow` takes a time that depends on the key. Lessons work with
numbers: h is the hash of a message as a number, and a signature is the pair (r, s).
"""

import hashlib
from dataclasses import dataclass

from securedata.crypto.dsa_parameters import G, P, Q
from securedata.errors import FormatError
from securedata_lab.basics.one_sentence import OneSentence

NUMBER_BYTES = 32  # of r and of s, where q has 256 bits


@dataclass(frozen=True)
class Domain:
    """The public numbers that many keys share: primes p and q, and g with q different powers mod p.

    >>> sorted(pow(TOY.g, k, TOY.p) for k in range(TOY.q))
    [1, 2, 4, 8, 16, 32, 39, 45, 64, 67, 78]
    """

    p: int
    q: int
    g: int


TOY = Domain(p=89, q=11, g=2)  # for a whiteboard
REAL = Domain(p=P, q=Q, g=G)  # the service's own, 2048/256 bits


def leftmost_bits(digest: bytes, q: int) -> int:
    """The leftmost N bits of a hash as a number, N being the length of q (FIPS 186-4, 4.6).

    >>> leftmost_bits(bytes.fromhex("c0ffee"), 2**12 - 3) == 0xC0F
    True
    """
    surplus = max(8 * len(digest) - q.bit_length(), 0)
    return int.from_bytes(digest, "big") >> surplus


def hashed(message: bytes, q: int) -> int:
    """The number h that is signed instead of a message: SHA-256, cut to the length of q.

    >>> hashed(b"", 2**256 - 1) == int(hashlib.sha256(b"").hexdigest(), 16)
    True
    """
    return leftmost_bits(hashlib.sha256(message).digest(), q)


class ZeroError(OneSentence, FormatError):
    """r or s is 0. A notebook shows this sentence alone: the code above it is exercise 3.1."""


def sign(domain: Domain, x: int, h: int, k: int) -> tuple[int, int]:
    """The signature (r, s) of h under the private key x (FIPS 186-4, 4.6). k must be fresh.

    Raises:
        ZeroError: r or s is zero; take another k.

    >>> sign(TOY, x=8, h=7, k=6)
    (9, 4)
    """
    p, q, g = domain.p, domain.q, domain.g
    r = pow(g, k, p) % q
    s = pow(k, -1, q) * (h + x * r) % q
    if r == 0 or s == 0:
        raise ZeroError(f"r = {r} and s = {s}: neither may be 0; take another k")
    return r, s


def fits(domain: Domain, y: int, h: int, signature: tuple[int, int]) -> bool:
    """Whether a signature of h fits the public key y (FIPS 186-4, 4.7).

    >>> fits(TOY, y=78, h=7, signature=(9, 4)), fits(TOY, y=78, h=5, signature=(9, 4))
    (True, False)
    """
    p, q, g = domain.p, domain.q, domain.g
    r, s = signature
    if not (0 < r < q and 0 < s < q):
        return False
    w = pow(s, -1, q)
    return pow(g, h * w % q, p) * pow(y, r * w % q, p) % p % q == r


def to_bytes(signature: tuple[int, int]) -> bytes:
    """r ‖ s, 64 bytes, as the service keeps it (IEEE P1363).

    >>> signature = to_bytes((1, 2))
    >>> len(signature), signature[31], signature[63]
    (64, 1, 2)
    """
    return b"".join(number.to_bytes(NUMBER_BYTES, "big") for number in signature)


def from_bytes(data: bytes) -> tuple[int, int]:
    """The pair (r, s) from r ‖ s.

    Raises:
        FormatError: the data is not 64 bytes long.

    >>> from_bytes(to_bytes((1, 2)))
    (1, 2)
    """
    if len(data) != 2 * NUMBER_BYTES:
        raise FormatError(
            f"a signature is {2 * NUMBER_BYTES} bytes, r and then s: {len(data)} came"
        )
    return int.from_bytes(data[:NUMBER_BYTES], "big"), int.from_bytes(data[NUMBER_BYTES:], "big")


@dataclass(frozen=True)
class Signed:
    """What anyone sees of a signature: h, the hash of the message as a number, and r and s."""

    h: int
    r: int
    s: int

    @classmethod
    def seen(cls, message: bytes, signature: bytes, q: int) -> "Signed":
        """What is seen of a message and its 64 bytes of signature.

        >>> Signed.seen(b"", bytes(63) + b"2", q=2**256 - 1).s
        50
        """
        return cls(hashed(message, q), *from_bytes(signature))
