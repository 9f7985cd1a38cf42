"""A certificate as a card that can be read, and the proof that a server signs in a handshake."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ECDSA = ec.ECDSA(hashes.SHA256())  # what the lesson's keys sign with
KEY_BYTES = slice(1, 9)  # of the point, without the byte that says how it is written


@dataclass(frozen=True)
class Proof:
    """What a server signed in a handshake, and its signature. The text holds a hash of all so far.

    >>> Proof(bytes(146), bytes(71))
    a signature of 71 bytes, over a hash of all messages before it
    """

    text: bytes
    signature: bytes

    def __repr__(self) -> str:
        size = len(self.signature)
        return f"a signature of {size} bytes, over a hash of all messages before it"


@dataclass(frozen=True)
class Card:
    """A certificate that can be read: subject, issuer, starts, ends, names, is_ca, key.

    `der` are its bytes. `names` is the SAN, and `key` the beginning of its public key.

    >>> from securedata.certificates.issuing import issue_certificate
    >>> ca = issue_certificate("Example CA", is_ca=True)
    >>> leaf = issue_certificate("a title", by=ca, names=["localhost"])
    >>> (card,), (above,) = cards_of(leaf.certificate_pem), cards_of(ca.certificate_pem)
    >>> card.subject, card.issuer, card.names, card.is_ca, card.signed_by(above)
    ('a title', 'Example CA', ['localhost'], False, True)
    """

    der: bytes = field(repr=False)

    @cached_property
    def _parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def subject(self) -> str:
        """The title of its owner."""
        return _common_name(self._parsed.subject)

    @property
    def issuer(self) -> str:
        """The title of who signed it, as they say."""
        return _common_name(self._parsed.issuer)

    @property
    def starts(self) -> date:
        """Its first day."""
        return self._parsed.not_valid_before_utc.date()

    @property
    def ends(self) -> date:
        """Its last day."""
        return self._parsed.not_valid_after_utc.date()

    @property
    def names(self) -> list[str]:
        """The names in its SAN."""
        values = [extension.value for extension in self._parsed.extensions]
        sans = [value for value in values if isinstance(value, x509.SubjectAlternativeName)]
        return [str(name.value) for names in sans for name in names]

    @property
    def is_ca(self) -> bool:
        """Whether it may sign others."""
        values = [extension.value for extension in self._parsed.extensions]
        return any(isinstance(value, x509.BasicConstraints) and value.ca for value in values)

    @property
    def key(self) -> str:
        """The beginning of its public key."""
        form = Encoding.X962, PublicFormat.UncompressedPoint
        return self._parsed.public_key().public_bytes(*form)[KEY_BYTES].hex()

    def signed_by(self, other: "Card") -> bool:
        """Whether this other one is its issuer, and the other's key fits the signature on it.

        Raises:
            TypeError: it is no card.
        """
        if not isinstance(other, Card):
            raise TypeError("signed_by takes another card")
        try:
            self._parsed.verify_directly_issued_by(other._parsed)
        except (InvalidSignature, TypeError, ValueError):  # another key; another name
            return False
        return True

    def has_signed(self, proof: Proof) -> bool:
        """Whether its key fits the signature of a handshake.

        Raises:
            TypeError: it is no proof.
        """
        if not isinstance(proof, Proof):
            raise TypeError("has_signed takes the proof")
        key = self._parsed.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101  # all are, in this lesson
        try:
            key.verify(proof.signature, proof.text, ECDSA)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        rows = {name: getattr(self, name) for name in FIELDS} | {"key": f"{self.key}…"}
        return "\n".join(f"  {name:8} {value}" for name, value in rows.items())


FIELDS = ("subject", "issuer", "starts", "ends", "names", "is_ca")


def cards_of(pem: str) -> list[Card]:
    """The cards of certificates in PEM, in their order."""
    parsed = x509.load_pem_x509_certificates(pem.encode("ascii"))
    return [Card(it.public_bytes(Encoding.DER)) for it in parsed]


def _common_name(name: x509.Name) -> str:
    return "".join(str(part.value) for part in name)
