"""Tests of key_theft.py, and of what the notebook of lesson 04 holds."""

import random
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from securedata.errors import FormatError
from securedata.record import DSA, ML_DSA_65
from securedata.web.client import Client
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson03_dsa_signatures.shop import framed, one_byte, short
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.lesson04_dsa_attacks import key_theft
from securedata_lab.lesson04_dsa_attacks.key_theft import (
    collect,
    end_signer,
    find_x,
    rotate_signer,
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


@pytest.fixture(scope="module")
def cheap() -> Iterator[Shop]:
    with Shop(framed, one_byte) as shop:
        yield shop


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    with LabServer() as server:
        yield server


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


def test_the_table_says_where_wrong_lines_find_pairs_and_no_key(
    cheap: Shop, server: LabServer, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_receipts_of_dsa_can_be_collected_again_once_a_signer_has_an_end() -> None:
    with LabServer() as server:
        stolen = rotate_signer(server, DSA)
        rotate_signer(server, ML_DSA_65)
        with pytest.raises(FormatError):
            collect(server, 1)
        last = Client(server.url, ca_file=server.ca_file or "").store("text")
        end_signer(server, stolen, last=last)
        assert len(collect(server, 1)) == 1


def test_short_ks_and_the_key_of_a_machine_of_a_student_are_not_the_kits() -> None:
    with Shop(framed, short) as second, key_theft.machine_with(lambda q: 5) as mine:
        assert len({second.y, mine.y}) == 2
