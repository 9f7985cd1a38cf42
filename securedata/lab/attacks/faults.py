"""DSA under faults: what one wrong calculation tells about the private key.

A fault is a bit that a hot chip, a cosmic ray or an attacker's laser flips while a signature is
made. Here it is simulated: the lessons hand in the signatures that such a flip leaves behind.
"""

from securedata.errors import SignatureError
from securedata.lab.attacks.dsa import Signed
from securedata.lab.smalldsa import Domain


def key_from_fault(right: Signed, faulty: Signed, q: int) -> int:
    """x, from one message signed twice with one k, as RFC 6979 does it, r being wrong once.

    Of s·k = h + x·r and s'·k = h + x·r' only x and k are unknown.

    >>> key_from_fault(Signed(h=5, r=5, s=10), Signed(h=5, r=4, s=0), q=11)
    7
    """
    numerator = right.h * (right.s - faulty.s)
    denominator = faulty.s * right.r - right.s * faulty.r
    return numerator * pow(denominator, -1, q) % q


def flipped_key_bit(domain: Domain, y: int, faulty: Signed) -> tuple[int, int]:
    """The place and the true value of the one bit of x that was flipped while signing.

    A signature under x + 2^i fits the public key y·g^(2^i): the bit was 0. Under x - 2^i it was 1.

    Raises:
        SignatureError: no single flipped bit explains this signature.

    >>> from securedata.lab.smalldsa import TOY, sign
    >>> flipped_key_bit(TOY, y=13, faulty=Signed(5, *sign(TOY, x=7 - 4, h=5, k=4)))
    (2, 1)
    """
    p, q, g = domain.p, domain.q, domain.g
    w = pow(faulty.s, -1, q)
    honest = pow(g, faulty.h * w % q, p) * pow(y, faulty.r * w % q, p) % p
    step = pow(g, faulty.r * w % q, p)  # what one more in x would bring
    for bit in range(q.bit_length()):
        if honest * step % p % q == faulty.r:
            return bit, 0
        if honest * pow(step, -1, p) % p % q == faulty.r:
            return bit, 1
        step = step * step % p
    raise SignatureError("no single flipped bit of the key explains this signature")
