"""The vault: a text comes back exactly as it went in, or not at all."""

from dataclasses import fields
from pathlib import Path

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vocabulary import a_record, by_hand, flat, flipped, whole_trace

from securedata import (
    AeadKey,
    KeyFile,
    KeyRing,
    Receipt,
    RecordStore,
    SealedRecord,
    ServiceKeys,
    SigningKey,
    Vault,
)
from securedata.errors import (
    DamagedRecordError,
    FormatError,
    RecordNotFoundError,
    SignatureError,
    TagError,
    UnknownKeyError,
)

TEXT = "attack at dawn"
OTHER_TEXT = "retreat at dusk"

NEW_KEY, OLD_KEY = AeadKey.generate(), AeadKey.generate()
SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
KEYS = KeyRing(NEW_KEY, OLD_KEY)
SIGNERS = KeyRing(SIGNER.verifying_key, OTHER_SIGNER.verifying_key)

REFUSALS = (RecordNotFoundError, DamagedRecordError, SignatureError, TagError, UnknownKeyError)
COLUMNS = list(flat(a_record(keys=KEYS, signer=SIGNER)))


def on(records: RecordStore) -> Vault:
    """A vault on these records, with the keys of this file."""
    return Vault(records, ServiceKeys(KEYS, SIGNER, SIGNERS))


def receipt_of(record: SealedRecord) -> Receipt:
    return Receipt(**{field.name: getattr(record, field.name) for field in fields(Receipt)})


def spoiled(value: str | bytes) -> list[str | bytes]:
    """The same value, but a bit, a digit or a length is wrong."""
    if isinstance(value, str):
        return [value[:-1] + ("1" if value.endswith("0") else "0"), value[:-1], value + "0", ""]
    return [flipped(value, 0), flipped(value, 8 * len(value) - 1), value[:-1], value + b"\0", b""]


@pytest.fixture
def records(url: str) -> RecordStore:
    """A store of either kind."""
    return RecordStore(url)


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def busy_vault(request: pytest.FixtureRequest) -> Vault:
    """One vault for many texts."""
    if request.param == "SQLite":
        return on(RecordStore("sqlite://"))
    return on(RecordStore(request.getfixturevalue("postgres").new_database()))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.text())
@example("")
@example("a\0b")
@example("👩‍🚀🏴‍☠️")
@example("שָׁלוֹם \u202eمرحبا\u202c")
@example("caf\u00e9 cafe\u0301")
@example("naïve " * 50_000)
@example("\ufeffstarts like a file\r\n")
@example("\U0010ffff\uffff")
def test_a_text_comes_back_as_it_went_in(busy_vault: Vault, text: str) -> None:
    record = busy_vault.store(text)
    receipt = receipt_of(record)
    for asked in ((record.record_id, None), (None, receipt), (record.record_id, receipt)):
        assert busy_vault.retrieve(*asked) == text


def test_a_retrieval_of_nothing_is_refused(busy_vault: Vault) -> None:
    with pytest.raises(FormatError, match="record_id or the four fields"):
        busy_vault.retrieve()


def test_a_lone_surrogate_is_refused_and_the_text_is_not_quoted(records: RecordStore) -> None:
    for text in ("\ud800", "my secret \udfff", "\udc00\ud800"):
        with pytest.raises(FormatError, match="lone surrogate") as refusal:
            on(records).store(text)
        assert "my secret" not in whole_trace(refusal.value)
    assert records.is_empty()


def test_sealed_bytes_that_are_no_text_are_damage(records: RecordStore) -> None:
    record = a_record(b"secret \xff\xfe", keys=KEYS, signer=SIGNER)
    records.put(record)
    with pytest.raises(DamagedRecordError, match="not UTF-8") as refusal:
        on(records).retrieve(record.record_id)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


# A key file that changes under a vault.


