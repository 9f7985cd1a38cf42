"""Rotation: every data key goes under the new key, and every record stays readable meanwhile."""

from itertools import islice
from pathlib import Path

import pytest
from vocabulary import by_hand

from securedata import KeyFile, KeyRing, RecordStore, SealedRecord, ServiceKeys, Vault
from securedata.crypto.sealing import unseal
from securedata.rotation import rewrap_all
from securedata.storage.records import BATCH_ROWS

TEXT = "attack at dawn"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


@pytest.fixture
def records(database: Path) -> RecordStore:
    return RecordStore(f"sqlite:///{database}")


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile.create(tmp_path / "keys.json")


@pytest.fixture
def vault(records: RecordStore, keys: KeyFile) -> Vault:
    return Vault(records, keys)


def primary_id(keys: KeyFile) -> str:
    return keys.service_keys.wrapping_keys.primary.key_id


def filled(vault: Vault, count: int) -> list[SealedRecord]:
    return [vault.store(TEXT, owner="alice") for _ in range(count)]


def assert_all_readable(vault: Vault, receipts: list[SealedRecord]) -> None:
    for receipt in receipts:
        for asked in ({"record_id": receipt.record_id}, {"submission": receipt}):
            assert vault.retrieve(**asked, owner="alice") == TEXT


def test_every_row_is_under_the_new_key_and_nothing_else_has_changed(
    vault: Vault, records: RecordStore, keys: KeyFile
) -> None:
    before = filled(vault, 5)
    keys.update(ServiceKeys.promote_key)
    assert list(rewrap_all(records, keys)) == [5]
    assert records.count_by("key_id") == {primary_id(keys): 5}
    for old in before:
        new = records.get(old.record_id, "alice")
        changed = {name for name in vars(old) if getattr(old, name) != getattr(new, name)}
        assert changed == {"key_id", "wrapped_key"}
        alone = KeyRing(keys.service_keys.wrapping_keys.primary)
        assert unseal(new, keys=alone, signers=keys.service_keys.signers) == TEXT.encode()
    assert_all_readable(vault, before)


def test_it_may_stop_after_any_batch_and_begin_again(
    vault: Vault, records: RecordStore, keys: KeyFile
) -> None:
    receipts = filled(vault, 2 * BATCH_ROWS + 1)
    earlier = primary_id(keys)
    keys.update(ServiceKeys.promote_key)
    for batches_done in (1, 1):
        assert list(islice(rewrap_all(records, keys), batches_done)) == [BATCH_ROWS]
        assert_all_readable(vault, receipts[::50])
    assert records.count_by("key_id")[earlier] == 1
    assert list(rewrap_all(records, keys)) == [1]
    assert list(rewrap_all(records, keys)) == []
    assert_all_readable(vault, receipts)


def test_records_of_a_server_with_older_or_prepared_keys_are_found_and_readable(
    vault: Vault, records: RecordStore, keys: KeyFile
) -> None:
    keys.update(lambda keys: keys.prepare_key().prepare_signer())
    behind = Vault(records, keys.service_keys)  # a copy of the keys from before
    receipts = filled(vault, 3)
    keys.update(lambda keys: keys.promote_key().promote_signer())
    rotating = rewrap_all(records, keys)
    next(rotating)
    receipts += filled(behind, 1)
    assert list(rotating) == [1]
    assert records.count_by("key_id") == {primary_id(keys): 4}
    for server in (vault, behind):
        assert_all_readable(server, receipts + filled(vault, 1))


def test_it_looks_again_although_the_last_batch_had_nothing_that_can_be_rewrapped(
    vault: Vault,
    records: RecordStore,
    keys: KeyFile,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("securedata.storage.records.BATCH_ROWS", 1)
    good, damaged = sorted(filled(vault, 2), key=lambda record: record.record_id)
    by_hand(
        database, "UPDATE records SET wrapped_key = x'00' WHERE record_id = ?", damaged.record_id
    )
    keys.update(ServiceKeys.promote_key)
    rotating = rewrap_all(records, keys)
    next(rotating)
    put_back = "UPDATE records SET key_id = ?, wrapped_key = ? WHERE record_id = ?"
    by_hand(database, put_back, good.key_id, good.wrapped_key, good.record_id)
    list(rotating)
    assert records.get(good.record_id, "alice").key_id == primary_id(keys)


def test_two_rotations_at_once_both_use_the_newest_key(
    vault: Vault, records: RecordStore, keys: KeyFile
) -> None:
    receipts = filled(vault, 2 * BATCH_ROWS)
    keys.update(ServiceKeys.promote_key)
    one = rewrap_all(records, keys)
    next(one)
    other_keys = KeyFile.load(keys.path)
    other_keys.update(ServiceKeys.promote_key)
    other = rewrap_all(records, other_keys)
    next(other)
    list(one)
    list(other)
    assert records.count_by("key_id") == {primary_id(keys): len(receipts)}
    assert_all_readable(vault, receipts[::50])


@pytest.mark.parametrize(
    "damage",
    [
        "wrapped_key = zeroblob(60)",
        "wrapped_key = x'00'",
        "owner = 'eve'",
        "created = CAST(x'ff' AS TEXT)",
        "key_id = '0123456789abcdef'",
    ],
)
def test_a_damaged_row_is_left_as_it_is_and_the_others_are_rotated(
    vault: Vault, records: RecordStore, keys: KeyFile, database: Path, damage: str
) -> None:
    receipts = filled(vault, 3)
    by_hand(database, f"UPDATE records SET {damage} WHERE record_id = ?", receipts[0].record_id)
    keys.update(ServiceKeys.promote_key)
    list(rewrap_all(records, keys))
    rows = records.count_by("key_id")
    assert rows.pop(primary_id(keys)) == 2
    assert sum(rows.values()) == 1
    assert_all_readable(vault, receipts[1:])


def turn_the_indexes_round(database: Path) -> None:
    """Leave every row where it is, and let every index name them in the wrong order.

    A page of an index begins with the byte 10; at 3 is the number of its entries, at 8 begin their
    places (SQLite's file format, 1.6).
    """
    content = bytearray(database.read_bytes())
    for page in range(0, len(content), 4096):
        if content[page] == 10:
            end = page + 8 + 2 * int.from_bytes(content[page + 3 : page + 5], "big")
            places = [content[at : at + 2] for at in range(page + 8, end, 2)]
            content[page + 8 : end] = b"".join(reversed(places))
    database.write_bytes(content)


@pytest.mark.parametrize("rows", [1, 5, 40])
def test_it_ends_although_the_indexes_are_damaged(database: Path, keys: KeyFile, rows: int) -> None:
    store = RecordStore(f"sqlite:///{database}")
    receipts = filled(Vault(store, keys), rows)
    by_hand(database, "PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    turn_the_indexes_round(database)
    keys.update(ServiceKeys.promote_key)
    damaged = RecordStore(f"sqlite:///{database}")
    assert len(list(islice(rewrap_all(damaged, keys), 10))) < 10
    by_hand(database, "REINDEX")
    assert_all_readable(Vault(damaged, keys), receipts)
    assert sum(rewrap_all(damaged, keys)) <= rows
    assert damaged.count_by("key_id") == {primary_id(keys): rows}
