"""Flip bits and XOR bytes, given as hex text or as bytes."""

from securedata.errors import FormatError


def xor(left: bytes, right: bytes) -> bytes:
    """XOR two byte strings of one length.

    Raises:
        FormatError: they differ in length, or one is a text.

    >>> xor(b"ab", b"  ")
    b'AB'
    """
    if isinstance(left, str) or isinstance(right, str):
        raise FormatError(
            'XOR needs bytes, and one of the two is a text: b"…" makes bytes, of hex bytes.fromhex'
        )
    if len(left) != len(right):
        raise FormatError(f"XOR needs two equal lengths, not {len(left)} and {len(right)} bytes")
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def flip_bit(hex_text: str, bit: int) -> str:
    """Flip one bit of bytes written in hex; bit 0 is the first bit of the first byte.

    Raises:
        FormatError: there is no such bit.

    >>> flip_bit("00ff", 0), flip_bit("00ff", 15)
    ('80ff', '00fe')
    """
    flipped = bytearray.fromhex(hex_text)
    if not 0 <= bit < 8 * len(flipped):
        raise FormatError(f"there is no bit {bit} in {len(flipped)} bytes")
    flipped[bit // 8] ^= 0x80 >> bit % 8
    return flipped.hex()
