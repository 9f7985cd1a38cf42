"""The key file's bytes: what was written is read, anything else is refused, no secret is quoted."""

import hashlib
import json
from typing import Any

import pytest
from Crypto.PublicKey import DSA
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from vocabulary import whole_trace

from securedata import AeadKey, KeyRing, ServiceKeys, SigningKey, record
from securedata.errors import FormatError, RetiredKeyError
from securedata.keys.format import (
    DAMAGED,
    EARLIER,
    LATER,
    PROTECTED,
    PROTECTED_FORMAT,
    decode,
    encode,
    is_protected,
)
from securedata.keys.service_keys import new_token

SIGNER, OTHER_SIGNER = SigningKey.generate(), SigningKey.generate()
NEW_KEY, OLD_KEY, LOST_KEY = AeadKey.generate(), AeadKey.generate(), AeadKey.generate()
TOKEN, WORDS = new_token(), "Grüße 🔐"
TIME = "2026-01-02T03:04:05Z"
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


def assert_is_refused(content: bytes, passphrase: str | None = None, words: str = DAMAGED) -> None:
    with pytest.raises(FormatError) as refusal:
        decode(content, passphrase)
    assert str(refusal.value).startswith(words)
    trace = whole_trace(refusal.value)
    assert "During handling of the above" not in trace
    assert not any(secret[:20] in trace for secret in SECRETS)


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


SECRET = WRITTEN["keys"][0]["secret"]
OTHER_SECRET = f"{int(SECRET[0], 16) ^ 1:x}{SECRET[1:]}"  # one digit is different
PUBLIC_PEM = KEYS.signer.verifying_key.to_pem()
PROTECTED_PEM = DSA.import_key(SIGNER.to_pem()).export_key(pkcs8=True, passphrase="secret").decode()
DAMAGED_FILES: dict[str, Entries] = {
    "a signer's state is unknown": changed("signers", 2, state="Earlier"),
    "a key's state is unknown": changed("keys", 2, state="lost"),
    **{
        f"a signer ends at {until!r}": changed("signers", 2, until=until)  # the earlier one
        for until in (None, 7, "", "yesterday", f"{TIME}\n")
    },
    "created is no time": changed("keys", 0, created="yesterday"),
    "one key stands twice": WRITTEN | {"keys": [*WRITTEN["keys"], WRITTEN["keys"][1]]},
    "no primary key": changed("keys", 0, state="earlier"),
    "two primary keys": changed("keys", 1, state="primary"),
    "two primary signers": changed("signers", 1, state="primary"),
    "another signer under the same id": changed("signers", 0, private_key=OTHER_SIGNER.to_pem()),
    "the signer has another id": changed("signers", 0, key_id=OTHER_SIGNER.key_id),
    "the signer is a public key": changed("signers", 0, private_key=PUBLIC_PEM),
    "the signer is under a passphrase": changed("signers", 0, private_key=PROTECTED_PEM),
    "a token has no owner": WRITTEN | {"tokens": [{"sha256": "00"}]},
    "a foreign format": WRITTEN | {"format": "keys"},
    "a kind that no version has": WRITTEN | {"format": "securedata/v4/keys-on-paper"},
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
}
PROTECTED_GARBAGE = [
    f'{{"format": "{PROTECTED_FORMAT}"}}'.encode(),
    f'{{"format": "{PROTECTED_FORMAT}", "salt": 7}}'.encode(),
    f'{{"format": "{PROTECTED_FORMAT}"'.encode(),
]
OF_OTHER_VERSIONS = [
    (WRITTEN | {"format": "securedata/v5/keys"}, LATER),
    ({"format": "securedata/v10/keys", "nothing": "that we know"}, LATER),
    ({"format": "securedata/v5/keys-under-passphrase"}, LATER),
    (WRITTEN | {"format": "securedata/v2/keys"}, EARLIER),
    ({"format": "securedata/v2/keys-under-passphrase"}, EARLIER),
]


