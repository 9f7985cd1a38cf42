"""Every error this package raises, drawn as a tree. Nothing else here.

    SecureDataError
    ├── FormatError          bytes, text or a key that was handed in has the wrong form
    ├── SignatureError       a signature is invalid for the message
    ├── TagError             an AES-GCM tag is invalid: nothing was decrypted
    ├── RecordNotFoundError  no such record, or none that this owner may see
    ├── DamagedRecordError   a stored row no longer has the form of a record
    ├── UnknownKeyError      a key ring does not hold the key that is named
    ├── RetiredKeyError      the key that is named was removed on purpose
    ├── TokenError           a token is missing, malformed, unknown or revoked
    ├── KeyFileError         a private file cannot be used: unreadable, damaged, open to others
    ├── CertificateError     a certificate cannot be used: expired, foreign key, forbidden name
    ├── StorageError         the database cannot be reached, or refuses to write
    ├── DiskFullError        the database has no room left: nothing was written
    ├── ListenError          the server cannot listen at this address
    ├── SandboxError         a student's program cannot be kept apart on this machine
    ├── RefusedError         the service answered, and the answer is no
    └── UnavailableError     the service did not answer, or cannot answer now

The leaves are siblings: catch the one you mean, or SecureDataError for all.
No message ever holds key bytes or plaintext.
"""


class SecureDataError(Exception):
    """The root of the tree. Never raised itself."""


class FormatError(SecureDataError):
    """Something handed in has the wrong form: a length, an alphabet, a PEM block."""


class SignatureError(SecureDataError):
    """A signature is invalid for the message and the public key, or its signer had ended."""


class TagError(SecureDataError):
    """An authentication tag is invalid, so nothing was decrypted (NIST SP 800-38D, 7.2)."""


class RecordNotFoundError(SecureDataError):
    """There is no such record for this owner."""


class DamagedRecordError(SecureDataError):
    """A stored row no longer has the form of a record."""


class UnknownKeyError(SecureDataError):
    """A key ring does not hold the key that is named."""


class RetiredKeyError(SecureDataError):
    """The key that is named was removed on purpose, by `securedata keys retire`."""


class TokenError(SecureDataError):
    """A call needs a token, and its token is missing, malformed, unknown or revoked."""


class KeyFileError(SecureDataError):
    """A private file cannot be used: missing, unreadable, damaged, or open to others."""


class CertificateError(SecureDataError):
    """A certificate cannot be used: expired, for another key, or for a forbidden name."""


class StorageError(SecureDataError):
    """The database cannot be reached, or refuses to write."""


class DiskFullError(SecureDataError):
    """The disk, or what the database may take of it, is full: nothing was written."""


class ListenError(SecureDataError):
    """The server cannot listen at this address."""


class SandboxError(SecureDataError):
    """There is no bubblewrap here, or it does not work: nothing was run."""


class RefusedError(SecureDataError):
    """The service answered, and the answer is no (an HTTP status from 400 to 499, except 401)."""


class UnavailableError(SecureDataError):
    """The service did not answer, or said that it cannot answer now."""
