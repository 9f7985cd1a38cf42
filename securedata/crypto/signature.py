"""DSA with 2048/256-bit parameters and SHA-256: detached signatures (FIPS 186-4, section 4).

No other file knows DSA. Another signature scheme would be another file with these two classes.
A signature is r ‖ s, exactly 64 bytes (IEEE P1363), so that one signature has one encoding.
"""

import hashlib

from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS

from securedata.crypto.dsa_parameters import G, P, Q
from securedata.errors import FormatError, SignatureError
from securedata.record import SIGNATURE_ALGORITHM, key_id_data

SIZES = (2048, 256)  # bits of p and q (FIPS 186-4, 4.2)


class VerifyingKey:
    """A DSA public key: it checks signatures. It is no secret.

    >>> key = SigningKey.generate()
    >>> key.verifying_key.verify(b"message", key.sign(b"message"))
    >>> key.verifying_key.verify(b"another", key.sign(b"message"))
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: the signature is invalid for this message and public key
    """

    def __init__(self, key: DSA.DsaKey) -> None:
        _check_sizes(key)
        _check_subgroup(key)
        self._key = key.public_key()
        spki = self._key.export_key(format="DER")
        self.key_id = hashlib.sha256(key_id_data(SIGNATURE_ALGORITHM, spki)).digest()[:8].hex()

    @classmethod
    def from_pem(cls, pem: str) -> "VerifyingKey":
        """Read a SubjectPublicKeyInfo in PEM. Takes about 25 ms: every number in it is checked.

        Raises:
            FormatError: not PEM, not a DSA public key, not 2048/256 bits, or not a power of g.

        >>> pem = SigningKey.generate().verifying_key.to_pem()
        >>> VerifyingKey.from_pem(pem).to_pem() == pem
        True
        """
        key = _import(pem)
        if key.has_private():
            raise FormatError("this is a private key; give its public half")
        return cls(key)

    def to_pem(self) -> str:
        """Write the key as SubjectPublicKeyInfo in PEM (RFC 3279, 2.3.2).

        >>> SigningKey.generate().verifying_key.to_pem().splitlines()[0]
        '-----BEGIN PUBLIC KEY-----'
        """
        return self._key.export_key().decode("ascii") + "\n"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return None if the signature is valid; else raise (FIPS 186-4, 4.7).

        Raises:
            SignatureError: it is invalid, or not 64 bytes.

        >>> SigningKey.generate().verifying_key.verify(b"message", bytes(64))
        Traceback (most recent call last):
            ...
        securedata.errors.SignatureError: the signature is invalid for this message and public key
        """
        verifier = DSS.new(self._key, "fips-186-3", encoding="binary")
        try:
            # PyCryptodome's verify returns False for a good signature: only the exception counts.
            verifier.verify(SHA256.new(message), signature)
        except ValueError:
            raise SignatureError(
                "the signature is invalid for this message and public key"
            ) from None

    def __repr__(self) -> str:
        return f"VerifyingKey(key_id={self.key_id!r})"


class SigningKey:
    """A DSA private key. Its key_id is that of its public half.

    >>> key = SigningKey.generate()
    >>> key.key_id == key.verifying_key.key_id
    True
    """

    def __init__(self, key: DSA.DsaKey) -> None:
        if not key.has_private():
            raise FormatError("this is a public key; signing needs the private half")
        self._key = key
        self.verifying_key = VerifyingKey(key)
        self.key_id = self.verifying_key.key_id

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a key in this package's shared 2048/256 domain (see `domain`). Takes about 25 ms.

        >>> len(SigningKey.generate().sign(b""))
        64
        """
        return cls(DSA.generate(SIZES[0], domain=(P, Q, G)))

    @classmethod
    def from_pem(cls, pem: str) -> "SigningKey":
        """Read a private key in PEM, PKCS#8 (RFC 5958). Takes about 25 ms.

        Raises:
            FormatError: not PEM, not a DSA private key, not 2048/256 bits, or under a passphrase.

        >>> key = SigningKey.generate()
        >>> SigningKey.from_pem(key.to_pem()).key_id == key.key_id
        True
        """
        return cls(_import(pem))

    def to_pem(self) -> str:
        """Write the key as PKCS#8 in PEM. Nothing protects it: keys/file.py does.

        >>> SigningKey.generate().to_pem().splitlines()[0]
        '-----BEGIN PRIVATE KEY-----'
        """
        return self._key.export_key(pkcs8=True).decode("ascii") + "\n"

    def sign(self, message: bytes) -> bytes:
        """Sign SHA-256(message); give r ‖ s, 64 bytes.

        k comes from the key and the message (RFC 6979), so a weak random source cannot leak the
        key through it, and the same message always gets the same signature.

        >>> key = SigningKey.generate()
        >>> key.sign(b"message") == key.sign(b"message")
        True
        """
        signer = DSS.new(self._key, "deterministic-rfc6979", encoding="binary")
        return signer.sign(SHA256.new(message))

    def __repr__(self) -> str:
        return f"SigningKey(key_id={self.key_id!r})"


def _import(pem: str) -> DSA.DsaKey:
    if not pem.startswith("-----BEGIN "):
        raise FormatError("a key must be in PEM: text that starts with -----BEGIN")
    try:
        return DSA.import_key(pem)
    except (ValueError, IndexError, TypeError):
        # `from None`: the cause could quote the key.
        raise FormatError("not a DSA key in PEM, or one under a passphrase") from None


def _check_sizes(key: DSA.DsaKey) -> None:
    sizes = (int(key.p).bit_length(), int(key.q).bit_length())
    if sizes != SIZES:
        raise FormatError(f"a DSA key must have 2048/256 bits, not {sizes[0]}/{sizes[1]}")


def _check_subgroup(key: DSA.DsaKey) -> None:
    # NIST SP 800-89, 5.3.1: with a public number outside the subgroup of order q, forged signatures
    # would be valid.
    p, q, y = int(key.p), int(key.q), int(key.y)
    if not 1 < y < p - 1 or pow(y, q, p) != 1:
        raise FormatError("a DSA public key must be a power of g, and not one")
