"""`securedata token`: a token is shown once, and its name is an owner."""

import json
import os
from pathlib import Path

import pexpect
import pytest
from cli.terminal import Terminal
from vocabulary import SECUREDATA

from securedata import KeyFile

NONE_LEFT = "No token is left, and every /store and /retrieve still needs one. "


class Tokens(Terminal):
    """A terminal at which tokens are made."""

    def create(self, name: str, *options: str) -> tuple[str, str]:
        """The new token, and what the command says about it."""
        done = self.run("token", "create", name, *options)
        assert done.exit_code == 0, done.stderr
        return done.stdout.removesuffix("\n"), done.stderr

    def owner_of(self, token: str) -> str:
        return self.service_keys.owner_of(token)


@pytest.fixture
def terminal(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "data")


def test_a_token_is_the_whole_of_standard_output_and_only_its_hash_is_kept(
    terminal: Tokens, tmp_path: Path
) -> None:
    (alice, first), (bob, second) = terminal.create("alice"), terminal.create("bob")
    assert [len(bytes.fromhex(token)) for token in (alice, bob)] == [32, 32]
    assert (terminal.owner_of(alice), terminal.owner_of(bob)) == ("alice", "bob")
    assert "This is the first token. From now on, every /store and /retrieve needs one." in first
    assert "first" not in second
    new = f"{terminal.keys} is new. If the service runs elsewhere, delete it"
    assert (new in first, new in second) == (True, False)
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [content for content in kept if alice.encode() in content]
    assert alice not in first + terminal.run("token", "list").output


def test_the_list_says_who_and_since_when_and_tells_never_from_no_longer(
    terminal: Tokens,
) -> None:
    KeyFile.create(terminal.keys)
    never = terminal.run("token", "list", "--json")
    assert never.stderr.startswith("There never was a token. ")
    assert json.loads(never.stdout) == {"tokens": None}
    terminal.create("alice")
    tokens = terminal.service_keys.tokens
    assert tokens is not None
    assert (
        terminal.run("token", "list").stdout
        == f"Owner  Created\nalice  {tokens['alice'].created}\n"
    )
    assert NONE_LEFT in terminal.run("token", "revoke", "alice").stderr
    left = terminal.run("token", "list", "--json")
    assert left.stderr.startswith(NONE_LEFT)
    assert json.loads(left.stdout) == {"tokens": []}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals")
def test_json_is_indented_at_a_terminal_and_one_line_in_a_pipe(terminal: Tokens) -> None:
    terminal.create("alice")
    (line,) = terminal.said("token", "list", "--json").splitlines()
    command = [SECUREDATA, "token", "list", "--json", "--keys", str(terminal.keys)]
    seen = pexpect.run(" ".join(command), encoding="utf-8").splitlines()
    assert seen[:3] == ["{", '  "tokens": [', "    {"]
    assert json.loads("".join(seen)) == json.loads(line)


def test_the_name_local_is_given_away_only_with_take_over(terminal: Tokens) -> None:
    KeyFile.create(terminal.keys)
    terminal.vault.store("everybody's")
    assert terminal.refusal("token", "create", "local").endswith(
        "if you want that, add --take-over, which no other name takes"
    )
    assert terminal.service_keys.tokens is None
    token, said = terminal.create("local", "--take-over")
    assert "local has old records: 1. This token can read them.\n" in said
    assert terminal.owner_of(token) == "local"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("create alice", "alice has a token already: revoke it first"),
        ("create Alice", "a name is 1 to 64 small letters"),
        ("create bob --take-over", "local owns the records"),
        ("revoke bob", "bob has no token"),
    ],
)
def test_a_wrong_name_is_refused(terminal: Tokens, command: str, sentence: str) -> None:
    if "Alice" not in command:  # whose refusal makes no key file, either
        terminal.create("alice")
    assert terminal.refusal("token", *command.split()).startswith(sentence)
    assert terminal.keys.exists() == ("Alice" not in command)
