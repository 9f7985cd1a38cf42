"""DSA under faults: what one wrong calculation reveals of the private key.

A fault is a bit that a hot chip, a cosmic ray or an attacker's laser flips while a signature is
made. Here it is simulated: the lessons pass in the signatures that such a flip produces.
"""

from securedata.errors import SignatureError
from securedata_lab.basics.small_dsa import Domain, Signed


def flipped_key_bit(domain: Domain, y: int, faulty: Signed) -> tuple[int, int]:
    """The place and the true value of the one bit of x that was flipped while signing.

    A signature under x + 2^i fits the public key y·g^(2^i): the bit was 0. Under x - 2^i it was 1.

    Raises:
        SignatureError: no single flipped bit explains this signature.

    >>> from securedata_lab.basics.small_dsa import TOY, sign
    >>> flipped_key_bit(TOY, y=78, faulty=Signed(7, *sign(TOY, x=8 + 4, h=7, k=6)))
    (2, 0)
    """
    p, q, g = domain.p, domain.q, domain.g
    w = pow(faulty.s, -1, q)
    honest = pow(g, faulty.h * w % q, p) * pow(y, faulty.r * w % q, p) % p
    step = pow(g, faulty.r * w % q, p)  # the factor for one more in x
    for bit in range(q.bit_length()):
        if honest * step % p % q == faulty.r:
            return bit, 0
        if honest * pow(step, -1, p) % p % q == faulty.r:
            return bit, 1
        step = step * step % p
    raise SignatureError("no single flipped bit of the key explains this signature")
