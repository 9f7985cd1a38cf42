"""What earlier versions stored opens: data folders, key files, a backup and receipts."""

import json
import shutil
from pathlib import Path

import pytest
from vocabulary import ROOT

from securedata import (
    KeyFile,
    RecordStore,
    Vault,
    create_app,
    receipt_from_json,
    receipt_to_json,
    verify,
)
from securedata.keys.format import encode

OLD = ROOT / "tests" / "old_data"
EXPECTED = json.loads((OLD / "expected.json").read_text(encoding="utf-8"))
RECEIPTS = [path.read_bytes() for path in sorted((OLD / "receipts").glob("*.json"))]


def opened(
    tmp_path: Path, folder: str, keys: str = "keys.json", passphrase: str | None = None
) -> Vault:
    """A vault on a copy of an old folder."""
    copy = shutil.copytree(OLD / folder, tmp_path / folder)
    (copy / keys).chmod(0o600)  # git does not keep that a file is private
    return Vault(
        RecordStore(f"sqlite:///{copy}/records.sqlite3"), KeyFile.load(copy / keys, passphrase)
    )


@pytest.mark.parametrize(
    ("folder", "keys", "passphrase", "records"),
    [
        ("data", "keys.json", None, 5),
        ("data", "keys-under-passphrase.json", EXPECTED["passphrase"], 5),
        ("backup", "keys.json", None, 4),
    ],
)
def test_every_old_record_opens_by_its_id_and_by_its_receipt(
    tmp_path: Path, folder: str, keys: str, passphrase: str | None, records: int
) -> None:
    vault = opened(tmp_path, folder, keys, passphrase)
    for content, text in list(zip(RECEIPTS, EXPECTED["texts"], strict=True))[:records]:
        receipt = receipt_from_json(json.loads(content))
        assert vault.retrieve(receipt.record_id, owner=receipt.owner) == text
        assert vault.retrieve(submission=receipt, owner=receipt.owner) == text


def test_keys_records_and_receipts_of_before_ml_dsa_are_read_and_written_byte_for_byte(
    tmp_path: Path,
) -> None:
    vault = opened(tmp_path, "v3")
    before = (OLD / "v3" / "keys.json").read_bytes()
    assert encode(vault.service_keys) == before
    for path, text in zip(
        sorted((OLD / "v3" / "receipts").iterdir()), EXPECTED["texts_v3"], strict=True
    ):
        content = json.loads(path.read_bytes())
        receipt = receipt_from_json(content)
        verify(receipt, signers=vault.service_keys.signers)
        assert receipt_to_json(receipt) == content
        assert vault.retrieve(receipt.record_id, receipt, owner=receipt.owner) == text


def test_an_old_token_and_an_old_receipt_are_good_over_http(tmp_path: Path) -> None:
    client = create_app(opened(tmp_path, "data")).test_client()
    receipt = json.loads(RECEIPTS[4])
    bearer = {"Authorization": f"Bearer {EXPECTED['token']}"}
    answer = client.post("/retrieve", json=receipt["data"], headers=bearer)
    assert answer.get_json()["decrypted_data"] == EXPECTED["texts"][4]
