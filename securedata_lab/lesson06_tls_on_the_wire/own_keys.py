"""Keys from a secret of the key log, by a student's HKDF-Expand; and what they open."""

from collections.abc import Callable
from typing import Any

from securedata_lab import wire
from securedata_lab.lesson06_tls_on_the_wire.old_shop import UNFILLED
from securedata_lab.wire.keyschedule import hkdf_info
from securedata_lab.wire.recording import Recording

Expand = Callable[[bytes, bytes, int], Any]
KEY_BYTES, IV_BYTES = 32, 12
LABEL = "CLIENT_TRAFFIC_SECRET_0"  # the name of a line

# What Python says of usual mistakes in my_expand, and what is meant.
SLIPS = {
    "ellipsis": UNFILLED,
    "can't concat": 'info is bytes: join bytes to it, b"\\x01"',
    "'digest' (pos 3)": 'hmac.digest(key, text, "sha384") needs the name of the hash',
    "argument: 'digest'": 'hmac.digest(key, text, "sha384") needs the name of the hash',
    "argument 'digestmod'": 'hmac.digest(key, text, "sha384") gives bytes at once',
    "no attribute 'HMAC'": 'hmac.digest(key, text, "sha384") gives bytes at once',
    "not subscriptable": "an HMAC object is no bytes yet: hmac.digest(key, text, name) gives them",
    "not supported between": "cut bytes with [:length]",
}


def open_request(my_expand: Expand, recording: Recording) -> str:
    """What your client sent, if a student's function makes key and IV of its secret.

    >>> recording = wire.load_recording("tls13-hybrid")
    >>> open_request(lambda secret, info, length: ..., recording)
    'closed: a part is still `...`'
    """
    opened = wire.decrypted_records(
        recording.client_stream, recording.server_stream, recording.keylog
    )
    sent = [it for it in opened if it.secret_name == LABEL]
    secret = _secret_of(recording)
    try:
        key, iv = (
            my_expand(secret, hkdf_info(label, size), size)
            for label, size in (("key", KEY_BYTES), ("iv", IV_BYTES))
        )
        text = b"".join(
            wire.open_record(it.record, key, wire.record_nonce(iv, it.sequence_number))[1]
            for it in sent
        )
    except Exception as error:  # a student's code may raise anything
        said = f"{type(error).__name__}: {error}"
        return f"closed: {next((why for words, why in SLIPS.items() if words in said), said)}"
    return text.decode("utf-8", "replace")


def _secret_of(recording: Recording) -> bytes:
    line = next(it for it in recording.keylog.splitlines() if it.startswith(LABEL))
    return bytes.fromhex(line.split()[2])
