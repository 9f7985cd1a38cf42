"""The flaws of twins that sign: in what is signed, in k, and in which public key is used."""

from collections import deque
from dataclasses import replace

from securedata.lab.primitives.small_dsa import REAL
from securedata.lab.twins.flaws.unsigned import Cbc
from securedata.lab.twins.signed_twin import SignedTwin
from securedata.lab.twins.twin import Row
from securedata.record import frame

ZERO_BITS = 64  # at the top of every biased k
PATIENCE = 50  # ks without a repeat: 60 random ones have none once in 1,800 times


class CiphertextOnly(SignedTwin, Cbc):
    """CBC, and a signature over the ciphertext only: anyone may change the IV.

    Breaks: the proofs of encrypt-then-sign, in which "ciphertext" means everything that is sent.
    Happened: ISO/IEC 19772:2009, mechanism 5, authenticated a ciphertext without its IV.
    Namprempre, Rogaway and Shrimpton pointed it out in 2014.

    >>> twin = CiphertextOnly(seed=1)
    >>> row = twin.seal(b"0100", record_id="1")
    >>> flipped = bytes([row.nonce[0] ^ ord("0") ^ ord("9")]) + row.nonce[1:]
    >>> twin.open(replace(row, nonce=flipped), record_id=None)
    b'9100'
    """

    flaw = "signed-ciphertext-only"

    def signed_bytes(self, row: Row) -> bytes:
        """The ciphertext, framed, and no IV: this is the flaw."""
        return frame("securedata/twin", row.ciphertext)

    decrypt = Cbc.decrypt  # not SignedTwin's CTR


class PublicKeyFromRequest(SignedTwin):
    """A signature that is verified with the public key in the request itself.

    Breaks: FIPS 186-4, 3.3: the verifier must have assurance of the key's owner first.
    Happened: CVE-2018-0114: a token was verified with the key in its own header.

    >>> twin, somebody_else = PublicKeyFromRequest(seed=1), PublicKeyFromRequest(seed=2)
    >>> twin.verify(somebody_else.seal(b"text", record_id="1"))  # no objection
    """

    flaw = "signed-key-from-request"
    fields = (*SignedTwin.fields, "public_key")

    def seal(self, plaintext: bytes, record_id: str) -> Row:
        """As SignedTwin does, with y beside the signature."""
        public_key = self.y.to_bytes(REAL.p.bit_length() // 8, "big")
        return replace(super().seal(plaintext, record_id), public_key=public_key)

    def public_number(self, row: Row) -> int:
        """The y in the row: this is the flaw."""
        return int.from_bytes(row.public_key, "big")


class RepeatedK(SignedTwin):
    """k from a generator with one byte of state: there are 256 ks, and soon one repeats.

    Where chance gives no repeat among 50, the generator is stuck once: nobody waits in vain.

    Breaks: FIPS 186-4, 4.5: a new k for every signature.
    Happened: Sony's PlayStation 3, 2010, one k for everything (in ECDSA); Android's wallets, 2013.

    >>> twin = RepeatedK(seed=1)
    >>> len({twin.secret_number() for _ in range(1000)}) <= 256
    True
    """

    flaw = "signed-repeated-k"

    def __init__(self, seed: int | str | None = None) -> None:
        super().__init__(seed)
        self.ks = [self.random.randrange(1, REAL.q) for _ in range(256)]
        self._last = deque[int](maxlen=PATIENCE)

    def secret_number(self) -> int:
        """One of 256: this is the flaw."""
        k = self.random.choice(self.ks)
        if len(set(self._last)) == PATIENCE:
            k = self._last[-1]
        self._last.append(k)
        return k


class BiasedK(SignedTwin):
    """k with 64 zero bits at its top: it never repeats, and is still too short.

    Breaks: FIPS 186-4, B.2: k is drawn evenly from all numbers below q.
    Happened: PuTTY, 2024 (CVE-2024-31497): 9 zero bits of 521 in every k for P-521.

    >>> BiasedK(seed=1).secret_number().bit_length() <= 192
    True
    """

    flaw = "signed-biased-k"

    def secret_number(self) -> int:
        """Drawn from too small a range: this is the flaw."""
        return self.random.randrange(1, 1 << REAL.q.bit_length() - ZERO_BITS)
