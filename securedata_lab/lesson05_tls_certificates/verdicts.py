"""A client that verifies a server's certificate, and its verdict in our own words.

OpenSSL's messages differ from build to build, its codes do not: every verdict is read from codes.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

TIMEOUT_SECONDS = 5

CONNECTED = "connected"
REFUSED = "refused"  # for a reason that no lesson makes
NO_ANSWER = "no answer"

# OpenSSL's verify codes (x509_vfy.h).
WORDS_FOR_CODE = {
    10: "expired",
    18: "self-signed",
    19: "unknown CA",  # which was sent along
    20: "unknown CA",  # which was not
    26: "not for this purpose",
    47: "name not permitted",  # to this CA (RFC 5280, 4.2.1.10)
    62: "wrong name",
    64: "wrong name",  # an IP address
}


@dataclass(frozen=True)
class Verdict:
    """What a client decided, in our words, and OpenSSL's verify code if a certificate was refused.

    >>> print(Verdict("expired", 10))
    expired (10)
    >>> print(Verdict("connected"))
    connected
    """

    words: str
    code: int | None = None

    def __str__(self) -> str:
        return self.words if self.code is None else f"{self.words} ({self.code})"


def ask_requests(url: str, ca_file: Path | str) -> Verdict:
    """Ask with `requests.get(url, verify=ca_file)`.

    >>> from securedata_lab.lesson05_tls_certificates.hello_server import hello_server
    >>> with hello_server() as server:
    ...     ask_requests(server.url, server.ca_file).words
    'connected'
    """
    try:
        requests.get(url, verify=str(ca_file), timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return verdict_on(error)
    return Verdict(CONNECTED)


def verdict_on(error: BaseException) -> Verdict:
    """Look through an exception and those behind it for what OpenSSL said.

    >>> verdict_on(ConnectionRefusedError())
    Verdict(words='no answer', code=None)
    """
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _for_code(cause.verify_code)
        if isinstance(cause, ssl.SSLError):
            return Verdict(REFUSED)
    return Verdict(NO_ANSWER)


def _for_code(code: int) -> Verdict:
    return Verdict(WORDS_FOR_CODE.get(code, REFUSED), code)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those behind it, the latest first.

    >>> try:
    ...     {}["key"]
    ... except KeyError:
    ...     try:
    ...         int("x")
    ...     except ValueError as error:
    ...         [type(cause).__name__ for cause in causes(error)]
    ['ValueError', 'KeyError']
    """
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
