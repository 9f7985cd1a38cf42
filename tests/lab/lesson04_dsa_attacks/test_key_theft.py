"""Tests of key_theft.py, and of what the notebook of lesson 04 holds."""

import random
import secrets
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from lab.walking import leaks
from vocabulary import ROOT

from securedata.errors import FormatError
from securedata.record import DSA, ML_DSA_65
from securedata.web.client import Client
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson03_dsa_signatures import shop
from securedata_lab.lesson03_dsa_signatures.shop import Shop, framed, one_byte, short
from securedata_lab.lesson04_dsa_attacks import key_theft
from securedata_lab.lesson04_dsa_attacks.key_theft import (
    collect,
    end_signer,
    eves_receipt,
    find_x,
    rotate_signer,
    show_receipts,
    show_thefts,
    sign_for_kim,
    try_number,
)
from securedata_lab.servers.starting import LabServer

Q = REAL.q
LINES: dict[str, Any] = {
    "my_pair": lambda one, two: one.r == two.r,
    "my_k": lambda one, two: (one.h - two.h) * pow(one.s - two.s, -1, Q) % Q,
    "my_key": lambda one, k: (one.s * k - one.h) * pow(one.r, -1, Q) % Q,
}
NUMBER: dict[str, Any] = {"my_number": lambda q: random.SystemRandom().randrange(1, q)}
STUB: dict[str, Any] = {name: lambda *_: ... for name in (*LINES, *NUMBER)}
NOTEBOOK = ROOT / "notebooks" / "04_dsa_attacks.ipynb"


@pytest.fixture(scope="module")
def cheap() -> Iterator[Shop]:
    with Shop(framed, one_byte) as shop:
        yield shop


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    with LabServer() as server:
        yield server


def test_three_lines_find_the_key_and_it_signs_for_kim(
    cheap: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    x = find_x(collect(cheap), **LINES)
    assert x is not None
    assert pow(REAL.g, x, REAL.p) == cheap.y
    assert sign_for_kim(cheap, x) == "Valid: Kim owes Eve 9999 EUR for bottles."
    assert capsys.readouterr().out.startswith("pairs with one k: ")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"my_pair": lambda one, two: ...}, "my_pair is still `...`."),
        ({"my_pair": lambda one, two: one.h == two.h}, "my_pair finds no pair."),
        ({"my_pair": lambda one, two: one.k == two.k}, "One of your lines raised AttributeError: "),
        ({"my_k": lambda one, two: ...}, "my_k is still `...`."),
        ({"my_key": lambda one, k: None}, "my_key must return an int, and returned None."),
    ],
)
def test_lines_that_find_no_key_get_a_sentence_and_nothing_is_sent(
    cheap: Shop, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], words: str
) -> None:
    x = find_x(collect(cheap), **(LINES | changed))
    assert words in capsys.readouterr().out
    assert sign_for_kim(cheap, x) == "Nothing was sent: no x was found."


def test_the_table_says_where_the_lines_work(
    cheap: Shop, server: LabServer, capsys: pytest.CaptureFixture[str]
) -> None:
    show_thefts(cheap, server, **LINES, **NUMBER)
    _, kims, mine, real = capsys.readouterr().out.splitlines()
    assert kims.endswith("everything: g^x is y. Valid: Kim owes Eve 9999 EUR for bottles.")
    assert mine.split() == ["your", "machine", "0", "nothing"]
    assert real.split() == ["the", "real", "service", "0", "nothing"]
    wrong: dict[str, Any] = {"my_number": lambda q: 5, "my_k": lambda one, two: 5}
    show_thefts(cheap, server, **(LINES | wrong))
    _, kims, mine, _ = capsys.readouterr().out.splitlines()
    assert kims.endswith("nothing")
    assert mine.split()[2] == "1770"


@pytest.mark.parametrize(
    ("lines", "words"),
    [({}, "run your cell of 4.1: my_pair is"), (LINES, "run your cell of 4.2: my_number is")],
)
def test_the_table_names_a_cell_that_is_empty(
    cheap: Shop,
    server: LabServer,
    capsys: pytest.CaptureFixture[str],
    lines: dict[str, Any],
    words: str,
) -> None:
    show_thefts(cheap, server, **(STUB | lines))
    assert f"{words} still `...`." in capsys.readouterr().out


def test_a_number_of_a_student_is_tried_on_an_honest_slip() -> None:
    assert try_number(NUMBER["my_number"]).startswith("Valid: Kim owes Eve 7 EUR")
    assert try_number(STUB["my_number"]) == "Nothing was signed: my_number is still `...`."
    assert "my_number must return an int from 1 to q-1" in try_number(lambda q: q)
    number: Any = 5
    assert try_number(number) == "Nothing was signed: my_number is no function: begin with def."
    raised = try_number(lambda q: secrets.choice(range(1, q)))
    assert raised.startswith("Nothing was signed: my_number raised OverflowError: ")


def test_a_changed_signer_leaves_old_receipts_valid_and_an_end_those_that_are_dated_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with LabServer() as server:
        client = Client(server.url, ca_file=server.ca_file or "")
        stolen = rotate_signer(server, DSA)
        before = client.store("text")
        rotate_signer(server, ML_DSA_65)
        with pytest.raises(FormatError):
            collect(server, 1)
        now = client.store("text")
        receipts = {"before": before, "now": now, "stolen": eves_receipt(stolen)}
        show_receipts(client, receipts)
        end_signer(server, stolen, last=now)
        show_receipts(client, receipts | {"back": eves_receipt(stolen, before.header.created)})
        assert len(collect(server, 1)) == 1
    said = [line.split()[::5] for line in capsys.readouterr().out.splitlines()]
    assert said[:3] == [["before", "valid"], ["now", "valid"], ["stolen", "valid"]]
    assert said[3:] == [*said[:2], ["stolen", "refused"], ["back", "valid"]]


@pytest.mark.thorough
def test_the_notebook_of_a_student_holds_no_private_key_and_no_k(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cells up to the end of the class part, as they are handed out."""
    drawn = list[int]()

    class Noting(random.Random):
        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            drawn.append(super().randrange(start, stop, step))
            return drawn[-1]

    monkeypatch.setattr(shop, "chance", lambda what: Noting())
    monkeypatch.setattr(shop, "_shops", {})
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.source.startswith("## At home"):
            break
        if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", []):
            exec(cell.source, names)
    kits = [number for number in drawn if number > REAL.q >> 64]
    assert len(kits) > 256
    assert names.pop("found") in kits  # LLL, which the class has watched, has won it
    assert leaks(names, kits) == []
    assert leaks(names | {"found": kits[-1]}, kits) == ["found"]
    names["shop"].stop()
    names["server"].stop()
    capsys.readouterr()


def test_short_ks_and_the_key_of_a_machine_of_a_student_are_not_the_kits() -> None:
    with Shop(framed, short) as second, key_theft.machine_with(lambda q: 5) as mine:
        assert len({second.y, mine.y}) == 2
