"""TLS on the wire: records, handshake messages, fields, key schedules, and decryption.

From bytes upwards:

    tls_records         a stream of bytes → its records
    handshake_messages  records → the handshake messages that were sent in the clear
    dissect             a hello → a tree of fields
    decrypted_records   both streams and a key log → every encrypted record, opened
    decrypt             the same → the application data of each side

TLS 1.3 is RFC 9846 (2026), which replaced RFC 8446; TLS 1.2 is described in RFC 5246.

For recordings of your own sessions. Whatever the bytes are, the only error is WireError.
"""

from securedata_lab.wire.decryption import (
    decrypt,
    decrypted_messages,
    decrypted_records,
)
from securedata_lab.wire.dissection import dissect
from securedata_lab.wire.errors import WireError
from securedata_lab.wire.fields import Field
from securedata_lab.wire.handshake import handshake_messages
from securedata_lab.wire.keyschedule import record_nonce
from securedata_lab.wire.protection import open_record
from securedata_lab.wire.record_layer import Record, tls_records
from securedata_lab.wire.recording import load_recording
from securedata_lab.wire.shared_secret import keylog_from_shared_secret
from securedata_lab.wire.stolen_key import master_secret_from_rsa

__all__ = [
    "Field",
    "Record",
    "WireError",
    "decrypt",
    "decrypted_messages",
    "decrypted_records",
    "dissect",
    "handshake_messages",
    "keylog_from_shared_secret",
    "load_recording",
    "master_secret_from_rsa",
    "open_record",
    "record_nonce",
    "tls_records",
]
