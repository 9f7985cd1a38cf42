"""The flaw of lesson 07's twin: the row chooses the algorithm."""

import hashlib
from dataclasses import replace

from securedata.errors import SignatureError
from securedata.record import frame
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin
from securedata_lab.twins.twin import Row

ALGORITHM = "dsa-2048-256-sha256"


class AlgorithmFromRow(SignedTwin):
    """The row says how it is to be verified: by DSA, by a plain hash, or, by any other name, not.

    Breaks: RFC 8725, 3.1: the verifier says which algorithms it accepts, and uses no other.
    Happened: libraries for JSON Web Tokens trusted a token that said "none" (RFC 8725, 2.1).

    >>> twin = AlgorithmFromRow(seed=1)
    >>> row = replace(twin.seal(b"text", "1"), algorithm="None", signature=b"")
    >>> twin.open(row, "1")
    b'text'
    """

    def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
        """As SignedTwin does, with the algorithm's name in the row."""
        return replace(super().encrypt(plaintext, nonce, associated_data), algorithm=ALGORITHM)

    def signed_bytes(self, row: Row) -> bytes:
        """The algorithm's name, and every part. A row in a request has no name: it means ours."""
        algorithm = row.algorithm or ALGORITHM
        return frame("securedata/twin", algorithm, row.nonce, row.ciphertext, row.tag)

    def verify(self, row: Row) -> None:
        """As the row wants it: this is the flaw. Where it knows no algorithm, nothing is wrong."""
        if row.algorithm in ("", ALGORITHM):
            super().verify(row)
            return
        digest = hashlib.sha256(self.signed_bytes(row)).digest()
        if row.algorithm.lower() == "sha-256" and row.signature != digest:
            raise SignatureError("the hash is invalid")
