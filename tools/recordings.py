"""Makes the recordings of lesson 06 anew: `python tools/recordings.py`.

It needs OpenSSL 3.5 for the hybrid key share. Client and server talk in memory, over real TLS;
what they send each other is kept. Tests use `Conversation` too.
"""

import json
import ssl
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from securedata_lab.wire import dissect, handshake_messages
from securedata_lab.wire.recording import FOLDER

HYBRID_GROUP = "X25519MLKEM768"

REQUEST = (
    b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 26\r\n\r\n{"data": "attack at dawn"}'
)
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 49\r\n\r\n"
    b'{"record_id": "00112233445566778899aabbccddeeff"}'
)

RSA_LEAF = ("-newkey", "rsa:2048")
EC_LEAF = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


class Conversation:
    """A TLS client and a TLS server in this process; all that they send is kept.

    A class, because it remembers what went over the wire.
    """

    def __init__(
        self,
        client_context: ssl.SSLContext,
        server_context: ssl.SSLContext,
        session: ssl.SSLSession | None = None,
    ) -> None:
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        from_client, from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client_context.wrap_bio(
            to_client, from_client, server_hostname="localhost", session=session
        )
        self.server = server_context.wrap_bio(to_server, from_server, server_side=True)
        self.client_stream, self.server_stream = bytearray(), bytearray()
        self._wires = [
            (from_client, self.client_stream, to_server),
            (from_server, self.server_stream, to_client),
        ]

    def handshake(self) -> None:
        """Both do their part until both are done, and the client has read its tickets."""
        open_ends = [self.client, self.server]
        while open_ends:
            open_ends = [end for end in open_ends if not _is_done(end)]
            self.carry()
        _received(self.client)

    def say(self, sender: ssl.SSLObject, data: bytes) -> bytes:
        """One side says something; return what the other side understands."""
        sender.write(data)
        self.carry()
        return _received(self.server if sender is self.client else self.client)

    def close(self) -> None:
        """Both say goodbye."""
        for end in (self.client, self.server):
            with suppress(
                ssl.SSLWantReadError
            ):  # close_notify is sent; that of the other is missing
                end.unwrap()
            self.carry()

    def carry(self) -> None:
        """Bring what was written to the other side, and keep it."""
        for outgoing, stream, incoming in self._wires:
            sent = outgoing.read()
            stream += sent
            incoming.write(sent)


def _is_done(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _received(end: ssl.SSLObject) -> bytes:
    received = b""
    with suppress(ssl.SSLWantReadError):
        while piece := end.read(65536):
            received += piece
    return received


@dataclass(frozen=True)
class Plan:
    """How to make one recording."""

    name: str
    sentence: str
    version: ssl.TLSVersion
    ciphers: str | None = None
    is_hybrid: bool = False


FORWARD_SECRECY = (
    Plan(
        "tls12-rsa",
        "TLS 1.2 with static RSA: whoever steals the server's key can open it, years later.",
        ssl.TLSVersion.TLSv1_2,
        "AES128-GCM-SHA256",
    ),
    Plan(
        "tls12-ecdhe",
        "TLS 1.2 with ECDHE: the RSA key only signed, so stealing it opens nothing.",
        ssl.TLSVersion.TLSv1_2,
        "ECDHE-RSA-AES128-GCM-SHA256",
    ),
    Plan(
        "tls13",
        "TLS 1.3: the RSA key only signed, so stealing it opens nothing.",
        ssl.TLSVersion.TLSv1_3,
    ),
)
HYBRID = Plan(
    "tls13-hybrid",
    "TLS 1.3 with a key share of X25519MLKEM768, which is meant not to open to a quantum computer.",
    ssl.TLSVersion.TLSv1_3,
    is_hybrid=True,
)


def make_all() -> None:
    """Write every recording."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        leaf = make_leaf(folder, *RSA_LEAF)
        for plan in FORWARD_SECRECY:
            _write(plan, record(plan, leaf), (folder / "key.pem").read_text(encoding="ascii"))
        _write(HYBRID, record(HYBRID, make_leaf(folder, *EC_LEAF)))


def make_leaf(folder: Path, *key: str) -> Path:
    """A self-signed certificate for localhost and its key, in one file."""
    leaf = folder / "leaf.pem"
    command = [
        "openssl", "req", "-x509", *key, "-nodes", "-keyout", "key.pem", "-out", "certificate.pem",
        "-days", "3650", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603  # every word is ours
    leaf.write_text(
        (folder / "key.pem").read_text(encoding="ascii")
        + (folder / "certificate.pem").read_text(encoding="ascii"),
        encoding="ascii",
    )
    return leaf


def record(plan: Plan, leaf: Path) -> dict[str, str]:
    """One conversation: a request to /store, its answer, and goodbye."""
    keylog = leaf.parent / f"{plan.name}.keylog"
    client, server = ssl.create_default_context(cafile=leaf), server_context(leaf)
    client.keylog_filename = str(keylog)
    for context in (client, server):
        context.minimum_version = context.maximum_version = plan.version
        if plan.ciphers is not None:
            context.set_ciphers(plan.ciphers)
    conversation = Conversation(client, server)
    conversation.handshake()
    assert conversation.say(conversation.client, REQUEST) == REQUEST  # noqa: S101
    assert conversation.say(conversation.server, ANSWER) == ANSWER  # noqa: S101
    conversation.close()
    server_hello, *_ = handshake_messages(bytes(conversation.server_stream))
    if plan.is_hybrid and dissect(server_hello)["key_share"]["group"].value != HYBRID_GROUP:
        raise SystemExit(f"{ssl.OPENSSL_VERSION} did not agree on {HYBRID_GROUP}: 3.5 would.")
    return {
        "client_stream": conversation.client_stream.hex(),
        "server_stream": conversation.server_stream.hex(),
        "keylog": keylog.read_text(encoding="ascii"),
    }


def server_context(leaf: Path) -> ssl.SSLContext:
    """A server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)
    return context


def _write(plan: Plan, streams: dict[str, str], stolen_private_key: str = "") -> None:
    parts = {"sentence": plan.sentence, **streams}
    if stolen_private_key:
        parts["about_the_key"] = "Thrown away after the recording: it protects nothing."
        parts["stolen_private_key"] = stolen_private_key
    path = FOLDER / f"{plan.name}.json"
    path.write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make_all()
