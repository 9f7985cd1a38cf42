"""A backup server, right or false: it takes what a vault sends, and remembers it."""

import socket

from securedata.certificates.authority import Leaf
from securedata.certificates.issuing import Certified
from securedata.certificates.tls import server_context
from securedata_lab.servers.listener import Listener

MOST_BYTES = 1 << 24
PATIENCE_SECONDS = 5  # of a machine that does much else
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"


class BackupServer(Listener):
    """Shows the certificate that it was last told to, and answers with 200.

    >>> with BackupServer() as server:
    ...     server.has_seen("a password")
    False
    """

    def __init__(self) -> None:
        super().__init__("localhost")
        self._seen = b""

    def show(self, leaf: Certified) -> None:
        """Use this certificate from now on, and forget what was seen."""
        self._seen = b""
        self._tls = server_context(Leaf(leaf.certificate_pem, leaf.private_key_pem))

    def has_seen(self, text: str) -> bool:
        """Whether this came, once every client so far has gone."""
        for thread in self._serving:
            thread.join(2 * PATIENCE_SECONDS)
        return text.encode() in self._seen

    def serve(self, client: socket.socket) -> None:
        """Read until nothing more comes, and answer once the head is here."""
        client.settimeout(PATIENCE_SECONDS)
        with self._tls.wrap_socket(client, server_side=True) as connection:
            self.hold(connection)
            answered = False
            while len(self._seen) < MOST_BYTES and (data := connection.recv(1 << 16)):
                self._seen += data
                if not answered and self._is_whole():
                    connection.sendall(ANSWER)
                    answered = True

    def _is_whole(self) -> bool:
        """Whether head and body are here: the body is a JSON list."""
        return b"\r\n\r\n" in self._seen and self._seen.rstrip().endswith(b"]")
