"""The flaw of the twin of the whole store: the row chooses the algorithm."""

import hashlib

from securedata.errors import SignatureError
from securedata.lab.twins.store_twin import StoreTwin
from securedata.lab.twins.twin import Row


class AlgorithmFromRow(StoreTwin):
    """The row says how it is to be verified: by DSA, by a plain hash, or not at all.

    Breaks: RFC 8725, 3.1: the verifier says which algorithms it accepts, and uses no other.
    Happened: libraries for JSON Web Tokens trusted a token that said "none" (RFC 8725, 2.1).

    >>> from dataclasses import replace
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
