"""A certificate authority that issues certificates for this machine's own names (RFC 5280).

It knows X.509 and PEM text; no files and no sockets. Its keys are ECDSA P-256: TLS 1.3 has no
DSA, so the key that signs records cannot also be the key of a TLS server.
"""

import datetime
import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from securedata.certificates.issuing import Certified, issue_certificate
from securedata.errors import CertificateError

CA_LIFETIME_DAYS = 3650
LEAF_LIFETIME_DAYS = 90
CLOCK_SKEW_DAYS = 1 / 24  # for clients whose clock is behind ours

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
        _load_pair(chain_pem, private_key_pem)
        return cls(chain_pem, private_key_pem)

    @property
    def names(self) -> tuple[str, ...]:
        """The subject alternative names, the only names that clients should read (RFC 9110, 4.3.4).

        >>> CertificateAuthority.create("Example CA").issue("localhost", "127.0.0.1").names
        ('localhost', '127.0.0.1')
        """
        values = [extension.value for extension in _load_certificate(self.chain_pem).extensions]
        sans = [value for value in values if isinstance(value, x509.SubjectAlternativeName)]
        return tuple(str(name.value) for names in sans for name in names)

    @property
    def days_left(self) -> float:
        """Days until the certificate expires. Negative afterwards.

        >>> round(CertificateAuthority.create("Example CA").issue("localhost").days_left)
        90
        """
        return _days_left(_load_certificate(self.chain_pem))


class CertificateAuthority(Certified):
    """A local root CA that issues leaves for localhost and loopback addresses.

    Use `CertificateAuthority.from_pem` for files of unknown quality.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> leaf = ca.issue("localhost", "127.0.0.1", "::1")
    >>> ca.has_issued(leaf)
    True
    >>> ca.issue("bank.example")
    Traceback (most recent call last):
        ...
    securedata.errors.CertificateError: this CA may vouch for localhost only, not bank.example
    """

    @classmethod
    def create(cls, name: str) -> "CertificateAuthority":
        """Make a self-signed CA certificate with this common name, valid for ten years.

        Raises:
            ValueError: the name is empty, or longer than 64 characters.

        >>> CertificateAuthority.create("Example CA").certificate_pem.splitlines()[0]
        '-----BEGIN CERTIFICATE-----'
        """
        made = issue_certificate(
            name,
            days=(-CLOCK_SKEW_DAYS, CA_LIFETIME_DAYS),
            is_ca=True,
            path_length=0,
            permitted=PERMITTED,
        )
        return cls(made.certificate_pem, made.private_key_pem)

    @classmethod
    def from_pem(cls, certificate_pem: str, private_key_pem: str) -> "CertificateAuthority":
        """Read a CA from the texts that `certificate_pem` and `private_key_pem` gave.

        Raises:
            CertificateError: not PEM, damaged, a foreign key, not self-signed, expired or not yet
                valid.

        >>> ca = CertificateAuthority.create("Example CA")
        >>> CertificateAuthority.from_pem(ca.certificate_pem, ca.private_key_pem) == ca
        True
        """
        certificate = _load_pair(certificate_pem, private_key_pem)
        as_written = certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
        # Exactly as written: another client may not read what we can still read.
        if certificate_pem != as_written or not _is_issued_by(certificate, certificate):
            raise CertificateError("this CA's certificate is damaged, or not self-signed")
        return cls(certificate_pem, private_key_pem)

    @property
    def days_left(self) -> float:
        """Days until the CA's certificate expires. Negative afterwards.

        >>> round(CertificateAuthority.create("Example CA").days_left)
        3650
        """
        return _days_left(_load_certificate(self.certificate_pem))

    def issue(self, name: str, *others: str) -> Leaf:
        """Issue a server certificate for DNS names and IP addresses, valid for 90 days.

        Raises:
            CertificateError: a name that this CA may not vouch for.

        >>> CertificateAuthority.create("Example CA").issue("other.localhost").names
        ('other.localhost',)
        """
        names = (name, *others)
        for asked in names:
            if not _is_local(asked):
                raise CertificateError(f"this CA may vouch for localhost only, not {asked}")
        days = (-CLOCK_SKEW_DAYS, LEAF_LIFETIME_DAYS)
        made = issue_certificate(name, by=self, names=names, days=days)
        return Leaf(made.certificate_pem, made.private_key_pem)

    def has_issued(self, leaf: Leaf) -> bool:
        """Whether this CA's key signed the leaf's certificate.

        >>> leaf = CertificateAuthority.create("Example CA").issue("localhost")
        >>> CertificateAuthority.create("Example CA").has_issued(leaf)
        False
        """
        return _is_issued_by(
            _load_certificate(leaf.chain_pem), _load_certificate(self.certificate_pem)
        )


def _is_local(name: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    # A common name has 64 characters at most (RFC 5280, appendix A.1).
    return len(name) <= 64 and HOST_NAME.fullmatch(name) is not None


def _load_pair(chain_pem: str, private_key_pem: str) -> x509.Certificate:
    """A certificate that can be used now, with this key."""
    certificate, key = _load_certificate(chain_pem), _load_private_key(private_key_pem)
    if certificate.public_key() != key.public_key():
        raise CertificateError("the private key does not belong to the certificate")
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    now = datetime.datetime.now(datetime.timezone.utc)
    if not begin <= now <= end:
        raise CertificateError(
            f"the certificate is valid from {begin:%Y-%m-%d} to {end:%Y-%m-%d}, "
            f"and today is {now:%Y-%m-%d}"
        )
    return certificate


def _load_certificate(chain_pem: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(chain_pem.encode("utf-8"))
        _ = certificate.extensions, certificate.public_key()  # parsed now: find damage here
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension):
        raise CertificateError(
            "not a certificate in PEM, or with a key of an unknown kind"
        ) from None
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


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _days_left(certificate: x509.Certificate) -> float:
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)
    return left / datetime.timedelta(days=1)
