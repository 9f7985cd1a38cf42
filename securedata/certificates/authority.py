"""A certificate authority that issues certificates for this machine's own names (RFC 5280).

It knows X.509 and PEM text; no files and no sockets. Its keys are ECDSA P-256: TLS 1.3 has no
DSA, so the key that signs records cannot also be the key of a TLS server.
"""

import datetime
import ipaddress
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from securedata.certificates.issuing import issue_certificate
from securedata.errors import CertificateError

CA_LIFETIME_DAYS = 3650
LEAF_LIFETIME_DAYS = 90
CLOCK_SKEW_DAYS = 1 / 24  # for clients whose clock is behind ours

NAME_LENGTH = 64  # of a common name (RFC 5280, appendix A.1)
HOST_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*localhost")

# What our CA may vouch for: localhost and names below it, and the loopback addresses. A thief of
# its key can impersonate this machine to itself, but no other machine (RFC 5280, 4.2.1.10).
PERMITTED = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
    x509.IPAddress(ipaddress.ip_network("::1/128")),
)


@dataclass(frozen=True)
class Leaf:
    """A server's certificate chain and its private key, both PEM: what a TLS server needs.

    Use `Leaf.from_pem` for certificates of unknown quality.
    """

    chain_pem: str
    private_key_pem: str = field(repr=False)

    @classmethod
    def from_pem(cls, chain_pem: str, private_key_pem: str) -> "Leaf":
        """Take a certificate (its issuers may follow) and its key, and check that they can serve.

        Raises:
            CertificateError: not PEM, the key is encrypted or not that certificate's, or the
                certificate is expired or not yet valid.

        >>> leaf = CertificateAuthority.create("Example CA").issue("localhost")
        >>> other = CertificateAuthority.create("Example CA").issue("localhost")
        >>> Leaf.from_pem(leaf.chain_pem, other.private_key_pem)
        Traceback (most recent call last):
            ...
        securedata.errors.CertificateError: the private key does not belong to the certificate
        """
        certificate, _ = _load_pair(chain_pem, private_key_pem)
        _check_validity(certificate)
        return cls(chain_pem, private_key_pem)

    @property
    def names(self) -> tuple[str, ...]:
        """The subject alternative names, the only names that clients should read (RFC 9110, 4.3.4).

        >>> CertificateAuthority.create("Example CA").issue("localhost", "127.0.0.1").names
        ('localhost', '127.0.0.1')
        """
        try:
            sans = _load_certificate(self.chain_pem).extensions.get_extension_for_class(
                x509.SubjectAlternativeName
            )
        except x509.ExtensionNotFound:
            return ()
        return tuple(str(name.value) for name in sans.value)

    @property
    def days_left(self) -> float:
        """Days until the certificate expires. Negative afterwards.

        >>> round(CertificateAuthority.create("Example CA").issue("localhost").days_left)
        90
        """
        return _days_left(_load_certificate(self.chain_pem))


