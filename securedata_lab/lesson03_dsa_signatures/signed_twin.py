"""The twin that signs: CTR and a DSA signature, which is its only protection against changes.

It is the second control: with a good k and framed bytes, its signature holds. Its flaws are in
securedata_lab/lesson03_dsa_signatures/flaws.py.
"""

from dataclasses import replace

from Crypto.Cipher import AES

from securedata.errors import FormatError, SignatureError
from securedata.record import frame
from securedata_lab.basics.small_dsa import REAL, fits, from_bytes, hashed, sign, to_bytes
from securedata_lab.twins.twin import Row, Twin


class SignedTwin(Twin):
    """AES-256-CTR and DSA 2048/256: a tag is made, as in GCM, but never checked.

    A flaw is a subclass that changes one of the three steps below.

    >>> twin = SignedTwin(seed=1)
    >>> row = twin.seal(b"text", record_id="0")
    >>> twin.open(replace(row, tag=b"any"), record_id="0")
    Traceback (most recent call last):
        ...
    securedata.errors.SignatureError: the signature is invalid
    """

    fields: tuple[str, ...] = ("nonce", "ciphertext", "tag", "signature")

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(seed)
        self.x = self.random.randrange(1, REAL.q)
        self.y = pow(REAL.g, self.x, REAL.p)

    # The three steps.

    def signed_bytes(self, row: Row) -> bytes:
        """What the signature covers: every part, each after its length."""
        return frame("securedata/twin", row.nonce, row.ciphertext, row.tag)

    def secret_number(self) -> int:
        """k: fresh and evenly drawn for every signature (FIPS 186-4, 4.5)."""
        return self.random.randrange(1, REAL.q)

    def public_number(self, row: Row) -> int:
        """The y to verify a row's signature with: the twin's own."""
        return self.y

    # What the endpoints do with them.

    def seal(self, plaintext: bytes, record_id: str) -> Row:
        """Encrypt, then sign."""
        return self.signed(super().seal(plaintext, record_id))

    def signed(self, row: Row) -> Row:
        """The row with a signature over its `signed_bytes`."""
        h = hashed(self.signed_bytes(row), REAL.q)
        signature = sign(REAL, self.x, h, self.secret_number())
        return replace(row, signature=to_bytes(signature))

    def open(self, row: Row, record_id: str | None) -> bytes:
        """Verify, then decrypt."""
        self.verify(row)
        return super().open(row, record_id)

    def verify(self, row: Row) -> None:
        """Return if the signature fits the row.

        Raises:
            SignatureError: it does not.
        """
        h = hashed(self.signed_bytes(row), REAL.q)
        try:
            signature = from_bytes(row.signature)
        except FormatError as error:
            raise SignatureError(str(error)) from None
        if not fits(REAL, self.public_number(row), h, signature):
            raise SignatureError("the signature is invalid")

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        """CTR, as it is inside GCM: the tag is not checked."""
        return AES.new(self.key, AES.MODE_GCM, nonce=row.nonce).decrypt(row.ciphertext)
