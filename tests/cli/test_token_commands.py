"""`securedata token`: a token is shown once, its name is an owner, and what that means is said."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from securedata import KeyFile, RecordStore, Vault
from securedata.cli import main

NONE_LEFT = (
    "No token is left, and every /store and /retrieve still needs one. "
    "To go on, create a token: securedata token create NAME\n"
)


class Terminal:
    """The command line in one folder, with its key file and its database."""

    def __init__(self, folder: Path) -> None:
        self.keys = folder / "data" / "keys.json"
        self.database = f"sqlite:///{folder}/data/records.sqlite3"

    def run(self, *arguments: str, **environment: str) -> Result:
        settings = {"SECUREDATA_KEYS": str(self.keys), "SECUREDATA_DATABASE": self.database}
        return CliRunner().invoke(main, arguments, env={**settings, **environment})

    def token(self, name: str, *options: str) -> str:
        done = self.run("token", "create", name, *options)
        assert done.exit_code == 0, done.stderr
        return done.stdout.removesuffix("\n")

    def refusal(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("securedata: ")
        assert done.stderr.count("\n") == 1
        return done.stderr.removeprefix("securedata: ").rstrip()

    def vault(self) -> Vault:
        return Vault(RecordStore(self.database), KeyFile.load(self.keys))


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_token_is_the_whole_of_standard_output_and_is_known(terminal: Terminal) -> None:
    token = terminal.token("alice")
    assert len(bytes.fromhex(token)) == 32
    assert terminal.vault().service_keys.owner_of(token) == "alice"


def test_only_its_hash_is_kept(terminal: Terminal, tmp_path: Path) -> None:
    token = terminal.token("alice")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
    assert token not in terminal.run("token", "list").output


def test_beside_it_stands_how_to_use_it_and_that_it_was_the_first(terminal: Terminal) -> None:
    first, second = (terminal.run("token", "create", name) for name in ("alice", "bob"))
    assert first.stderr.splitlines() == [
        "This is the token of alice, and it is not shown again. Send it with every call:",
        "  Authorization: Bearer TOKEN",
        "It is the first token. From now on every /store and /retrieve needs one.",
        "Revoking it does not undo this.",
    ]
    assert first.stdout.strip() not in first.stderr
    assert second.stderr.splitlines() == [
        "This is the token of bob, and it is not shown again. Send it with every call:",
        "  Authorization: Bearer TOKEN",
    ]


def test_the_list_says_who_and_since_when(terminal: Terminal) -> None:
    for name in ("alice", "bob"):
        terminal.token(name)
    tokens = terminal.vault().service_keys.tokens
    assert tokens is not None
    assert terminal.run("token", "list").stdout.splitlines() == [
        f"alice                since {tokens['alice'].created}",
        f"bob                  since {tokens['bob'].created}",
    ]


def test_the_list_tells_never_from_no_longer(terminal: Terminal) -> None:
    KeyFile.create(terminal.keys)
    never = terminal.run("token", "list")
    assert (never.stdout, never.stderr) == (
        "",
        "There never was a token: everybody on this machine is local.\n",
    )
    terminal.token("alice")
    revoked = terminal.run("token", "revoke", "alice")
    assert revoked.stderr.endswith(NONE_LEFT)
    assert terminal.run("token", "list").stderr == NONE_LEFT


def test_a_revoked_token_is_gone_and_its_name_may_be_given_again_which_is_said(
    terminal: Terminal,
) -> None:
    terminal.token("alice")
    terminal.token("bob")
    record = terminal.vault().store("hers", owner="alice")
    revoked = terminal.run("token", "revoke", "alice")
    assert revoked.exit_code == 0
    assert revoked.stderr == (
        "The token of alice is revoked. The records stay, for whoever gets this name next.\n"
    )
    again = terminal.run("token", "create", "alice")
    assert "Records that alice has from before: 1. This token can read them.\n" in again.stderr
    owner = terminal.vault().service_keys.owner_of(again.stdout.strip())
    assert terminal.vault().retrieve(record.record_id, owner=owner) == "hers"
    for command in ("create", "revoke"):
        assert "restores" in terminal.run("token", command, "--help").output


def test_the_name_local_is_not_given_away_unnoticed(terminal: Terminal) -> None:
    KeyFile.create(terminal.keys)
    record = terminal.vault().store("everybody's")
    assert terminal.refusal("token", "create", "local") == (
        "local owns all that was stored before the first token, and whoever holds its token can "
        "read it: if that is meant, add --take-over"
    )
    assert terminal.vault().service_keys.tokens is None
    done = terminal.run("token", "create", "local", "--take-over")
    assert "Records that local has from before: 1. This token can read them.\n" in done.stderr
    owner = terminal.vault().service_keys.owner_of(done.stdout.strip())
    assert terminal.vault().retrieve(record.record_id, owner=owner) == "everybody's"


def test_what_cannot_be_is_one_sentence(terminal: Terminal) -> None:
    terminal.token("alice")
    for arguments, words in (
        (("create", "alice"), "alice has a token already: revoke it first"),
        (("create", "Alice"), "a name is 1 to 64 small letters, digits, dots, dashes and under"),
        (("create", ""), "a name is 1 to 64 small letters"),
        (("revoke", "bob"), "bob has no token"),
    ):
        assert terminal.refusal("token", *arguments).startswith(words)


def test_a_first_token_makes_the_keys_but_never_over_old_data(terminal: Terminal) -> None:
    terminal.token("alice")
    terminal.vault().store("text")
    backup = terminal.keys.rename(terminal.keys.with_suffix(".backup"))
    assert "is missing, and" in terminal.refusal("token", "create", "bob")
    for command in (("token", "list"), ("token", "revoke", "alice")):
        assert terminal.refusal(*command).endswith("cannot be read: No such file or directory")
    assert not terminal.keys.exists()
    backup.replace(terminal.keys)
    terminal.token("bob")


@pytest.mark.parametrize("command", [("create", "bob"), ("list",), ("revoke", "alice")])
def test_a_key_file_under_a_passphrase_needs_it(
    terminal: Terminal, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securedata.keys.passphrase.COST", 16)
    terminal.token("alice")
    KeyFile.load(terminal.keys).protect("correct horse")
    assert terminal.refusal("token", *command).endswith("put it into SECUREDATA_PASSPHRASE")
    wrong = terminal.refusal("token", *command, SECUREDATA_PASSPHRASE="battery staple")
    assert "is not opened by this passphrase" in wrong
    assert "battery" not in wrong
    done = terminal.run("token", *command, SECUREDATA_PASSPHRASE="correct horse")
    assert done.exit_code == 0
    assert terminal.keys.read_bytes().startswith(b'{\n  "format": "securedata/v2/keys-under-pass')
