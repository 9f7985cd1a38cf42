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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
