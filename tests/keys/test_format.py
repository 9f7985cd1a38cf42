"""The key file's bytes: what was written is read, anything else is refused, no secret is quoted."""

import hashlib
import json
from typing import Any

import pytest
from Crypto.PublicKey import DSA
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vocabulary import whole_trace

from securedata import AeadKey, KeyRing, ServiceKeys, SigningKey
from securedata.errors import FormatError, RetiredKeyError
from securedata.keys.format import DAMAGED, NOT_PROTECTED, decode, encode, is_protected
from securedata.keys.service_keys import new_token

FIRST_FORMAT, PROTECTED_FORMAT = "securedata/v1/keys", "securedata/v3/keys-under-passphrase"
SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
NEW_KEY, OLD_KEY, LOST_KEY = AeadKey.generate(), AeadKey.generate(), AeadKey.generate()
TOKEN, WORDS = new_token(), "correct horse"
# Keys with one of everything.
KEYS = (
    ServiceKeys(KeyRing(NEW_KEY, OLD_KEY, LOST_KEY), SIGNER, KeyRing(SIGNER.verifying_key))
    .retire_keys([LOST_KEY.key_id])
    .complete_rotation(NEW_KEY.key_id)
    .promote_signer()
    .prepare_key()
    .prepare_signer()
    .add_token("alice", TOKEN)
    .add_token("bob", new_token())
)
CONTENT = encode(KEYS)
Entries = dict[str, Any]
WRITTEN: Entries = json.loads(CONTENT)
PEM_BODY = KEYS.signer.to_pem().splitlines()[1:-1]
SECRETS = [*(key.secret.hex() for key in KEYS.wrapping_keys), *PEM_BODY, TOKEN]
# Keys as the first version wrote them.
FIRST = {
    "format": FIRST_FORMAT,
    "keys": [{"key_id": key.key_id, "secret": key.secret.hex()} for key in (NEW_KEY, OLD_KEY)],
    "signer": {"key_id": SIGNER.key_id, "private_key": SIGNER.to_pem()},
}


def assert_is_refused(content: bytes, passphrase: str | None = None, words: str = DAMAGED) -> None:
    with pytest.raises(FormatError) as refusal:
        decode(content, passphrase)
    assert str(refusal.value).startswith(words)
    trace = whole_trace(refusal.value)
    assert "During handling of the above" not in trace
    assert not any(secret[:20] in trace for secret in SECRETS)


def assert_same(keys: ServiceKeys, other: ServiceKeys) -> None:
    assert encode(keys) == encode(other)


def checksum(entries: Entries) -> str:
    """SHA-256 of all other entries, sorted, without white space: docs/format.md."""
    rest = {name: value for name, value in entries.items() if name != "checksum"}
    exact = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(exact.encode("ascii")).hexdigest()


def changed(kind: str, place: int, **changes: object) -> Entries:
    """The written keys, but one entry among its keys or signers has other values."""
    entries = [dict(entry) for entry in WRITTEN[kind]]
    entries[place] |= changes
    return WRITTEN | {kind: entries}


def exchanged(name: str) -> Entries:
    """The first two keys have each other's `secret` or `key_id`."""
    first, second, *others = WRITTEN["keys"]
    return WRITTEN | {"keys": [first | {name: second[name]}, second | {name: first[name]}, *others]}


SECRET = WRITTEN["keys"][0]["secret"]
OTHER_SECRET = f"{int(SECRET[0], 16) ^ 1:x}{SECRET[1:]}"  # one digit is different
PUBLIC_PEM = KEYS.signer.verifying_key.to_pem()
PROTECTED_PEM = DSA.import_key(SIGNER.to_pem()).export_key(pkcs8=True, passphrase="secret").decode()
DAMAGED_FILES: dict[str, Entries] = {
    "two secrets are exchanged": exchanged("secret"),
    "two key ids are exchanged": exchanged("key_id"),
    "one key stands twice": WRITTEN | {"keys": [*WRITTEN["keys"], WRITTEN["keys"][1]]},
    "no primary key": changed("keys", 0, state="earlier"),
    "two primary keys": changed("keys", 1, state="primary"),
    "two primary signers": changed("signers", 1, state="primary"),
    "another signer under the same id": changed("signers", 0, private_key=OTHER_SIGNER.to_pem()),
    "the signer has another id": changed("signers", 0, key_id=OTHER_SIGNER.key_id),
    "the signer is a public key": changed("signers", 0, private_key=PUBLIC_PEM),
    "the signer is under a passphrase": changed("signers", 0, private_key=PROTECTED_PEM),
    "a token has no owner": WRITTEN | {"tokens": [{"sha256": "00"}]},
    "a later format": WRITTEN | {"format": "securedata/v4/keys"},
    "a foreign format": WRITTEN | {"format": "keys"},
    "the first format": WRITTEN | {"format": FIRST_FORMAT},
    "a short secret": changed("keys", 0, secret=SECRET[:-2]),
    "a long secret": changed("keys", 0, secret=SECRET + "00"),
    "a secret that is not hex": changed("keys", 0, secret="x" * 64),
    "a secret that is a number": changed("keys", 0, secret=7),
    "another secret": changed("keys", 0, secret=OTHER_SECRET),
    **{f"{it} 7": WRITTEN | {it: 7} for it in ("keys", "signers", "tokens", "retired")},
    **{f"{it} null": WRITTEN | {it: [None]} for it in ("keys", "signers", "tokens")},
    **{
        f"no {it}": {name: value for name, value in WRITTEN.items() if name != it} for it in WRITTEN
    },
    "first: no keys": FIRST | {"keys": []},
    "first: a key is null": FIRST | {"keys": [None]},
    "first: the signer is null": FIRST | {"signer": None},
    "first: a wrong digit": FIRST | {"keys": [{"key_id": NEW_KEY.key_id, "secret": OTHER_SECRET}]},
}
GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(1000),
    "not UTF-8": b"\xff" + CONTENT,
    "not JSON": b"keys: yes",
    "a list": b"[" + CONTENT + b"]",
    "null": b"null",
    "twice": CONTENT * 2,
    "a low checksum": json.dumps(WRITTEN | {"checksum": 64 * "0"}).encode(),
    "a high checksum": json.dumps(WRITTEN | {"checksum": 64 * "f"}).encode(),
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
    assert (read.created, read.all_under_primary) == (KEYS.created, KEYS.all_under_primary)
    with pytest.raises(RetiredKeyError, match=f"key {LOST_KEY.key_id} was retired"):
        read.wrapping_keys[LOST_KEY.key_id]


