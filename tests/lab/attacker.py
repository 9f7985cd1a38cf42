"""Somebody who attacks a twin without a network: what many tests of flaws are told with."""

from flask.testing import FlaskClient

from securedata_lab import Row, Twin, xor
from securedata_lab.twins.twin import create_twin_app


def rewrite(ciphertext: bytes, at: int, old: bytes, new: bytes) -> bytes:
    """Change known text at a known place: the difference goes straight through an XOR."""
    difference = bytes(at) + xor(old, new)
    return xor(ciphertext, difference.ljust(len(ciphertext), b"\0"))


class Attacker:
    """Somebody who may call a twin's API, in process: bytes in, status and words out."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.client: FlaskClient = create_twin_app(twin).test_client()

    def store(self, text: str) -> Row:
        return self._row("/store", {"data": text})

    def sign_up(self, name: str) -> Row:
        return self._row("/sign-up", {"name": name})

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
