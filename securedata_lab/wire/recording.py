"""Recorded TLS sessions, for what not every OpenSSL can do live.

They lie in recordings/, and `tools/recordings.py` made them: client and server were one process,
and their keys were made for that moment. Nothing in them protects anything. One is the standard's
own example (RFC 8448, section 3).
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from securedata.errors import FormatError

FOLDER = Path(__file__).with_name("recordings")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One connection: all bytes of each side, the key log, and a sentence on what it is.

    `stolen_private_key` is the server's, in PEM, where a lesson steals it; else it is empty.

    >>> load_recording("tls13").sentence
    'TLS 1.3: the RSA key only signed, so stealing it opens nothing.'
    """

    name: str
    sentence: str
    client_stream: bytes
    server_stream: bytes
    keylog: str
    stolen_private_key: str = field(default="", repr=False)


def recording_names() -> list[str]:
    """The names of all recordings.

    >>> recording_names()
    ['rfc8448', 'tls12-ecdhe', 'tls12-rsa', 'tls13', 'tls13-hybrid']
    """
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load_recording(name: str) -> Recording:
    """Read one of the recordings.

    Raises:
        FormatError: there is none of this name; the message lists the names that there are.

    >>> len(load_recording("tls13").client_stream) > 500
    True
    >>> load_recording("ssl2")  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: no recording ssl2; there are rfc8448, tls12-ecdhe,
    tls12-rsa, tls13, tls13-hybrid
    """
    if name not in recording_names():
        raise FormatError(f"no recording {name}; there are {', '.join(recording_names())}")
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    parts = json.loads(text)
    return Recording(
        name=name,
        sentence=parts["sentence"],
        client_stream=bytes.fromhex(parts["client_stream"]),
        server_stream=bytes.fromhex(parts["server_stream"]),
        keylog=parts["keylog"],
        stolen_private_key=parts.get("stolen_private_key", ""),
    )
