"""The key file: private, replaced all at once, read again when it changed, shared by processes."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from securedata import ServiceKeys, private_file
from securedata.errors import KeyFileError
from securedata.keys.file import KeyFile
from securedata.keys.format import encode
from securedata.keys.service_keys import new_token

KEYS = ServiceKeys.generate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


def key_ids(keys: ServiceKeys) -> list[str]:
    return [key.key_id for key in (*keys.wrapping_keys, *keys.signers)]


# Making.


@pytest.mark.parametrize("there", [b"", encode(KEYS), b"diary"], ids=["empty", "keys", "other"])
def test_an_existing_file_is_never_written_over(path: Path, there: bytes) -> None:
    private_file.write(path, there)
    with pytest.raises(KeyFileError, match=f"{path} exists already: keys are never written over"):
        KeyFile.create(path)
    if there == encode(KEYS):
        assert key_ids(KeyFile.load_or_create(path).service_keys) == key_ids(KEYS)
    else:
        with pytest.raises(KeyFileError, match=f"{path} is damaged: restore it from a backup"):
            KeyFile.load_or_create(path)
    assert path.read_bytes() == there


# Changing, and noticing a change.


def test_a_change_is_in_the_file_and_seen_by_everybody_who_has_it_open(path: Path) -> None:
    one = KeyFile.create(path)
    other = KeyFile.load(path)
    before = other.service_keys
    rotated = one.update(lambda keys: keys.promote_key().promote_signer())
    assert key_ids(other.service_keys) == key_ids(one.service_keys) == key_ids(rotated)
    assert set(key_ids(before)) < set(key_ids(rotated))


def test_an_unchanged_file_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = KeyFile.create(path)
    keys = file.service_keys
    path.write_bytes(path.read_bytes())
    assert file.service_keys is keys  # read, and found to be the same
    monkeypatch.setattr("securedata.private_file.read", lambda path: pytest.fail("it was read"))
    assert file.service_keys is keys


def test_a_change_right_after_a_read_is_seen_by_the_next_look(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, real_read = KeyFile.create(path), private_file.read

    def read_before_a_change(path: Path) -> bytes:
        content = real_read(path)
        path.write_bytes(encode(KEYS))
        return content

    with monkeypatch.context() as patch:
        patch.setattr(private_file, "read", read_before_a_change)
        assert key_ids(file.reread()) != key_ids(KEYS)
    assert key_ids(file.service_keys) == key_ids(KEYS)


def test_a_missing_file_is_an_error_until_it_is_back(path: Path) -> None:
    file = KeyFile.create(path)
    intact = path.read_bytes()
    path.unlink()
    for attempt in (lambda: file.service_keys, lambda: file.update(ServiceKeys.promote_key)):
        with pytest.raises(KeyFileError, match="cannot be read: No such file"):
            attempt()
    assert not path.exists()
    private_file.write(path, intact)
    assert file.service_keys.tokens is None


# Many at once.


def test_the_lock_is_held_while_keys_are_made_and_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_file, "LOCK_SECONDS", 0)
    real_write, attempts = private_file.write, 0

    def write_while_another_tries(path: Path, content: bytes) -> None:
        nonlocal attempts
        attempts += 1
        with pytest.raises(KeyFileError, match="is being changed"), private_file.locked(path):
            pass
        real_write(path, content)

    monkeypatch.setattr(private_file, "write", write_while_another_tries)
    file = KeyFile.create(path)
    KeyFile.load_or_create(path.with_name("other.json"))
    file.update(lambda keys: keys.add_token("alice", new_token()))
    file.protect(None)
    assert attempts == 4


# Under a passphrase.


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_new_passphrase_shuts_out_a_process_that_has_the_old_one_and_costs_it_one_guess(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KeyFile.create(path, "correct horse")
    running = KeyFile.load(path, "correct horse")
    file.protect("battery staple")
    with pytest.raises(KeyFileError, match=f"{path} is not opened by"):
        _ = running.service_keys
    with monkeypatch.context() as now:
        now.setattr("hashlib.scrypt", lambda *_, **__: pytest.fail("a second guess"))
        with pytest.raises(KeyFileError, match="is not opened by"):
            _ = running.service_keys
    file.protect("correct horse")
    assert key_ids(running.service_keys) == key_ids(file.service_keys)


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_changed_file_that_memory_was_too_small_for_is_read_at_the_next_look(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KeyFile.create(path, "correct horse")
    running = KeyFile.load(path, "correct horse")
    rotated = file.update(ServiceKeys.promote_key)
    before = path.read_bytes()
    for error in (ValueError("memory limit exceeded"), MemoryError()):  # as OpenSSL, as Python
        with monkeypatch.context() as now:
            now.setattr("hashlib.scrypt", Mock(side_effect=error))
            with pytest.raises(KeyFileError, match="needs more memory than is left"):
                _ = running.service_keys
            with pytest.raises(KeyFileError, match="needs more memory than is left"):
                file.protect("battery staple")
    assert path.read_bytes() == before
    assert key_ids(running.service_keys) == key_ids(rotated)


@pytest.mark.usefixtures("cheap_passphrases")
def test_an_unprotected_file_in_place_of_a_protected_one_is_refused(path: Path) -> None:
    running = KeyFile.create(path, "correct horse")
    private_file.write(path, encode(KEYS))  # somebody else's keys
    for attempt in (
        lambda: running.service_keys,
        lambda: KeyFile.load_or_create(path, "correct horse"),
    ):
        with pytest.raises(KeyFileError, match=f"{path} is under no passphrase, although one was"):
            attempt()
