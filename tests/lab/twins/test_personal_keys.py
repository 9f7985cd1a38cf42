"""Everyone has twins of their own: their seeds come from a name."""

import hashlib
import hmac
import random
import unicodedata
from collections.abc import Iterator

import pytest

from securedata.errors import FormatError
from securedata.lab import me, serve_twin
from securedata.lab.twins.personal_keys import COURSE, NAME, Person, present_person
from securedata.lab.twins.twin import FLAWS, Twin

ADA, BOB = Person("ada@example.org", "crypto"), Person("bob@example.org", "crypto")
NOBODY = Person()
EVE = Person("eve@example.org", "crypto")


@pytest.fixture(autouse=True)
def _nobody_works_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(COURSE, raising=False)
    yield
    monkeypatch.undo()
    me()


# The seeds.


def test_a_seed_is_an_hmac_of_the_framed_parts_under_the_course() -> None:
    message = b"19 securedata/lab/seed 15 ada@example.org 3 ecb 1 1 "
    assert ADA.seed("ecb", 1) == hmac.new(b"crypto", message, hashlib.sha256).hexdigest()


def test_another_name_course_twin_or_number_gives_another_seed() -> None:
    seeds = [
        person.seed(flaw, number)
        for person in (ADA, BOB, Person(ADA.name), Person(ADA.name, "crypto 2"))
        for flaw in FLAWS
        for number in (1, 11)
    ]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("written", ["ZOË@x", " zoë@x\n", unicodedata.normalize("NFD", "Zoë@x")])
def test_a_name_is_the_same_in_capitals_with_spaces_and_in_another_unicode_form(
    written: str,
) -> None:
    assert Person(written, " CRYPTO").seed("ecb", 1) == Person("zoë@x", "crypto").seed("ecb", 1)


# Who works here.


def test_without_a_name_nothing_is_printed_and_the_twins_are_as_they_are_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    me("")
    assert capsys.readouterr().out == ""
    assert serve_key("ecb") == Twin(seed=1).key


def test_the_environment_names_who_works_here_and_the_notebook_knows_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "Ada@example.org")
    monkeypatch.setenv(COURSE, "crypto")
    me("")
    assert present_person() == ADA
    me("bob@example.org")
    assert present_person() == BOB


def test_the_twins_of_neighbours_have_other_keys_and_one_name_has_the_same_again() -> None:
    keys = []
    for name in ("ada", "bob", " ADA "):
        me(name)
        keys.append(serve_key("gcm-short-tag"))
    me("ada", course="another")
    assert keys[0] == keys[2]
    assert keys[0] != keys[1]
    assert len({*keys, serve_key("gcm-short-tag")}) == 3


def serve_key(flaw: str) -> bytes:
    server = serve_twin(flaw, seed=1)
    server.stop()
    return server.twin.key


def test_without_a_seed_a_twin_is_new_for_everybody() -> None:
    me("ada")
    server = serve_twin("store-algorithm-from-row")
    server.stop()
    assert isinstance(server.twin.random, random.SystemRandom)


def test_a_number_without_quotes_is_refused() -> None:
    with pytest.raises(FormatError, match=r'write it in quotes: lab.me\("1234567"\)'):
        me(1234567)  # type: ignore[arg-type]
