"""Lesson 04, at home: the real service's DSA key is stolen, and the service changes its signer."""

import secrets
import time
from collections.abc import Mapping

from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import seal
from securedata.crypto.signature import SigningKey
from securedata.errors import SignatureError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import LOCAL
from securedata.record import DSA, Header, Receipt, Scheme
from securedata.web.client import Client
from securedata_lab.servers.starting import LabServer


def rotate_signer(server: LabServer, scheme: Scheme) -> SigningKey:
    """Let a new signer of this scheme sign, as `securedata rotate --signer` does.

    It returns the private key, which a thief may have.

    >>> server = LabServer()
    >>> rotate_signer(server, DSA).scheme.name
    'dsa'
    """
    return KeyFile.load(server.key_file).update(lambda it: it.promote_signer(scheme)).signer


def end_signer(server: LabServer, signer: SigningKey, last: Receipt) -> None:
    """Refuse what this signer signs after the last receipt, as `securedata keys end` does.

    Then a new DSA key signs, so that the cells of the lesson may run again.

    >>> with LabServer() as server:
    ...     client = Client(server.url, ca_file=server.ca_file or "")
    ...     stolen, last = rotate_signer(server, DSA), client.store("text")
    ...     next_signer = rotate_signer(server, DSA)
    ...     end_signer(server, stolen, last)
    ...     show_receipts(client, {"Eve, now": eves_receipt(stolen)})
    Eve, now         64 bytes of signature: refused
    """
    until = last.header.created
    KeyFile.load(server.key_file).update(lambda it: it.end_signer(signer.key_id, until))
    rotate_signer(server, DSA)


def eves_receipt(signer: SigningKey, created: str | None = None) -> Receipt:
    """A receipt that no service made, signed with a stolen key. Its text nobody can open.

    It is of now, or of any time that the thief writes into it.

    >>> signer = SigningKey.generate()
    >>> eves_receipt(signer, "2026-01-01T00:00:00Z").header.created
    '2026-01-01T00:00:00Z'
    """
    if created is None:
        time.sleep(1)  # receipts count whole seconds: this one is later than all before it
    header = Header(
        record_id=secrets.token_hex(16),
        owner=LOCAL,
        signer_id=signer.key_id,
        created=created or now(),
    )
    keys = KeyRing(AeadKey.generate())
    return seal(b"Kim owes Eve 9999 EUR", header, keys=keys, signer=signer)


def show_receipts(client: Client, receipts: Mapping[str, Receipt]) -> None:
    """Which receipts a client calls valid, and how long their signatures are."""
    for name, receipt in receipts.items():
        try:
            client.verify(receipt)
            verdict = "valid"
        except SignatureError:
            verdict = "refused"
        print(f"{name:14}{len(receipt.signature):>5} bytes of signature: {verdict}")
