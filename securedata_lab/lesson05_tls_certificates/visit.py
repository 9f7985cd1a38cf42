"""A TLS 1.3 handshake from inside: what a server shows, before the client has said a word.

OpenSSL makes the handshake. Certificates and signature are read from the bytes that it received,
with the session's own key log.
"""

import hashlib
import json
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from securedata_lab.lesson05_tls_certificates.card import Card, Proof
from securedata_lab.wire.decryption import decrypted_messages, decrypted_records
from securedata_lab.wire.handshake import HEADER_BYTES, HandshakeMessage
from securedata_lab.wire.protection import protection_of
from securedata_lab.wire.reader import Reader
from securedata_lab.wire.session_parameters import Session

TIMEOUT_SECONDS = 10
CHUNK_BYTES = 65536
SIGNED = b" " * 64 + b"TLS 1.3, server CertificateVerify\0"  # RFC 9846, 4.5.2
SCHEME_AND_LENGTH_BYTES = 4  # before the signature
CONTEXT_AND_LENGTH_BYTES = 4  # before the certificates (RFC 9846, 4.5.1)


class Visit:
    """One connection of a client that verifies nothing. `chain` has the leaf first, then `proof`.

    A class, because `post` goes on with this very connection.

    >>> from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
    >>> with hello_server() as server, Visit(server.url) as visit:
    ...     leaf = visit.chain[0]
    ...     leaf.names[0], leaf.has_signed(visit.proof)
    ('localhost', True)
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = str(parts.hostname)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._sent = self._received = b""
        with TemporaryDirectory(prefix="securedata-") as folder:
            keylog_file = Path(folder, "keylog.txt")
            context.keylog_filename = str(keylog_file)
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
            self._socket = socket.create_connection((host, parts.port), TIMEOUT_SECONDS)
            with suppress(ssl.SSLError):  # the proof is by another key: OpenSSL always asks that
                self._until_done(self._tls.do_handshake)
            # Windows deletes no file that is open; the stub lacks None.
            context.keylog_filename = None  # type: ignore[assignment]
            keylog = keylog_file.read_text(encoding="ascii")
        self.chain, self.proof = _shown(self._sent, self._received, keylog)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def post(self, path: str, body: dict[str, Any]) -> None:
        """POST a JSON body, and wait for the beginning of the answer."""
        said = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(said)}\r\nConnection: close\r\n\r\n"
        self._tls.write(head.encode("ascii") + said)
        self._until_done(lambda: self._tls.read(CHUNK_BYTES))

    def _until_done(self, step: Callable[[], object]) -> None:
        done = False
        while not done:
            with suppress(ssl.SSLWantReadError):
                step()
                done = True
            if data := self._outgoing.read():
                self._sent += data
                self._socket.sendall(data)
            if not done:
                read = self._socket.recv(CHUNK_BYTES)
                self._received += read
                self._incoming.write(read) if read else self._incoming.write_eof()


def _shown(sent: bytes, received: bytes, keylog: str) -> tuple[list[Card], Proof]:
    """The certificates, and what was signed: the messages up to Certificate, hashed."""
    session = Session.of(sent, received)
    opened = decrypted_records(sent, received, keylog)
    said = {it.name: it for it in decrypted_messages(opened, "server")}
    *before, verify = (
        said[it] for it in ("EncryptedExtensions", "Certificate", "CertificateVerify")
    )
    messages = [*session.client_messages, *session.server_messages, *before]
    hash_name = protection_of(session.suite, session.suite_offset).hash_name
    digest = hashlib.new(hash_name, b"".join(it.data for it in messages)).digest()
    return _cards(before[-1]), Proof(SIGNED + digest, verify.body[SCHEME_AND_LENGTH_BYTES:])


def _cards(message: HandshakeMessage) -> list[Card]:
    reader = Reader(message.passage, HEADER_BYTES + CONTEXT_AND_LENGTH_BYTES)
    found = list[Card]()
    while reader.left:
        length = int.from_bytes(reader.take(3, "a length"), "big")
        found.append(Card(reader.take(length, "a certificate")))
        reader.take(int.from_bytes(reader.take(2, "a length"), "big"), "its extensions")
    return found
