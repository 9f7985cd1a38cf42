"""Tests of key_theft.py and retirement.py: what the notebook of lesson 04 holds."""

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
    find_x,
    show_thefts,
    sign_for_kim,
    try_number,
)
from securedata_lab.lesson04_dsa_attacks.retirement import end_signer, rotate_signer
from securedata_lab.servers.starting import LabServer

Q = REAL.q
LINES: dict[str, Any] = {
    "my_pair": lambda one, two: one.r == two.r,
    "my_k": lambda one, two, q: (one.h - two.h) * pow(one.s - two.s, -1, q) % q,
    "my_key": lambda one, k, q: (one.s * k - one.h) * pow(one.r, -1, q) % q,
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


@pytest.mark.thorough  # arithmetic: the same on each machine
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"my_pair": lambda one, two: ...}, "my_pair is still `...`."),
        ({"my_pair": lambda one, two: one.h == two.h}, "my_pair finds no pair."),
        ({"my_pair": lambda one, two: one.k == two.k}, "One of your lines raised AttributeError: "),
        ({"my_k": lambda one, two, q: ...}, "my_k is still `...`."),
        ({"my_key": lambda one, k, q: None}, "my_key must return an int, and returned None."),
    ],
)
def test_lines_that_find_no_key_get_a_sentence_and_nothing_is_sent(
    cheap: Shop, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], words: str
) -> None:
    x = find_x(collect(cheap), Q, **(LINES | changed))
    assert words in capsys.readouterr().out
    assert sign_for_kim(cheap, x) == "Nothing was sent: no x was found."


def words_of(printed: str) -> list[tuple[str, str]]:
    """The number of pairs, and what Eve can sign, of each row."""
    found = [line[19:].split(maxsplit=1) for line in printed.splitlines()[1:]]
    return [(pairs, words) for pairs, words in found]


@pytest.mark.thorough  # arithmetic: the same on each machine
def test_each_row_says_what_happened_to_wrong_lines(
    cheap: Shop, server: LabServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that use Kim's q have no key of ECDSA; a k that is a pair everywhere has none."""
    kims_q = {"my_k": lambda one, two, q: LINES["my_k"](one, two, Q)}
    show_thefts(cheap, server, **(LINES | kims_q))
    rows = words_of(capsys.readouterr().out)
    assert rows[1][1] == "Refused, says PyCryptodome."
    anything = {"my_pair": lambda one, two: True, "my_k": lambda one, two, q: 5}
    show_thefts(cheap, server, **(LINES | anything))
    (_, kims), *newer, (_, real) = words_of(capsys.readouterr().out)
    assert kims == "Refused: not signed with Kim's key, or changed later."
    assert newer == 3 * [("1770", "Refused, says PyCryptodome.")]
    assert real == "nothing: its signatures do not fit g^x."


@pytest.mark.thorough  # arithmetic: the same on each machine
def test_lines_that_fail_in_the_table_are_named_in_their_row(
    cheap: Shop, server: LabServer, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = {"my_k": lambda one, two, q: one.k}
    show_thefts(cheap, server, **(LINES | fails))
    rows = words_of(capsys.readouterr().out)
    assert rows[0][1] == "AttributeError: 'Signed' object has no attribute 'k'"
    rotate_signer(server, ML_DSA_65)
    show_thefts(cheap, server, **LINES)
    assert words_of(capsys.readouterr().out)[-1] == ("0", key_theft.NO_R)
    rotate_signer(server, DSA)


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
