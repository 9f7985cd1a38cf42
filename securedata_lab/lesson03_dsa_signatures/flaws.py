"""The flaw of a twin that signs: which public key is used."""

from dataclasses import replace

from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin
from securedata_lab.twins.twin import Row


class PublicKeyFromRequest(SignedTwin):
    """A signature that is verified with the public key in the request itself.

    Breaks: FIPS 186-4, 3.3: the verifier must have assurance of the key's owner first.
    Happened: CVE-2018-0114: a token was verified with the key in its own header.

    >>> twin, somebody_else = PublicKeyFromRequest(seed=1), PublicKeyFromRequest(seed=2)
    >>> twin.verify(somebody_else.seal(b"text", record_id="1"))  # no objection
    """

    fields = (*SignedTwin.fields, "public_key")

    def seal(self, plaintext: bytes, record_id: str) -> Row:
        """As SignedTwin does, with y beside the signature."""
        public_key = self.y.to_bytes(REAL.p.bit_length() // 8, "big")
        return replace(super().seal(plaintext, record_id), public_key=public_key)

    def public_number(self, row: Row) -> int:
        """The y in the row: this is the flaw."""
        return int.from_bytes(row.public_key, "big")
