"""GCM with a repeated nonce: recover H, and forge (Joux's "forbidden attack", 2006).

GCM's tag is a polynomial in a secret H, plus a mask that depends on key and nonce alone. Two
messages under one nonce have one mask, so the sum of their tags is a polynomial in H without it.
For one-block messages it has one root: H. With H, and a tag to take the mask from, any text can be
given a tag.
"""

from collections.abc import Callable
from dataclasses import dataclass

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson01_aes_modes.block_modes import BLOCK_BYTES, blocks
from securedata_lab.lesson02_aes_gcm.gf128 import inverse, multiply, square_root
from securedata_lab.twins.twin import Row

Hash = Callable[[bytes], bytes]


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


def ghash_under(h: int) -> Hash:
    """GHASH under this H, without associated data: bytes in, bytes out.

    >>> ghash_under(1 << 127)(bytes(16)).hex()
    '00000000000000000000000000000080'
    """
    return lambda ciphertext: ghash(h, b"", ciphertext).to_bytes(BLOCK_BYTES, "big")


def recover_h(first: Sealed | Row, second: Sealed | Row) -> int:
    """The H of two one-block messages sealed under one nonce, with equal associated data.

    T1 + T2 = (C1 + C2)·H^2, and every element has one square root.

    Raises:
        FormatError: the ciphertexts are equal, or longer than a block.

    >>> first = Sealed(bytes(16), bytes(16))
    >>> difference = multiply(5, multiply(9, 9))
    >>> recover_h(first, Sealed((5).to_bytes(16, "big"), difference.to_bytes(16, "big")))
    9
    """
    if not len(first.ciphertext) == len(second.ciphertext) <= BLOCK_BYTES:
        raise FormatError("H is found from two ciphertexts of one block, and of one length")
    if first.ciphertext == second.ciphertext:
        raise FormatError("these messages say nothing about H: their ciphertexts are equal")
    tags = _element(xor(first.tag, second.tag))
    ciphertexts = _element(xor(first.ciphertext, second.ciphertext))
    return square_root(multiply(tags, inverse(ciphertexts)))


def _hashed_blocks(associated_data: bytes, ciphertext: bytes) -> list[int]:
    bits = (8 * len(it) for it in (associated_data, ciphertext))
    lengths = b"".join(it.to_bytes(8, "big") for it in bits)
    parts = [*blocks(associated_data), *blocks(ciphertext), lengths]
    return [_element(part) for part in parts]


def _element(block: bytes) -> int:
    return int.from_bytes(block.ljust(BLOCK_BYTES, b"\0"), "big")
