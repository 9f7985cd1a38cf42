"""Clients of the servers that a notebook has started, over HTTPS: for lessons and checks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import requests

from securedata.errors import RefusedError, UnavailableError
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.servers.error_hints import BEHIND_A_PROXY
from securedata_lab.twins.twin import Row, TwinServer

TIMEOUT_SECONDS = 10
HAS_STOPPED = (
    "The server has stopped. Run the server cell again, the one below the set-up cell, then this "
    "cell."
)


class Served(Protocol):
    """A server, as a client sees it."""

    @property
    def url(self) -> str:
        """Where it is: https://localhost:port."""

    @property
    def ca_file(self) -> Path | None:
        """What to verify it with."""


@dataclass(frozen=True)
class Address:
    """A server of another process.

    >>> Address("https://localhost:5000", Path("ca.pem")).url
    'https://localhost:5000'
    """

    url: str
    ca_file: Path


class NoAnswerError(OneSentence, UnavailableError):
    """The server has stopped, or a proxy was asked. A notebook shows this sentence alone."""


def ask(server: Served, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST a JSON body to a server of this notebook, and return its JSON answer.

    Raises:
        NoAnswerError: the server has stopped, or requests asks a proxy for localhost.

    >>> from securedata_lab.twins.twin import Twin
    >>> with TwinServer(Twin()) as server:
    ...     ask(server, "/retrieve", {"record_id": "5"})
    {'error': 'There is no such record.'}
    """
    answer: dict[str, Any] = post(requests.Session(), server, path, body).json()
    return answer


class TwinClient:
    """Stores, signs up and retrieves at a running twin.

    >>> from securedata_lab.twins.twin import Twin
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

    def _row(self, path: str, body: dict[str, str]) -> Row:
        answer = self._post(path, body)
        if "error" in answer:
            raise RefusedError(answer["error"])
        data = answer["data"]
        return Row(*(bytes.fromhex(data[name]) for name in self._twin.json_names))

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = post(self._session, self._server, path, body).json()
        return answer


def post(
    session: requests.Session, server: Served, path: str, body: dict[str, Any]
) -> requests.Response:
    """The same as `ask`, in a session that keeps its connection; the whole answer."""
    try:
        return session.post(
            server.url + path, json=body, verify=str(server.ca_file), timeout=TIMEOUT_SECONDS
        )
    except requests.exceptions.ProxyError:
        raise NoAnswerError(BEHIND_A_PROXY) from None
    except requests.ConnectionError:
        raise NoAnswerError(HAS_STOPPED) from None
