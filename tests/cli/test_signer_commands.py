"""`rotate --signer SCHEME`, `keys create` and `keys end`, as a user types them."""

import json
import re
from pathlib import Path

import pytest
from cli.terminal import Terminal

from securedata import KeyFile, SigningKey
from securedata.cli import key_commands
from securedata.record import DSA, ML_DSA_65

TIME = "2026-01-02T03:04:05Z"


class Signers(Terminal):
    """A terminal with a key file and one record."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.key_file = KeyFile.create(self.keys)
        self.record = self.vault.store("text")

    @property
    def signer(self) -> SigningKey:
        return self.service_keys.signer


@pytest.fixture
def terminal(tmp_path: Path) -> Signers:
    return Signers(tmp_path)


def test_the_scheme_changes_stays_and_goes_back_and_old_records_open(terminal: Signers) -> None:
    schemes = []
    for arguments in (("ml-dsa-65",), (), ("dsa",)):
        terminal.said("rotate", "--signer", *arguments)
        schemes.append(terminal.signer.scheme)
        terminal.vault.store("text")
    assert schemes == [ML_DSA_65, ML_DSA_65, DSA]
    assert terminal.vault.retrieve(terminal.record.record_id, terminal.record) == "text"
    signers = json.loads(terminal.said("keys", "--json"))["signers"]
    assert signers[0]["signer_id"] == terminal.signer.key_id
    assert [(it["state"], it["scheme"], it["records_signed"]) for it in signers] == [
        ("primary", "dsa", 1),
        ("earlier", "ml-dsa-65", 1),
        ("earlier", "ml-dsa-65", 1),
        ("earlier", "dsa", 1),
    ]


def test_a_prepared_signer_of_another_scheme_is_refused(terminal: Signers) -> None:
    terminal.said("rotate", "--signer", "ml-dsa-65", "--prepare")
    before = terminal.keys.read_bytes()
    for arguments in (("--signer", "dsa"), ("--signer", "dsa", "--prepare")):
        assert "put it into use first" in terminal.refusal("rotate", *arguments)
    assert terminal.keys.read_bytes() == before
    assert "It was prepared earlier" in terminal.said("rotate", "--signer")
    assert terminal.signer.scheme == ML_DSA_65


def test_a_new_service_begins_with_the_scheme_that_is_asked_for(tmp_path: Path) -> None:
    for scheme in (DSA, ML_DSA_65):
        terminal = Terminal(tmp_path / scheme.name)
        terminal.said("keys", "create", "--signer", scheme.name)
        assert terminal.service_keys.signer.scheme == scheme
        assert "exists already" in terminal.refusal("keys", "create")
        terminal.vault.store("text")
        terminal.keys.unlink()
        assert "restore it from a backup" in terminal.refusal("keys", "create")


def test_an_earlier_signer_has_an_end_and_no_other_signer_has(terminal: Signers) -> None:
    old = terminal.signer.key_id
    assert "may still sign" in terminal.refusal("keys", "end", old)
    terminal.said("rotate", "--signer")
    assert "no signer has the id" in terminal.refusal("keys", "end", "0" * 16)
    for wrong in ("yesterday", "", "2026-13-45T99:99:99Z"):
        assert "no time such as" in terminal.refusal("keys", "end", old, "--until", wrong)
    assert "not over yet" in terminal.refusal("keys", "end", old, "--until", "2999-01-01T00:00:00Z")
    assert terminal.service_keys.ended == {}
    for earlier in ("2026-02-03T04:05:06Z", TIME):
        terminal.said("keys", "end", old, "--until", earlier)
        assert terminal.service_keys.ended == {old: earlier}
    assert "never later" in terminal.refusal("keys", "end", old)
    assert re.search(rf"^{old}  earlier .* {TIME} ", terminal.said("keys"), re.MULTILINE)


def test_keys_warns_from_a_quarter_of_the_wraps_on(
    terminal: Signers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for most, warned in ((8, False), (4, True)):
        monkeypatch.setattr(key_commands, "MOST_WRAPS", most)
        assert ("another service" in terminal.said("keys")) == warned


def test_an_environment_for_new_keys_replaces_no_signer(terminal: Signers) -> None:
    before = terminal.signer.key_id
    terminal.said("rotate", SECUREDATA_SIGNER="ml-dsa-65")
    assert terminal.signer.key_id == before
