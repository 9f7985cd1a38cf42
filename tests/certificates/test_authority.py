"""The certificate authority: what it writes into certificates, and what it will not vouch for."""

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from vocabulary import a_leaf, openssl, whole_trace

from securedata import CertificateAuthority, Leaf
from securedata.certificates import authority
from securedata.errors import CertificateError

NAMES = ("localhost", "127.0.0.1", "::1")
CA = CertificateAuthority.create("Test CA")
LEAF = CA.issue(*NAMES)
FOREIGN_NAMES = [
    "bank.example",
    "localhost.bank.example",
    "notlocalhost",
    "LOCALHOST.",
    "example.com.localhost.",
    "10.0.0.1",
    "128.0.0.1",
    "0.0.0.0",
    "::2",
    "::",
    "fe80::1",
    "*",
    "",
]


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def extension(pem: str, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return certificate(pem).extensions.get_extension_for_class(kind)


def uses(pem: str) -> set[str]:
    """The key usages that are on."""
    usage = extension(pem, x509.KeyUsage).value
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    more = ("key_agreement", "key_cert_sign", "crl_sign")
    return {name for name in (*names, *more) if getattr(usage, name)}


def assert_is_on_p256_and_signed_with_sha256(pem: str) -> None:
    key = certificate(pem).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    algorithm = certificate(pem).signature_hash_algorithm
    assert isinstance(algorithm, hashes.SHA256)


def assert_lives_for(pem: str, days: int) -> None:
    """From an hour ago, for clients whose clock is behind ours, until this many days from now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    a_minute = datetime.timedelta(minutes=1)
    begins, ends = certificate(pem).not_valid_before_utc, certificate(pem).not_valid_after_utc
    assert abs(now - begins - datetime.timedelta(hours=1)) < a_minute
    assert abs(ends - now - datetime.timedelta(days=days)) < a_minute


def encrypted(leaf: Leaf) -> str:
    key = serialization.load_pem_private_key(leaf.private_key_pem.encode(), None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    ).decode()


def test_a_ca_may_sign_leaves_and_nothing_below_them() -> None:
    basic = extension(CA.certificate_pem, x509.BasicConstraints)
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=True, path_length=0)
    assert extension(CA.certificate_pem, x509.KeyUsage).critical
    assert uses(CA.certificate_pem) == {"key_cert_sign", "crl_sign"}
    assert certificate(CA.certificate_pem).issuer == certificate(CA.certificate_pem).subject


def test_a_ca_may_vouch_for_this_machine_only() -> None:
    constraints = extension(CA.certificate_pem, x509.NameConstraints)
    assert constraints.critical
    assert constraints.value == x509.NameConstraints(
        permitted_subtrees=[
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
            x509.IPAddress(ipaddress.ip_network("::1/128")),
        ],
        excluded_subtrees=None,
    )


def test_a_leaf_is_a_tls_server_and_nothing_else() -> None:
    basic = extension(LEAF.chain_pem, x509.BasicConstraints)
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=False, path_length=None)
    assert extension(LEAF.chain_pem, x509.KeyUsage).critical
    assert uses(LEAF.chain_pem) == {"digital_signature"}
    purposes = extension(LEAF.chain_pem, x509.ExtendedKeyUsage).value
    assert purposes == x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def test_a_leaf_has_its_names_as_subject_alternative_names() -> None:
    sans = extension(LEAF.chain_pem, x509.SubjectAlternativeName).value
    assert sans == x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
    )
    assert LEAF.names == NAMES


def test_a_leaf_names_the_key_that_signed_it() -> None:
    ca_key_id = extension(CA.certificate_pem, x509.SubjectKeyIdentifier).value
    ca_key = certificate(CA.certificate_pem).public_key()
    assert ca_key_id == x509.SubjectKeyIdentifier.from_public_key(ca_key)
    leaf_key = certificate(LEAF.chain_pem).public_key()
    leaf_key_id = extension(LEAF.chain_pem, x509.SubjectKeyIdentifier).value
    assert leaf_key_id == x509.SubjectKeyIdentifier.from_public_key(leaf_key)
    issuer = extension(LEAF.chain_pem, x509.AuthorityKeyIdentifier).value
    assert issuer.key_identifier == ca_key_id.digest
    assert certificate(LEAF.chain_pem).issuer == certificate(CA.certificate_pem).subject


def test_keys_are_p256_and_no_two_are_alike() -> None:
    other = CA.issue("localhost")
    for pem in (CA.certificate_pem, LEAF.chain_pem, other.chain_pem):
        assert_is_on_p256_and_signed_with_sha256(pem)
    assert len({CA.private_key_pem, LEAF.private_key_pem, other.private_key_pem}) == 3
    numbers = [certificate(it.chain_pem).serial_number for it in (LEAF, other)]
    assert numbers[0] != numbers[1]


def test_a_ca_lives_for_ten_years_and_a_leaf_for_ninety_days() -> None:
    ca = CertificateAuthority.create("Test CA")
    leaf = ca.issue("localhost")
    assert_lives_for(ca.certificate_pem, 3650)
    assert_lives_for(leaf.chain_pem, 90)
    assert ca.days_left == pytest.approx(3650, abs=0.01)
    assert leaf.days_left == pytest.approx(90, abs=0.01)


def test_days_left_are_negative_once_they_are_over() -> None:
    assert a_leaf("localhost", days=(-9, -2)).days_left == pytest.approx(-2, abs=0.01)


def test_openssl_accepts_a_leaf_by_the_letter_of_rfc_5280(tmp_path: Path) -> None:
    ca_file, leaf_file = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    ca_file.write_text(CA.certificate_pem)
    leaf_file.write_text(LEAF.chain_pem)
    for check in (("-verify_hostname", "localhost"), ("-verify_ip", "::1")):
        strict = ("verify", "-x509_strict", "-purpose", "sslserver", *check)
        accepted = openssl(*strict, "-CAfile", ca_file, leaf_file)
        assert accepted.returncode == 0, accepted.stdout + accepted.stderr


def test_openssl_refuses_a_leaf_for_anything_but_this_machine(tmp_path: Path) -> None:
    ca_file, leaf_file = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    ca_file.write_text(CA.certificate_pem)
    for name in ("bank.example", "10.0.0.1", "::2"):
        leaf_file.write_text(a_leaf(name, ca=CA).chain_pem)
        refused = openssl("verify", "-CAfile", ca_file, leaf_file)
        assert refused.returncode != 0
        assert "permitted subtree violation" in refused.stdout + refused.stderr


@pytest.mark.parametrize("name", ["localhost", "a.b.localhost", "127.8.9.10", "::1"])
def test_names_of_this_machine_are_vouched_for(name: str) -> None:
    assert CA.issue(name).names == (name,)


@pytest.mark.parametrize("name", FOREIGN_NAMES)
def test_other_names_are_not_vouched_for_not_even_among_good_ones(name: str) -> None:
    with pytest.raises(CertificateError, match="may vouch for localhost only, not "):
        CA.issue("localhost", name)


def test_a_leaf_needs_a_name() -> None:
    with pytest.raises(CertificateError, match="at least one name"):
        CA.issue()


# A DNS name is ASCII, and the common name, which repeats it, at most 64 long (RFC 5280, A.1).
@pytest.mark.parametrize("name", ["ä.localhost", "x" * 60 + ".localhost"])
def test_a_name_that_no_certificate_of_ours_can_hold_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(CertificateError, match="localhost"):
        CA.issue(name)


def test_a_ca_that_was_written_down_goes_on_issuing() -> None:
    again = CertificateAuthority.from_pem(CA.certificate_pem, CA.private_key_pem)
    assert again.certificate_pem == CA.certificate_pem
    assert again.private_key_pem == CA.private_key_pem
    assert again.days_left == pytest.approx(CA.days_left, abs=0.01)
    assert CA.has_issued(again.issue("localhost"))
    assert again.has_issued(LEAF)


def test_a_ca_with_a_foreign_key_is_refused() -> None:
    other = CertificateAuthority.create("Test CA")
    with pytest.raises(CertificateError, match="does not belong"):
        CertificateAuthority.from_pem(CA.certificate_pem, other.private_key_pem)


def test_a_ca_with_a_key_that_is_not_ecdsa_is_refused() -> None:
    theirs = a_leaf("localhost", key=rsa.generate_private_key(65537, 2048))
    with pytest.raises(CertificateError, match="not ECDSA"):
        CertificateAuthority.from_pem(theirs.chain_pem, theirs.private_key_pem)


def test_a_leaf_is_no_ca() -> None:
    with pytest.raises(CertificateError):
        CertificateAuthority.from_pem(LEAF.chain_pem, LEAF.private_key_pem)


def test_a_ca_whose_certificate_was_changed_is_refused() -> None:
    der = certificate(CA.certificate_pem).public_bytes(serialization.Encoding.DER)
    changed = x509.load_der_x509_certificate(der.replace(b"Test CA", b"Test ca"))
    pem = changed.public_bytes(serialization.Encoding.PEM).decode()
    with pytest.raises(CertificateError, match="damaged"):
        CertificateAuthority.from_pem(pem, CA.private_key_pem)


def test_an_expired_ca_can_be_read_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as long_ago:
        long_ago.setattr(authority, "CLOCK_SKEW_DAYS", 9)
        long_ago.setattr(authority, "CA_LIFETIME_DAYS", -1)
        old = CertificateAuthority.create("Test CA")
    again = CertificateAuthority.from_pem(old.certificate_pem, old.private_key_pem)
    assert again.days_left == pytest.approx(-1, abs=0.01)


def test_a_ca_knows_its_own_leaves() -> None:
    namesake = CertificateAuthority.create("Test CA")
    assert CA.has_issued(LEAF)
    assert CA.has_issued(a_leaf("bank.example", ca=CA))
    assert not CA.has_issued(namesake.issue("localhost"))
    assert not CertificateAuthority.create("Other CA").has_issued(LEAF)
    assert not CA.has_issued(a_leaf("localhost"))


def test_a_leaf_that_can_serve_is_taken() -> None:
    for leaf in (LEAF, a_leaf("localhost"), a_leaf()):
        assert Leaf.from_pem(leaf.chain_pem, leaf.private_key_pem) == leaf
    assert a_leaf().names == ()


def test_a_chain_is_taken_and_its_first_certificate_counts() -> None:
    leaf = Leaf.from_pem(LEAF.chain_pem + CA.certificate_pem, LEAF.private_key_pem)
    assert leaf.names == NAMES
    assert CA.has_issued(leaf)


EXPIRED, EARLY = a_leaf("localhost", days=(-9, -1)), a_leaf("localhost", days=(1, 9))


@pytest.mark.parametrize(
    ("chain_pem", "private_key_pem", "reason"),
    [
        (EXPIRED.chain_pem, EXPIRED.private_key_pem, r"the certificate expired on 20\d\d-"),
        (EARLY.chain_pem, EARLY.private_key_pem, r"the certificate is not valid before 20\d\d-"),
        (LEAF.chain_pem, CA.private_key_pem, "the private key does not belong to the certificate"),
        (LEAF.chain_pem, encrypted(LEAF), "passphrase: make one with openssl's -nodes"),
        (LEAF.chain_pem, "garbage", "not a private key in PEM"),
        (LEAF.chain_pem, LEAF.private_key_pem[:100], "not a private key in PEM"),
        (LEAF.chain_pem, "", "not a private key in PEM"),
        ("garbage", LEAF.private_key_pem, "not a certificate in PEM"),
        ("gärbage", LEAF.private_key_pem, "not a certificate in PEM"),
        (LEAF.chain_pem[:100], LEAF.private_key_pem, "not a certificate in PEM"),
        ("", LEAF.private_key_pem, "not a certificate in PEM"),
        (LEAF.private_key_pem, LEAF.chain_pem, "not a certificate in PEM"),
    ],
    ids=[
        "expired",
        "not yet valid",
        "foreign key",
        "encrypted key",
        "garbage key",
        "truncated key",
        "no key",
        "garbage",
        "garbage outside of ASCII",
        "truncated",
        "empty",
        "swapped",
    ],
)
def test_a_leaf_that_cannot_serve_is_refused_with_the_reason_and_no_secret(
    chain_pem: str, private_key_pem: str, reason: str
) -> None:
    with pytest.raises(CertificateError, match=reason) as refusal:
        Leaf.from_pem(chain_pem, private_key_pem)
    secret = "".join(LEAF.private_key_pem.splitlines()[1:-1])
    assert secret[:40] not in whole_trace(refusal.value).replace("\n", "")


def test_printing_shows_no_secret() -> None:
    body = LEAF.private_key_pem.splitlines()[1]
    assert body not in repr(LEAF)
    assert "PRIVATE" not in repr(LEAF)
    assert CA.private_key_pem.splitlines()[1] not in repr(CA) + str(vars(CA))
