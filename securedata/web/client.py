"""The same two verbs, store and retrieve, over HTTPS. A client holds no key, and can verify.

It trusts one CA file, always. No private key, no database and no Flask here.
"""

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase

from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import verify
from securedata.crypto.signature import VerifyingKey
from securedata.errors import (
    FormatError,
    RefusedError,
    SecureDataError,
    TokenError,
    UnavailableError,
    UnknownKeyError,
)
from securedata.record import Receipt, Submission
from securedata.web.contract import HEX_FIELDS, SIGNER_UNTIL
from securedata.web.receipt import receipt_from_json

TIMEOUT_SECONDS = 30
EXAMPLE = "https://localhost:5000"
WHY = {  # there is no answer
    requests.exceptions.SSLError: "the TLS handshake failed: does it speak HTTPS?",
    requests.exceptions.ProxyError: (
        "the environment's proxy does not lead there: set NO_PROXY and no_proxy"
    ),
    requests.exceptions.Timeout: f"it was silent for {TIMEOUT_SECONDS} seconds",
    ConnectionRefusedError: (
        "nothing listens there: start it with securedata serve, or name its url"
    ),
    socket.gaierror: "no machine has this name: check the url",
}


class Client:
    """Calls a securedata service at this url; trusts the CA in `ca_file` and nobody else.

    Where the service asks who is calling, `token` tells it.

    Raises:
        FormatError: the url does not start with https://.
        TokenError: the token is not 64 lower-case hex digits.

    >>> client = Client("https://localhost:5000/", ca_file=Path("certs/ca.pem"))
    >>> client.url
    'https://localhost:5000'
    """

    def __init__(self, url: str, *, ca_file: Path | str, token: str | None = None) -> None:
        if not url.lower().startswith("https://"):  # else texts and token would go in the clear
            rest = url.rpartition("://")[2]
            # A port alone is no name to guess from.
            has_name = re.search("[A-Za-z.]", rest)
            meant = f"did you mean https://{rest}?" if has_name else f"{EXAMPLE} does"
            raise FormatError(f"{url!r} does not start with https://: {meant}")
        # Checked here: the error for a malformed header would quote the token.
        if token is not None and not re.fullmatch("[0-9a-f]{64}", token):
            raise TokenError("A token is 64 lower-case hex digits, and nothing around them.")
        self.url = url.rstrip("/")
        self._ca_file = str(ca_file)
        self._session = requests.Session()
        if token is not None:
            # Not as a header: an entry in ~/.netrc would silently take its place.
            self._session.auth = _Bearer(token)

    def store(self, text: str) -> Receipt:
        """Have a text sealed and stored; keep the receipt.

        Raises:
            RefusedError: the service says no, and why.
            TokenError: it wants a token, or another one.
            UnavailableError: it does not answer, or cannot answer now.
            FormatError: the url is invalid.
        """
        answer = self._post("/store", {"data": text})
        try:
            return receipt_from_json(answer)
        except FormatError as error:
            raise self._not_ours(f" ({error})") from None

    def retrieve(self, record_id: str | None = None, submission: Submission | None = None) -> str:
        """Get a text back, by record id or by the four fields of a receipt.

        Raises:
            RefusedError: the service says no: "Invalid signature. Data may be compromised."
            TokenError, UnavailableError, FormatError: as `store` does.
        """
        body = {} if record_id is None else {"record_id": record_id}
        if submission is not None:
            body |= {name: getattr(submission, ours).hex() for name, ours in HEX_FIELDS.items()}
        text = self._post("/retrieve", body).get("decrypted_data")
        if not isinstance(text, str):
            raise self._not_ours()
        return text

    def public_key(self, signer_id: str | None = None) -> str:
        """Get a signer's public key, PEM, to verify receipts with. `verify` asks for its end, too.

        Raises:
            RefusedError, UnavailableError, FormatError: as `retrieve` does.
        """
        query = "" if signer_id is None else f"?signer_id={signer_id}"
        return self._request("GET", f"/public-key{query}").text

    def verify(self, receipt: Receipt) -> None:
        """Return None if a receipt is valid by the key that the service gives for its signer.

        It keeps no key, and believes each answer. An attacker who controls the answers can give
        another key, or hide the signer's end.

        Raises:
            SignatureError: it is invalid, or created after its signer's end.
            RefusedError, UnavailableError, FormatError: as `retrieve` does.
        """
        answer = self._request("GET", f"/public-key?signer_id={receipt.header.signer_id}")
        try:
            signers = KeyRing(VerifyingKey.from_pem(answer.text))
            verify(receipt, signers=signers, until=answer.headers.get(SIGNER_UNTIL))
        except (FormatError, UnknownKeyError):  # no key, another key than asked for, or no time
            raise self._not_ours() from None

    def _post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer = self._request("POST", path, body).json()
        except requests.exceptions.JSONDecodeError:
            raise self._not_ours() from None
        if not isinstance(answer, dict):
            raise self._not_ours()
        return answer

    def _request(
        self, method: str, path: str, body: Mapping[str, str] | None = None
    ) -> requests.Response:
        answer = self._send(method, path, body)
        if isinstance(answer, SecureDataError):
            raise answer  # outside of `except`: the error of requests holds token and text
        if answer.status_code >= 500:
            raise UnavailableError(f"{self.url} cannot answer now: {_words(answer)}")
        if answer.status_code == 401:
            raise TokenError(_words(answer))
        if answer.status_code != 200:
            raise RefusedError(_words(answer))
        return answer

    def _send(
        self, method: str, path: str, body: Mapping[str, str] | None
    ) -> requests.Response | FormatError | UnavailableError:
        try:
            # verify= on every call: REQUESTS_CA_BUNDLE in the environment overrides a session's.
            return self._session.request(
                method,
                self.url + path,
                json=body,
                verify=self._ca_file,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except ValueError:  # requests' InvalidURL is one, urllib3's LocationParseError another
            return FormatError(f"{self.url} is no address: {EXAMPLE} is one")
        except (requests.RequestException, OSError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                return UnavailableError(
                    f"{self.url} is not trusted: it has no certificate for this name that "
                    f"{self._ca_file} vouches for: go to that server's folder, or name its "
                    "ca_file"
                )
            return UnavailableError(f"{self.url} does not answer: {_why(error)}")

    def _not_ours(self, why: str = "") -> UnavailableError:
        return UnavailableError(f"{self.url} does not answer as it should{why}: is it the service?")


def _why(error: BaseException | None) -> str:
    """The words for this error, or for one that led to it: requests and urllib3 wrap each."""
    while error:
        for kind, words in WHY.items():
            if isinstance(error, kind):
                return words
        error = error.__context__
    return "the connection broke: try again later"


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _words(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP status {answer.status_code}: is it the service?"
