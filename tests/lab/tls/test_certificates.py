"""Certificates of any quality: what is asked for is what is issued, and openssl agrees."""

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from vocabulary import openssl

from securedata import CertificateAuthority, Leaf
from securedata.errors import CertificateError
from securedata.lab import issue_certificate
from securedata.lab.tls.certificates import Certified


def parsed(certified: Certified) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certified.certificate_pem.encode())


def verify(folder: Path, root: str, leaf: Certified) -> str:
    """What `openssl verify` says, as strict as Python 3.13."""
    (folder / "root.pem").write_text(root)
    (folder / "leaf.pem").write_text(leaf.certificate_pem)
    options = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost"]
    return openssl("verify", *options, "-CAfile", "root.pem", "leaf.pem", cwd=folder).stdout


def test_by_default_nothing_but_the_names_is_missing(tmp_path: Path) -> None:
    root = issue_certificate("Test CA", is_ca=True)
    leaf = issue_certificate("localhost", by=root, names=["localhost", "127.0.0.1"])
    assert verify(tmp_path, root.certificate_pem, leaf) == "leaf.pem: OK\n"
    assert Leaf(leaf.certificate_pem, leaf.private_key_pem).names == ("localhost", "127.0.0.1")


def test_the_services_own_ca_can_sign_too(tmp_path: Path) -> None:
    ca = CertificateAuthority.create("Test CA")
    leaf = issue_certificate("localhost", by=ca, names=["localhost"])
    assert ca.has_issued(Leaf(leaf.certificate_pem, leaf.private_key_pem))
    assert verify(tmp_path, ca.certificate_pem, leaf) == "leaf.pem: OK\n"


def test_without_names_there_are_none() -> None:
    leaf = issue_certificate("localhost", by=issue_certificate("Test CA", is_ca=True))
    assert Leaf(leaf.certificate_pem, leaf.private_key_pem).names == ()
    assert parsed(leaf).subject.rfc4514_string() == "CN=localhost"


def test_days_are_counted_from_today() -> None:
    certificate = parsed(issue_certificate("localhost", days=(-10, -3)))
    today = datetime.datetime.now(datetime.timezone.utc)
    assert (today - certificate.not_valid_before_utc).days == 10
    assert (today - certificate.not_valid_after_utc).days == 3


def test_without_an_issuer_it_signs_itself() -> None:
    certificate = parsed(issue_certificate("localhost"))
    assert certificate.issuer == certificate.subject
    certificate.verify_directly_issued_by(certificate)


def test_a_leaf_can_sign_as_if_it_were_a_ca() -> None:
    leaf = issue_certificate("localhost")
    below = parsed(issue_certificate("other.localhost", by=leaf))
    below.verify_directly_issued_by(parsed(leaf))
    constraints = parsed(leaf).extensions.get_extension_for_class(x509.BasicConstraints)
    assert not constraints.value.ca


def test_an_issuer_of_another_kind_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    issuer = Certified(issue_certificate("Test CA").certificate_pem, key_pem)
    with pytest.raises(CertificateError, match="the issuer's key must be ECDSA"):
        issue_certificate("localhost", by=issuer)


def test_a_private_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(issue_certificate("localhost"))
