"""Attacks on ECB and CBC: compare, move and change blocks (NIST SP 800-38A, 6.1, 6.2).

All of it without the key: the attacker only has ciphertext, and knows where texts stand in it.
"""

from collections.abc import Sequence

from securedata.errors import FormatError
from securedata.lab.primitives.bits import xor

BLOCK_BYTES = 16


def blocks(data: bytes) -> list[bytes]:
    """Cut bytes into blocks of 16; the last one may be shorter.

    >>> blocks(b"sixteen bytes...and")
    [b'sixteen bytes...', b'and']
    """
    return [data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES)]


def repeated_blocks(ciphertext: bytes) -> int:
    """How many blocks have been seen before: in ECB, each is a repetition in the plaintext.

    >>> repeated_blocks(bytes(48))
    2
    """
    return len(blocks(ciphertext)) - len(set(blocks(ciphertext)))


def rearranged(ciphertext: bytes, order: Sequence[int]) -> bytes:
    """The blocks with these numbers, in this order. In ECB the plaintext follows.

    Raises:
        FormatError: there is no block of this number.

    >>> rearranged(b"first block.....second block....", [1, 0, 0])
    b'second block....first block.....first block.....'
    """
    parts = blocks(ciphertext)
    for number in order:
        if not 0 <= number < len(parts):
            raise FormatError(f"there is no block {number}: there are {len(parts)}, from 0")
    return b"".join(parts[number] for number in order)


def flip_through_iv(iv: bytes, at: int, old: bytes, new: bytes) -> bytes:
    """The IV that turns `old` into `new` at this place of the *first* block of a CBC plaintext.

    The first block is decrypted and then XORed with the IV: a bit changed in the IV changes the
    same bit of the text, and nothing else (SP 800-38A, appendix D).

    Raises:
        FormatError: the lengths differ, or the place is not in the first block.

    >>> flip_through_iv(bytes(16), 5, b"user", b"root").hex()
    '0000000000071c0a0600000000000000'
    """
    if not 0 <= at <= len(iv) - len(old):
        raise FormatError("only the first 16 bytes of the text can be reached through the IV")
    difference = bytes(at) + xor(old, new)
    return xor(iv, difference.ljust(len(iv), b"\0"))
