"""GCM with a repeated nonce: recover H, and forge (Joux's "forbidden attack", 2006).

GCM's tag is a polynomial in a secret H, plus a mask that depends on key and nonce alone. Two
messages under one nonce have one mask, so the sum of their tags is a polynomial in H without it.
For one-block messages it has one root: H. With H, and a tag to take the mask from, any text can be
given a tag.
"""

from collections.abc import Callable

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson01_aes_modes.block_modes import BLOCK_BYTES, blocks
from securedata_lab.lesson02_aes_gcm.gf128 import inverse, multiply, square_root
from securedata_lab.twins.twin import Row

Hash = Callable[[bytes], bytes]


def ghash_under(h: int) -> Hash:
    """GHASH under this H, without associated data (SP 800-38D, 6.4, 7.1): bytes in, bytes out.

    >>> ghash_under(1 << 127)(bytes(16)).hex()  # at H = one, only the length is left
    '00000000000000000000000000000080'
    """

    def ghash(ciphertext: bytes) -> bytes:
        length = (8 * len(ciphertext)).to_bytes(BLOCK_BYTES, "big")
        result = 0
        for block in [*blocks(ciphertext), length]:
            result = multiply(result ^ _element(block), h)
        return result.to_bytes(BLOCK_BYTES, "big")

    return ghash


def recover_h(first: Row, second: Row) -> int:
    """The H of two rows of one block, sealed under one nonce.

    T1 + T2 = (C1 + C2)·H^2, and every element has one square root.

    Raises:
        FormatError: the ciphertexts are equal, or longer than a block.

    >>> difference = multiply(5, multiply(9, 9)).to_bytes(16, "big")
    >>> second = Row(b"", (5).to_bytes(16, "big"), difference)
    >>> recover_h(Row(b"", bytes(16), bytes(16)), second)
    9
    """
    if not len(first.ciphertext) == len(second.ciphertext) <= BLOCK_BYTES:
        raise FormatError("H is found from two ciphertexts of one block, and of one length")
    if first.ciphertext == second.ciphertext:
        raise FormatError("these messages say nothing about H: their ciphertexts are equal")
    tags = _element(xor(first.tag, second.tag))
    ciphertexts = _element(xor(first.ciphertext, second.ciphertext))
    return square_root(multiply(tags, inverse(ciphertexts)))


def _element(block: bytes) -> int:
    return int.from_bytes(block.ljust(BLOCK_BYTES, b"\0"), "big")