class CertificateAuthority:
    """A local root CA that issues leaves for localhost and loopback addresses.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> leaf = ca.issue("localhost", "127.0.0.1", "::1")
    >>> ca.has_issued(leaf)
    True
    >>> ca.issue("bank.example")
    Traceback (most recent call last):
        ...
    securedata.errors.CertificateError: this CA may vouch for localhost only, not bank.example
    """

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(cls, name: str) -> "CertificateAuthority":
        """Make a self-signed CA certificate with this common name, valid for ten years.

        Raises:
            CertificateError: the name is empty, or longer than 64 characters.

        >>> CertificateAuthority.create("Example CA").certificate_pem.splitlines()[0]
        '-----BEGIN CERTIFICATE-----'
        """
        if not 1 <= len(name) <= NAME_LENGTH:
            raise CertificateError(f"a CA's name has 1 to {NAME_LENGTH} characters")
        made = issue_certificate(
            name,
            days=(-CLOCK_SKEW_DAYS, CA_LIFETIME_DAYS),
            is_ca=True,
            path_length=0,
            permitted=PERMITTED,
        )
        return cls.from_pem(made.certificate_pem, made.private_key_pem)

    @classmethod
    def from_pem(cls, certificate_pem: str, private_key_pem: str) -> "CertificateAuthority":
        """Read a CA from the texts that `certificate_pem` and `private_key_pem` gave.

        Raises:
            CertificateError: not PEM, damaged, a foreign key, or not a CA of this kind. An expired
                CA is accepted: see `days_left`.

        >>> ca = CertificateAuthority.create("Example CA")
        >>> again = CertificateAuthority.from_pem(ca.certificate_pem, ca.private_key_pem)
        >>> again.certificate_pem == ca.certificate_pem
        True
        """
        certificate, key = _load_pair(certificate_pem, private_key_pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateError("this is not a CA that securedata made: its key is not ECDSA")
        if not _is_ca(certificate):
            raise CertificateError("this is not a CA: its certificate is that of a leaf")
        if not _is_issued_by(certificate, certificate):
            raise CertificateError("this CA's certificate is damaged")
        return cls(certificate, key)

    @property
    def certificate_pem(self) -> str:
        """The CA's certificate, for clients to trust. Not a secret.

        >>> CertificateAuthority.create("Example CA").certificate_pem.splitlines()[-1]
        '-----END CERTIFICATE-----'
        """
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def private_key_pem(self) -> str:
        """The CA's private key, PKCS#8 without a passphrase: keep it in a private file.

        >>> CertificateAuthority.create("Example CA").private_key_pem.splitlines()[0]
        '-----BEGIN PRIVATE KEY-----'
        """
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii")

    @property
    def days_left(self) -> float:
        """Days until the CA's certificate expires; negative afterwards.

        >>> round(CertificateAuthority.create("Example CA").days_left)
        3650
        """
        return _days_left(self._certificate)

    @property
    def has_begun(self) -> bool:
        """Whether the CA's certificate is valid yet. It is not if the clock was put back.

        >>> CertificateAuthority.create("Example CA").has_begun
        True
        """
        return self._certificate.not_valid_before_utc <= datetime.datetime.now(
            datetime.timezone.utc
        )

    def issue(self, *names: str) -> Leaf:
        """Issue a server certificate for DNS names and IP addresses, valid for 90 days.

        Raises:
            CertificateError: no name, or one that this CA may not vouch for.

        >>> CertificateAuthority.create("Example CA").issue("other.localhost").names
        ('other.localhost',)
        """
        if not names:
            raise CertificateError("a certificate needs at least one name")
        for name in names:
            _check_name(name)
        days = (-CLOCK_SKEW_DAYS, LEAF_LIFETIME_DAYS)
        made = issue_certificate(names[0], by=self, names=names, days=days)
        return Leaf(made.certificate_pem, made.private_key_pem)

    def has_issued(self, leaf: Leaf) -> bool:
        """Whether this CA's key signed the leaf's certificate.

        >>> leaf = CertificateAuthority.create("Example CA").issue("localhost")
        >>> CertificateAuthority.create("Example CA").has_issued(leaf)
        False
        """
        return _is_issued_by(_load_certificate(leaf.chain_pem), self._certificate)


def _check_name(name: str) -> None:
    if HOST_NAME.fullmatch(name) and len(name) <= NAME_LENGTH:
        return
    try:
        is_ours = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours:
        raise CertificateError(f"this CA may vouch for localhost only, not {name}")


def _load_pair(chain_pem: str, private_key_pem: str) -> tuple[x509.Certificate, PrivateKeyTypes]:
    certificate, key = _load_certificate(chain_pem), _load_private_key(private_key_pem)
    try:
        belongs = certificate.public_key() == key.public_key()
    except (UnsupportedAlgorithm, ValueError):
        raise CertificateError("the certificate has a public key of an unknown kind") from None
    if not belongs:
        raise CertificateError("the private key does not belong to the certificate")
    return certificate, key


def _load_certificate(chain_pem: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(chain_pem.encode("utf-8"))
        _ = certificate.extensions  # parsed on first use: find damage here
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension):
        raise CertificateError("not a certificate in PEM") from None
    return certificate


def _load_private_key(private_key_pem: str) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(private_key_pem.encode("utf-8"), password=None)
    except TypeError:
        raise CertificateError(
            "the private key is protected by a passphrase: make one with openssl's -nodes"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError("not a private key in PEM, or of an unknown kind") from None


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _check_validity(certificate: x509.Certificate) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    if now < certificate.not_valid_before_utc:
        raise CertificateError(
            f"the certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
        )
    if now > certificate.not_valid_after_utc:
        raise CertificateError(
            f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
        )


def _days_left(certificate: x509.Certificate) -> float:
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)
    return left / datetime.timedelta(days=1)
