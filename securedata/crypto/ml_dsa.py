"""ML-DSA-65 (FIPS 204), as signature.py calls it. No other file knows ML-DSA.

It is meant to withstand quantum computers, too: category 3 of NIST's five. A message is signed as
it is (not HashML-DSA), with an empty context, which `openssl pkeyutl -rawin` does as well.
"""

import os

from Crypto.PublicKey import MLDSA
from Crypto.Signature import mldsa

from securedata import record
from securedata.errors import FormatError

SCHEME = record.ML_DSA_65
Key = MLDSA.MLDSAKey


def generate() -> Key:
    """Make a key from 32 random bytes, its seed (FIPS 204, algorithm 1).

    >>> generate().param_set.value
    'ML-DSA-65'
    """
    return MLDSA.generate(param_set=MLDSA.ML_DSA_65)


def read(pem: str) -> Key:
    """Read a private or public key.

    Raises:
        ValueError, IndexError, TypeError: not an ML-DSA key, or one under a passphrase.

    >>> check(read(to_pem(generate())))
    """
    return MLDSA.import_key(pem)


def check(key: Key) -> None:
    """Refuse the other parameter sets of FIPS 204, which asks for no other check of a public key.

    A dishonest signer can make one under which anybody can sign (t1 = 0), and deny its receipts.

    Raises:
        FormatError: it is ML-DSA-44 or ML-DSA-87.
    """
    if key.param_set is not MLDSA.ML_DSA_65:
        raise FormatError(f"an ML-DSA key must be ML-DSA-65, not {key.param_set.value}")


def to_pem(key: Key) -> str:
    """SubjectPublicKeyInfo, or PKCS#8 with the seed if the key is private (RFC 9881).

    It ends with one line feed, as every PEM of `openssl` does.
    """
    return key.export_key(format="PEM")


def sign(key: Key, message: bytes) -> bytes:
    """Sign the message; give 3,309 bytes (FIPS 204, algorithm 2).

    Hedged: 32 random bytes go in, so one message gets another signature each time. A weak random
    source leaks nothing, because the key and the message go in as well.

    >>> key = generate()
    >>> sign(key, b"message") == sign(key, b"message")
    False
    """
    return mldsa.new(key, randfunc=os.urandom).sign(message)


def verify(key: Key, message: bytes, signature: bytes) -> None:
    """Return None if the signature is valid (FIPS 204, algorithm 3).

    Raises:
        ValueError: it is invalid, or not 3,309 bytes.

    >>> key = generate()
    >>> verify(key.public_key(), b"message", sign(key, b"message"))
    """
    mldsa.new(key).verify(message, signature)
