"""The key log: the secrets of TLS sessions, as browsers, curl and Python write them down.

One line a secret: label, client random, secret, in hex (the format of NSS's SSLKEYLOGFILE,
RFC 9850). The client random tells which session a line belongs to.
"""

import re
from collections.abc import Mapping

LINE = re.compile(r"([A-Z0-9_]+) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2})+)")


def session_secrets(keylog: str, client_random: bytes) -> Mapping[str, bytes]:
    """The secrets of one session, by label; none, if the log does not know it.

    Comments, blank lines and the lines of other sessions are skipped.

    >>> keylog = "# a comment" + chr(10) + f"CLIENT_RANDOM {'11' * 32} {'ab' * 48}"
    >>> session_secrets(keylog, bytes([0x11]) * 32)["CLIENT_RANDOM"].hex()[:4]
    'abab'
    """
    lines = (LINE.fullmatch(line) for line in keylog.splitlines())
    return {
        line[1]: bytes.fromhex(line[3])
        for line in lines
        if line and bytes.fromhex(line[2]) == client_random
    }


def master_secret_line(client_random: bytes, master_secret: bytes) -> str:
    """The line for a TLS 1.2 session.

    >>> master_secret_line(bytes(32), bytes(48))[:20]
    'CLIENT_RANDOM 000000'
    """
    return f"CLIENT_RANDOM {client_random.hex()} {master_secret.hex()}"
