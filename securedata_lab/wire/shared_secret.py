"""What follows from g^ab, if somebody has it: the key log of a recorded session of TLS 1.3.

Both hellos are in the clear. So who knows g^ab opens the server's flight, and computes from it the
secrets of the data (RFC 9846, 7.1). Who has another number meets a wrong tag.
"""

from securedata_lab.wire.keyschedule import record_nonce, traffic_keys, traffic_secrets
from securedata_lab.wire.protection import Protection, open_record, protection_of
from securedata_lab.wire.record_layer import tls_records
from securedata_lab.wire.registries import HANDSHAKE_TYPES
from securedata_lab.wire.session_parameters import Session

FINISHED = next(number for number, name in HANDSHAKE_TYPES.items() if name == "Finished")


def keylog_from_shared_secret(client_stream: bytes, server_stream: bytes, shared: bytes) -> str:
    """The key log of a session of TLS 1.3 whose two sides have this number in common.

    Raises:
        WireError: it is another one: the tag of the server's first record is invalid.

    >>> from securedata_lab.wire.recording import load_recording
    >>> recording = load_recording("rfc8448")
    >>> shared = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"  # RFC 8448, 3
    >>> lines = keylog_from_shared_secret(
    ...     recording.client_stream, recording.server_stream, bytes.fromhex(shared))
    >>> {*lines.splitlines()} <= {*recording.keylog.splitlines()}
    True
    """
    session = Session.of(client_stream, server_stream)
    protection = protection_of(session.suite, session.suite_offset)
    hellos = session.client_hello.data + session.server_hello.data
    secret = traffic_secrets(protection.hash_name, shared, hellos)
    flight = _flight(server_stream, protection, secret["SERVER_HANDSHAKE_TRAFFIC_SECRET"])
    secrets = traffic_secrets(protection.hash_name, shared, hellos, flight)
    random = session.client_random.hex()
    return "\n".join(f"{name} {random} {it.hex()}" for name, it in secrets.items())


def _flight(server_stream: bytes, protection: Protection, secret: bytes) -> bytes:
    """The server's encrypted messages, up to its Finished."""
    keys = traffic_keys(protection.hash_name, secret, protection.key_bytes)
    finished = bytes([FINISHED, 0, 0, len(secret)])
    flight = b""
    sealed = (it for it in tls_records(server_stream) if it.content_type == "application_data")
    for number, record in enumerate(sealed):
        flight += open_record(record, keys.key, record_nonce(keys.iv, number))[1]
        if flight[-len(finished + secret) :].startswith(finished):
            break
    return flight
