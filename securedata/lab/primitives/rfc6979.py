"""k from the key and the message (RFC 6979), readable, and the RFC's own example.

This version is for reading. The service's `SigningKey` uses PyCryptodome's.
"""

import hmac
from dataclasses import dataclass

from securedata.lab.primitives.small_dsa import Domain, leftmost_bits


@dataclass(frozen=True)
class Example:
    """A key, and what RFC 6979 says that it makes of the message "sample" with SHA-256.

    >>> import hashlib
    >>> secret_number(A_2_2.x, hashlib.sha256(b"sample").digest(), A_2_2.domain.q) == A_2_2.k
    True
    """

    domain: Domain
    x: int
    k: int
    r: int
    s: int


def secret_number(x: int, digest: bytes, q: int) -> int:
    """The k for a message with this SHA-256; without x nobody can compute it (RFC 6979, 3.2).

    HMAC is a hash with a key: without the key, HMAC(key, text) looks random. Here the key begins as
    zeros and is replaced twice by HMACs of x and the message; then it gives numbers until one lies
    between 0 and q.
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


A_2_2 = Example(
    domain=Domain(
        p=int(
            "9db6fb5951b66bb6fe1e140f1d2ce5502374161fd6538df1648218642f0b5c48"
            "c8f7a41aadfa187324b87674fa1822b00f1ecf8136943d7c55757264e5a1a44f"
            "fe012e9936e00c1d3e9310b01c7d179805d3058b2a9f4bb6f9716bfe6117c6b5"
            "b3cc4d9be341104ad4a80ad6c94e005f4b993e14f091eb51743bf33050c38de2"
            "35567e1b34c3d6a5c0ceaa1a0f368213c3d19843d0b4b09dcb9fc72d39c8de41"
            "f1bf14d4bb4563ca28371621cad3324b6a2d392145bebfac748805236f5ca2fe"
            "92b871cd8f9c36d3292b5509ca8caa77a2adfc7bfd77dda6f71125a7456fea15"
            "3e433256a2261c6a06ed3693797e7995fad5aabbcfbe3eda2741e375404ae25b",
            16,
        ),
        q=0xF2C3119374CE76C9356990B465374A17F23F9ED35089BD969F61C6DDE9998C1F,
        g=int(
            "5c7ff6b06f8f143fe8288433493e4769c4d988ace5be25a0e24809670716c613"
            "d7b0cee6932f8faa7c44d2cb24523da53fbe4f6ec3595892d1aa58c4328a06c4"
            "6a15662e7eaa703a1decf8bbb2d05dbe2eb956c142a338661d10461c0d135472"
            "085057f3494309ffa73c611f78b32adbb5740c361c9f35be90997db2014e2ef5"
            "aa61782f52abeb8bd6432c4dd097bc5423b285dafb60dc364e8161f4a2a35aca"
            "3a10b1c4d203cc76a470a33afdcbdd92959859abd8b56e1725252d78eac66e71"
            "ba9ae3f1dd2487199874393cd4d832186800654760e1e34c09e4d155179f9ec0"
            "dc4473f996bdce6eed1cabed8b6f116f7ad9cf505df0f998e34ab27514b0ffe7",
            16,
        ),
    ),
    x=0x69C7548C21D0DFEA6B9A51C9EAD4E27C33D3B3F180316E5BCAB92C933F0E4DBC,
    k=0x8926A27C40484216F052F4427CFD5647338B7B3939BC6573AF4333569D597C52,
    r=0xEACE8BDBBE353C432A795D9EC556C6D021F7A03F42C36E9BC87E4AC7932CC809,
    s=0x7081E175455F9247B812B74583E9E94F9EA79BD640DC962533B0680793A38D53,
)
