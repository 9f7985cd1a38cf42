"""The HTTP contract, to the letter, over real TLS."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import event
from vocabulary import a_server, ask, change_row, flipped, stored_by

from securedata import (
    BackgroundServer,
    KeyFile,
    RecordStore,
    ServiceKeys,
    Vault,
    create_app,
)
from securedata.web.contract import KEY_FILE_TROUBLE, NO_ROOM

FIELDS = ["nonce", "encrypted_data", "tag", "signature"]
COMPROMISED = b'{"error":"Invalid signature. Data may be compromised."}\n'
TEXT = "attack at dawn"
Json = dict[str, Any]


def retrieve(server: BackgroundServer, body: Json) -> requests.Response:
    return ask(server, "POST", "/retrieve", json=body)


# Storing and retrieving.


def test_store_answers_with_these_keys_in_this_order_and_with_the_time(
    server: BackgroundServer,
) -> None:
    stored = stored_by(server)
    assert list(stored) == ["message", "data", "record_id", "owner", "signer_id", "created"]
    assert (stored["message"], stored["owner"]) == ("Data stored securely", "local")
    age = datetime.now(timezone.utc) - datetime.fromisoformat(stored["created"][:-1] + "+00:00")
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)


# Refusing.


def tampered(stored: Json, other: Json) -> Iterator[Json]:
    """Bodies made of two honest records, each with something wrong."""
    data, by_id = stored["data"], {"record_id": stored["record_id"]}
    for field in FIELDS:
        original = bytes.fromhex(data[field])
        for bit in (0, 13, 8 * len(original) - 1):
            yield data | {field: flipped(original, bit).hex()}
            yield data | by_id | {field: flipped(original, bit).hex()}
        yield data | {field: other["data"][field]}
    for ciphertext in ("", data["encrypted_data"][2:], data["encrypted_data"] + "00"):
        yield data | {"encrypted_data": ciphertext}
    yield data | {"record_id": other["record_id"]}
    yield data | {"record_id": "0" * 32}
    yield {"record_id": "0" * 32}


def test_everything_tampered_or_unknown_is_refused_in_the_same_words(
    server: BackgroundServer,
) -> None:
    stored, other = stored_by(server), stored_by(server)
    unknown = retrieve(server, {"record_id": "0" * 32})
    for body in tampered(stored, other):
        answer = retrieve(server, body)
        assert (answer.status_code, answer.content) == (400, COMPROMISED)
        assert {**answer.headers, "Date": ""} == {**unknown.headers, "Date": ""}
    assert retrieve(server, stored["data"]).status_code == 200


# The server's own trouble.


def test_a_key_that_the_server_lacks_is_503_and_may_be_a_forgery(server: BackgroundServer) -> None:
    words = (
        "the key file lacks this key; if the newest key file lacks it, too, the record may be "
        "forged"
    )
    for column in ("key_id", "signer_id"):
        record_id = stored_by(server)["record_id"]
        change_row(server, record_id, f"{column} = '0123456789abcdef'")
        answer = retrieve(server, {"record_id": record_id})
        assert answer.status_code == 503
        assert answer.json() == {"error": f"unknown key id 0123456789abcdef: {words}"}


def test_a_database_that_may_not_grow_is_507_until_it_may(tmp_path: Path) -> None:
    records = RecordStore(f"sqlite:///{tmp_path}/records.sqlite3")
    with a_server(create_app(Vault(records, ServiceKeys.generate())), tmp_path) as running:
        stored = [stored_by(running)]
        with limited_to(20, records):  # pages of 4 KiB
            while (answer := ask(running, "POST", "/store", json={"data": TEXT})).ok:
                stored.append(answer.json())
            assert answer.status_code == 507
            assert answer.json() == {"error": NO_ROOM}
            for record in stored:
                assert retrieve(running, record["data"]).json()["decrypted_data"] == TEXT
        assert len(stored) > 10
        stored.append(stored_by(running))
        assert retrieve(running, {"record_id": stored[-1]["record_id"]}).status_code == 200


@contextmanager
def limited_to(pages: int, records: RecordStore) -> Iterator[None]:
    """Let the database grow to so many pages and no further."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(records._engine, "connect", limit)
    records.close()  # connections from now on
    yield
    event.remove(records._engine, "connect", limit)
    records.close()


def test_a_key_file_that_cannot_be_read_is_503_and_comes_back_when_it_can(
    own: BackgroundServer, key_file: KeyFile
) -> None:
    intact, stored = key_file.path.read_bytes(), stored_by(own)
    key_file.path.write_bytes(intact[:500])
    for answer in (
        ask(own, "POST", "/store", json={"data": TEXT}),
        retrieve(own, stored["data"]),
        ask(own, "GET", "/public-key"),
    ):
        assert (answer.status_code, answer.json()) == (503, {"error": KEY_FILE_TROUBLE})
    assert ask(own, "GET", "/health").status_code == 200
    key_file.path.write_bytes(intact)
    assert retrieve(own, stored["data"]).status_code == 200


# Health and public key.


def test_an_unknown_signer_is_404(server: BackgroundServer) -> None:
    for signer_id in ("0" * 16, "", "x", "%00%ff", "'", "a" * 5000):
        answer = ask(server, "GET", f"/public-key?signer_id={signer_id}")
        assert answer.status_code == 404
        assert answer.json() == {"error": "No signer has this signer_id."}
