"""The same two verbs, store and retrieve, over HTTPS. A client holds no key, and can verify.

It trusts one CA file, always, and knows nothing of what happens behind the service.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase

from securedata.errors import FormatError, RefusedError, UnavailableError
from securedata.record import Receipt, Submission
from securedata.web.contract import HEX_FIELDS

TIMEOUT_SECONDS = 30


class Client:
    """Calls a securedata service at this url; trusts the CA in `ca_file` and nobody else.

    Where the service asks who is calling, `token` tells it.

    Raises:
        FormatError: the token is not 64 lower-case hex digits.

    >>> client = Client("https://localhost:5000/", ca_file=Path("certs/ca.pem"))
    >>> client.url
    'https://localhost:5000'
    """

    def __init__(self, url: str, *, ca_file: Path | str, token: str | None = None) -> None:
        # Checked here: the error of whoever sends a malformed header would quote it.
        if token is not None and not re.fullmatch("[0-9a-f]{64}", token):
            raise FormatError("a token is 64 lower-case hex digits, and nothing around them")
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
            UnavailableError: it does not answer, or cannot answer now.
        """
        return receipt_from_json(self._post("/store", {"data": text}))

    def retrieve(self, record_id: str | None = None, submission: Submission | None = None) -> str:
        """Get a text back, by record id or by the four fields of a receipt.

        Raises:
            RefusedError: the service says no: "Invalid signature. Data may be compromised."
            UnavailableError: it does not answer, or cannot answer now.
        """
        body = {} if record_id is None else {"record_id": record_id}
        if submission is not None:
            body |= {name: getattr(submission, ours).hex() for name, ours in HEX_FIELDS.items()}
        return str(self._post("/retrieve", body)["decrypted_data"])

    def public_key(self, signer_id: str | None = None) -> str:
        """Get a signer's public key, PEM: with it, `verify` needs nobody's word.

        Raises:
            RefusedError, UnavailableError: as `retrieve` does.
        """
        query = "" if signer_id is None else f"?signer_id={signer_id}"
        return self._request("GET", f"/public-key{query}").text

    def _post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._request("POST", path, body).json()
        except ValueError:
            raise UnavailableError(
                f"{self.url} does not answer in JSON: is it the service?"
            ) from None
        return answer

    def _request(
        self, method: str, path: str, body: Mapping[str, str] | None = None
    ) -> requests.Response:
        try:
            # verify= on every call: REQUESTS_CA_BUNDLE in the environment overrides a session's.
            answer = self._session.request(
                method,
                self.url + path,
                json=body,
                verify=self._ca_file,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError) as error:
            raise UnavailableError(f"{self.url} does not answer: {type(error).__name__}") from error
        if answer.status_code >= 500:
            raise UnavailableError(f"{self.url} cannot answer now: {_words(answer)}")
        if answer.status_code != 200:
            raise RefusedError(_words(answer))
        return answer


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def receipt_from_json(answer: Mapping[str, Any]) -> Receipt:
    """Read the answer of /store: hex becomes bytes, and every field must have its form.

    Raises:
        FormatError: this is not such an answer.

    >>> receipt_from_json({"message": "Data stored securely"})
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: not an answer of /store
    """
    try:
        data = {ours: bytes.fromhex(answer["data"][name]) for name, ours in HEX_FIELDS.items()}
        return Receipt(
            record_id=answer["record_id"],
            owner=answer["owner"],
            signer_id=answer["signer_id"],
            created=answer["created"],
            **data,
        )
    except (KeyError, TypeError, ValueError):
        raise FormatError("not an answer of /store") from None


def _words(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP status {answer.status_code}"
