"""Rotation: every data key goes under the new key, and every record stays readable meanwhile."""

from itertools import islice
from pathlib import Path

import pytest
from vocabulary import by_hand

from securedata import KeyFile, RecordStore, SealedRecord, ServiceKeys, Vault
from securedata.rotation import rewrap_all
from securedata.storage.records import BATCH_ROWS

TEXT = "attack at dawn"


@pytest.fixture
def records(database: Path) -> RecordStore:
    return RecordStore(f"sqlite:///{database}")


@pytest.fixture
def vault(records: RecordStore, key_file: KeyFile) -> Vault:
    return Vault(records, key_file)


def primary_id(key_file: KeyFile) -> str:
    return key_file.service_keys.wrapping_keys.primary.key_id


def filled(vault: Vault, count: int) -> list[SealedRecord]:
    return [vault.store(TEXT, owner="alice") for _ in range(count)]


def assert_all_readable(vault: Vault, receipts: list[SealedRecord]) -> None:
    for receipt in receipts:
        for asked in ({"record_id": receipt.record_id}, {"submission": receipt}):
            assert vault.retrieve(**asked, owner="alice") == TEXT


def test_every_row_is_under_the_new_key_and_nothing_else_has_changed(
    vault: Vault, records: RecordStore, key_file: KeyFile
) -> None:
    before = filled(vault, 5)
    key_file.update(ServiceKeys.promote_key)
    assert list(rewrap_all(records, key_file)) == [5]
    assert records.count_by("key_id") == {primary_id(key_file): 5}
    for old in before:
        new = records.get(old.record_id, "alice")
        changed = {name for name in vars(old) if getattr(old, name) != getattr(new, name)}
        assert changed == {"key_id", "wrapped_key"}
    assert_all_readable(vault, before)


def test_it_may_stop_after_any_batch_and_begin_again(
    vault: Vault, records: RecordStore, key_file: KeyFile
) -> None:
    receipts = filled(vault, 2 * BATCH_ROWS + 1)
    earlier = primary_id(key_file)
    key_file.update(ServiceKeys.promote_key)
    for batches_done in (1, 1):
        assert list(islice(rewrap_all(records, key_file), batches_done)) == [BATCH_ROWS]
        assert_all_readable(vault, receipts[::50])
    assert records.count_by("key_id")[earlier] == 1
    assert list(rewrap_all(records, key_file)) == [1]
    assert list(rewrap_all(records, key_file)) == []
    assert_all_readable(vault, receipts)


def test_records_of_a_server_with_older_or_prepared_keys_are_found_and_readable(
    vault: Vault, records: RecordStore, key_file: KeyFile
) -> None:
    key_file.update(lambda keys: keys.prepare_key().prepare_signer())
    behind = Vault(records, key_file.service_keys)  # a copy of the keys from before
    receipts = filled(vault, 3)
    key_file.update(lambda keys: keys.promote_key().promote_signer())
    rotating = rewrap_all(records, key_file)
    next(rotating)
    receipts += filled(behind, 1)
    assert list(rotating) == [1]
    assert records.count_by("key_id") == {primary_id(key_file): 4}
    for server in (vault, behind):
        assert_all_readable(server, receipts + filled(vault, 1))


def test_it_looks_again_although_the_last_batch_had_nothing_that_can_be_rewrapped(
    vault: Vault,
    records: RecordStore,
    key_file: KeyFile,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("securedata.storage.records.BATCH_ROWS", 1)
    good, damaged = sorted(filled(vault, 2), key=lambda record: record.record_id)
    by_hand(
        database, "UPDATE records SET wrapped_key = x'00' WHERE record_id = ?", damaged.record_id
    )
    key_file.update(ServiceKeys.promote_key)
    rotating = rewrap_all(records, key_file)
    next(rotating)
    put_back = "UPDATE records SET key_id = ?, wrapped_key = ? WHERE record_id = ?"
    by_hand(database, put_back, good.key_id, good.wrapped_key, good.record_id)
    list(rotating)
    assert records.get(good.record_id, "alice").key_id == primary_id(key_file)


def test_two_rotations_at_once_both_use_the_newest_key(
    vault: Vault, records: RecordStore, key_file: KeyFile
) -> None:
    receipts = filled(vault, 2 * BATCH_ROWS)
    key_file.update(ServiceKeys.promote_key)
    one = rewrap_all(records, key_file)
    next(one)
    other_keys = KeyFile.load(key_file.path)
    other_keys.update(ServiceKeys.promote_key)
    other = rewrap_all(records, other_keys)
    next(other)
    list(one)
    list(other)
    assert records.count_by("key_id") == {primary_id(key_file): len(receipts)}
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
    vault: Vault, records: RecordStore, key_file: KeyFile, database: Path, damage: str
) -> None:
    receipts = filled(vault, 3)
    by_hand(database, f"UPDATE records SET {damage} WHERE record_id = ?", receipts[0].record_id)
    key_file.update(ServiceKeys.promote_key)
    list(rewrap_all(records, key_file))
    rows = records.count_by("key_id")
    assert rows.pop(primary_id(key_file)) == 2
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
def test_it_ends_although_the_indexes_are_damaged(
    database: Path, key_file: KeyFile, rows: int
) -> None:
    store = RecordStore(f"sqlite:///{database}")
    receipts = filled(Vault(store, key_file), rows)
    by_hand(database, "PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    turn_the_indexes_round(database)
    key_file.update(ServiceKeys.promote_key)
    damaged = RecordStore(f"sqlite:///{database}")
    assert len(list(islice(rewrap_all(damaged, key_file), 10))) < 10
    by_hand(database, "REINDEX")
    assert_all_readable(Vault(damaged, key_file), receipts)
    assert sum(rewrap_all(damaged, key_file)) <= rows
    assert damaged.count_by("key_id") == {primary_id(key_file): rows}
