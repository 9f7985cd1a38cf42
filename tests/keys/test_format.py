"""The key file's bytes: what was written is read, anything else is refused, no secret is quoted."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vocabulary import whole_trace

from securedata import AeadKey, KeyRing, ServiceKeys, SigningKey
from securedata.errors import FormatError
from securedata.keys.format import (
    DAMAGED,
    FIRST_FORMAT,
    FORMAT,
    PROTECTED_FORMAT,
    _checksum,
    decode,
    encode,
    is_protected,
)
from securedata.keys.service_keys import new_token

SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
NEW_KEY, OLD_KEY = AeadKey.generate(), AeadKey.generate()
TOKEN, WORDS = new_token(), "correct horse"
# Keys with one of everything.
KEYS = (
    ServiceKeys(KeyRing(NEW_KEY, OLD_KEY), SIGNER, KeyRing(SIGNER.verifying_key))
    .promote_signer()
    .prepare_key()
    .prepare_signer()
    .add_token("alice", TOKEN)
    .add_token("bob", new_token())
)
CONTENT = encode(KEYS)
WRITTEN: dict[str, Any] = json.loads(CONTENT)
PEM_BODY = KEYS.signer.to_pem().splitlines()[1:-1]
SECRETS = [*(key.secret.hex() for key in KEYS.wrapping_keys), *PEM_BODY, TOKEN]

# Keys as the first version wrote it.
FIRST = {
    "format": FIRST_FORMAT,
    "keys": [{"key_id": key.key_id, "secret": key.secret.hex()} for key in (NEW_KEY, OLD_KEY)],
    "signer": {"key_id": SIGNER.key_id, "private_key": SIGNER.to_pem()},
}

Entries = dict[str, Any]


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("securedata.keys.passphrase.COST", 16)


def assert_is_refused(content: bytes, passphrase: str | None = None, words: str = DAMAGED) -> None:
    with pytest.raises(FormatError) as refusal:
        decode(content, passphrase)
    assert str(refusal.value).startswith(words)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__  # what a traceback prints ends here
    assert not any(secret[:20] in whole_trace(refusal.value) for secret in SECRETS)


def keys_or_refusal(content: bytes, passphrase: str | None = None) -> ServiceKeys | str:
    try:
        return decode(content, passphrase)
    except FormatError as refusal:
        return str(refusal)


def assert_same(keys: ServiceKeys, other: ServiceKeys) -> None:
    assert encode(keys) == encode(other)


def with_valid_checksum(entries: Entries) -> bytes:
    """As somebody writes it who knows how, but whose keys are wrong."""
    rest = {name: value for name, value in entries.items() if name != "checksum"}
    return json.dumps({**rest, "checksum": _checksum(rest)}).encode()


def changed(kind: str, place: int, **changes: object) -> Entries:
    """The written keys, but one entry among its keys or signers has other values."""
    entries = [dict(entry) for entry in WRITTEN[kind]]
    entries[place] |= changes
    return WRITTEN | {kind: entries}


def other_digit(hex_text: str, place: int) -> str:
    """The same hex text, but for one digit."""
    return f"{hex_text[:place]}{int(hex_text[place], 16) ^ 1:x}{hex_text[place + 1 :]}"


def exchanged(name: str) -> Entries:
    """The first two keys have each other's `secret` or `key_id`."""
    first, second, *others = WRITTEN["keys"]
    return WRITTEN | {"keys": [first | {name: second[name]}, second | {name: first[name]}, *others]}


SECRET = WRITTEN["keys"][0]["secret"]
DAMAGED_FILES: dict[str, Entries] = {
    "the two secrets are exchanged": exchanged("secret"),
    "the two key ids are exchanged": exchanged("key_id"),
    "one key stands twice": WRITTEN | {"keys": [*WRITTEN["keys"], WRITTEN["keys"][1]]},
    "no key": WRITTEN | {"keys": []},
    "keys are no list": WRITTEN | {"keys": 7},
    "keys are text": WRITTEN | {"keys": "keys"},
    "keys are null": WRITTEN | {"keys": None},
    "a key is null": WRITTEN | {"keys": [None]},
    "no primary key": changed("keys", 0, state="earlier"),
    "two primary keys": changed("keys", 1, state="primary"),
    "a secret is short": changed("keys", 0, secret=SECRET[:-2]),
    "a secret is long": changed("keys", 0, secret=SECRET + "00"),
    "a secret is no hex": changed("keys", 0, secret="x" * 64),
    "a secret is a number": changed("keys", 0, secret=7),
    "a secret is of another key": changed("keys", 0, secret=other_digit(SECRET, 0)),
    "no signer": WRITTEN | {"signers": []},
    "signers are null": WRITTEN | {"signers": None},
    "another signer under the same id": changed("signers", 0, private_key=OTHER_SIGNER.to_pem()),
    "the signer has another id": changed("signers", 0, key_id=OTHER_SIGNER.key_id),
    "the signer is a public key": changed(
        "signers", 0, private_key=KEYS.signer.verifying_key.to_pem()
    ),
    "the signer is under a passphrase": changed("signers", 0, private_key=SIGNER.to_pem("secret")),
    "the signer's key is null": changed("signers", 0, private_key=None),
    "two primary signers": changed("signers", 1, state="primary"),
    "tokens are a number": WRITTEN | {"tokens": 7},
    "a token is null": WRITTEN | {"tokens": [None]},
    "a token has no owner": WRITTEN | {"tokens": [{"sha256": "00"}]},
    "another format": WRITTEN | {"format": "securedata/v3/keys"},
    "the first format": WRITTEN | {"format": FIRST_FORMAT},
    **{
        f"no {name}": {key: value for key, value in WRITTEN.items() if key != name}
        for name in ("format", "keys", "signers", "tokens")
    },
}
DAMAGED_FIRST_FILES: dict[str, Entries] = {
    "no keys": FIRST | {"keys": []},
    "a key is null": FIRST | {"keys": [None]},
    "the signer is null": FIRST | {"signer": None},
    "one wrong digit": FIRST
    | {"keys": [{"key_id": NEW_KEY.key_id, "secret": other_digit(NEW_KEY.secret.hex(), 5)}]},
    "another signer": FIRST
    | {"signer": {"key_id": SIGNER.key_id, "private_key": OTHER_SIGNER.to_pem()}},
}
GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(1000),
    "not UTF-8": b"\xff" + CONTENT,
    "not JSON": b"keys: yes",
    "a list": b"[" + CONTENT + b"]",
    "null": b"null",
    "twice": CONTENT * 2,
    "nested": b"[" * 200_000,
    "half under a passphrase": f'{{"format": "{PROTECTED_FORMAT}"}}'.encode(),
    "nonsense under a passphrase": f'{{"format": "{PROTECTED_FORMAT}", "salt": 7}}'.encode(),
}