def test_keys_without_tokens_still_know_whether_there_ever_was_one() -> None:
    fresh = ServiceKeys.generate()
    revoked = fresh.add_token("a", TOKEN).revoke_token("a")
    assert (decode(encode(fresh)).tokens, decode(encode(revoked)).tokens) == (None, {})


def test_the_file_holds_no_token_no_retired_key_and_no_earlier_signers_private_key() -> None:
    for gone in (TOKEN, LOST_KEY.secret.hex(), json.dumps(SIGNER.to_pem())):
        assert gone.encode() not in CONTENT
    assert [list(entry) for entry in WRITTEN["signers"]] == [
        ["key_id", "state", "created", "private_key"],
        ["key_id", "state", "created", "private_key"],
        ["key_id", "state", "created", "public_key"],
    ]


def test_the_checksum_is_the_one_that_the_docs_describe() -> None:
    assert WRITTEN["checksum"] == checksum(WRITTEN)


def test_keys_of_the_first_version_are_read_and_their_first_is_primary() -> None:
    keys = decode(json.dumps(FIRST, indent=2).encode())
    assert keys.wrapping_keys.primary.secret == NEW_KEY.secret
    assert keys.wrapping_keys[OLD_KEY.key_id].secret == OLD_KEY.secret
    assert (keys.signer.key_id, keys.tokens, keys.created) == (SIGNER.key_id, None, {})
    assert json.loads(encode(keys))["format"] == "securedata/v3/keys"


@pytest.mark.whole
@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(content: bytes) -> None:
    assert_is_refused(content)
    assert_is_refused(content, "passphrase")


@pytest.mark.whole
@pytest.mark.parametrize("entries", DAMAGED_FILES.values(), ids=DAMAGED_FILES.keys())
def test_damaged_keys_are_refused_even_under_a_valid_checksum(entries: Entries) -> None:
    assert_is_refused(json.dumps(entries).encode())
    if "checksum" in entries:
        assert_is_refused(json.dumps(entries | {"checksum": checksum(entries)}).encode())


@pytest.mark.usefixtures("cheap_passphrases")
@pytest.mark.parametrize("passphrase", [None, WORDS])
def test_a_changed_byte_gives_the_same_keys_or_none(passphrase: str | None) -> None:
    content = encode(KEYS, passphrase)

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(place=st.integers(0, len(content) - 1), byte=st.integers(0, 255))
    def same_or_none(place: int, byte: int) -> None:
        assume(content[place] != byte)
        try:
            read = decode(content[:place] + bytes([byte]) + content[place + 1 :], passphrase)
        except FormatError:
            return
        assert_same(read, KEYS)
        # Under a passphrase, a hex digit may be a capital letter, too.
        assert passphrase or content[place : place + 1].isspace()

    same_or_none()


@pytest.mark.usefixtures("cheap_passphrases")
def test_under_a_passphrase_keys_come_back_with_it_alone_and_nothing_can_be_read() -> None:
    content = encode(KEYS, WORDS)
    assert (is_protected(content), is_protected(CONTENT)) == (True, False)
    assert_same(decode(content, WORDS), KEYS)
    assert_is_refused(content, None, "is under a passphrase: put it into SECUREDATA_PASSPHRASE")
    for wrong in ("battery staple", "correct horse ", "", "\ud800"):
        assert_is_refused(content, wrong, "is not opened by this passphrase")
    known = [key.key_id for key in (*KEYS.wrapping_keys, *KEYS.signers)]
    assert not any(secret.encode() in content for secret in (*SECRETS, *known, "alice"))


def test_keys_under_no_passphrase_are_refused_if_one_was_given() -> None:
    for content in (CONTENT, json.dumps(FIRST).encode()):
        assert_is_refused(content, WORDS, NOT_PROTECTED)


@pytest.mark.usefixtures("cheap_passphrases")
def test_the_file_names_its_cost_and_may_not_ask_for_more_than_the_ceiling() -> None:
    entries = json.loads(encode(KEYS, WORDS))
    assert entries["scrypt"] == {"n": 16, "r": 8, "p": 1}
    for cost in ({"n": 2**21, "r": 8, "p": 1}, {"n": 16, "r": 8}, {"n": 16, "q": 1}, None):
        assert_is_refused(json.dumps(entries | {"scrypt": cost}).encode(), WORDS)
    salt = entries["salt"]
    for spoiled in (salt + "00", salt[2:]):
        assert_is_refused(json.dumps(entries | {"salt": spoiled}).encode(), WORDS)
