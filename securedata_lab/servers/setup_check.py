"""Is this machine ready for the lessons? A line a question, and what to do if it is not."""

import socket
import sqlite3
import ssl
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from securedata.crypto.aead import AeadKey
from securedata.crypto.signature import SigningKey
from securedata.record import EncryptedMessage


def check_setup() -> None:
    """Ask six questions and print the answers. It never raises, so that a class can go on.

    >>> check_setup()
    Python is 3.10 or newer            yes
    AES-256-GCM gives the right bytes  yes
    DSA signs and verifies             yes
    TLS 1.2 and 1.3 are there          yes
    a server can listen here           yes
    SQLite can write here              yes
    """
    for question, works, advice in QUESTIONS:
        try:
            answer = "yes" if works() else f"NO: {advice}"
        except Exception as error:
            answer = f"NO: {advice} ({type(error).__name__}: {error})"
        print(f"{question:<34} {answer}")


def _python_is_new() -> bool:
    return sys.version_info >= (3, 10)


def _aes_is_right() -> bool:
    # Test case 14 of the GCM specification (McGrew and Viega, appendix B).
    ciphertext = EncryptedMessage(
        nonce=bytes(12),
        ciphertext=bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18"),
        tag=bytes.fromhex("d0d1c8a799996bf0265b98b5d48ab919"),
    )
    return AeadKey(bytes(32)).decrypt(ciphertext, b"") == bytes(16)


def _dsa_works() -> bool:
    key = SigningKey.generate()
    key.verifying_key.verify(b"message", key.sign(b"message"))
    return True


def _tls_is_there() -> bool:
    return ssl.HAS_TLSv1_2 and ssl.HAS_TLSv1_3


def _can_listen() -> bool:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection(listener.getsockname(), timeout=5).close()
    return True


def _sqlite_can_write() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "test.sqlite3")
        connection.execute("CREATE TABLE written (yes INTEGER)")
        connection.close()
    return True


QUESTIONS: list[tuple[str, Callable[[], bool], str]] = [
    ("Python is 3.10 or newer", _python_is_new, "choose a newer Python as this notebook's kernel"),
    ("AES-256-GCM gives the right bytes", _aes_is_right, "reinstall pycryptodome"),
    ("DSA signs and verifies", _dsa_works, "reinstall pycryptodome"),
    ("TLS 1.2 and 1.3 are there", _tls_is_there, "this Python's OpenSSL is older than 1.1.1"),
    ("a server can listen here", _can_listen, "a firewall or sandbox forbids 127.0.0.1"),
    ("SQLite can write here", _sqlite_can_write, "the temporary folder is full or read-only"),
]
