"""A client of a twin, for checks and lessons: bytes in, text out, over HTTPS as everything."""

from typing import Any

import requests
from Crypto.PublicKey import DSA

from securedata.errors import RefusedError
from securedata.lab.twin import Row, TwinServer

TIMEOUT_SECONDS = 10


class TwinClient:
    """Stores, signs up and retrieves at a running twin.

    >>> from securedata.lab.twin import Twin
    >>> with TwinServer(Twin()) as server:
    ...     client = TwinClient(server)
    ...     client.retrieve(client.store("text"))
    'text'
    """

    def __init__(self, server: TwinServer) -> None:
        self._server = server
        self._twin = server.twin
        self._session = requests.Session()

    def store(self, text: str) -> Row:
        """Have a text stored.

        Raises:
            RefusedError: the twin says no, and why.
        """
        return self._row("/store", {"data": text})

    def sign_up(self, name: str) -> Row:
        """Have a profile stored: name=…;role=user.

        Raises:
            RefusedError: the twin says no: the name holds ; or =.
        """
        return self._row("/sign-up", {"name": name})

    def retrieve(self, row: Row) -> str:
        """The text that the twin gives back, or its refusal in words."""
        answer = self._post("/retrieve", self._twin.to_json(row))
        return str(answer.get("decrypted_data", answer.get("error")))

    def retrieve_by_id(self, record_id: str) -> str:
        """The text of the row that the twin keeps under this id, or its refusal in words."""
        answer = self._post("/retrieve", {"record_id": record_id})
        return str(answer.get("decrypted_data", answer.get("error")))

    def public_number(self) -> int:
        """The y of a twin that signs, out of its public key."""
        pem = self._session.get(
            f"{self._server.url}/public-key",
            verify=str(self._server.ca_file),
            timeout=TIMEOUT_SECONDS,
        ).text
        return int(DSA.import_key(pem).y)

    def _row(self, path: str, body: dict[str, str]) -> Row:
        answer = self._post(path, body)
        if "error" in answer:
            raise RefusedError(answer["error"])
        data = answer["data"]
        return Row(*(bytes.fromhex(data[name]) for name in self._twin.json_names))

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self._session.post(
            self._server.url + path,
            json=body,
            verify=str(self._server.ca_file),
            timeout=TIMEOUT_SECONDS,
        ).json()
        return answer
