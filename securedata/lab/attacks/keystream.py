"""One keystream for two texts: CTR with a repeated nonce (NIST SP 800-38A, 6.5 and appendix B)."""

from securedata.errors import FormatError
from securedata.lab.primitives.bits import xor


def read_with_known_text(ciphertext: bytes, known_ciphertext: bytes, known_text: bytes) -> bytes:
    """Read a text encrypted under the same keystream as a text that is known.

    Ciphertext XOR text is the keystream; it reads as far as the known text goes.

    Raises:
        FormatError: the known text and its ciphertext differ in length.

    >>> keystream = bytes(range(16))
    >>> read_with_known_text(xor(b"secret", keystream[:6]), xor(b"known text", keystream[:10]),
    ...     b"known text")
    b'secret'
    """
    keystream = xor(known_ciphertext, known_text)
    length = min(len(ciphertext), len(keystream))
    return xor(ciphertext[:length], keystream[:length])


def rewrite(ciphertext: bytes, at: int, old: bytes, new: bytes) -> bytes:
    """Change known text at a known place, without the key and without the keystream.

    The difference old XOR new goes straight through the XOR of encryption.

    Raises:
        FormatError: old and new differ in length, or do not lie within the text.

    >>> xor(rewrite(xor(b"pay 100", b"KEYKEYK"), 4, b"100", b"900"), b"KEYKEYK")
    b'pay 900'
    """
    if not 0 <= at <= len(ciphertext) - len(old):
        raise FormatError(f"{len(old)} bytes from place {at} are not within {len(ciphertext)}")
    difference = bytes(at) + xor(old, new)
    return xor(ciphertext, difference.ljust(len(ciphertext), b"\0"))
