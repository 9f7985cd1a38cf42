"""Bytes under a passphrase: scrypt (RFC 7914) makes a key from it, then AES-256-GCM encrypts.

It knows bytes and passphrases, not what the bytes mean or where they are kept.
"""

import hashlib
import os
from dataclasses import dataclass

from securedata.crypto.aead import KEY_BYTES, AeadKey
from securedata.errors import FormatError, KeyFileError
from securedata.record import EncryptedMessage, frame

SALT_BYTES = 16  # at least 128 bits (NIST SP 800-132, 5.1)
CEILING = 2**23  # for N·r·p, at 128 bytes each: 1 GiB
MAX_R, MAX_P = 32, 16  # above these, memory grows with r and p alone
PURPOSE = "securedata/v1/passphrase"


@dataclass(frozen=True)
class Cost:
    """What one guess of a passphrase costs: scrypt's N, r and p (RFC 7914, 2).

    A file may ask for 8 times what we take ourselves, so a changed file cannot take all memory.

    >>> Cost(n=2**30, r=8, p=1)
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: scrypt's N is a power of two, r at most 32, p at most 16, and ...
    """

    n: int
    r: int
    p: int

    def __post_init__(self) -> None:
        if (
            not all(type(number) is int and number > 0 for number in (self.n, self.r, self.p))
            or self.n < 2
            or self.n & (self.n - 1)
            or self.n >= 1 << 16 * self.r
            or self.r > MAX_R
            or self.p > MAX_P
            or self.n * self.r * self.p > CEILING
        ):
            raise FormatError(
                f"scrypt's N is a power of two, r at most {MAX_R}, p at most {MAX_P}, "
                "and together they take at most 1 GiB"
            )


# OWASP's figures: 128 MiB and some 0.4 s for every guess, and for every start of the server.
COST = Cost(n=2**17, r=8, p=1)


@dataclass(frozen=True)
class Protected:
    """Bytes that only a passphrase opens: the salt, the cost, and what was encrypted.

    >>> protect(b"secret", "correct horse").cost == COST
    True
    """

    salt: bytes
    cost: Cost
    message: EncryptedMessage


def protect(plaintext: bytes, passphrase: str) -> Protected:
    """Encrypt under a passphrase. A fresh salt gives a fresh key every time.

    Raises:
        FormatError: the passphrase is empty, or not Unicode text.
        KeyFileError: there is too little memory for scrypt.

    >>> unprotect(protect(b"secret", "correct horse"), "correct horse")
    b'secret'
    """
    # A lone surrogate comes from bytes that are not UTF-8: nobody could type it again elsewhere.
    if not passphrase or any("\ud800" <= letter <= "\udfff" for letter in passphrase):
        raise FormatError("an empty passphrase would protect nothing, and it must be Unicode text")
    salt = os.urandom(SALT_BYTES)
    message = _key(passphrase, salt, COST).encrypt(plaintext, frame(PURPOSE, salt))
    return Protected(salt, COST, message)


def unprotect(protected: Protected, passphrase: str) -> bytes:
    """Give back the bytes. A wrong passphrase gives nothing.

    Raises:
        TagError: another passphrase, or not what `protect` made.
        KeyFileError: there is too little memory for scrypt.

    >>> unprotect(protect(b"secret", "correct horse"), "battery staple")
    Traceback (most recent call last):
        ...
    securedata.errors.TagError: the tag is invalid for this key, nonce, ciphertext and ... data
    """
    key = _key(passphrase, protected.salt, protected.cost)
    return key.decrypt(protected.message, frame(PURPOSE, protected.salt))


def _key(passphrase: str, salt: bytes, cost: Cost) -> AeadKey:
    try:
        key = hashlib.scrypt(
            passphrase.encode("utf-8", "surrogatepass"),
            salt=salt,
            n=cost.n,
            r=cost.r,
            p=cost.p,
            maxmem=128 * cost.r * (cost.n + cost.p + 2),  # what OpenSSL's scrypt allocates
            dklen=KEY_BYTES,
        )
    except (ValueError, MemoryError):  # OpenSSL says it with the former; Cost has checked all else
        raise KeyFileError("the key file needs more memory than is left now, for scrypt") from None
    return AeadKey(key)
