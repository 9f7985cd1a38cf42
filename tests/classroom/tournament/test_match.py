"""A match: the referee judges by effects, and nothing that a team wrote does harm."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from classroom.boxed import needs_bwrap
from classroom.tournament.programs import DELETES, HARM, MENDED, NOTHING, harmful_vault

from securedata.classroom.sandbox import Sandbox
from securedata.classroom.tournament import match
from securedata.classroom.tournament.flags import FLAGS
from securedata.classroom.tournament.match import Result, play
from securedata.classroom.tournament.teams import kit_players
from securedata.lab.auditing.student_file import AS_GIVEN

pytestmark = [
    needs_bwrap,
    pytest.mark.thorough,
]
KIT = kit_players()[2].attack or ""
ASK = """
import json, requests
match, session = json.load(open("match.json")), requests.Session()
def called(door, data=None, **arguments):
    return session.post(f"{match['url']}/{door}", data=data or json.dumps(arguments),
                         verify=match["ca_file"], timeout=10)
"""


def played(vault: str, attack: str, *, is_open: bool = False) -> Result:
    return play(Sandbox(), vault, attack, is_open=is_open)


def printed(attack: str, vault: str = AS_GIVEN, *, is_open: bool = False) -> list[str]:
    """What an attack prints, that can call doors."""
    result = played(vault, ASK + attack, is_open=is_open)
    assert result.is_fair, result.log
    return [line.partition("| ")[2] for line in result.log if "| " in line]


@pytest.mark.serial  # an attack measures time
def test_the_kits_attack_takes_all_flags_of_the_flawed_vault_and_none_of_the_mended() -> None:
    for vault, flags in zip(kit_players(), (set(FLAGS), set()), strict=False):
        result = played(vault.vault or "", KIT)
        assert (result.taken, result.unfair) == (flags, ""), result.log


def test_the_referee_believes_no_claim_and_counts_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = replace(match.ATTACK_LIMITS, seconds=40, processor_seconds=30)
    monkeypatch.setattr(match, "ATTACK_LIMITS", slow)  # a thousand requests, on any machine
    said = printed(
        """
receipt = match["receipts"][0]
token = called("login", name=match["name"], password=match["password"]).json()["answer"]
mine = called("store", token=token, title=match["challenge"], text="mine").json()["answer"]
for claim in ({"text": "mine"}, {"text": None}, {"password": ""}, {"statement": receipt},
              {"statement": mine}, {"statement": mine | {"owner": match["victim"]}}, {}):
    print(called("flag", **claim).json())
for door in ("enrol", "no/such/door", "restart", "restart", "restart"):
    print(called(door, name="x", password="x").status_code)
print(called("store", data="[1]").status_code, called("store", data="x" * 5000).status_code)
while (last := called("verify").status_code) != 429: pass
print(last)
""",
        MENDED,
    )
    assert said == ["{'answer': False}"] * 7 + ["401", "404", "200", "200", "429", "400 413", "429"]


def test_only_the_first_answer_on_customers_counts() -> None:
    said = printed(
        """
from itertools import combinations
for four in combinations(match["names"], 4):
    print(called("flag", customers=four).json()["answer"])
"""
    )
    assert len(said) == 70
    assert "True" not in said[1:]


@pytest.mark.parametrize("is_open", [False, True])
def test_the_vaults_source_is_shown_in_an_open_round_only(is_open: bool) -> None:
    said = printed("print('class MyVault' in str(match['vault_source']))", MENDED, is_open=is_open)
    assert said == [str(is_open)]


@pytest.mark.parametrize(("harm", "why"), [
    ("sleeps", "it ran longer than 3 s"),
    ("eats", "it used more than 512 MiB of memory"),
    ("deletes", "it is done|it ran longer than 3 s"),
    ("prints", "it printed more than 256 KiB"),
    ("forks", "it started more than 32 processes|it used more than 512 MiB of memory"),
    ("litters", "it made more than 10,000 files|it ran longer than 3 s"),
])  # fmt: skip
def test_an_attack_that_means_harm_takes_nothing_and_is_ended(
    harm: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "ATTACK_LIMITS", replace(match.ATTACK_LIMITS, seconds=3))
    result = played(MENDED, HARM[harm])
    assert (result.taken, result.unfair) == (frozenset(), "")
    assert re.search(f"the attack has ended: ({why})$", "\n".join(result.log), re.MULTILINE)


@pytest.mark.parametrize(("harm", "why"), [
    ("sleeps", "/store did not answer within 10 s: it is stuck"),
    ("eats", "the vault's process ended at /store: it used more than 512 MiB of memory"),
    ("deletes", "honest use fails"),
    ("prints", "the vault's process ended at /store: it printed more than 1024 KiB"),
    ("forks", "the vault's process ended at /store: it (started|used) more than"),
])  # fmt: skip
def test_a_vault_that_means_harm_is_unfair_and_is_ended(harm: str, why: str) -> None:
    result = played(harmful_vault(HARM[harm]), NOTHING)
    assert re.match(why, result.unfair)
    assert "once more" in result.log


@pytest.mark.parametrize(("vault", "why"), [
    ("class MyVault(", "the vault does not start: SyntaxError"),
    ("import os; os._exit(0)", "the vault does not start: it is done"),
    ("import sys; sys.exit(1)", "the vault does not start: SystemExit: 1"),
    (MENDED + "    def login(self, *_, **__): raise Refused('a\\nb')", ".* it refused, “a b”"),
    (MENDED + "    def who(self, token): return {}", "honest use fails"),
    (MENDED + "    def store(self, token, title, text): return 7", "honest use fails"),
    (MENDED + "    def verify(self, receipt): return 'x' * (1 << 23)", "/verify answers with"),
])  # fmt: skip
def test_a_vault_that_does_not_work_is_one_sentence(vault: str, why: str) -> None:
    result = played(vault, NOTHING)
    assert re.match(why, result.unfair)
    assert not any("Traceback" in line for line in result.log)


ENDS = "os._exit(0)"
IS_SHUT_FOR_A_WHILE = "self.shut_until = time.monotonic() + 1.5"


@pytest.mark.parametrize("reaction", [ENDS, IS_SHUT_FOR_A_WHILE])
def test_a_vault_that_notices_the_attack_and_stops_has_not_defended(reaction: str) -> None:
    vault = MENDED.replace("import hmac,", "import os, hmac,") + (
        "    shut_until = 0\n"
        "    def admit(self, name, receipt):\n"
        "        if name != receipt['owner']:\n"
        f"            {reaction}\n"
        "        return name == receipt['owner']\n"
        "    def who(self, token):\n"
        "        if time.monotonic() < self.shut_until:\n"
        "            raise Refused('Come back later.')\n"
        "        return super().who(token)\n"
    )
    attack = (
        "token = called('login', name=match['name'], password=match['password']).json()['answer']\n"
        "called('retrieve', token=token, receipt=match['receipts'][0])\n"
        "import time; time.sleep(3)\n"
    )
    assert not played(vault, ASK + attack).is_fair


def test_nothing_is_left_and_nothing_outside_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    played(harmful_vault(DELETES), DELETES)
    assert [it.name for it in tmp_path.iterdir()] == ["kept"]
    assert (kept / "file").read_text() == "here"