def test_keys_come_back_as_they_were() -> None:
    read = decode(CONTENT)
    assert encode(read) == CONTENT
    assert read.owner_of(TOKEN) == "alice"
    assert (read.created, read.all_under_primary) == (KEYS.created, KEYS.all_under_primary)
    for old, new in ((KEYS.next_key, read.next_key), (KEYS.next_signer, read.next_signer)):
        assert (old and old.key_id) == (new and new.key_id)
    with pytest.raises(RetiredKeyError, match=f"key {LOST_KEY.key_id} was retired"):
        read.wrapping_keys[LOST_KEY.key_id]


def test_other_schemes_and_ends_of_signers_come_back() -> None:
    [earlier] = [it.key_id for it in KEYS.signers if KEYS.state(it.key_id) == "earlier"]
    other = KEYS.promote_signer().promote_signer(record.ML_DSA_65)
    for keys in (other, other.promote_signer(record.DSA), KEYS.end_signer(earlier, TIME)):
        content = encode(keys)
        assert encode(decode(content)) == content
        assert decode(content).ended == keys.ended
        assert [it.scheme for it in decode(content).signers] == [it.scheme for it in keys.signers]


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


def test_the_checksum_and_the_form_are_those_that_the_docs_describe() -> None:
    assert WRITTEN["checksum"] == checksum(WRITTEN)
    assert json.dumps(WRITTEN, indent=2).encode() + b"\n" == CONTENT


@pytest.mark.whole
@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused(content: bytes) -> None:
    assert_is_refused(content)


@pytest.mark.parametrize("content", PROTECTED_GARBAGE)
def test_garbage_that_says_it_is_under_a_passphrase_is_refused(content: bytes) -> None:
    assert_is_refused(content, WORDS)


@pytest.mark.parametrize(("entries", "words"), OF_OTHER_VERSIONS)
@pytest.mark.parametrize("passphrase", [None, WORDS])
def test_keys_of_another_version_say_so_before_anything_else(
    entries: Entries, words: str, passphrase: str | None
) -> None:
    content = json.dumps(entries).encode()
    assert_is_refused(content, passphrase, words)
    assert not is_protected(content)  # so that nobody is asked for its passphrase


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
        assert encode(read) == CONTENT
        # Under a passphrase, a hex digit may be a capital letter, too.
        assert passphrase or content[place : place + 1].isspace()

    same_or_none()


@pytest.mark.usefixtures("cheap_passphrases")
def test_under_a_passphrase_keys_come_back_with_it_alone_and_nothing_can_be_read() -> None:
    content = encode(KEYS, WORDS)
    assert (is_protected(content), is_protected(CONTENT)) == (True, False)
    assert encode(decode(content, WORDS)) == CONTENT
    assert_is_refused(content, None, PROTECTED)
    for wrong in ("Größe 🔑", WORDS.lower(), f"{WORDS} ", WORDS[:-1], "", "\ud800"):
        assert_is_refused(content, wrong, "is not opened by this passphrase")
    known = [key.key_id for key in (*KEYS.wrapping_keys, *KEYS.signers)]
    assert not any(secret.encode() in content for secret in (*SECRETS, *known, "alice"))


@pytest.mark.usefixtures("cheap_passphrases")
def test_the_file_names_its_cost_and_may_not_ask_for_more_than_the_ceiling() -> None:
    entries = json.loads(encode(KEYS, WORDS))
    assert entries["scrypt"] == {"n": 16, "r": 8, "p": 1}
    for cost in ({"n": 2**21, "r": 8, "p": 1}, {"n": 16, "r": 8}, {"n": 16, "q": 1}, None):
        assert_is_refused(json.dumps(entries | {"scrypt": cost}).encode(), WORDS)
    salt = entries["salt"]
    for spoiled in (salt + "00", salt[2:]):
        assert_is_refused(json.dumps(entries | {"salt": spoiled}).encode(), WORDS, "is not opened")
