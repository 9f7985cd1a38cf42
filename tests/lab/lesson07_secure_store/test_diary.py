"""A student's store with Ada's diary in it: who reads, and no name of the notebook holds it."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from vocabulary import by_hand

from securedata import unseal
from securedata.keys.service_keys import ServiceKeys
from securedata.record import SealedRecord
from securedata.serving.server import BackgroundServer
from securedata_lab.basics.bits import xor
from securedata_lab.lesson07_secure_store import diary, rollback
from securedata_lab.lesson07_secure_store.diary import (
    Rows,
    be_eve,
    show_thefts,
    store_of,
    with_errors,
)
from securedata_lab.servers.starting import LabServer, localhost_tls

Said = pytest.CaptureFixture[str]
REFUSED = "400 Invalid signature. Data may be compromised."


def open_own(rows: Rows, record_id: str, caller: str, safe: ServiceKeys) -> bytes:
    return unseal(rows.get(record_id, caller), keys=safe.wrapping_keys, signers=safe.signers)


CELLS: dict[str, Any] = {
    "sealed": diary.seal_all,
    "opened": diary.open_by_id,
    "my_request": lambda receipt: {"record_id": receipt["record_id"]},
    "my_sql": "UPDATE records SET owner = 'eve' WHERE record_id = :id",
    "my_opened": open_own,
}


@pytest.fixture
def server() -> Iterator[LabServer]:
    with LabServer() as server:
        yield server


def test_who_asked_at_once_is_shown_the_attack_at_a_store_that_does_not(
    capsys: Said, drawn: list[Any], server: LabServer
) -> None:
    careful = CELLS | {"opened": open_own}
    be_eve(**careful)
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("Your store of 7.1 asks for the owner already.")
    assert second == f"open store, her request  : Dear diary, my code word is {drawn[0]}"
    show_thefts(server, **careful)
    assert "open store                READ          refused\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("sealed", lambda text, header, safe: None, "Nothing was sent: sealed is still `...`."),
        ("my_request", lambda receipt: None, "Nothing was sent: my_request is still `...`."),
        ("my_request", lambda receipt: "5", "my_request returns str, and must return a dict"),
        ("my_request", lambda receipt: receipt["id"], "KeyError: 'id'"),
        ("my_request", lambda receipt: {"record_id": receipt}, "must be a string, not an object"),
        ("my_sql", ..., "Nothing was sent: my_sql is still `...`."),
        ("my_sql", "UPDATE", "OperationalError: incomplete input"),
        ("my_sql", "SELECT 1", "no change: the row is not eve's"),
        ("my_opened", lambda *_: None, "Nothing was sent: my_opened is still `...`."),
        ("my_opened", lambda *_: 1 / 0, "500 ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_empty_or_wrong_is_said_and_nothing_is_raised(
    capsys: Said, name: str, value: Any, said: str
) -> None:
    be_eve(**(CELLS | {name: value}))
    assert said in capsys.readouterr().out


def test_a_mistake_in_a_route_is_an_answer_in_json_with_its_place() -> None:
    app = with_errors(Flask("my store"))
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec("def store():\n    return sealed()\ndef mine():\n    raise PermissionError('no')", cell)
    app.get("/store")(cell["store"])
    app.get("/mine")(cell["mine"])
    answer = app.test_client().get("/store")
    said = {"error": "NameError: name 'sealed' is not defined (line 2 of store)"}
    assert (answer.status_code, answer.json) == (500, said)
    assert app.test_client().get("/mine").status_code == 403


def test_a_store_of_nothing_says_so(capsys: Said) -> None:
    def sealed(*_: Any) -> Any: ...

    app = diary.store_app(sealed, diary.open_by_id, Rows(), ServiceKeys.generate())
    tls, ca_file = localhost_tls()
    with BackgroundServer(app, tls=tls, ca_file=ca_file) as mine:
        diary.say_hello(mine)  # raises nothing
    said = "400 Nothing was stored: sealed returned nothing, not what seal gives."
    assert capsys.readouterr().out == f"/store   : {said}\n"


def test_the_database_of_a_store_holds_no_text(drawn: list[Any]) -> None:
    word = "rabbit-walnut-41"
    with store_of(diary.seal_all, diary.open_by_id, word) as place:
        place.ada.store(place.diary)
        stored = b"".join(it.read_bytes() for it in place.database.parent.iterdir())
    assert word.encode() not in stored


def test_the_unsigned_owner_stands_in_the_row_alone() -> None:
    safe, rows = ServiceKeys.generate(), Rows()
    header = diary.new_header("ada", safe)
    record: SealedRecord = diary.seal_without_owner(b"text", header, safe)
    rows.put(record)
    assert diary.owner_in(rows.file, header.record_id) == "ada"
    by_hand(rows.file, "UPDATE records SET owner = 'eve'")
    assert diary.open_without_owner(rows, header.record_id, "eve", safe) == b"text"


def heads(my_next: rollback.Next, server: LabServer, capsys: Said) -> str:
    rollback.show_heads(my_next, server)
    return ", ".join(line[18:] for line in capsys.readouterr().out.splitlines())


def test_a_head_notices_the_copy_and_a_useless_one_is_shown(
    server: LabServer, capsys: Said
) -> None:
    def chain(head: bytes, signature: bytes) -> bytes:
        return hashlib.sha256(head + signature).digest()

    assert heads(chain, server, capsys) == "32 bytes, fits, NOTICED, NOTICED, NOTICED"
    blind = heads(lambda head, signature: head, server, capsys)
    assert blind == "32 bytes, fits, not noticed, not noticed, not noticed"
    last = heads(lambda head, signature: signature, server, capsys)
    assert last == "64 bytes, fits, NOTICED, not noticed, NOTICED"
    sums = heads(lambda head, signature: xor(head, signature[:32]), server, capsys)
    assert sums == "32 bytes, fits, NOTICED, NOTICED, not noticed"
    memory = iter(range(100))
    always = heads(lambda head, signature: bytes([next(memory)]), server, capsys)
    assert always == "1 bytes, FALSE ALARM, NOTICED, NOTICED, NOTICED"


@pytest.mark.parametrize(
    ("my_next", "said"),
    [
        (lambda head, signature: "ab", "TypeError: a head is bytes, and my_next returned 'ab'"),
        (lambda head, signature: hashlib.sha256(head).update(head), "my_next returned None"),
        (lambda head, signature: head + "", "TypeError: can't concat str to bytes"),
    ],
)
def test_a_slip_is_one_line(my_next: Any, said: str, server: LabServer, capsys: Said) -> None:
    rollback.show_heads(my_next, server)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Nothing was compared: ")
    assert said in line
