"""securedata: store texts so that nobody else can read them or change them unnoticed.

**Seal.** Every text is encrypted with AES-256-GCM under a key of its own, and the result is signed:
with DSA, which the lessons teach, or with ML-DSA-65. To give it back, the signature is verified
first, and only then anything is decrypted: `seal`, `verify`, `unseal`, built from `AeadKey`,
`SigningKey`, `VerifyingKey` and `KeyRing`.

**Keep.** A `Vault` stores sealed records in a `RecordStore`: SQLite or PostgreSQL. Its keys
are a `ServiceKeys`, in memory or in a `KeyFile`, and can be rotated.

**Serve.** `create_app` puts a vault behind HTTP, `BackgroundServer` serves it over TLS from a
thread, with certificates from a `CertificateAuthority`, and `Client` calls it.

Reading order: record.py, crypto/, vault.py, web/app.py. About an hour.
"""

from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.tls import client_context, server_context
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import seal, unseal, verify
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import SecureDataError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import ServiceKeys
from securedata.record import EncryptedMessage, Header, Receipt, SealedRecord, Submission
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app
from securedata.web.client import Client
from securedata.web.receipt import receipt_from_json, receipt_to_json

__all__ = [
    "AeadKey",
    "BackgroundServer",
    "CertificateAuthority",
    "Client",
    "EncryptedMessage",
    "Header",
    "KeyFile",
    "KeyRing",
    "Leaf",
    "Receipt",
    "RecordStore",
    "SealedRecord",
    "SecureDataError",
    "ServiceKeys",
    "SigningKey",
    "Submission",
    "Vault",
    "VerifyingKey",
    "client_context",
    "create_app",
    "receipt_from_json",
    "receipt_to_json",
    "seal",
    "server_context",
    "unseal",
    "verify",
]
