"""Bytes under a passphrase: a key from the passphrase by scrypt (RFC 7914), then AES-256-GCM.

It knows bytes and passphrases, not what the bytes mean or where they are kept.
"""

import hashlib
import os
from dataclasses import dataclass

from securedata.crypto.aead import KEY_BYTES, AeadKey, EncryptedMessage
from securedata.errors import FormatError, TagError
from securedata.record import frame

SALT_BYTES = 16  # at least 128 bits (NIST SP 800-132, 5.1)
# OWASP's figures: 128 MiB and some 0.4 s for every guess, and for every start of the server.
COST, BLOCK_SIZE, PARALLELISM = 2**17, 8, 1
MEMORY_BYTES = 2 * 128 * COST * BLOCK_SIZE  # at most: it needs half of this and a little more
PURPOSE = "securedata/v1/passphrase"


@dataclass(frozen=True)
class Protected:
    """Bytes that only a passphrase opens: the salt (16 bytes) and what was encrypted.

    >>> Protected(salt=b"", message=EncryptedMessage(bytes(12), b"", bytes(16)))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: salt must be 16 bytes, not 0
    """

    salt: bytes
    message: EncryptedMessage

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise FormatError(f"salt must be {SALT_BYTES} bytes, not {len(self.salt)}")


def protect(plaintext: bytes, passphrase: str) -> Protected:
    """Encrypt under a passphrase, with a fresh salt and so a fresh key every time.

    Raises:
        FormatError: the passphrase is empty, or not Unicode text.

    >>> unprotect(protect(b"secret", "correct horse"), "correct horse")
    b'secret'
    """
    salt = os.urandom(SALT_BYTES)
    key = _key(passphrase, salt)
    return Protected(salt, key.encrypt(plaintext, frame(PURPOSE, salt)))


def unprotect(protected: Protected, passphrase: str) -> bytes:
    """Give back the bytes; a wrong passphrase gives nothing of them.

    Raises:
        TagError: another passphrase, or not what `protect` made.
        FormatError: the passphrase is empty, or not Unicode text.

    >>> unprotect(protect(b"secret", "correct horse"), "battery staple")
    Traceback (most recent call last):
        ...
    securedata.errors.TagError: this passphrase does not fit
    """
    key = _key(passphrase, protected.salt)
    try:
        return key.decrypt(protected.message, frame(PURPOSE, protected.salt))
    except TagError:
        raise TagError("this passphrase does not fit") from None


def _key(passphrase: str, salt: bytes) -> AeadKey:
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
        n=COST,
        r=BLOCK_SIZE,
        p=PARALLELISM,
        maxmem=MEMORY_BYTES,
        dklen=KEY_BYTES,
    )
    return AeadKey(secret)
