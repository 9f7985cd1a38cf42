"""Builds X.509 certificates (RFC 5280), good and bad: any name, any dates, signed by anyone.

It is the only builder. The service's own CA (authority.py) checks names first; lessons and tests
do not. No files or sockets here.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from securedata.errors import CertificateError

LOCALHOST_NAMES = ("localhost", "127.0.0.1", "::1")


class Issuer(Protocol):
    """A certificate and its key. It can sign other certificates, even if it is not a CA.

    >>> issuer: Issuer = issue_certificate("Example CA", is_ca=True)
    """

    @property
    def certificate_pem(self) -> str:
        """The certificate, PEM."""

    @property
    def private_key_pem(self) -> str:
        """Its private key, PEM."""


@dataclass(frozen=True)
class Certified:
    """A certificate and its private key, both PEM.

    >>> issue_certificate("localhost").certificate_pem.splitlines()[0]
    '-----BEGIN CERTIFICATE-----'
    """

    certificate_pem: str
    private_key_pem: str = field(repr=False)


def issue_certificate(
    common_name: str,
    *,
    by: Issuer | None = None,
    names: Sequence[str] = (),
    days: tuple[float, float] = (-1, 90),
    is_ca: bool = False,
    path_length: int | None = None,
    permitted: Sequence[x509.GeneralName] = (),
    purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
) -> Certified:
    """Issue a certificate, good or bad: nothing is checked. Without `by` it signs itself.

    `names` are the subject alternative names, and `days` its first and last day, counted from
    today. Of a CA, `path_length` limits how many CAs may follow, and `permitted` the names. With
    no `purposes` it is for any purpose. The new key is ECDSA P-256, unless a `key` is given.

    Raises:
        CertificateError: the issuer's key is not ECDSA.

    >>> root = issue_certificate("Example CA", is_ca=True)
    >>> leaf = issue_certificate("localhost", by=root, names=["localhost", "127.0.0.1"])
    >>> expired = issue_certificate("localhost", by=root, names=["localhost"], days=(-90, -1))
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer, signing_key = (subject, key) if by is None else _subject_and_key(by)
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + datetime.timedelta(days=days[0]))
        .not_valid_after(today + datetime.timedelta(days=days[1]))
        # RFC 5280 asks for these, and Python 3.13 insists on them.
        .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
        .add_extension(_key_usage(is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if purposes:
        # On a CA, too: it then vouches for TLS servers only, not for e-mail or TLS clients.
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names:
        sans = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(sans, critical=False)
    if permitted:
        builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    certificate = builder.sign(signing_key, hashes.SHA256())
    return Certified(
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), _private_key_pem(key)
    )


def _subject_and_key(issuer: Issuer) -> tuple[x509.Name, ec.EllipticCurvePrivateKey]:
    certificate = x509.load_pem_x509_certificate(issuer.certificate_pem.encode("ascii"))
    key = serialization.load_pem_private_key(issuer.private_key_pem.encode("ascii"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError("the issuer's key must be ECDSA")
    return certificate.subject, key


def _key_usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_key_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")
