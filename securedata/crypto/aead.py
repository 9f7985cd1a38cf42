"""AES-256-GCM: one key that encrypts and authenticates (NIST SP 800-38D).

One key at a time. Which key belongs to which record is decided elsewhere.
"""

import hashlib
import os
from functools import cached_property

from Crypto.Cipher import AES

from securedata.errors import FormatError, TagError
from securedata.record import (
    AEAD_ALGORITHM,
    NONCE_BYTES,
    TAG_BYTES,
    EncryptedMessage,
    key_id_data,
)

KEY_BYTES = 32


class AeadKey:
    """A 256-bit key for authenticated encryption with associated data.

    A class, and not two functions, so that the key's bytes are in one place and never printed.

    Raises:
        FormatError: the secret is not exactly 32 bytes.

    >>> key = AeadKey.generate()
    >>> message = key.encrypt(b"attack at dawn", b"to: the general")
    >>> key.decrypt(message, b"to: the general")
    b'attack at dawn'
    >>> key.decrypt(message, b"to: the enemy")
    Traceback (most recent call last):
        ...
    securedata.errors.TagError: the tag is invalid for this key, nonce, ciphertext and ...
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise FormatError(f"an AES-256 key must be {KEY_BYTES} bytes, not {len(secret)}")
        self.secret = secret

    @cached_property
    def key_id(self) -> str:
        """The name of this key, 16 hex digits. A hash: it tells nothing about the key."""
        return hashlib.sha256(key_id_data(AEAD_ALGORITHM, self.secret)).digest()[:8].hex()

    @classmethod
    def generate(cls) -> "AeadKey":
        """Make a key from 32 bytes of the operating system's random source.

        >>> len(AeadKey.generate().key_id)
        16
        """
        return cls(os.urandom(KEY_BYTES))

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> EncryptedMessage:
        """Encrypt the plaintext; authenticate it together with the associated data.

        The nonce is 12 fresh random bytes, good for at most 2^32 messages under one key
        (SP 800-38D, 8.3). The ciphertext is as long as the plaintext: the length is not hidden.

        >>> AeadKey(bytes(32)).encrypt(b"", b"").ciphertext
        b''
        """
        return self._encrypt(plaintext, associated_data, nonce=os.urandom(NONCE_BYTES))

    def decrypt(self, message: EncryptedMessage, associated_data: bytes) -> bytes:
        """Return the plaintext, but only if the tag is valid.

        Raises:
            TagError: key, nonce, ciphertext, tag and associated data do not belong together.

        >>> key = AeadKey(bytes(32))
        >>> key.decrypt(key.encrypt(b"text", b""), b"")
        b'text'
        """
        cipher = AES.new(self.secret, AES.MODE_GCM, nonce=message.nonce)
        cipher.update(associated_data)
        try:
            return cipher.decrypt_and_verify(message.ciphertext, message.tag)
        except ValueError:
            raise TagError(
                "the tag is invalid for this key, nonce, ciphertext and associated data"
            ) from None

    def _encrypt(self, plaintext: bytes, associated_data: bytes, nonce: bytes) -> EncryptedMessage:
        # Private: a nonce used twice under one key breaks GCM (lesson 02).
        # The tests run published vectors through it.
        cipher = AES.new(self.secret, AES.MODE_GCM, nonce=nonce, mac_len=TAG_BYTES)
        cipher.update(associated_data)
        ciphertext, tag = cipher.encrypt_and_digest(plaintext)
        return EncryptedMessage(nonce=nonce, ciphertext=ciphertext, tag=tag)

    def __repr__(self) -> str:
        return f"AeadKey(key_id={self.key_id!r})"
