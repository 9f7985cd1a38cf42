"""The service's keys as the bytes of a key file, and back: JSON, so that any editor can show it.

Every key must match its id, and a checksum covers everything. So a byte that changes on a failing
disk can change no key and no owner of a token. No files here. docs/format.md describes the format.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import Key, KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, SignatureError, TagError, UnknownKeyError
from securedata.keys.passphrase import Cost, Protected, protect, unprotect
from securedata.keys.service_keys import ServiceKeys, Token
from securedata.record import EncryptedMessage, checked_time

OLDEST, VERSION = 3, 4  # that are read: see `_in_version_4`
FORMAT = "securedata/v4/keys"
PROTECTED_FORMAT = "securedata/v4/keys-under-passphrase"
# The name is at the head: files of another version may share nothing else with ours.
HEAD = re.compile(rb'\s*{\s*"format":\s*"(securedata/v(\d{1,9})/keys[-a-z]*)')

EARLIER = (
    "was written by securedata 0.1, and is no longer read: run securedata rotate of version 0.2 "
    "on it first"
)
LATER = "was written by a later securedata: update this one"
DAMAGED = "is damaged: restore it from a backup"
PROTECTED = "is under a passphrase: put it into SECUREDATA_PASSPHRASE"
NOT_PROTECTED = (
    "is under no passphrase, although one was given: somebody may have replaced it. Restore it "
    "from a backup. If you removed the passphrase yourself, give none"
)
# Whatever damaged bytes can raise on the way to keys.
SPOILED = (
    *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
    *(FormatError, SignatureError, UnknownKeyError),
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
    private_keys = {it.key_id: it.to_pem() for it in (keys.signer, keys.next_signer) if it}
    entries = {
        "format": FORMAT,
        "keys": [_entry(keys, it.key_id, secret=it.secret.hex()) for it in keys.wrapping_keys],
        "all_under_primary": keys.all_under_primary,
        "retired": sorted(keys.wrapping_keys.retired),
        "signers": [
            _entry(keys, it.key_id, private_key=private_keys[it.key_id])
            if it.key_id in private_keys
            else _entry(keys, it.key_id, public_key=it.to_pem())
            for it in keys.signers
        ],
        "tokens": None
        if keys.tokens is None
        else [
            {"owner": owner, "created": token.created, "sha256": token.sha256}
            for owner, token in keys.tokens.items()
        ],
    }
    content = _as_json({**entries, "checksum": _checksum(entries)})
    return content if passphrase is None else _as_json(_under(passphrase, content))


def decode(content: bytes, passphrase: str | None = None) -> ServiceKeys:
    """Read keys, and check that every key matches its id.

    If there is a passphrase, the keys must be under it: somebody could have put other keys there.

    Raises:
        FormatError: damaged, of another version, or not under this passphrase. The message needs
            the file's name before it.

    >>> decode(b"{}")
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: is damaged: restore it from a backup
    """
    head = HEAD.match(content)
    if head and not OLDEST <= int(head[2]) <= VERSION:
        raise FormatError(LATER if int(head[2]) > VERSION else EARLIER)
    if is_protected(content) != (passphrase is not None):
        raise FormatError(NOT_PROTECTED if passphrase is not None else PROTECTED)
    if passphrase is not None:
        return decode(_opened(content, passphrase))
    try:
        return _service_keys(json.loads(content))
    except SPOILED:
        # `from None`: the cause could quote a key.
        raise FormatError(DAMAGED) from None


def is_protected(content: bytes) -> bool:
    """Whether these bytes are keys under a passphrase.

    >>> is_protected(encode(ServiceKeys.generate()))
    False
    """
    head = HEAD.match(content)
    return head is not None and _in_version_4(head[1].decode("ascii")) == PROTECTED_FORMAT


def _as_json(entries: Json) -> bytes:
    return (json.dumps(entries, indent=2) + "\n").encode("ascii")


def _checksum(entries: Json) -> str:
    exact = json.dumps(entries, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(exact.encode("ascii")).hexdigest()


# Writing.


def _entry(keys: ServiceKeys, key_id: str, **key: str) -> Json:
    head = {"key_id": key_id, "state": keys.state(key_id), "created": keys.created.get(key_id)}
    until = {"until": keys.ended[key_id]} if key_id in keys.ended else {}
    return {**head, **until, **key}


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


def _in_version_4(name: str) -> str:
    """The name that a format has in version 4. Version 3 differs in its names alone.

    It is read until release 0.4.
    """
    return name.replace("securedata/v3/", "securedata/v4/")


def _opened(content: bytes, passphrase: str) -> bytes:
    try:
        entries = json.loads(content)
        salt, nonce, ciphertext, tag = (
            bytes.fromhex(entries[name]) for name in ("salt", "nonce", "ciphertext", "tag")
        )
        message = EncryptedMessage(nonce=nonce, ciphertext=ciphertext, tag=tag)
        return unprotect(Protected(salt, Cost(**entries["scrypt"]), message), passphrase)
    except TagError:
        raise FormatError(
            "is not opened by this passphrase: type it again, or change SECUREDATA_PASSPHRASE. "
            "If you are sure of it, the file is damaged: restore it from a backup"
        ) from None
    except SPOILED:
        raise FormatError(DAMAGED) from None


def _service_keys(entries: Json) -> ServiceKeys:
    if _in_version_4(entries["format"]) != FORMAT:
        raise FormatError("another format")
    if entries.pop("checksum") != _checksum(entries):
        raise FormatError("the checksum is another one")
    keys, signers, tokens = entries["keys"], entries["signers"], entries["tokens"]
    if not {it["state"] for it in (*keys, *signers)} <= {"primary", "next", "earlier"}:
        raise FormatError("a key of an unknown state would be lost")
    [primary], next_keys, earlier_keys = (
        _read(keys, state, "secret", lambda secret: AeadKey(bytes.fromhex(secret)))
        for state in ("primary", "next", "earlier")
    )
    [signer], next_signers = (
        _read(signers, state, "private_key", SigningKey.from_pem) for state in ("primary", "next")
    )
    earlier_signers = _read(signers, "earlier", "public_key", VerifyingKey.from_pem)
    return ServiceKeys(
        wrapping_keys=KeyRing(primary, *next_keys, *earlier_keys, retired=entries["retired"]),
        signer=signer,
        signers=KeyRing(*(it.verifying_key for it in (signer, *next_signers)), *earlier_signers),
        next_key=next(iter(next_keys), None),
        next_signer=next(iter(next_signers), None),
        tokens=None
        if tokens is None
        else {entry["owner"]: Token(entry["sha256"], entry["created"]) for entry in tokens},
        created={
            it["key_id"]: checked_time(it["created"]) for it in (*keys, *signers) if it["created"]
        },
        all_under_primary=entries["all_under_primary"],
        ended={it["key_id"]: checked_time(it["until"]) for it in signers if "until" in it},
    )


def _read(entries: list[Json], state: str, name: str, read: Callable[[str], Key]) -> list[Key]:
    """The keys in this state. Each must match its id."""
    chosen = [entry for entry in entries if entry["state"] == state]
    keys = [read(entry[name]) for entry in chosen]
    if [key.key_id for key in keys] != [entry["key_id"] for entry in chosen]:
        raise FormatError("a key is not what its id says")
    return keys
