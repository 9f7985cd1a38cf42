"""`securedata keys`, `keys retire`, `rotate` and `passphrase`, as a user types them."""

import json
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pexpect
import pytest
from cli.terminal import Terminal
from vocabulary import SECUREDATA, by_hand

from securedata import KeyFile, RecordStore, ServiceKeys, Vault, create_app
from securedata.cli.key_commands import NEW_PASSPHRASE
from securedata.cli.key_file import PASSPHRASE
from securedata.keys.file import is_protected

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals")


class Keys(Terminal):
    """A terminal with a key file, and three records in the database."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.key_file = KeyFile.create(self.keys)
        vault = self.vault
        self.receipts = [vault.store("text") for _ in range(3)]

    @property
    def primary_id(self) -> str:
        return self.service_keys.wrapping_keys.primary.key_id

    def change_first_row(self, change: str, *values: object) -> None:
        statement = f"UPDATE records SET {change} WHERE record_id = ?"
        by_hand(self.database, statement, *values, self.receipts[0].record_id)

    def copy_database(self, copy: Path) -> None:
        """Back it up, as docs/service.md does."""
        with closing(sqlite3.connect(self.database)) as ours, closing(sqlite3.connect(copy)) as it:
            ours.backup(it)

    def vault_on(self, database: Path) -> Vault:
        return Vault(RecordStore(f"sqlite:///{database}"), self.service_keys)

    def assert_all_readable(self, database: Path | None = None) -> None:
        vault = self.vault_on(database or self.database)
        for receipt in self.receipts:
            assert vault.retrieve(receipt.record_id, receipt) == "text"


@pytest.fixture
def terminal(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


# keys


def test_keys_tells_states_ages_and_unknown_keys_and_signers(terminal: Keys) -> None:
    signer = terminal.service_keys.signer.key_id
    terminal.key_file.update(lambda keys: keys.promote_key().promote_signer().prepare_key())
    primary, following, earlier = (it.key_id for it in terminal.service_keys.wrapping_keys)
    lost = "0123456789abcdef"
    terminal.change_first_row("key_id = ?, signer_id = ?", lost, lost)
    said = [line.split() for line in terminal.said("keys").splitlines()]
    made = terminal.service_keys.created
    assert ["Key", "id", "State", "Created", "Records", "wrapped"] in said
    assert [earlier, "earlier", made[earlier], "2"] in said
    assert [primary, "primary", made[primary], "0"] in said
    assert [following, "next", made[following], "0"] in said
    assert [signer, "earlier", made[signer], "dsa", "-", "2"] in said
    assert [lost, "not", "in", "this", "key", "file", "-", "1"] in said
    assert [lost, "not", "in", "this", "key", "file", "-", "-", "-", "1"] in said


def test_the_json_of_keys_has_the_same_and_no_id_that_damage_has_made(terminal: Keys) -> None:
    signer = terminal.service_keys.signer.key_id
    terminal.key_file.update(lambda keys: replace(keys.promote_signer(), created={}))
    terminal.said("keys", "end", signer, "--until", "2026-01-02T03:04:05Z")
    terminal.change_first_row("key_id = ?", "\x1b[2J")
    said = json.loads(terminal.said("keys", "--json"))
    assert said["keys"] == [
        {"key_id": key_id, "state": state, "created": None, "records_wrapped": records}
        for key_id, state, records in (
            (terminal.primary_id, "primary", 2),
            ("damaged id", "not in this key file", 1),
        )
    ]
    assert said["signers"][1] == {
        "signer_id": signer,
        "state": "earlier",
        "created": None,
        "scheme": "dsa",
        "until": "2026-01-02T03:04:05Z",
        "records_signed": 3,
    }


# keys retire


def test_retire_removes_the_keys_that_no_record_uses_and_only_those(terminal: Keys) -> None:
    first = terminal.primary_id
    terminal.key_file.update(lambda keys: keys.promote_key().prepare_key())
    second = terminal.primary_id  # which no record uses, too
    terminal.said("rotate")
    in_use = terminal.primary_id
    terminal.change_first_row("key_id = ?", second)
    terminal.key_file.update(ServiceKeys.prepare_key)
    prepared = terminal.service_keys.next_key
    assert prepared is not None
    before = terminal.keys.read_bytes()
    refused = terminal.run("keys", "retire", input="n\n")
    assert (refused.exit_code, terminal.keys.read_bytes()) == (1, before)
    done = terminal.run("keys", "retire", input="y\n")
    assert f"No record uses these keys: {first}." in done.stdout
    left = [key.key_id for key in terminal.service_keys.wrapping_keys]
    assert left == [in_use, prepared.key_id, second]
    assert terminal.service_keys.wrapping_keys.retired == {first}
    assert "Nothing is removed" in terminal.said("keys", "retire", "--force")


def test_retire_says_from_when_on_backups_still_open(
    terminal: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, first = "securedata.keys.service_keys.now", terminal.primary_id
    terminal.copy_database(tmp_path / "old.sqlite3")
    with monkeypatch.context() as then:
        then.setattr(clock, lambda: "2026-01-02T03:04:05Z")
        terminal.said("rotate")
    terminal.copy_database(tmp_path / "new.sqlite3")
    said = terminal.said("keys", "retire", "--force")
    assert "under the primary since 2026-01-02T03:04:05Z.\nBackups of the database made" in said
    terminal.assert_all_readable()
    terminal.assert_all_readable(tmp_path / "new.sqlite3")
    old = terminal.said("keys", "--database", f"sqlite:///{tmp_path}/old.sqlite3")
    assert re.search(rf"^{first}  retired .* 3$", old, re.MULTILINE)
    client = create_app(terminal.vault_on(tmp_path / "old.sqlite3")).test_client()
    answer = client.post("/retrieve", json={"record_id": terminal.receipts[0].record_id})
    assert answer.status_code == 503
    assert f"key {first} was retired" in answer.get_json()["error"]


def test_retire_refuses_an_empty_database_and_one_of_other_keys(
    terminal: Keys, tmp_path: Path
) -> None:
    terminal.said("rotate")
    before = terminal.keys.read_bytes()
    RecordStore(f"sqlite:///{tmp_path}/empty.sqlite3")
    empty = ("--database", f"sqlite:///{tmp_path}/empty.sqlite3")
    assert "holds no record" in terminal.refusal("keys", "retire", "--force", *empty)
    assert "put options after retire" in terminal.refusal("keys", *empty, "retire", "--force")
    other = KeyFile.create(tmp_path / "other.json")
    assert "holds none" in terminal.refusal("keys", "retire", "--keys", str(other.path))
    assert terminal.keys.read_bytes() == before


@pytest.mark.parametrize("command", ["keys", "keys retire", "rotate", "rotate --signer"])
def test_a_wrong_database_is_not_made(terminal: Keys, tmp_path: Path, command: str) -> None:
    before = terminal.keys.read_bytes()
    wrong = tmp_path / "typo" / "records.sqlite3"
    said = terminal.refusal(*command.split(), "--database", f"sqlite:///{wrong}")
    assert f"{wrong} is missing: name the database of the service" in said
    assert terminal.keys.read_bytes() == before
    assert not wrong.parent.exists()


@pytest.mark.parametrize("command", ["rotate", "rotate --resume", "keys retire", "passphrase"])
def test_a_wrong_folder_stays_empty(tmp_path: Path, command: str) -> None:
    terminal = Terminal(tmp_path / "data")
    assert "go to the folder of the service" in terminal.refusal(*command.split())
    assert not terminal.keys.parent.exists()


# rotate


def test_rotate_in_two_steps_for_several_servers(terminal: Keys) -> None:
    primary = terminal.primary_id
    for _ in range(2):  # twice is harmless
        said = terminal.said("rotate", "--prepare")
    in_use, prepared = (it.key_id for it in terminal.service_keys.wrapping_keys)
    assert in_use == primary
    assert f"{prepared} is in {terminal.keys}" in said
    assert f"Key {prepared} is in use from now on." in terminal.said("rotate")
    assert terminal.records.count_by("key_id") == {prepared: 3}


def test_resume_adds_no_key_and_continues(terminal: Keys) -> None:
    terminal.key_file.update(ServiceKeys.promote_key)  # and the power fails
    ids = [key.key_id for key in terminal.service_keys.wrapping_keys]
    for _ in range(2):
        assert f"Key {ids[0]} is in use.\n" in terminal.said("rotate", "--resume")
        assert [key.key_id for key in terminal.service_keys.wrapping_keys] == ids
        assert terminal.records.count_by("key_id") == {ids[0]: 3}
    terminal.assert_all_readable()


def test_rotate_signer_keeps_every_receipt_valid_and_touches_no_row(terminal: Keys) -> None:
    rows = terminal.rows()
    said = terminal.said("rotate", "--signer")
    assert f"Signer {terminal.service_keys.signer.key_id} signs from now on." in said
    assert terminal.rows() == rows
    terminal.assert_all_readable()


def test_rotate_says_which_records_it_left(terminal: Keys) -> None:
    terminal.change_first_row("wrapped_key = zeroblob(60)")
    assert "Records that are not under the new key: 1." in terminal.refusal("rotate")
    assert terminal.records.count_by("key_id")[terminal.primary_id] == 2
    assert terminal.service_keys.all_under_primary is None


@pytest.mark.parametrize("other", ["--signer", "--prepare"])
def test_resume_goes_alone(terminal: Keys, other: str) -> None:
    before = terminal.keys.read_bytes()
    assert "--resume goes alone" in terminal.refusal("rotate", "--resume", other)
    assert terminal.keys.read_bytes() == before


# passphrase


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_passphrase_is_set_changed_and_removed(terminal: Keys) -> None:
    said = terminal.said("passphrase", **{NEW_PASSPHRASE: "correct horse"})
    assert f"{terminal.keys} is under a new passphrase." in said
    assert "start them again" in said
    assert is_protected(terminal.keys)
    assert "put it into SECUREDATA_PASSPHRASE" in terminal.refusal("keys")
    assert "primary" in terminal.said("keys", **{PASSPHRASE: "correct horse"})
    terminal.said("rotate", **{PASSPHRASE: "correct horse"})
    change = {PASSPHRASE: "correct horse", NEW_PASSPHRASE: "battery staple"}
    terminal.said("passphrase", **change)
    assert "is not opened by this" in terminal.refusal("keys", **{PASSPHRASE: "correct horse"})
    assert "no passphrase any more" in terminal.said(
        "passphrase", "--remove", **{PASSPHRASE: "battery staple"}
    )
    assert not is_protected(terminal.keys)
    assert "Nothing is changed" in terminal.said("passphrase", "--remove")
    terminal.assert_all_readable()


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_first_passphrase_may_be_in_the_usual_variable_but_not_be_empty(
    terminal: Keys,
) -> None:
    refusal = terminal.refusal("passphrase", **{NEW_PASSPHRASE: ""})
    assert "an empty passphrase would protect nothing" in refusal
    assert not is_protected(terminal.keys)
    terminal.said("passphrase", **{PASSPHRASE: "correct horse"})
    assert "primary" in terminal.said("keys", **{PASSPHRASE: "correct horse"})


def test_where_nobody_can_type_a_new_passphrase_its_variable_is_named(terminal: Keys) -> None:
    assert terminal.refusal("passphrase").endswith(f"into {NEW_PASSPHRASE}")
    assert not is_protected(terminal.keys)


def asked(*arguments: str) -> Any:
    """A command at a terminal, with a person who is asked for a passphrase."""
    environment = {key: value for key, value in os.environ.items() if "SECUREDATA" not in key}
    person = pexpect.spawn(SECUREDATA, [*arguments], env=environment, encoding="utf-8")
    person.logfile_read = StringIO()
    person.expect_exact(": ")
    person.waitnoecho()
    return person


@pytest.mark.thorough
@posix
def test_a_person_types_a_passphrase_that_is_not_shown(terminal: Keys) -> None:
    person = asked("passphrase", "--keys", str(terminal.keys))
    person.sendline("correct horse")
    person.expect_exact("Repeat for confirmation: ")
    person.waitnoecho()
    person.sendline("correct horse")
    person.expect(pexpect.EOF)
    assert person.wait() == 0
    again = asked("token", "list", "--keys", str(terminal.keys))
    again.sendline("correct horse")
    again.expect(pexpect.EOF)
    shown = person.logfile_read.getvalue() + again.logfile_read.getvalue()
    assert again.wait() == 0, shown
    assert "correct" not in shown


@pytest.mark.thorough
@posix
def test_ctrl_c_at_a_question_is_130(terminal: Keys) -> None:
    person = asked("passphrase", "--keys", str(terminal.keys))
    person.sendintr()
    # A Ctrl-C between the question and Python's read() is not seen before the next one.
    while person.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=10):
        person.sendintr()
    assert person.wait() == 130
    assert "Aborted" not in person.logfile_read.getvalue()
