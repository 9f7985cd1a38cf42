"""Bytes under a passphrase: scrypt (RFC 7914) makes a key from it, then AES-256-GCM encrypts.

It knows bytes and passphrases, not what the bytes mean or where they are kept.
"""

import hashlib
import os
from dataclasses import dataclass

from securedata.crypto.aead import KEY_BYTES, AeadKey
from securedata.errors import FormatError, TagError
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
    securedata.errors.FormatError: scrypt would take more than 1 GiB
    """

    n: int
    r: int
    p: int

    def __post_init__(self) -> None:
        if not all(type(number) is int and number > 0 for number in (self.n, self.r, self.p)):
            raise FormatError("scrypt's N, r and p must be positive whole numbers")
        if self.n < 2 or self.n & (self.n - 1):
            raise FormatError("scrypt's N must be a power of two")
        if self.r > MAX_R or self.p > MAX_P:
            raise FormatError(f"scrypt's r is at most {MAX_R}, and p at most {MAX_P}")
        if self.n * self.r * self.p > CEILING:
            raise FormatError("scrypt would take more than 1 GiB")


# OWASP's figures: 128 MiB and some 0.4 s for every guess, and for every start of the server.
COST = Cost(n=2**17, r=8, p=1)


@dataclass(frozen=True)
class Protected:
    """Bytes that only a passphrase opens: the salt (16 bytes), the cost, and what was encrypted.

    >>> message = EncryptedMessage(nonce=bytes(12), ciphertext=b"", tag=bytes(16))
    >>> Protected(salt=b"", cost=COST, message=message)
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: salt must be 16 bytes, not 0
    """

    salt: bytes
    cost: Cost
    message: EncryptedMessage

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise FormatError(f"salt must be {SALT_BYTES} bytes, not {len(self.salt)}")


def protect(plaintext: bytes, passphrase: str) -> Protected:
    """Encrypt under a passphrase. A fresh salt gives a fresh key every time.

    Raises:
        FormatError: the passphrase is empty, or not Unicode text.

    >>> unprotect(protect(b"secret", "correct horse"), "correct horse")
    b'secret'
    """
    salt = os.urandom(SALT_BYTES)
    key = _key(passphrase, salt, COST)
    return Protected(salt, COST, key.encrypt(plaintext, frame(PURPOSE, salt)))


def unprotect(protected: Protected, passphrase: str) -> bytes:
    """Give back the bytes. A wrong passphrase gives nothing.

    Raises:
        TagError: another passphrase, or not what `protect` made.
        FormatError: the passphrase is empty, or not Unicode text.

    >>> unprotect(protect(b"secret", "correct horse"), "battery staple")
    Traceback (most recent call last):
        ...
    securedata.errors.TagError: this passphrase does not fit
    """
    key = _key(passphrase, protected.salt, protected.cost)
    try:
        return key.decrypt(protected.message, frame(PURPOSE, protected.salt))
    except TagError:
        raise TagError("this passphrase does not fit") from None


def _key(passphrase: str, salt: bytes, cost: Cost) -> AeadKey:
    if not passphrase:
        raise FormatError("an empty passphrase would protect nothing")
    try:
        password = passphrase.encode("utf-8")
    except UnicodeEncodeError:
        # `from None`: the cause quotes the passphrase.
        raise FormatError("the passphrase is not Unicode text") from None
    secret = hashlib.scrypt(
        password,
        salt=salt,
        n=cost.n,
        r=cost.r,
        p=cost.p,
        maxmem=128 * cost.r * (cost.n + cost.p + 2),  # what OpenSSL's scrypt allocates
        dklen=KEY_BYTES,
    )
    return AeadKey(secret)
