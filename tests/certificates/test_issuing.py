"""Certificates of any quality: what is asked for is issued, and openssl agrees."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from vocabulary import openssl

from securedata import CertificateAuthority
from securedata.certificates.issuing import Certified, issue_certificate
from securedata.errors import CertificateError, FormatError

RSA_KEY = rsa.generate_private_key(65537, 2048)
ALL_PURPOSES = (
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ExtendedKeyUsageOID.CODE_SIGNING,
)


def verify(folder: Path, root: str, leaf: Certified, *options: str) -> str:
    """What `openssl verify` says, as strict as Python 3.13."""
    (folder / "root.pem").write_text(root)
    (folder / "leaf.pem").write_text(leaf.certificate_pem)
    command = ("verify", "-x509_strict", *options, "-CAfile", "root.pem", "leaf.pem")
    done = openssl(*command, cwd=folder)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("ca", "name"),
    [
        (issue_certificate("Test CA", is_ca=True), "bank.example"),
        (issue_certificate("Test CA", is_ca=True, key=RSA_KEY), "bank.example"),
        (CertificateAuthority.create("Test CA"), "localhost"),
    ],
    ids=["any CA", "RSA", "our CA"],
)
def test_openssl_accepts_by_the_letter_of_rfc_5280(
    tmp_path: Path, ca: Certified, name: str
) -> None:
    leaf = issue_certificate(name, by=ca, names=[name, "127.0.0.1", "::1"])
    for check in (("-verify_hostname", name), ("-verify_ip", "::1")):
        said = verify(tmp_path, ca.certificate_pem, leaf, "-purpose", "sslserver", *check)
        assert said == "leaf.pem: OK\n"


# Code signing is not refused: openssl does not ask the CA about it. docs/threat-model.md says so.
@pytest.mark.parametrize(
    ("purpose", "accepted"),
    [("sslserver", True), ("sslclient", False), ("smimesign", False), ("smimeencrypt", False)],
)
def test_our_ca_vouches_for_tls_servers_only(tmp_path: Path, purpose: str, accepted: bool) -> None:
    ca = CertificateAuthority.create("Test CA")
    leaf = issue_certificate("localhost", by=ca, names=["localhost"], purposes=ALL_PURPOSES)
    said = verify(tmp_path, ca.certificate_pem, leaf, "-purpose", purpose)
    assert said == "leaf.pem: OK\n" if accepted else "unsuitable certificate purpose" in said


def test_an_issuer_with_a_key_of_another_kind_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    issuer = Certified(issue_certificate("Test CA").certificate_pem, key.decode())
    with pytest.raises(CertificateError, match="the issuer's key must be ECDSA or RSA"):
        issue_certificate("localhost", by=issuer)


@pytest.mark.parametrize(("name", "value"), [("by", "Eve CA"), ("by", ...), ("is_ca", ...)])
def test_an_argument_of_another_kind_is_named(name: str, value: Any) -> None:
    with pytest.raises(FormatError, match=f"^{name} must be "):
        issue_certificate("localhost", **{name: value})
