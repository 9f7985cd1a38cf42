"""The flaws of the twin of the whole store: in the order, the header, the lookup, the algorithm."""

import hashlib
from dataclasses import replace

from securedata.errors import SignatureError
from securedata.lab.twins.flaws.unsigned import Cbc
from securedata.lab.twins.store_twin import StoreTwin
from securedata.lab.twins.twin import Row, Twin
from securedata.record import frame


class DecryptsFirst(StoreTwin, Cbc):
    """CBC, decrypted before the signature is verified: the padding speaks first.

    Breaks: authenticate the ciphertext, and decrypt only then (RFC 7366 does so in TLS).
    Happened: Lucky Thirteen, 2013: TLS unpadded CBC records before it checked their MAC.

    >>> twin = DecryptsFirst(seed=1)
    >>> row = twin.seal(b"text", record_id="1")
    >>> twin.open(replace(row, ciphertext=bytes(16)), "1")
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: Invalid padding.
    """

    flaw = "store-decrypts-first"

    decrypt = Cbc.decrypt  # not SignedTwin's CTR

    def open(self, row: Row, record_id: str | None) -> bytes:
        """Decrypt, then verify: this is the flaw."""
        plaintext = Twin.open(self, row, record_id)
        self.verify(row)
        return plaintext


class OwnerUnsigned(StoreTwin):
    """A header without the owner: an attacker who can write rows can give them away.

    Breaks: RFC 5116, 2.1: what the reader relies on, and is not encrypted, is authenticated.
    Happened: in many databases that encrypt columns and leave the owner's column alone.

    >>> twin = OwnerUnsigned(seed=1)
    >>> twin.rows["1"] = replace(twin.seal_for("ada", b"text", "1"), owner="eve")
    >>> twin.open(twin.find("1", owner="eve"), "1")
    b'text'
    """

    flaw = "store-owner-unsigned"

    def header(self, row: Row) -> bytes:
        """The algorithm, and which record, but not whose: this is the flaw."""
        return frame("securedata/twin", row.algorithm, row.record_id)


class AnyOwner(StoreTwin):
    """Rows are found by their id alone: an insecure direct object reference.

    Breaks: CWE-639: the id comes from the user, and nobody asks whether the row is theirs.
    Happened: OWASP's list of API risks has it in first place, in 2019 and in 2023.

    >>> twin = AnyOwner(seed=1)
    >>> twin.rows["1"] = twin.seal_for("ada", b"text", "1")
    >>> twin.open(twin.find("1", owner="eve"), "1")
    b'text'
    """

    flaw = "store-any-owner"

    def find(self, record_id: str, owner: str) -> Row:
        """The row with this id, for everybody: this is the flaw."""
        return replace(Twin.find(self, record_id, owner), record_id=record_id)


class AlgorithmFromRow(StoreTwin):
    """The row says how it is to be verified: by DSA, by a plain hash, or not at all.

    Breaks: RFC 8725, 3.1: the verifier says which algorithms it accepts, and uses no other.
    Happened: libraries for JSON Web Tokens trusted a token that said "none" (RFC 8725, 2.1).

    >>> twin = AlgorithmFromRow(seed=1)
    >>> row = replace(twin.seal(b"text", "1"), algorithm="None", signature=b"")
    >>> twin.open(row, "1")
    b'text'
    """

    flaw = "store-algorithm-from-row"

    def verify(self, row: Row) -> None:
        """As the row wants it: this is the flaw."""
        wanted = row.algorithm.lower()
        if wanted == "none":
            return
        if wanted != "sha-256":
            super().verify(row)
        elif row.signature != hashlib.sha256(self.signed_bytes(row)).digest():
            raise SignatureError("the hash is invalid")
