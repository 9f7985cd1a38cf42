"""A student's store and the real service: who reads Ada's texts, and what each answer says."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from securedata import unseal
from securedata.keys.service_keys import ServiceKeys
from securedata_lab import check
from securedata_lab.basics.bits import xor
from securedata_lab.lesson07_secure_store import open_service, real_service, rollback, store
from securedata_lab.lesson07_secure_store.ada import HERS
from securedata_lab.lesson07_secure_store.real_service import RealService
from securedata_lab.lesson07_secure_store.store import Rows, place_of, store_app, with_errors
from securedata_lab.lesson07_secure_store.thefts import ASKS_ALREADY, be_eve, show_thefts
from securedata_lab.servers import keeper
from securedata_lab.servers.clients import NoAnswerError
from securedata_lab.servers.token_client import TokenClient

Said = pytest.CaptureFixture[str]


def open_own(rows: Rows, record_id: str, caller: str, safe: ServiceKeys) -> bytes:
    return unseal(rows.get(record_id, caller), keys=safe.wrapping_keys, signers=safe.signers)


LINES: dict[str, Any] = {
    "my_app": store_app,
    "opened": store.open_by_id,
    "my_request": lambda receipt: {"record_id": receipt["record_id"]},
    "my_sql": "UPDATE records SET owner = 'eve' WHERE record_id = :id",
}


@pytest.fixture(scope="module")
def server() -> Iterator[RealService]:
    server = open_service()
    yield server
    server.stop()
    real_service.running = None  # else the check of 7.8 asks it for the word


def asking(opened: store.Opened, rows: Rows, safe: ServiceKeys) -> Flask:
    """Routes that ask for the owner, whatever the lock does."""
    return store_app(open_own, rows, safe)


@pytest.mark.parametrize("change", [{"opened": open_own}, {"my_app": asking}])
def test_who_asked_for_the_owner_at_once_is_told_how_to_go_on(
    change: dict[str, Any], capsys: Said, server: RealService
) -> None:
    """In the lock, or in the routes: Eve goes through the student's own."""
    assert be_eve(server.ada, **(LINES | change)) == ""
    assert capsys.readouterr().out == f"{ASKS_ALREADY}\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("opened", lambda *_: None, "Nothing was sent: opened is still `...`."),
        ("my_request", lambda receipt: None, "Nothing was sent: my_request is still `...`."),
        ("my_request", lambda receipt: "5", "my_request returns str, and must return a dict"),
        ("my_request", lambda receipt: receipt["id"], "KeyError: 'id'"),
        ("my_request", lambda receipt: {"record_id": receipt}, "must be a string, not an object"),
        ("my_sql", ..., "Nothing was sent: my_sql is still `...`."),
        ("my_sql", "UPDATE", "OperationalError: incomplete input"),
        ("my_sql", "SELECT 1", "no change: the row is not eve's"),
        (
            "opened",
            lambda *_: "text",
            "500 your lock must return bytes, those that unseal gives, and returned str",
        ),
        ("my_app", lambda *_: None, "Your store does not run: AttributeError"),
        ("my_app", lambda *_: with_errors(Flask("empty")), "not run: RefusedError: 404 "),
    ],
)
def test_what_is_empty_or_wrong_is_said_and_nothing_is_raised(
    capsys: Said, name: str, value: Any, said: str, server: RealService
) -> None:
    be_eve(server.ada, **(LINES | {name: value}))
    assert said in capsys.readouterr().out


def test_the_word_convinces_the_help_desk_in_any_spelling_and_no_other_does(
    capsys: Said, server: RealService
) -> None:
    read = be_eve(server.ada, **LINES)
    assert server.help_desk(f" {read.split()[-1].upper()}") is not None
    for word, said in ((..., "still `...`"), (5, "is a text"), ("island-timber-32", "nobody")):
        capsys.readouterr()
        assert server.help_desk(word) is None
        assert said in capsys.readouterr().out


def test_her_attacks_at_four_places_leave_the_real_database_as_it_was(
    capsys: Said, server: RealService
) -> None:
    """Also with SQL that changes all rows."""
    careless = LINES | {"my_sql": "UPDATE records SET owner = 'eve'"}
    show_thefts(server, **careless, my_opened=open_own)
    _, *rows, log = capsys.readouterr().out.splitlines()
    assert [row[26:].split() for row in rows] == [
        ["READ", "refused"],
        ["refused", "refused"],
        ["refused", "READ"],
        ["refused", "refused"],
    ]
    assert log.endswith(": RecordNotFoundError, SignatureError")
    assert server.ada.retrieve({"record_id": server.letter["record_id"]}) == HERS


def test_a_service_that_has_stopped_is_named_and_goes_on_with_its_records(
    server: RealService,
) -> None:
    server.stop()
    with pytest.raises(NoAnswerError, match="Run the server cell again"):
        server.eve.retrieve({"record_id": "0"})
    assert open_service() is server
    assert server.ada.retrieve({"record_id": server.letter["record_id"]}) == HERS


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


def test_the_database_of_a_store_holds_no_text() -> None:
    word = "rabbit-walnut-41"

    def writes(server: Any, token: str) -> dict[str, Any]:
        return TokenClient(server, "ada", token).store(word)

    with place_of(store_app, store.open_by_id, writes) as place:
        stored = b"".join(it.read_bytes() for it in place.database.parent.iterdir())
    assert word.encode() not in stored


def test_a_judge_takes_any_word_of_the_form_for_it_cannot_know_a_kernels(
    capsys: Said, server: RealService, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [LINES["my_request"], LINES["my_sql"], "island-timber-32"]
    check("7.8", *lines)
    assert "a new kernel has a new word" in capsys.readouterr().out
    monkeypatch.setattr(keeper, "beside", False)
    check("7.8", *lines)
    assert "7.8 correct: " in capsys.readouterr().out


def heads(my_next: rollback.Next, server: RealService, capsys: Said) -> str:
    rollback.show_heads(my_next, server)
    return ", ".join(line[18:] for line in capsys.readouterr().out.splitlines())


def test_a_head_notices_the_copy_and_a_useless_one_is_shown(
    server: RealService, capsys: Said
) -> None:
    def chain(head: bytes, signature: bytes) -> bytes:
        return hashlib.sha256(head + signature).digest()

    assert heads(chain, server, capsys) == "32 bytes, fits, NOTICED, NOTICED, NOTICED"
    blind = heads(lambda head, signature: head, server, capsys)
    assert blind == "32 bytes, fits, not noticed, not noticed, not noticed"
    last = heads(lambda head, signature: signature, server, capsys)
    assert last == "64 bytes, fits, NOTICED, not noticed, NOTICED"
    sums = heads(lambda head, signature: xor(head, signature[:32]), server, capsys)
    # The changed bit is the last of a signature's 64 bytes.
    assert sums == "32 bytes, fits, NOTICED, not noticed, not noticed"
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
def test_a_slip_is_one_line(my_next: Any, said: str, server: RealService, capsys: Said) -> None:
    rollback.show_heads(my_next, server)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Nothing was compared: ")
    assert said in line
