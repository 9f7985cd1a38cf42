"""GCM with a repeated nonce: recover H, and forge (Joux's "forbidden attack", 2006).

GCM's tag is a polynomial in a secret H, plus a mask that depends on key and nonce alone. Two
messages under one nonce have one mask, so the sum of their tags is a polynomial in H without it.
Its roots are few, and one of them is H. With H, and a tag to take the mask from, any text can be
given a tag.
"""

from dataclasses import dataclass

from securedata.errors import FormatError
from securedata.lab.attacks.block_modes import BLOCK_BYTES, blocks
from securedata.lab.attacks.gf128 import inverse, multiply, square_root
from securedata.lab.attacks.polynomial import added, roots


@dataclass(frozen=True)
class Sealed:
    """What the attacker sees of one message: its ciphertext, its tag, its associated data."""

    ciphertext: bytes
    tag: bytes
    associated_data: bytes = b""


def ghash(h: int, associated_data: bytes, ciphertext: bytes) -> int:
    """GHASH over both, each padded to whole blocks, and their lengths (SP 800-38D, 6.4, 7.1).

    >>> ghash(1 << 127, b"", bytes(16))  # at H = one, only the lengths are left
    128
    """
    result = 0
    for block in _hashed_blocks(associated_data, ciphertext):
        result = multiply(result ^ block, h)
    return result


def recover_h(first: Sealed, second: Sealed) -> list[int]:
    """Every H that explains two messages sealed under one nonce; the true one is among them.

    For one-block messages of equal length and equal associated data there is exactly one: then
    T1 + T2 = (C1 + C2)·H^2, and every element has one square root. Longer ones may give more.

    Raises:
        FormatError: the two messages are equal.

    >>> first = Sealed(bytes(16), bytes(16))
    >>> difference = multiply(5, multiply(9, 9))
    >>> recover_h(first, Sealed((5).to_bytes(16, "big"), difference.to_bytes(16, "big")))
    [9]
    """
    polynomial = _difference(first, second)
    if len(polynomial) < 2:
        raise FormatError("these messages say nothing about H: their ciphertexts are equal")
    if len(polynomial) == 3 and polynomial[1] == 0:
        return [square_root(multiply(polynomial[0], inverse(polynomial[2])))]
    return roots(polynomial)


def _difference(first: Sealed, second: Sealed) -> list[int]:
    """The coefficients of T1 + T2 as a polynomial in H, the constant first."""
    return added(_coefficients(first), _coefficients(second))


def _coefficients(sealed: Sealed) -> list[int]:
    # The block that is hashed last is multiplied by H once, the one before it twice, and so on.
    hashed = _hashed_blocks(sealed.associated_data, sealed.ciphertext)
    return [int.from_bytes(sealed.tag, "big"), *reversed(hashed)]


def _hashed_blocks(associated_data: bytes, ciphertext: bytes) -> list[int]:
    lengths = (8 * len(associated_data)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(
        8, "big"
    )
    padded = [
        block.ljust(BLOCK_BYTES, b"\0")
        for part in (associated_data, ciphertext)
        for block in blocks(part)
    ]
    return [int.from_bytes(block, "big") for block in (*padded, lengths)]
