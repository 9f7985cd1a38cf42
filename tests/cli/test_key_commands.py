"""`securedata keys`, `rotate` and `passphrase`, as somebody types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from vocabulary import by_hand

from securedata import KeyFile, RecordStore, ServiceKeys, Vault
from securedata.cli import main
from securedata.cli.key_commands import NEW_PASSPHRASE
from securedata.cli.key_file import PASSPHRASE
from securedata.keys.file import is_protected


class Terminal:
    """The command line in one folder, with a key file and three records in a database."""

    def __init__(self, folder: Path) -> None:
        self.keys = folder / "keys.json"
        self.database = folder / "records.sqlite3"
        self.key_file = KeyFile.create(self.keys)
        self.records = RecordStore(f"sqlite:///{self.database}")
        vault = Vault(self.records, self.key_file)
        self.receipts = [vault.store("text") for _ in range(3)]

    @property
    def service_keys(self) -> ServiceKeys:
        return self.key_file.service_keys

    @property
    def primary_id(self) -> str:
        return self.service_keys.wrapping_keys.primary.key_id

    def run(self, *arguments: str, **environment: str) -> Result:
        settings = {"SECUREDATA_KEYS": str(self.keys), "SECUREDATA_DATABASE": self.records.url}
        return CliRunner().invoke(main, arguments, env={**settings, **environment})

    def said(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    def refusal(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
        return done.stderr

    def assert_all_readable(self) -> None:
        vault = Vault(self.records, self.service_keys)
        for receipt in self.receipts:
            assert vault.retrieve(receipt.record_id, receipt) == "text"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("securedata.keys.passphrase.COST", 16)


# keys


def test_keys_lists_state_age_and_rows(terminal: Terminal) -> None:
    key, signer = (
        terminal.primary_id,
        terminal.service_keys.signer.key_id,
    )
    assert terminal.said("keys").splitlines() == [
        "Keys, and the records that each still wraps:",
        f"  {key}  primary           0 days           3",
        "Signers, and the records that each has signed:",
        f"  {signer}  primary           0 days           3",
    ]


def test_keys_tells_states_ages_and_strangers(terminal: Terminal) -> None:
    earlier, signer = (
        terminal.primary_id,
        terminal.service_keys.signer.key_id,
    )
    terminal.key_file.update(lambda keys: keys.promote_key().promote_signer().prepare_key())
    text = terminal.keys.read_text()
    by_hand(
        terminal.database,
        "UPDATE records SET key_id = ? WHERE record_id = ?",
        *("0123456789abcdef", terminal.receipts[0].record_id),
    )
    said = [line.split() for line in terminal.said("keys").splitlines()]
    assert [earlier, "earlier", "0", "days", "2"] in said
    assert [terminal.primary_id, "primary", "0", "days", "0"] in said
    assert terminal.service_keys.next_key is not None
    assert [terminal.service_keys.next_key.key_id, "next", "0", "days", "0"] in said
    assert [signer, "earlier", "0", "days", "3"] in said
    assert ["0123456789abcdef", "not", "in", "this", "key", "file", "1"] in said
    assert terminal.keys.read_text() == text


def test_keys_of_the_first_version_have_no_age(terminal: Terminal) -> None:
    keys = terminal.service_keys
    first = {
        "format": "securedata/v1/keys",
        "keys": [{"key_id": it.key_id, "secret": it.secret.hex()} for it in keys.wrapping_keys],
        "signer": {
            "key_id": keys.signer.key_id,
            "private_key": keys.signer.to_pem(),
        },
    }
    terminal.keys.write_text(json.dumps(first))
    assert f"{terminal.primary_id}  primary      age unknown           3" in terminal.said("keys")
    terminal.said("rotate")
    terminal.assert_all_readable()


# rotate


def test_rotate_puts_a_new_key_under_every_record(terminal: Terminal) -> None:
    earlier = terminal.primary_id
    said = terminal.said("rotate")
    new = terminal.primary_id
    assert new != earlier
    assert f"Key {new} is in use from now on." in said
    assert terminal.records.count_by("key_id") == {new: 3}
    terminal.assert_all_readable()


def test_rotate_in_two_steps_for_several_servers(terminal: Terminal) -> None:
    primary = terminal.primary_id
    for _ in range(2):  # twice is harmless
        said = terminal.said("rotate", "--prepare")
        assert terminal.service_keys.next_key is not None
        prepared = terminal.service_keys.next_key.key_id
        assert said.splitlines() == [
            f"{prepared} is in {terminal.keys}, and not in use yet.",
            "Hand the file to every server, then run: securedata rotate",
        ]
    assert terminal.primary_id == primary
    assert terminal.records.count_by("key_id") == {primary: 3}
    terminal.said("rotate")
    assert terminal.records.count_by("key_id") == {prepared: 3}


def test_resume_adds_no_key_and_does_the_rest(terminal: Terminal) -> None:
    terminal.key_file.update(ServiceKeys.promote_key)  # and the power fails
    ids = [key.key_id for key in terminal.service_keys.wrapping_keys]
    for _ in range(2):
        terminal.said("rotate", "--resume")
        assert [key.key_id for key in terminal.service_keys.wrapping_keys] == ids
        assert terminal.records.count_by("key_id") == {ids[0]: 3}
    terminal.assert_all_readable()


def test_rotate_signer_keeps_every_receipt_valid_and_touches_no_row(terminal: Terminal) -> None:
    earlier, rows = terminal.service_keys.signer, terminal.database.read_bytes()
    terminal.said("rotate", "--signer", "--prepare")
    assert terminal.service_keys.next_signer is not None
    prepared = terminal.service_keys.next_signer.key_id
    assert terminal.service_keys.signer.key_id == earlier.key_id
    assert prepared in terminal.said("rotate", "--signer")
    assert terminal.service_keys.signer.key_id == prepared
    assert json.dumps(earlier.to_pem()) not in terminal.keys.read_text()
    assert terminal.database.read_bytes() == rows
    terminal.assert_all_readable()


def test_rotate_says_what_it_had_to_leave(terminal: Terminal) -> None:
    record_id = terminal.receipts[0].record_id
    by_hand(
        terminal.database,
        "UPDATE records SET wrapped_key = zeroblob(60) WHERE record_id = ?",
        record_id,
    )
    assert "Records that are not under the new key: 1." in terminal.refusal("rotate")
    assert terminal.records.count_by("key_id")[terminal.primary_id] == 2


def test_rotate_refuses_the_key_file_of_another_database(
    terminal: Terminal, tmp_path: Path
) -> None:
    other = KeyFile.create(tmp_path / "other.json")
    before = other.path.read_bytes()
    refusal = terminal.refusal("rotate", "--keys", str(other.path))
    assert "holds none of the keys that the records" in refusal
    assert other.path.read_bytes() == before


@pytest.mark.parametrize("other", ["--signer", "--prepare"])
def test_resume_goes_alone(terminal: Terminal, other: str) -> None:
    before = terminal.keys.read_bytes()
    assert "--resume goes alone" in terminal.refusal("rotate", "--resume", other)
    assert terminal.keys.read_bytes() == before


@pytest.mark.parametrize("command", ["keys", "rotate", "passphrase"])
def test_without_a_key_file_nothing_is_made(terminal: Terminal, command: str) -> None:
    terminal.keys.unlink()
    assert "cannot be read: No such file" in terminal.refusal(command)
    assert not terminal.keys.exists()


# passphrase


@pytest.mark.usefixtures("cheap")
def test_a_passphrase_is_set_changed_and_removed(terminal: Terminal) -> None:
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
    terminal.assert_all_readable()


@pytest.mark.usefixtures("cheap")
def test_the_first_passphrase_may_be_in_the_usual_variable(terminal: Terminal) -> None:
    terminal.said("passphrase", **{PASSPHRASE: "correct horse"})
    assert "primary" in terminal.said("keys", **{PASSPHRASE: "correct horse"})


@pytest.mark.usefixtures("cheap")
def test_an_empty_passphrase_is_refused(terminal: Terminal) -> None:
    refusal = terminal.refusal("passphrase", **{NEW_PASSPHRASE: ""})
    assert "an empty passphrase would protect nothing" in refusal
    assert not is_protected(terminal.keys)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals")
def test_a_person_is_asked_and_nothing_is_shown(terminal: Terminal) -> None:
    command = [sys.executable, "-c", "from securedata.cli import main; main()"]
    environment = {key: value for key, value in os.environ.items() if "SECUREDATA" not in key}
    for arguments, typed in (
        (["passphrase"], ["correct horse", "correct horse"]),
        (["token", "list"], ["correct horse"]),
        (["passphrase", "--remove"], ["correct horse"]),
    ):
        whole = [*command, *arguments, "--keys", str(terminal.keys)]
        shown, exit_code = typed_in(whole, typed, environment)
        assert exit_code == 0, shown
        assert "assphrase of" in shown
        assert "correct" not in shown
        assert is_protected(terminal.keys) == ("--remove" not in arguments)


def typed_in(command: list[str], typed: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """Run a command at a terminal of its own, and answer each of its questions."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        for word in typed:
            part = b""
            while not part.rstrip().endswith(b":"):
                part += os.read(ours, 1024)
            shown += part
            os.write(ours, word.encode() + b"\n")
        try:
            while part := os.read(ours, 1024):
                shown += part
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
        return shown.decode(), process.wait(timeout=30)
