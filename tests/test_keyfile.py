"""The key file: what was written is read, anything else is refused, and no secret is quoted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vocabulary import a_public_folder, a_record, as_nobody, mode, whole_trace

from securedata import AeadKey, SigningKey, unseal
from securedata.errors import KeyFileError
from securedata.keyfile import FORMAT, KeyFile

SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
NEW_KEY, OLD_KEY = AeadKey.generate(), AeadKey.generate()
WRITTEN = {
    "format": FORMAT,
    "keys": [{"key_id": key.key_id, "secret": key.secret.hex()} for key in (NEW_KEY, OLD_KEY)],
    "signer": {"key_id": SIGNER.key_id, "private_key": SIGNER.to_pem()},
}
TEXT = json.dumps(WRITTEN, indent=2)
PEM_BODY = SIGNER.to_pem().splitlines()[1:-1]
SECRETS = [NEW_KEY.secret.hex(), OLD_KEY.secret.hex(), *PEM_BODY]

Ring = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


@pytest.fixture
def write(path: Path) -> Callable[[str | bytes], None]:
    """Put anything where the key file should be, with the right mode."""

    def put(content: str | bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return put


def assert_is_refused_and_no_secret_is_quoted(path: Path) -> None:
    with pytest.raises(KeyFileError, match="is damaged: restore it from a backup") as refusal:
        KeyFile.load(path)
    error = refusal.value
    assert str(path) in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__  # what a traceback prints ends here
    assert not any(secret[:20] in whole_trace(error) for secret in SECRETS)


def other_digit(hex_text: str, place: int) -> str:
    """The same hex text, but for one digit."""
    return f"{hex_text[:place]}{int(hex_text[place], 16) ^ 1:x}{hex_text[place + 1 :]}"


def exchanged(name: str) -> Ring:
    """The two keys have each other's `secret` or `key_id`."""
    first, second = WRITTEN["keys"]
    return WRITTEN | {"keys": [first | {name: second[name]}, second | {name: first[name]}]}


def with_first_key(**changes: object) -> Ring:
    first, second = WRITTEN["keys"]
    return WRITTEN | {"keys": [first | changes, second]}


def with_signer(**changes: object) -> Ring:
    return WRITTEN | {"signer": WRITTEN["signer"] | changes}


def without(name: str) -> Ring:
    return {key: value for key, value in WRITTEN.items() if key != name}


DAMAGED: dict[str, Ring] = {
    "the two secrets are exchanged": exchanged("secret"),
    "the two key ids are exchanged": exchanged("key_id"),
    "one key stands twice": WRITTEN | {"keys": WRITTEN["keys"][:1] * 2},
    "no key": WRITTEN | {"keys": []},
    "keys are no list": WRITTEN | {"keys": 7},
    "keys are text": WRITTEN | {"keys": "keys"},
    "keys are null": WRITTEN | {"keys": None},
    "a key is null": WRITTEN | {"keys": [None]},
    "an id is missing": WRITTEN | {"keys": [{"secret": NEW_KEY.secret.hex()}]},
    "a secret is missing": WRITTEN | {"keys": [{"key_id": NEW_KEY.key_id}]},
    "a secret is short": with_first_key(secret=NEW_KEY.secret.hex()[:-2]),
    "a secret is long": with_first_key(secret=NEW_KEY.secret.hex() + "00"),
    "a secret is no hex": with_first_key(secret="x" * 64),
    "a secret is a number": with_first_key(secret=7),
    "another signer under the same id": with_signer(private_key=OTHER_SIGNER.to_pem()),
    "the signer has another id": with_signer(key_id=OTHER_SIGNER.key_id),
    "the signer is a public key": with_signer(private_key=SIGNER.verifying_key.to_pem()),
    "the signer is under a passphrase": with_signer(private_key=SIGNER.to_pem("passphrase")),
    "the signer is null": WRITTEN | {"signer": None},
    "the signer's key is null": with_signer(private_key=None),
    "another format": WRITTEN | {"format": "securedata/v2/keys"},
    "no format": without("format"),
    "no keys": without("keys"),
    "no signer": without("signer"),
}

GARBAGE: dict[str, str | bytes] = {
    "empty": "",
    "zeros": bytes(1000),
    "not UTF-8": b"\xff" + TEXT.encode(),
    "not JSON": "keys: yes",
    "a list": f"[{TEXT}]",
    "null": "null",
    "twice": TEXT * 2,
    "nested": "[" * 200_000,
}


