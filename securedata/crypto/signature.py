"""Detached signatures of any scheme of record.py: DSA, which the lessons teach, or ML-DSA-65.

The kind of the key decides the scheme, and goes into the key's id. Records and receipts have no
say in it. Another scheme is a module like dsa.py, its place in MODULES, and its row in record.py.
"""

import hashlib
from contextlib import suppress
from typing import Any, Protocol

from securedata.crypto import dsa, ml_dsa
from securedata.errors import FormatError, SignatureError
from securedata.record import DIGITS_OF_ID, DSA, Scheme, key_id_data


class _Module(Protocol):
    """A scheme's module. Each scheme has a class of PyCryptodome's keys to itself."""

    SCHEME: Scheme
    Key: type[Any]

    def generate(self) -> Any:
        """A new private key."""

    def read(self, pem: str) -> Any:
        """A key, private or public. ValueError, IndexError or TypeError if it is no such key."""

    def check(self, key: Any) -> None:
        """FormatError for a key that is not fit to be trusted."""

    def to_pem(self, key: Any) -> str:
        """The same key as text."""

    def sign(self, key: Any, message: bytes) -> bytes:
        """A signature of the scheme's length."""

    def verify(self, key: Any, message: bytes, signature: bytes) -> None:
        """ValueError if the signature is invalid."""


MODULES: dict[Scheme, _Module] = {dsa.SCHEME: dsa, ml_dsa.SCHEME: ml_dsa}


class VerifyingKey:
    """A public key: it checks signatures. It is no secret.

    >>> key = SigningKey.generate()
    >>> key.verifying_key.verify(b"message", key.sign(b"message"))
    >>> key.verifying_key.verify(b"another", key.sign(b"message"))
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: the signature is invalid for this message and public key
    """

    def __init__(self, key: Any) -> None:
        self._module = _module_of(key)
        self._module.check(key)
        self._key = key.public_key()
        self.scheme = self._module.SCHEME
        spki = self._key.export_key(format="DER")
        digest = hashlib.sha256(key_id_data(self.scheme.algorithm, spki)).hexdigest()
        self.key_id = self.scheme.id_prefix + digest[:DIGITS_OF_ID]

    @classmethod
    def from_pem(cls, pem: str) -> "VerifyingKey":
        """Read a SubjectPublicKeyInfo in PEM. DSA takes about 25 ms, because much is checked.

        Raises:
            FormatError: not PEM, not a public key of a scheme of ours, or one of another size.

        >>> pem = SigningKey.generate().verifying_key.to_pem()
        >>> VerifyingKey.from_pem(pem).to_pem() == pem
        True
        """
        key = _read(pem)
        if key.has_private():
            raise FormatError("this is a private key; give its public half")
        return cls(key)

    def to_pem(self) -> str:
        """Write the key as SubjectPublicKeyInfo in PEM.

        >>> SigningKey.generate().verifying_key.to_pem().splitlines()[0]
        '-----BEGIN PUBLIC KEY-----'
        """
        return self._module.to_pem(self._key)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return None if the signature is valid; else raise.

        Raises:
            SignatureError: it is invalid, or of another length.

        >>> SigningKey.generate().verifying_key.verify(b"message", bytes(64))
        Traceback (most recent call last):
            ...
        securedata.errors.SignatureError: the signature is invalid for this message and public key
        """
        try:
            self._module.verify(self._key, message, signature)
        except ValueError:
            raise SignatureError(
                "the signature is invalid for this message and public key"
            ) from None

    def __repr__(self) -> str:
        return f"VerifyingKey(key_id={self.key_id!r})"


class SigningKey:
    """A private key. Its key_id is that of its public half.

    >>> key = SigningKey.generate()
    >>> key.key_id == key.verifying_key.key_id
    True
    """

    def __init__(self, key: Any) -> None:
        if not key.has_private():
            raise FormatError("this is a public key; signing needs the private half")
        self._module = _module_of(key)
        self._key = key
        self.verifying_key = VerifyingKey(key)
        self.scheme = self.verifying_key.scheme
        self.key_id = self.verifying_key.key_id

    @classmethod
    def generate(cls, scheme: Scheme = DSA) -> "SigningKey":
        """Make a key of this scheme.

        >>> from securedata.record import ML_DSA_65
        >>> len(SigningKey.generate().sign(b"")), len(SigningKey.generate(ML_DSA_65).sign(b""))
        (64, 3309)
        """
        return cls(MODULES[scheme].generate())

    @classmethod
    def from_pem(cls, pem: str) -> "SigningKey":
        """Read a private key in PEM, PKCS#8 (RFC 5958). DSA takes about 25 ms.

        Raises:
            FormatError: not PEM, not a private key of a scheme of ours, of another size, or under
                a passphrase.

        >>> key = SigningKey.generate()
        >>> SigningKey.from_pem(key.to_pem()).key_id == key.key_id
        True
        """
        return cls(_read(pem))

    def to_pem(self) -> str:
        """Write the key as PKCS#8 in PEM. Nothing protects it: keys/file.py does.

        >>> SigningKey.generate().to_pem().splitlines()[0]
        '-----BEGIN PRIVATE KEY-----'
        """
        return self._module.to_pem(self._key)

    def sign(self, message: bytes) -> bytes:
        """Sign a message: see `sign` in the module of the scheme."""
        return self._module.sign(self._key, message)

    def __repr__(self) -> str:
        return f"SigningKey(key_id={self.key_id!r})"


def _module_of(key: object) -> _Module:
    [module] = [module for module in MODULES.values() if isinstance(key, module.Key)]
    return module


def _read(pem: str) -> Any:
    if not pem.startswith("-----BEGIN "):
        raise FormatError("a key must be in PEM: text that starts with -----BEGIN")
    for module in MODULES.values():
        with suppress(ValueError, IndexError, TypeError):  # a key of another scheme, for one
            return module.read(pem)
    # After `suppress`, so no cause is chained: it could quote the key.
    names = " or ".join(scheme.name for scheme in MODULES)
    raise FormatError(f"not a key of {names} in PEM, or one under a passphrase")