def test_keys_come_back_as_they_were() -> None:
    read = decode(CONTENT)
    assert_same(read, KEYS)
    assert [key.secret for key in read.wrapping_keys] == [key.secret for key in KEYS.wrapping_keys]
    assert read.next_key is not None
    assert read.next_signer is not None
    assert read.owner_of(TOKEN) == "alice"
    assert read.created == KEYS.created


@pytest.mark.parametrize(
    "keys", [ServiceKeys.generate(), ServiceKeys.generate().add_token("a", TOKEN).revoke_token("a")]
)
def test_keys_without_tokens_still_know_whether_there_ever_was_one(
    keys: ServiceKeys,
) -> None:
    assert decode(encode(keys)).tokens == keys.tokens


def test_the_file_holds_no_token_and_of_an_earlier_signer_no_private_key() -> None:
    assert TOKEN.encode() not in CONTENT
    assert json.dumps(SIGNER.to_pem()).encode() not in CONTENT
    assert [list(entry) for entry in WRITTEN["signers"]] == [
        ["key_id", "state", "created", "private_key"],
        ["key_id", "state", "created", "private_key"],
        ["key_id", "state", "created", "public_key"],
    ]


def test_keys_of_the_first_version_are_read_and_their_first_is_primary() -> None:
    keys = decode(json.dumps(FIRST, indent=2).encode())
    assert keys.wrapping_keys.primary.secret == NEW_KEY.secret
    assert keys.wrapping_keys[OLD_KEY.key_id].secret == OLD_KEY.secret
    assert (keys.signer.key_id, keys.tokens, keys.created) == (
        SIGNER.key_id,
        None,
        {},
    )
    assert json.loads(encode(keys))["format"] == FORMAT


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(content: bytes) -> None:
    assert_is_refused(content)
    assert_is_refused(content, "passphrase")


@pytest.mark.parametrize("keys", DAMAGED_FILES.values(), ids=DAMAGED_FILES.keys())
def test_keys_that_are_not_what_they_say_are_refused_also_under_a_valid_checksum(
    keys: Entries,
) -> None:
    assert_is_refused(json.dumps(keys).encode())
    assert_is_refused(with_valid_checksum(keys))


@pytest.mark.parametrize("keys", DAMAGED_FIRST_FILES.values(), ids=DAMAGED_FIRST_FILES.keys())
def test_damaged_keys_of_the_first_version_are_refused(keys: Entries) -> None:
    assert_is_refused(json.dumps(keys).encode())


@settings(deadline=None, derandomize=True, max_examples=300)
@given(place=st.integers(0, len(CONTENT) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_gives_the_same_keys_or_none(place: int, byte: int) -> None:
    assume(CONTENT[place] != byte)
    content = CONTENT[:place] + bytes([byte]) + CONTENT[place + 1 :]
    read = keys_or_refusal(content)
    if isinstance(read, str):
        assert read == DAMAGED
    else:
        # Only white space between the parts of JSON may be other white space.
        assert_same(read, KEYS)
        assert CONTENT[place : place + 1].isspace()


@pytest.mark.usefixtures("cheap_passphrases")
def test_under_a_passphrase_keys_come_back_with_it_alone() -> None:
    content = encode(KEYS, WORDS)
    assert is_protected(content)
    assert_same(decode(content, WORDS), KEYS)
    assert_is_refused(content, None, "is under a passphrase: put it into SECUREDATA_PASSPHRASE")
    for wrong in ("battery staple", "correct horse ", "", "\ud800"):
        assert_is_refused(content, wrong, "is not opened by this passphrase")


@pytest.mark.usefixtures("cheap_passphrases")
def test_under_a_passphrase_nothing_of_the_keys_can_be_read() -> None:
    content = encode(KEYS, WORDS)
    known = [key.key_id for key in (*KEYS.wrapping_keys, *KEYS.signers)]
    assert not any(secret.encode() in content for secret in (*SECRETS, *known, "alice"))


@pytest.mark.usefixtures("cheap_passphrases")
def test_under_a_passphrase_a_changed_byte_gives_the_same_keys_or_none() -> None:
    content = encode(KEYS, WORDS)

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(place=st.integers(0, len(content) - 1), byte=st.integers(0, 255))
    def same_or_none(place: int, byte: int) -> None:
        read = keys_or_refusal(content[:place] + bytes([byte]) + content[place + 1 :], WORDS)
        if isinstance(read, str):
            assert read.startswith((DAMAGED, "is not opened by this passphrase"))
        else:
            assert_same(read, KEYS)

    same_or_none()
