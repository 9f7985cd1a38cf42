"""Somebody who attacks a twin without a network: what many tests of flaws are told with."""

from flask.testing import FlaskClient

from securedata_lab import Row, Twin
from securedata_lab.twins.twin import create_twin_app


class Attacker:
    """Somebody who may call a twin's API, in process: bytes in, status and words out."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.client: FlaskClient = create_twin_app(twin).test_client()

    def store(self, text: str) -> Row:
        return self._row("/store", {"data": text})

    def retrieve(self, row: Row) -> tuple[int, str]:
        return self._words(self.twin.to_json(row))

    def retrieve_by_id(self, record_id: str) -> tuple[int, str]:
        return self._words({"record_id": record_id})

    def _row(self, path: str, body: dict[str, str]) -> Row:
        answer = self.client.post(path, json=body).get_json()
        return Row(*(bytes.fromhex(answer["data"][name]) for name in self.twin.json_names))

    def _words(self, body: dict[str, str]) -> tuple[int, str]:
        answer = self.client.post("/retrieve", json=body)
        (words,) = answer.get_json().values()
        return answer.status_code, words
