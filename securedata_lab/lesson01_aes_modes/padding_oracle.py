"""The padding oracle: reading CBC from nothing but "the padding is wrong" (Vaudenay, 2002).

An oracle is any function that takes an IV and a ciphertext and says whether the padding was right:
in process, or a request over HTTPS. The padding is PKCS#7 (RFC 5652, 6.3).
"""

from collections.abc import Callable, Iterator

from securedata.errors import FormatError
from securedata_lab.basics.bits import xor
from securedata_lab.lesson01_aes_modes.block_modes import BLOCK_BYTES

Oracle = Callable[[bytes, bytes], bool]


def right_guesses(oracle: Oracle, block: bytes) -> Iterator[int]:
    """The right guess for each byte of a block, the last byte first: in 16 times 256 questions.

    The guess for the padding 01 is for the last byte, that for 02 02 for the byte before it.

    Raises:
        FormatError: the oracle never said yes.

    >>> guesses = right_guesses(lambda iv, block: iv.endswith(b"e"), bytes(16))
    >>> chr(next(guesses))
    'e'
    """
    decrypted = b""
    for padding in range(1, BLOCK_BYTES + 1):
        guess = _right_guess(oracle, block, decrypted)
        decrypted = bytes([guess ^ padding]) + decrypted
        yield guess


def _right_guess(oracle: Oracle, block: bytes, known: bytes) -> int:
    """For the byte before `known`, which is the end of the block before CBC's XOR."""
    padding = len(known) + 1
    tail = xor(known, bytes([padding]) * len(known))
    for guess in range(256):
        forged = bytes(BLOCK_BYTES - padding) + bytes([guess]) + tail
        if oracle(forged, block) and _is_no_accident(oracle, forged, block, padding):
            return guess
    raise FormatError("the oracle never said yes: is it an oracle?")


def _is_no_accident(oracle: Oracle, forged: bytes, block: bytes, padding: int) -> bool:
    # A right padding of one byte could also be 02 02, by chance. Then the byte before it matters.
    if padding > 1 or forged[-1] == 255:  # at 255 nothing else is left
        return True
    return oracle(xor(forged, bytes([0] * 14 + [1, 0])), block)
