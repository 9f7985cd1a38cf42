"""What the two hellos agreed on: version, cipher suite, randoms; all sent in the clear."""

from collections.abc import Sequence
from dataclasses import dataclass

from securedata_lab.wire.dissection import dissect
from securedata_lab.wire.errors import WireError
from securedata_lab.wire.fields import Field
from securedata_lab.wire.handshake import (
    HandshakeMessage,
    handshake_messages,
)


@dataclass(frozen=True)
class Session:
    """The clear part of a recorded session: the messages of each side, and both last hellos.

    >>> Session.of(b"", b"")
    Traceback (most recent call last):
        ...
    securedata_lab...WireError: there is no ClientHello (at offset 0)
    """

    client_messages: Sequence[HandshakeMessage]
    server_messages: Sequence[HandshakeMessage]
    client_hello: Field
    server_hello: Field

    @classmethod
    def of(cls, client_stream: bytes, server_stream: bytes) -> "Session":
        """Read the clear messages of both sides.

        Raises:
            WireError: not TLS, cut off, or one of the hellos is missing.
        """
        client_messages = handshake_messages(client_stream)
        server_messages = handshake_messages(server_stream)
        return cls(
            client_messages,
            server_messages,
            dissect(last_named("ClientHello", client_messages)),
            dissect(last_named("ServerHello", server_messages)),
        )

    @property
    def version(self) -> str:
        """The version that is spoken: what supported_versions says, if it is there."""
        name = "selected_version" if "selected_version" in self.server_hello else "legacy_version"
        return str(self.server_hello[name].value)

    @property
    def suite(self) -> str:
        """The name of the cipher suite that the server chose."""
        return str(self.server_hello["cipher_suite"].value)

    @property
    def suite_offset(self) -> int:
        """Where in the server's stream it says so."""
        return self.server_hello["cipher_suite"].offset

    @property
    def client_random(self) -> bytes:
        """The client's 32 bytes, which name the session in a key log."""
        return self.client_hello["random"].data

    @property
    def server_random(self) -> bytes:
        """The server's 32 bytes."""
        return self.server_hello["random"].data


def last_named(name: str, messages: Sequence[HandshakeMessage]) -> HandshakeMessage:
    """The last message of this name.

    Raises:
        WireError: there is none.

    >>> messages = handshake_messages(bytes.fromhex("1603030004 0e000000"))
    >>> last_named("ServerHelloDone", messages).offset
    5
    """
    for message in reversed(messages):
        if message.name == name:
            return message
    raise WireError(f"there is no {name}", 0)
