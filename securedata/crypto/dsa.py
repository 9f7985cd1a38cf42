"""DSA with 2048/256-bit parameters and SHA-256, as signature.py calls it. No other file knows DSA.

FIPS 186-4, section 4. FIPS 186-5 (2023) keeps DSA only to verify old signatures. A signature is
r ‖ s, exactly 64 bytes (IEEE P1363), so that one signature has one encoding.
"""

from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS

from securedata import record
from securedata.crypto.dsa_parameters import G, P, Q
from securedata.errors import FormatError

SCHEME = record.DSA
SIZES = (2048, 256)  # bits of p and q (FIPS 186-4, 4.2)
Key = DSA.DsaKey


def generate() -> Key:
    """Make a key in this package's shared domain (see dsa_parameters.py). Takes about 25 ms.

    >>> generate().has_private()
    True
    """
    return DSA.generate(SIZES[0], domain=(P, Q, G))


def read(pem: str) -> Key:
    """Read a private or public key. Takes about 25 ms: every number in it is checked.

    Raises:
        ValueError, IndexError, TypeError: not a DSA key, or one under a passphrase.

    >>> check(read(to_pem(generate())))
    """
    return DSA.import_key(pem)


def check(key: Key) -> None:
    """Refuse a key under which forged signatures could be valid (NIST SP 800-89, 5.3.1).

    Raises:
        FormatError: not 2048/256 bits, or the public number is not a power of g.
    """
    p, q, y = int(key.p), int(key.q), int(key.y)
    sizes = (p.bit_length(), q.bit_length())
    if sizes != SIZES:
        raise FormatError(f"a DSA key must have 2048/256 bits, not {sizes[0]}/{sizes[1]}")
    if not 1 < y < p or pow(y, q, p) != 1:  # p - 1 has order 2
        raise FormatError("a DSA public key must be a power of g, and not one")


def to_pem(key: Key) -> str:
    """SubjectPublicKeyInfo (RFC 3279, 2.3.2), or PKCS#8 if the key is private."""
    return key.export_key(format="PEM").decode("ascii") + "\n"


def sign(key: Key, message: bytes) -> bytes:
    """Sign SHA-256(message); give r ‖ s, 64 bytes.

    k comes from the key and the message (RFC 6979), so a weak random source cannot leak the key
    through it, and the same message always gets the same signature. FIPS 186-4 does not approve
    this way to make k.

    >>> key = generate()
    >>> sign(key, b"message") == sign(key, b"message")
    True
    """
    return DSS.new(key, "deterministic-rfc6979", encoding="binary").sign(SHA256.new(message))


def verify(key: Key, message: bytes, signature: bytes) -> None:
    """Return None if the signature is valid (FIPS 186-4, 4.7).

    Raises:
        ValueError: it is invalid, or not 64 bytes.

    >>> key = generate()
    >>> verify(key.public_key(), b"message", sign(key, b"message"))
    """
    # PyCryptodome's verify returns False for a good signature: only the exception counts.
    DSS.new(key, "fips-186-3", encoding="binary").verify(SHA256.new(message), signature)
