"""The service's keys as the bytes of a key file, and back: JSON, so that any editor can show it.

Every key must match its id, and a checksum covers everything. So a byte that changes on a failing
disk can change no key and no owner of a token. No files here. docs/format.md describes the format.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import Key, KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, SignatureError, TagError, UnknownKeyError
from securedata.keys.passphrase import Cost, Protected, protect, unprotect
from securedata.keys.service_keys import ServiceKeys, Token
from securedata.record import EncryptedMessage

FORMAT = "securedata/v3/keys"
PROTECTED_FORMAT = "securedata/v3/keys-under-passphrase"
# Still read, never written. The first has one signer, no times and no tokens. The second has no
# retired keys, does not say since when every record is under the primary, and names no cost.
FIRST_FORMAT, SECOND_FORMAT = "securedata/v1/keys", "securedata/v2/keys"
SECOND_PROTECTED_FORMAT = "securedata/v2/keys-under-passphrase"
SECOND_COST = Cost(n=2**17, r=8, p=1)

DAMAGED = "is damaged: restore it from a backup"
NOT_PROTECTED = (
    "is under no passphrase, although one was given: somebody may have replaced it. Restore it "
    "from a backup. If you removed the passphrase yourself, give none"
)

Json = dict[str, Any]


def encode(keys: ServiceKeys, passphrase: str | None = None) -> bytes:
    """Write down the keys, and encrypt them if there is a passphrase.

    Raises:
        FormatError: the passphrase is empty, or not Unicode text.

    >>> keys = ServiceKeys.generate()
    >>> decode(encode(keys)).signer.key_id == keys.signer.key_id
    True
    """
    entries = {
        "format": FORMAT,
        "keys": [_key_entry(keys, key) for key in keys.wrapping_keys],
        "all_under_primary": keys.all_under_primary,
        "retired": sorted(keys.wrapping_keys.retired),
        "signers": [_signer_entry(keys, key) for key in keys.signers],
        "tokens": _token_entries(keys),
    }
    content = _as_json({**entries, "checksum": _checksum(entries)})
    return content if passphrase is None else _as_json(_under(passphrase, content))


def decode(content: bytes, passphrase: str | None = None) -> ServiceKeys:
    """Read keys, and check that every key matches its id.

    If there is a passphrase, the keys must be under it: somebody could have put other keys there.

    Raises:
        FormatError: damaged, or not under this passphrase. The message needs the file's name
            before it.

    >>> decode(b"{}")
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: is damaged: restore it from a backup
    """
    try:
        if is_protected(content):
            return _service_keys(json.loads(_opened(content, passphrase)))
        keys = _service_keys(json.loads(content))
    except _PassphraseError as error:
        raise FormatError(str(error)) from None
    except (
        *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
        *(FormatError, SignatureError, UnknownKeyError),
    ):
        # `from None`: the cause could quote a key.
        raise FormatError(DAMAGED) from None
    if passphrase is not None:
        raise FormatError(NOT_PROTECTED)
    return keys


def is_protected(content: bytes) -> bool:
    """Whether these bytes are keys under a passphrase.

    >>> is_protected(encode(ServiceKeys.generate()))
    False
    """
    formats = (PROTECTED_FORMAT, SECOND_PROTECTED_FORMAT)
    return any(name.encode() in content[:100] for name in formats)


class _PassphraseError(Exception):
    pass


def _as_json(entries: Json) -> bytes:
    return (json.dumps(entries, indent=2) + "\n").encode("ascii")


def _checksum(entries: Json) -> str:
    exact = json.dumps(entries, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(exact.encode("ascii")).hexdigest()


# Writing.


def _head(keys: ServiceKeys, key_id: str) -> Json:
    return {"key_id": key_id, "state": keys.state(key_id), "created": keys.created.get(key_id)}


def _key_entry(keys: ServiceKeys, key: AeadKey) -> Json:
    return {**_head(keys, key.key_id), "secret": key.secret.hex()}


def _signer_entry(keys: ServiceKeys, key: VerifyingKey) -> Json:
    for signer in filter(None, (keys.signer, keys.next_signer)):
        if signer.key_id == key.key_id:
            return {**_head(keys, key.key_id), "private_key": signer.to_pem()}
    return {**_head(keys, key.key_id), "public_key": key.to_pem()}


def _token_entries(keys: ServiceKeys) -> list[Json] | None:
    if keys.tokens is None:
        return None
    return [
        {"owner": owner, "created": token.created, "sha256": token.sha256}
        for owner, token in keys.tokens.items()
    ]


def _under(passphrase: str, content: bytes) -> Json:
    protected = protect(content, passphrase)
    return {
        "format": PROTECTED_FORMAT,
        "scrypt": asdict(protected.cost),
        "salt": protected.salt.hex(),
        "nonce": protected.message.nonce.hex(),
        "ciphertext": protected.message.ciphertext.hex(),
        "tag": protected.message.tag.hex(),
    }


# Reading.


def _opened(content: bytes, passphrase: str | None) -> bytes:
    entries = json.loads(content)
    salt, nonce, ciphertext, tag = (
        bytes.fromhex(entries[name]) for name in ("salt", "nonce", "ciphertext", "tag")
    )
    cost = Cost(**entries["scrypt"]) if entries["format"] == PROTECTED_FORMAT else SECOND_COST
    message = EncryptedMessage(nonce=nonce, ciphertext=ciphertext, tag=tag)
    protected = Protected(salt, cost, message)
    if passphrase is None:
        raise _PassphraseError("is under a passphrase: put it into SECUREDATA_PASSPHRASE")
    try:
        return unprotect(protected, passphrase)
    except (TagError, FormatError):
        raise _PassphraseError(
            "is not opened by this passphrase: type it again. If you are sure of it, the file is "
            "damaged: restore it from a backup"
        ) from None


def _service_keys(entries: Json) -> ServiceKeys:
    if entries["format"] == FIRST_FORMAT:
        entries = _from_first_format(entries)
    elif entries.pop("checksum") != _checksum(entries):
        raise FormatError("the checksum does not fit")
    if entries["format"] == SECOND_FORMAT:
        entries = {**entries, "format": FORMAT, "all_under_primary": None, "retired": []}
    if entries["format"] != FORMAT:
        raise FormatError("another format")
    keys, signers = entries["keys"], entries["signers"]
    [primary] = _keys(keys, "primary")
    [signer] = _signing_keys(signers, "primary")
    next_keys, next_signers = _keys(keys, "next"), _signing_keys(signers, "next")
    verifying = [it.verifying_key for it in (signer, *next_signers)]
    return ServiceKeys(
        wrapping_keys=KeyRing(
            primary, *next_keys, *_keys(keys, "earlier"), retired=entries["retired"]
        ),
        signer=signer,
        signers=KeyRing(*verifying, *_verifying_keys(signers, "earlier")),
        next_key=next(iter(next_keys), None),
        next_signer=next(iter(next_signers), None),
        tokens=_tokens(entries["tokens"]),
        created={it["key_id"]: it["created"] for it in (*keys, *signers) if it["created"]},
        all_under_primary=entries["all_under_primary"],
    )


def _keys(entries: list[Json], state: str) -> list[AeadKey]:
    return _read(entries, state, lambda entry: AeadKey(bytes.fromhex(entry["secret"])))


def _signing_keys(entries: list[Json], state: str) -> list[SigningKey]:
    return _read(entries, state, lambda entry: SigningKey.from_pem(entry["private_key"]))


def _verifying_keys(entries: list[Json], state: str) -> list[VerifyingKey]:
    return _read(entries, state, lambda entry: VerifyingKey.from_pem(entry["public_key"]))


def _read(entries: list[Json], state: str, read: Callable[[Json], Key]) -> list[Key]:
    """The keys in this state. Each must match its id."""
    chosen = [entry for entry in entries if entry["state"] == state]
    keys = [read(entry) for entry in chosen]
    if [key.key_id for key in keys] != [entry["key_id"] for entry in chosen]:
        raise FormatError("a key is not what its id says")
    return keys


def _tokens(entries: list[Json] | None) -> dict[str, Token] | None:
    if entries is None:
        return None
    return {entry["owner"]: Token(entry["sha256"], entry["created"]) for entry in entries}


def _from_first_format(entries: Json) -> Json:
    primary, *earlier = entries["keys"]
    return {
        "format": SECOND_FORMAT,
        "keys": [
            {**primary, "state": "primary", "created": None},
            *({**entry, "state": "earlier", "created": None} for entry in earlier),
        ],
        "signers": [{**entries["signer"], "state": "primary", "created": None}],
        "tokens": None,
    }
