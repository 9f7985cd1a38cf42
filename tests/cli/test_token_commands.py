"""`securedata token`: a token is shown once, and its name is an owner."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from securedata import KeyFile, RecordStore, Vault
from securedata.cli import main
from securedata.errors import TokenError

NONE_LEFT = "No token is left, and every /store and /retrieve still needs one. "


class Terminal:
    """The command line in one folder, with its key file and its database."""

    def __init__(self, folder: Path) -> None:
        self.keys = folder / "data" / "keys.json"
        self.database = f"sqlite:///{folder}/data/records.sqlite3"

    def run(self, *arguments: str, **environment: str) -> Result:
        settings = {"SECUREDATA_KEYS": str(self.keys), "SECUREDATA_DATABASE": self.database}
        return CliRunner().invoke(main, ["token", *arguments], env={**settings, **environment})

    def create(self, name: str, *options: str) -> tuple[str, str]:
        """The new token, and what the command says about it."""
        done = self.run("create", name, *options)
        assert done.exit_code == 0, done.stderr
        return done.stdout.removesuffix("\n"), done.stderr

    def refusal(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert (done.exit_code, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("securedata: ")
        return line.removeprefix("securedata: ")

    def vault(self) -> Vault:
        return Vault(RecordStore(self.database), KeyFile.load(self.keys))

    def owner_of(self, token: str) -> str:
        return self.vault().service_keys.owner_of(token)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_token_is_the_whole_of_standard_output_and_only_its_hash_is_kept(
    terminal: Terminal, tmp_path: Path
) -> None:
    (alice, first), (bob, second) = terminal.create("alice"), terminal.create("bob")
    assert [len(bytes.fromhex(token)) for token in (alice, bob)] == [32, 32]
    assert (terminal.owner_of(alice), terminal.owner_of(bob)) == ("alice", "bob")
    assert "This is the first token. From now on, every /store and /retrieve needs one." in first
    assert "first" not in second
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [content for content in kept if alice.encode() in content]
    assert alice not in first + terminal.run("list").output


def test_the_list_says_who_and_since_when_and_tells_never_from_no_longer(
    terminal: Terminal,
) -> None:
    KeyFile.create(terminal.keys)
    assert terminal.run("list").stderr.startswith("There never was a token. ")
    terminal.create("alice")
    tokens = terminal.vault().service_keys.tokens
    assert tokens is not None
    assert terminal.run("list").stdout == f"alice                since {tokens['alice'].created}\n"
    assert NONE_LEFT in terminal.run("revoke", "alice").stderr
    assert terminal.run("list").stderr.startswith(NONE_LEFT)


def test_a_revoked_token_is_gone_and_a_new_one_of_its_name_reads_the_records(
    terminal: Terminal,
) -> None:
    old, _ = terminal.create("alice")
    terminal.create("bob")
    record = terminal.vault().store("hers", owner="alice")
    revoked = terminal.run("revoke", "alice")
    assert revoked.stderr == (
        "The token of alice is revoked. The records stay. A new token for alice reads them.\n"
    )
    new, said = terminal.create("alice")
    assert "alice has old records: 1. This token can read them.\n" in said
    assert terminal.owner_of(new) == "alice"
    with pytest.raises(TokenError):
        terminal.owner_of(old)
    assert terminal.vault().retrieve(record.record_id, owner="alice") == "hers"


def test_the_name_local_is_given_away_only_with_take_over(terminal: Terminal) -> None:
    KeyFile.create(terminal.keys)
    terminal.vault().store("everybody's")
    assert terminal.refusal("create", "local").endswith("if you want that, add --take-over")
    assert terminal.vault().service_keys.tokens is None
    token, said = terminal.create("local", "--take-over")
    assert "local has old records: 1. This token can read them.\n" in said
    assert terminal.owner_of(token) == "local"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("create alice", "alice has a token already: revoke it first"),
        ("create Alice", "a name is 1 to 64 small letters"),
        ("revoke bob", "bob has no token"),
    ],
)
def test_a_wrong_name_is_refused(terminal: Terminal, command: str, sentence: str) -> None:
    terminal.create("alice")
    assert terminal.refusal(*command.split()).startswith(sentence)
