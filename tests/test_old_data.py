"""What earlier versions stored opens: records, key files and receipts."""

import json
import shutil
from pathlib import Path

import pytest
from vocabulary import ROOT

from securedata import (
    KeyFile,
    RecordStore,
    ServiceKeys,
    Vault,
    receipt_from_json,
    receipt_to_json,
    verify,
)
from securedata.keys.file import is_protected
from securedata.keys.format import encode

OLD = ROOT / "tests" / "old_data"
EXPECTED = json.loads((OLD / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the old folder."""
    copy = shutil.copytree(OLD / "v3", tmp_path / "v3")
    for keys in copy.glob("*.json"):
        keys.chmod(0o600)  # git does not keep that a file is private
    return copy


def assert_all_open(folder: Path, keys: KeyFile) -> None:
    vault = Vault(RecordStore(f"sqlite:///{folder}/records.sqlite3"), keys)
    receipts = sorted((folder / "receipts").iterdir())
    for path, text in zip(receipts, EXPECTED["texts"], strict=True):
        content = json.loads(path.read_bytes())
        receipt = receipt_from_json(content)
        verify(receipt, signers=keys.service_keys.signers)
        assert receipt_to_json(receipt) == content
        for asked in ({"record_id": receipt.record_id}, {"submission": receipt}):
            assert vault.retrieve(**asked, owner=receipt.owner) == text


@pytest.mark.parametrize(
    ("name", "passphrase"),
    [("keys.json", None), ("keys-under-passphrase.json", EXPECTED["passphrase"])],
)
def test_a_key_file_of_version_3_opens_all_and_the_first_change_writes_version_4(
    folder: Path, name: str, passphrase: str | None
) -> None:
    path = folder / name
    before = path.read_bytes()
    assert is_protected(path) == (passphrase is not None)
    keys = KeyFile.load(path, passphrase)
    assert_all_open(folder, keys)
    assert path.read_bytes() == before
    changed = keys.update(ServiceKeys.prepare_signer)  # there is one already
    assert json.loads(path.read_bytes())["format"].startswith("securedata/v4/keys")
    again = KeyFile.load(path, passphrase)
    assert_all_open(folder, again)
    assert encode(again.service_keys) == encode(changed)
