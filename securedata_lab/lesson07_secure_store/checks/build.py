"""Exercise 7.7: the lock of a store. It opens fresh records, under keys of its own."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from securedata.errors import SecureDataError
from securedata.keys.service_keys import ServiceKeys
from securedata_lab.judging.engine import exercise, returned, shown
from securedata_lab.lesson07_secure_store.store import Rows, new_header, seal_all

Text = Annotated[bytes, "unseal(…) gives the text's bytes: return them as they are"]
Opened = Callable[[Rows, str, str, ServiceKeys], Text]

# What Python says, and what it means here. The words after `name` and `missing` are theirs.
ERRORS = {
    "unseal() got an unexpected": (
        "unseal takes the record, keys= and signers=. It never asks who may read"
    ),
    "get() got an unexpected": "rows.get takes record_id and owner=",
    "name 'wrapping_keys'": "safe has it: write `safe.` before it",
    "name 'signer": "safe has it: write `safe.` before it",
    "name 'record'": "the record comes from rows.get",
    "name 'owner'": "which argument of your function says who asks?",
    "positional argument": "write the names: keys=…, signers=…",
    "'signers'": "unseal needs keys= and signers=",
    "'ServiceKeys' object has no attribute": (
        "safe holds three things: wrapping_keys, signer and signers. Which are needed here?"
    ),
    "'ServiceKeys'": "safe holds three things: which of them are needed here?",
    "'KeyRing' object has no attribute": "a ring of keys: unseal takes it whole",
    "type 'SealedRecord' is not supported": "rows.get takes the id, and gives the record",
    "'SigningKey' is not": "a private key signs; what verifies?",
    "'SigningKey' object has no attribute": "a private key signs; what verifies, and what opens?",
    "unknown key id": "keys= takes wrapping_keys, and signers= what verifies",
    "'dict' object has no attribute 'record_id'": "a dict's part is read as in receipt[…]",
    "RecordNotFoundError": "rows.get takes the id that was asked for: record_id",
    "'str' object has no attribute 'header'": "the id alone is no record: rows.get finds it",
}


KITS = tuple(
    f"securedata_lab.lesson07_secure_store.store.{name}"
    for name in ("seal_all", "open_by_id", "seal_without_owner", "open_without_owner")
)


@exercise("7.7", "only untampered records come out", points=4, ready_made=KITS, errors=ERRORS)
def opens(opened: Opened) -> str | None:
    """opened(rows, record_id, caller, safe): the text, in bytes."""
    safe = ServiceKeys.generate()
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
