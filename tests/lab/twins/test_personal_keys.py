"""Everyone has secrets of their own: their seeds, and whose twin an answer fits."""

import hashlib
import hmac
import random
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from Crypto.Cipher import AES
from lab.checks.written import said
from vocabulary import ROOT

from securedata.errors import FormatError
from securedata.lab import TwinClient, me, serve_twin, xor
from securedata.lab.attacks import ghash
from securedata.lab.checks.engine import EXERCISES, judged, owner_of
from securedata.lab.twins.copied_answers import twin_of
from securedata.lab.twins.flaws import RepeatedK
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
        keys.append(serve_key("gcm-repeated-nonce"))
    me("ada", course="another")
    assert keys[0] == keys[2] == twin_of(Person("ada"), "gcm-repeated-nonce").twin.key
    assert keys[0] != keys[1]
    assert len({*keys, serve_key("gcm-repeated-nonce")}) == 3


def serve_key(flaw: str) -> bytes:
    server = serve_twin(flaw, seed=1)
    server.stop()
    return server.twin.key


def test_without_a_seed_a_twin_is_new_for_everybody() -> None:
    me("ada")
    server = serve_twin("store-any-owner")
    server.stop()
    assert isinstance(server.twin.random, random.SystemRandom)


def test_a_number_without_quotes_is_refused() -> None:
    with pytest.raises(FormatError, match=r'write it in quotes: lab.me\("1234567"\)'):
        me(1234567)  # type: ignore[arg-type]


def test_a_generator_without_a_repeat_is_stuck_once_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twin, numbers = RepeatedK(seed=1), iter(range(256))
    monkeypatch.setattr(twin.random, "choice", lambda ks: ks[next(numbers)])
    ks = [twin.secret_number() for _ in range(102)]
    assert [place for place in range(1, 102) if ks[place] == ks[place - 1]] == [50, 100]


# Whose an answer is. In each exercise that attacks a twin of the notebook, somebody writes down
# what they have seen at one twin, in place of the attack.


def from_1_3(person: Person) -> Any:
    with twin_of(person, "ctr-fixed-nonce") as server:
        text = "x" * 60
        keystream = xor(text.encode(), TwinClient(server).store(text).ciphertext)

    def copied(ciphertext: bytes) -> bytes:
        end = ciphertext[19:]
        return xor(keystream[:19], b"pay 9100 EUR to Eve") + end

    return copied


def from_1_4(person: Person) -> Any:
    with twin_of(person, "cbc") as server:
        iv = TwinClient(server).store("any").nonce
    changed = iv[:5] + xor(iv[5:9], xor(b"user", b"root")) + iv[9:]
    return lambda iv: changed


def from_1_5(person: Person) -> Any:
    with twin_of(person, "ecb") as server:
        client = TwinClient(server)
        role = client.sign_up("AAAAA").ciphertext[:16]
        admin = client.sign_up("A" * 11 + "admin" + chr(11) * 11).ciphertext[16:32]
    return lambda sign_up: role + admin


def from_2_5(person: Person) -> Any:
    with twin_of(person, "gcm-repeated-nonce") as server:
        row = TwinClient(server).store("pay 0100 to Ada!")
        key = server.twin.key
    h = int.from_bytes(AES.new(key, AES.MODE_ECB).encrypt(bytes(16)), "big")
    ad = b"securedata/twin"
    mask = int.from_bytes(row.tag, "big") ^ ghash(h, ad, row.ciphertext)

    def copied(h: int, row: Any, known_text: bytes, new_text: bytes) -> tuple[bytes, bytes]:
        forged = xor(row.ciphertext, xor(known_text, new_text))
        return forged, (mask ^ ghash(h, ad, forged)).to_bytes(16, "big")

    return copied


COPIED = {"1.3": from_1_3, "1.4": from_1_4, "1.5": from_1_5, "2.5": from_2_5}
personal = pytest.mark.parametrize("number", COPIED)


def test_these_are_all_exercises_that_attack_a_twin_of_the_notebook() -> None:
    assert {number for number, it in EXERCISES.items() if it.twin} == set(COPIED)


@personal
def test_a_copied_value_is_right_for_its_owner_alone(number: str) -> None:
    copied = (COPIED[number](BOB),)
    for person, state in ((ADA, "not yet"), (BOB, "correct")):
        with twin_of(person, EXERCISES[number].twin) as server:
            assert judged(number, (*copied, server)).state == state
    assert owner_of(number, copied, [ADA, EVE, BOB]) == BOB
    assert owner_of(number, copied, [ADA, EVE]) is None


@personal
def test_a_value_from_a_notebook_without_a_name_is_named_in_the_kernel(
    capsys: pytest.CaptureFixture[str], number: str
) -> None:
    me(ADA.name, ADA.course)
    fits = COPIED[number]
    for owner, words in (
        (NOBODY, "got that of a notebook without a name"),
        (BOB, "not yet"),
        (ADA, "correct"),
    ):
        with twin_of(ADA, EXERCISES[number].twin) as server:
            line = said(capsys, number, fits(owner), server)
        assert words in line
        assert ("without a name" in line) == (owner == NOBODY)


def test_the_lecturers_page_prints_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "teaching" / "personal.md").read_text(encoding="utf-8")
    code, shown = re.findall(r"^```(?:python)?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[-2:]
    exec(code, {})
    assert capsys.readouterr().out == shown
