"""Exercise 7.1: the two lines of a store. They seal and open fresh texts, under keys of its own."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from securedata.crypto.sealing import unseal
from securedata.errors import SecureDataError
from securedata.keys.service_keys import ServiceKeys
from securedata.record import Header, SealedRecord
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson07_secure_store.diary import Rows, new_header, seal_all

Sealed = Callable[
    [bytes, Header, ServiceKeys], Annotated[SealedRecord, "return what seal(…) gives, unchanged"]
]
Text = Annotated[bytes, "unseal(…) gives the text's bytes: return them as they are"]
Opened = Callable[[Rows, str, str, ServiceKeys], Text]

# What Python says, and what it means here. `{parameter} missing` comes from seal and unseal.
ERRORS = {
    "unseal() got an unexpected": (
        "unseal takes the record, keys= and signers=. It never asks who may read"
    ),
    "get() got an unexpected": "rows.get takes record_id and owner=",
    "seal() got an unexpected": "seal takes text, header, keys= and signer=",
    "name 'wrapping_keys'": "safe has it: write safe. before it",
    "name 'signer": "safe has it: write safe. before it",
    "name 'record'": "the record comes from rows.get",
    "name 'owner'": "which argument of your function says who asks?",
    "positional argument": "write the names: keys=…, signer=… or signers=…",
    "'signer'": "seal needs keys= and signer=",
    "'signers'": "unseal needs keys= and signers=",
    "'ServiceKeys' object has no attribute": (
        "safe holds three things: wrapping_keys, signer and signers. Which are needed here?"
    ),
    "'ServiceKeys' object is not": "safe holds three things: which of them are needed here?",
    "'KeyRing' object has no attribute": "these keys do not sign: one private key signs",
    "'SigningKey' is not": "a private key signs; what verifies?",
    "'SigningKey' object has no attribute": "a private key signs; what verifies, and what opens?",
    "'str' object has no attribute 'header'": "the id alone is no record: rows.get finds it",
    "'bytes' object has no attribute 'encode'": "the text has come as bytes already",
}


KITS = tuple(
    f"securedata_lab.lesson07_secure_store.diary.{name}"
    for name in ("seal_all", "open_by_id", "seal_without_owner", "open_without_owner")
)


@exercise(
    "7.1",
    "texts go in, sealed records lie in the rows, and only untampered ones come out",
    points=6,
    ready_made=KITS,
    errors=ERRORS,
)
def seals_and_opens(sealed: Sealed, opened: Opened) -> str | None:
    """sealed(text, header, safe) -> record; opened(rows, record_id, caller, safe) -> text."""
    safe = ServiceKeys.generate()
    return _not_sealed(sealed, safe) or _not_opened(opened, safe)


def _not_sealed(sealed: Sealed, safe: ServiceKeys) -> str | None:
    for owner in ("ada", "eve"):
        text, header = os.urandom(8).hex().encode(), new_header(owner, safe)
        record = returned(sealed, text, header, safe)
        if record.header != header:
            return (
                f"expected a record of {owner}, got one with another header; "
                "seal with the header that your function is given"
            )
        try:
            read = unseal(record, keys=safe.wrapping_keys, signers=safe.signers)
        except SecureDataError as error:
            why = "use the keys of the argument safe, and no others"
            name = type(error).__name__
            return f"expected a record that your store can open, got {name}; {why}"
        if read != text:
            return (
                f"expected {shown(text)} in the record, got {shown(read)}; seal the argument text"
            )
    return None


def _not_opened(opened: Opened, safe: ServiceKeys) -> str | None:
    rows, texts = Rows(), {}
    for owner in ("ada", "eve", "ada"):
        record = seal_all(text := os.urandom(8).hex().encode(), new_header(owner, safe), safe)
        rows.put(record)
        texts[record.record_id] = owner, text, record
    for record_id, (owner, text, record) in texts.items():
        read = returned(opened, rows, record_id, owner, safe)
        if read == record.ciphertext:
            return "expected the text, got the ciphertext; unseal decrypts it"
        if read != text:
            return (
                f"expected {shown(text)}, got {shown(read)}; "
                "rows.get(record_id) is the record that was asked for"
            )
    forged = replace(record, header=new_header("ada", safe), signature=bytes(64))
    rows.put(replace(forged, nonce=os.urandom(12)))
    try:
        read = returned(opened, rows, forged.record_id, "ada", safe)
    except SecureDataError:
        return None
    return (
        f"expected a refusal of a forged record, got {shown(read)}; "
        "unseal verifies first: let its exception out"
    )
