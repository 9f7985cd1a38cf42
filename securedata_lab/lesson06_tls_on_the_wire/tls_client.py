"""A client of TLS 1.3 that verifies, by OpenSSL: in memory, with its bytes in your hand."""

import ssl
from contextlib import suppress


def verifying_client(cafile: str | None = None, cadata: str | None = None) -> ssl.SSLContext:
    """A client that verifies, and offers X25519 alone: a newer OpenSSL offers ML-KEM by default.

    It trusts the certificate of this file, or of this PEM text.

    >>> verifying_client().check_hostname
    True
    """
    context = ssl.create_default_context(cafile=cafile, cadata=cadata)
    # Python's page says that this is for servers only. Clients heed it, too: a test looks.
    context.set_ecdh_curve("X25519")
    return context


class End:
    """One end of a connection: it hears bytes, and says bytes. `sent` is all that it has said.

    >>> hello = End(verifying_client(), "localhost").hears(b"")
    >>> hello[:1]  # a record of the handshake
    b'\\x16'
    """

    def __init__(self, context: ssl.SSLContext, server_name: str | None = None) -> None:
        self._in, self._out, self.sent = ssl.MemoryBIO(), ssl.MemoryBIO(), b""
        is_server = server_name is None
        self._tls = context.wrap_bio(self._in, self._out, is_server, server_name)

    def hears(self, data: bytes, says: bytes = b"") -> bytes:
        """What it sends then; also what it `says`, once the handshake is done.

        Raises:
            SSLError: it hangs up. What it sends with that is lost.
        """
        self._in.write(data)
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
            self._tls.write(says)
        sent = self._out.read()
        self.sent += sent
        return sent