def test_a_vault_uses_a_new_key_and_a_new_signer_as_soon_as_the_file_names_them(
    key_file: KeyFile,
) -> None:
    vault = Vault(RecordStore("sqlite://"), KeyFile.load(key_file.path))
    old = vault.store(TEXT)
    service_keys = key_file.update(lambda keys: keys.promote_key().promote_signer())
    new = vault.store(OTHER_TEXT)
    assert (new.key_id, new.header.signer_id) == (
        service_keys.wrapping_keys.primary.key_id,
        service_keys.signer.key_id,
    )
    assert vault.verifying_key().key_id == service_keys.signer.key_id
    assert [vault.retrieve(it.record_id) for it in (old, new)] == [TEXT, OTHER_TEXT]
    assert vault.verifying_key(old.header.signer_id).key_id == old.header.signer_id


@pytest.mark.parametrize("steps", [["put"], ["put", "replace_wrapped_keys"]], ids=len)
def test_a_record_whose_key_is_retired_while_it_is_stored_can_be_retrieved(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, steps: list[str]
) -> None:
    records = RecordStore("sqlite://")

    def rotate_and_retire_before(step: str) -> None:
        real = getattr(records, step)

        def late(*arguments: object) -> None:
            monkeypatch.setattr(records, step, real)
            old = key_file.service_keys.wrapping_keys.primary.key_id
            key_file.update(lambda keys: keys.promote_key().retire_keys([old]))
            real(*arguments)

        monkeypatch.setattr(records, step, late)

    for step in steps:
        rotate_and_retire_before(step)
    record = Vault(records, KeyFile.load(key_file.path)).store(TEXT)
    assert records.get(record.record_id, record.owner) == record
    assert len(key_file.service_keys.wrapping_keys.retired) == len(steps)
    assert Vault(records, key_file).retrieve(record.record_id) == TEXT


def test_on_an_unknown_id_a_vault_looks_into_the_file_once_more(
    key_file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = RecordStore("sqlite://")
    vault = Vault(records, KeyFile.load(key_file.path))
    # A file system whose times are too coarse to show a change.
    monkeypatch.setattr("securedata.private_file.stamp", lambda path: (1,))
    vault.store(TEXT)
    vault.service_keys  # noqa: B018  # now it knows the stamp that will not change any more
    key_file.update(lambda keys: keys.promote_key().promote_signer())
    record = Vault(records, key_file).store(OTHER_TEXT)
    assert vault.service_keys.signer.key_id != record.header.signer_id
    assert vault.retrieve(record.record_id) == OTHER_TEXT
    assert vault.service_keys.signer.key_id == record.header.signer_id


@pytest.mark.whole
@pytest.mark.parametrize("column", COLUMNS)
def test_a_row_changed_by_hand_never_gives_another_text(
    records: RecordStore, url: str, column: str
) -> None:
    record = on(records).store(TEXT)
    # Honestly sealed by the same people, with another key and another signer of the same rings.
    other = a_record(
        OTHER_TEXT.encode(), keys=KeyRing(OLD_KEY), signer=OTHER_SIGNER, owner="mallory"
    )
    vault = on(records)
    own = flat(record)[column]
    for value in (flat(other)[column], *spoiled(own)):
        try:
            by_hand(url, f"UPDATE records SET {column} = ?", value)
        except psycopg.DataError:  # too long for PostgreSQL itself
            continue
        with pytest.raises(REFUSALS):
            vault.retrieve(record.record_id)
        for owner in ("local", "mallory"):
            for asked in (
                {"record_id": other.record_id},
                {"submission": receipt_of(other)},
                {"record_id": record.record_id, "submission": receipt_of(other)},
            ):
                with pytest.raises(REFUSALS):
                    vault.retrieve(**asked, owner=owner)
        try:
            # Submitted fields take the place of the stored ones: only then the text may come.
            assert vault.retrieve(submission=receipt_of(record)) == TEXT
            assert column in ("ciphertext", "tag", "signature")
        except REFUSALS:
            pass
    by_hand(url, f"UPDATE records SET {column} = ?", own)
    assert vault.retrieve(record.record_id) == TEXT


def test_no_file_of_the_database_holds_the_text(tmp_path: Path) -> None:
    on(RecordStore(f"sqlite:///{tmp_path}/records.sqlite3")).store(TEXT)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "records.sqlite3-wal" in files  # where a record is before it is in the database
    assert SIGNER.key_id.encode() in b"".join(files.values())  # what may be seen is seen
    assert not any(TEXT.encode() in content for content in files.values())