def test_keys_come_back_as_they_were_made(path: Path) -> None:
    made = KeyFile.create(path)
    loaded = KeyFile.load(path)
    record = a_record(keys=made.keys, signer=made.signer)
    assert unseal(record, keys=loaded.keys, signers=loaded.signers) == b"attack at dawn"
    assert [key.secret for key in loaded.keys] == [key.secret for key in made.keys]
    assert loaded.signer.to_pem() == made.signer.to_pem()
    assert loaded.signer.key_id in loaded.signers


def test_two_files_share_no_key(tmp_path: Path) -> None:
    one, other = (KeyFile.create(tmp_path / name) for name in ("one.json", "other.json"))
    assert one.keys.primary.secret != other.keys.primary.secret
    assert one.signer.key_id != other.signer.key_id


def test_a_file_with_older_keys_is_read_and_the_first_is_primary(
    path: Path, write: Callable[[str], None]
) -> None:
    write(TEXT)
    loaded = KeyFile.load(path)
    assert loaded.keys.primary.secret == NEW_KEY.secret
    assert loaded.keys[OLD_KEY.key_id].secret == OLD_KEY.secret


def test_the_file_is_for_its_owner_alone_in_a_folder_of_his_own(path: Path) -> None:
    KeyFile.create(path)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [it.name for it in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("there", ["", TEXT, "somebody's diary"], ids=["empty", "keys", "other"])
def test_a_file_that_is_there_is_never_written_over(
    path: Path, write: Callable[[str], None], there: str
) -> None:
    write(there)
    with pytest.raises(KeyFileError, match=f"{path} exists already: keys are never written over"):
        KeyFile.create(path)
    assert path.read_text() == there


def test_a_file_that_others_can_read_is_refused_with_the_next_step(path: Path) -> None:
    KeyFile.create(path)
    for open_to_others in (0o640, 0o604, 0o644, 0o620):
        path.chmod(open_to_others)
        with pytest.raises(KeyFileError, match=f"can be read by others: run chmod 600 {path}"):
            KeyFile.load(path)
    path.chmod(0o600)
    KeyFile.load(path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(KeyFileError, match=f"{path} cannot be read: No such file"):
        KeyFile.load(path)


def test_a_folder_that_cannot_be_written_or_entered_is_named() -> None:
    with a_public_folder() as folder:
        for permissions in (0o555, 0o000):
            folder.chmod(permissions)
            with as_nobody(), pytest.raises(KeyFileError, match=f"{folder}/keys.json cannot"):
                KeyFile.create(folder / "keys.json")
            folder.chmod(0o755)


def test_a_truncated_file_is_refused(path: Path, write: Callable[[str], None]) -> None:
    for length in range(0, len(TEXT), 50):
        write(TEXT[:length])
        assert_is_refused_and_no_secret_is_quoted(path)


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(
    path: Path, write: Callable[[str | bytes], None], content: str | bytes
) -> None:
    write(content)
    assert_is_refused_and_no_secret_is_quoted(path)


@pytest.mark.parametrize("ring", DAMAGED.values(), ids=DAMAGED.keys())
def test_keys_that_are_not_what_their_ids_say_are_refused(
    path: Path, write: Callable[[str], None], ring: Ring
) -> None:
    write(json.dumps(ring))
    assert_is_refused_and_no_secret_is_quoted(path)


@pytest.mark.parametrize("key", [NEW_KEY, OLD_KEY], ids=["primary", "older"])
@pytest.mark.parametrize("place", [0, 1, 31, 32, 63])
def test_one_wrong_digit_of_a_secret_is_refused(
    path: Path, write: Callable[[str], None], key: AeadKey, place: int
) -> None:
    secret = key.secret.hex()
    write(TEXT.replace(secret, other_digit(secret, place)))
    assert_is_refused_and_no_secret_is_quoted(path)


def test_one_wrong_digit_of_an_id_is_refused(path: Path, write: Callable[[str], None]) -> None:
    for key_id in (NEW_KEY.key_id, OLD_KEY.key_id, SIGNER.key_id):
        write(TEXT.replace(key_id, other_digit(key_id, 0)))
        assert_is_refused_and_no_secret_is_quoted(path)


def test_one_wrong_letter_in_any_line_of_the_signers_key_is_refused(
    path: Path, write: Callable[[str], None]
) -> None:
    for line in PEM_BODY:
        write(TEXT.replace(line, ("A" if line[0] != "A" else "B") + line[1:]))
        assert_is_refused_and_no_secret_is_quoted(path)


def test_printing_a_key_file_shows_no_secret(path: Path) -> None:
    made = KeyFile.create(path)
    assert made.signer.key_id in repr(made)
    assert made.keys.primary.secret.hex() not in repr(made)
    assert repr(made.keys.primary.secret)[2:10] not in repr(made)
