"""TLS on the wire: records, handshake messages, fields, key schedules, and decryption.

From bytes upwards:

    records             a stream of bytes → its records
    handshake_messages  records → the handshake messages that were sent in the clear
    dissect             a record or a message → a tree of fields
    decrypted_records   both streams and a key log → every encrypted record, opened
    decrypt             the same → the application data of each side

For recordings of your own sessions. Whatever the bytes are, the only error is WireError.
"""

from securedata.lab.wire.decryption import (
    DecryptedRecord,
    decrypt,
    decrypted_messages,
    decrypted_records,
)
from securedata.lab.wire.dissection import dissect, dissect_alert
from securedata.lab.wire.errors import NoSuchFieldError, WireError
from securedata.lab.wire.fields import Field
from securedata.lab.wire.handshake import HandshakeMessage, handshake_messages, split_messages
from securedata.lab.wire.keylog import session_secrets
from securedata.lab.wire.keyschedule import (
    KeySchedule,
    TrafficKeys,
    derive_secret,
    extended_master_secret,
    finished_key,
    hkdf_expand,
    hkdf_expand_label,
    hkdf_extract,
    key_block,
    key_schedule,
    master_secret,
    next_traffic_secret,
    prf,
    record_nonce,
    resumption_psk,
    traffic_keys,
    transcript_hash,
    verify_data,
)
from securedata.lab.wire.protection import open_record
from securedata.lab.wire.record_layer import Record, records
from securedata.lab.wire.recording import Recording, load_recording, recording_names
from securedata.lab.wire.stolen_key import master_secret_from_rsa

__all__ = [
    "DecryptedRecord",
    "Field",
    "HandshakeMessage",
    "KeySchedule",
    "NoSuchFieldError",
    "Record",
    "Recording",
    "TrafficKeys",
    "WireError",
    "decrypt",
    "decrypted_messages",
    "decrypted_records",
    "derive_secret",
    "dissect",
    "dissect_alert",
    "extended_master_secret",
    "finished_key",
    "handshake_messages",
    "hkdf_expand",
    "hkdf_expand_label",
    "hkdf_extract",
    "key_block",
    "key_schedule",
    "load_recording",
    "master_secret",
    "master_secret_from_rsa",
    "next_traffic_secret",
    "open_record",
    "prf",
    "record_nonce",
    "recording_names",
    "records",
    "resumption_psk",
    "session_secrets",
    "split_messages",
    "traffic_keys",
    "transcript_hash",
    "verify_data",
]
