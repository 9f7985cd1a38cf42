from .certificates.authority import CertificateAuthority, Leaf
from .certificates.tls import client_context, server_context
from .crypto.aead import AeadKey
from .crypto.keyring import KeyRing
from .crypto.sealing import seal, unseal, verify
from .crypto.signature import SigningKey, VerifyingKey
from .errors import SecureDataError
from .keys.file import KeyFile
from .keys.service_keys import ServiceKeys
from .record import EncryptedMessage, Header, Receipt, SealedRecord, Submission
from .serving.server import BackgroundServer
from .storage.records import RecordStore
from .vault import Vault
from .web.app import create_app
from .web.client import Client
from .web.receipt import receipt_from_json, receipt_to_json

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
