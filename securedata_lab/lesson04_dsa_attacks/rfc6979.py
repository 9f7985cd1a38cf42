"""k from the key and the message (RFC 6979), readable.

This version is for reading. The service's `SigningKey` uses PyCryptodome's.
"""

import hmac

from securedata_lab.basics.small_dsa import leftmost_bits


def secret_number(x: int, digest: bytes, q: int) -> int:
    """The k for a message with this SHA-256; without x nobody can compute it (RFC 6979, 3.2).

    HMAC is a hash with a key: without the key, HMAC(key, text) looks random. Here the key begins as
    zeros and is replaced twice by HMACs of x and the message; then it gives numbers until one lies
    between 0 and q.

    >>> import hashlib  # RFC 6979, A.2.2
    >>> q = 0xF2C3119374CE76C9356990B465374A17F23F9ED35089BD969F61C6DDE9998C1F
    >>> x = 0x69C7548C21D0DFEA6B9A51C9EAD4E27C33D3B3F180316E5BCAB92C933F0E4DBC
    >>> f"{secret_number(x, hashlib.sha256(b'sample').digest(), q):x}"
    '8926a27c40484216f052f4427cfd5647338b7b3939bc6573af4333569d597c52'
    """
    length = (q.bit_length() + 7) // 8
    secret = x.to_bytes(length, "big") + (leftmost_bits(digest, q) % q).to_bytes(length, "big")
    key, value = bytes(32), b"\x01" * 32
    for step in (b"\x00", b"\x01"):
        key = _hmac(key, value + step + secret)
        value = _hmac(key, value)
    while True:
        candidate = b""
        while len(candidate) < length:
            value = _hmac(key, value)
            candidate += value
        k = leftmost_bits(candidate, q)
        if 0 < k < q:
            return k
        key = _hmac(key, value + b"\x00")
        value = _hmac(key, value)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")
