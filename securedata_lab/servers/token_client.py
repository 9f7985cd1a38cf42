"""A client with a token of its own, for lessons about owners."""

from typing import Any

import requests

from securedata.errors import RefusedError
from securedata_lab.servers.clients import Served, post
from securedata_lab.servers.starting import LabServer
from securedata_lab.twins.twin import TwinServer


class TokenClient:
    """Stores and retrieves with a token, which says who asks."""

    def __init__(self, server: Served, name: str, token: str) -> None:
        self.name, self.server = name, server
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def store(self, text: str) -> dict[str, Any]:
        """Have a text stored; the answer of /store, which is the receipt.

        Raises:
            RefusedError: the server says no, and why.
            NoAnswerError: the server does not answer.
        """
        answer = post(self._session, self.server, "/store", {"data": text})
        receipt: dict[str, Any] = answer.json()
        if not answer.ok:
            raise RefusedError(f"{answer.status_code} {receipt['error']}")
        return receipt

    def retrieve(self, body: dict[str, str]) -> str:
        """The text that the server gives back; or the status and the words of its refusal.

        Raises:
            NoAnswerError: the server does not answer.
        """
        answer = post(self._session, self.server, "/retrieve", body)
        said = answer.json()
        return str(said["decrypted_data"] if answer.ok else f"{answer.status_code} {said['error']}")


class User(TokenClient):
    """Stores and retrieves in their own name. At a twin, which knows no owners, no name matters.

    The first user of a server makes its first token. From then on, every call needs one.

    >>> with LabServer() as server:
    ...     ada, eve = User(server, "ada"), User(server, "eve")
    ...     record_id = ada.store("text")["record_id"]
    ...     ada.retrieve({"record_id": record_id}), eve.retrieve({"record_id": record_id})
    ('text', '400 Invalid signature. Data may be compromised.')
    """

    def __init__(self, server: LabServer | TwinServer, name: str) -> None:
        token = server.token_of(name) if isinstance(server, LabServer) else ""
        super().__init__(server, name, token)
