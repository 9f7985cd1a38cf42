"""The padding oracle: reading CBC from nothing but "the padding is wrong" (Vaudenay, 2002).

An oracle is any function that takes an IV and a ciphertext and says whether the padding was right:
in process, or a request over HTTPS. The padding is PKCS#7 (RFC 5652, 6.3).
"""

from collections.abc import Callable

from securedata.errors import FormatError
from securedata.lab.attacks.block_modes import BLOCK_BYTES, blocks
from securedata.lab.primitives.bits import xor
from securedata.lab.twins.twin import Row, Twin

Oracle = Callable[[bytes, bytes], bool]


def decrypt_last_byte(oracle: Oracle, previous: bytes, block: bytes) -> int:
    """The last byte of the text in this block, in at most 257 questions.

    `previous` is the block before it, or the IV. We hand in a block of our own in its place and try
    all 256 last bytes, until the padding is right: then the text ends in 01, most likely.

    Raises:
        FormatError: the oracle never said yes.

    >>> questions = []
    >>> def oracle(iv, ciphertext):  # a cipher that does nothing is enough to try it
    ...     questions.append(iv)
    ...     return (iv[15] ^ ciphertext[15]) == 1
    >>> decrypt_last_byte(oracle, bytes(15) + bytes([7]), bytes(15) + bytes([99]))
    100
    """
    return _decrypt_byte(oracle, block, known=b"") ^ previous[-1]


def decrypt_block(oracle: Oracle, previous: bytes, block: bytes) -> bytes:
    """The 16 bytes of text in this block, in at most 16 times 256 questions and one.

    >>> from securedata.lab.twins.flaws import Cbc
    >>> twin = Cbc(seed=1)
    >>> row = twin.seal(b"fifteen letters", record_id="1")
    >>> decrypt_block(oracle_of(twin), row.nonce, row.ciphertext)
    b'fifteen letters\\x01'
    """
    decrypted = b""
    while len(decrypted) < BLOCK_BYTES:
        decrypted = bytes([_decrypt_byte(oracle, block, decrypted)]) + decrypted
    return xor(decrypted, previous)


def decrypt_message(
    oracle: Oracle, iv: bytes, ciphertext: bytes, progress: Callable[[int, int], None] | None = None
) -> bytes:
    """The whole text, padding taken off. `progress` is told blocks done, and blocks in all.

    Raises:
        FormatError: this is no CBC ciphertext, or the oracle never said yes.

    >>> from securedata.lab.twins.flaws import Cbc
    >>> twin = Cbc(seed=1)
    >>> row = twin.seal(b"more than one block of text", record_id="1")
    >>> decrypt_message(oracle_of(twin), row.nonce, row.ciphertext)
    b'more than one block of text'
    """
    if not ciphertext:
        raise FormatError("a CBC ciphertext has at least one block")
    chain = [iv, *blocks(ciphertext)]
    text = b""
    for number in range(1, len(chain)):
        text += decrypt_block(oracle, chain[number - 1], chain[number])
        if progress is not None:
            progress(number, len(chain) - 1)
    return text[: -text[-1]]


def oracle_of(twin: Twin) -> Oracle:
    """A twin as an oracle, in process: no network, and much faster.

    >>> from securedata.lab.twins.flaws import Cbc
    >>> oracle_of(Cbc(seed=1))(bytes(16), bytes(16))
    False
    """

    def oracle(iv: bytes, ciphertext: bytes) -> bool:
        try:
            twin.open(Row(iv, ciphertext, b""), None)
        except FormatError:
            return False
        return True

    return oracle


def _decrypt_byte(oracle: Oracle, block: bytes, known: bytes) -> int:
    """The byte before `known`, of the block as it is before CBC's XOR."""
    padding = len(known) + 1
    tail = xor(known, bytes([padding]) * len(known))
    for guess in range(256):
        forged = bytes(BLOCK_BYTES - padding) + bytes([guess]) + tail
        if oracle(forged, block) and _is_no_accident(oracle, forged, block, padding):
            return guess ^ padding
    raise FormatError("the oracle never said yes: is it an oracle?")


def _is_no_accident(oracle: Oracle, forged: bytes, block: bytes, padding: int) -> bool:
    # A right padding of one byte could also be 02 02, by chance. Then the byte before it matters.
    if padding > 1 or forged[-1] == 255:  # at 255 nothing else is left
        return True
    return oracle(xor(forged, bytes([0] * 14 + [1, 0])), block)
