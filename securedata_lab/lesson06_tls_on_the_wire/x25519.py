"""X25519 (RFC 7748, 5): powers of points. A point, and a secret number, are 32 bytes each."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey


def power(number: bytes, share: bytes) -> bytes:
    """A share to the power of a number.

    Raises:
        TypeError, ValueError: they are no 32 bytes each.

    >>> a, b = bytes(31) + b"A", bytes(31) + b"B"
    >>> power(a, share_of(b)) == power(b, share_of(a))
    True
    """
    theirs = X25519PublicKey.from_public_bytes(share)
    return X25519PrivateKey.from_private_bytes(number).exchange(theirs)


def share_of(number: bytes) -> bytes:
    """The base point to the power of a number: what a side sends.

    >>> len(share_of(bytes(32)))
    32
    """
    return X25519PrivateKey.from_private_bytes(number).public_key().public_bytes_raw()
