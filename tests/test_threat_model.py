"""What this service does not stop, by docs/threat-model.md: each is shown once."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from Crypto.Cipher import AES
from vocabulary import a_record, a_vault

from securedata import AeadKey, EncryptedMessage, Header, KeyRing, SigningKey, unseal
from securedata.errors import RecordNotFoundError
from securedata.lab import attacks
from securedata.lab.attacks.field import inverse, multiply
from securedata.record import signed_bytes, wrapping_data


def test_a_record_whose_row_was_deleted_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    vault = a_vault(tmp_path)
    record = vault.store("attack at dawn")
    with closing(sqlite3.connect(tmp_path / "records.sqlite3")) as database, database:
        database.execute("DELETE FROM records")
    with pytest.raises(RecordNotFoundError):
        vault.retrieve(record.record_id)


def test_a_database_rolled_back_as_a_whole_is_believed(tmp_path: Path) -> None:
    vault = a_vault(tmp_path)
    before = vault.store("the first")
    _checkpoint(tmp_path / "records.sqlite3")
    shutil.copy(tmp_path / "records.sqlite3", tmp_path / "old.sqlite3")
    after = vault.store("the second")
    with (
        closing(sqlite3.connect(tmp_path / "old.sqlite3")) as old,
        closing(sqlite3.connect(tmp_path / "records.sqlite3")) as database,
    ):
        old.backup(database)
    assert vault.retrieve(before.record_id) == "the first"
    with pytest.raises(RecordNotFoundError):
        vault.retrieve(after.record_id)


def test_a_ciphertext_tells_the_length_of_its_text(tmp_path: Path) -> None:
    vault = a_vault(tmp_path)
    assert [len(vault.store("x" * length).ciphertext) for length in (0, 1, 17)] == [0, 1, 17]


def test_an_old_backup_opens_with_the_old_key_that_was_removed() -> None:
    old, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    backup = a_record(b"attack at dawn", keys=old, signer=signer)
    assert unseal(backup, keys=old, signers=KeyRing(signer.verifying_key)) == b"attack at dawn"


def test_with_the_keys_one_can_seal_one_record_with_two_readings() -> None:
    """GCM commits to no key: one ciphertext and one tag that fit two data keys."""
    keys, signer = KeyRing(AeadKey.generate()), SigningKey.generate()
    record = a_record(keys=keys, signer=signer)
    header = record.header
    one, two = AeadKey.generate(), AeadKey.generate()
    sealed = _with_one_tag_for(one, two, nonce=bytes(12), associated_data=header.encoded)
    record = replace(
        record,
        nonce=sealed.nonce,
        ciphertext=sealed.ciphertext,
        tag=sealed.tag,
        signature=signer.sign(signed_bytes(header, sealed.nonce, sealed.ciphertext, sealed.tag)),
    )
    readings = {
        unseal(
            replace(record, wrapped_key=_wrapped(data_key, keys, header)),
            keys=keys,
            signers=KeyRing(signer.verifying_key),
        )
        for data_key in (one, two)
    }
    assert len(readings) == 2  # and the receipt, which the signature covers, is the same for both


def _with_one_tag_for(
    one: AeadKey, two: AeadKey, *, nonce: bytes, associated_data: bytes
) -> EncryptedMessage:
    """Both tags are linear in the one free block: one equation over GF(2^128), and it is solved."""
    # GHASH holds the only block C as C·H², since the block of lengths comes after it.
    factor = multiply(_h(one), _h(one)) ^ multiply(_h(two), _h(two))
    gap = _tag(one, nonce, associated_data, bytes(16)) ^ _tag(
        two, nonce, associated_data, bytes(16)
    )
    block = multiply(gap, inverse(factor)).to_bytes(16, "big")
    tag = _tag(one, nonce, associated_data, block)
    assert tag == _tag(two, nonce, associated_data, block)
    return EncryptedMessage(nonce, block, tag.to_bytes(16, "big"))


def _tag(key: AeadKey, nonce: bytes, associated_data: bytes, ciphertext: bytes) -> int:
    mask = AES.new(key.secret, AES.MODE_ECB).encrypt(nonce + b"\x00\x00\x00\x01")
    return int.from_bytes(mask, "big") ^ attacks.ghash(_h(key), associated_data, ciphertext)


def _h(key: AeadKey) -> int:
    return int.from_bytes(AES.new(key.secret, AES.MODE_ECB).encrypt(bytes(16)), "big")


def _wrapped(data_key: AeadKey, keys: KeyRing[AeadKey], header: Header) -> bytes:
    wrapped = keys.primary.encrypt(data_key.secret, wrapping_data(header))
    return wrapped.nonce + wrapped.ciphertext + wrapped.tag


def _checkpoint(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
