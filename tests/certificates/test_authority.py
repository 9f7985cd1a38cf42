"""The certificate authority: what it writes into certificates, and which names it refuses."""

import datetime
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from vocabulary import a_leaf, whole_trace

from securedata import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.errors import CertificateError

CA = CertificateAuthority.create("Test CA")
LEAF = CA.issue(*LOCALHOST_NAMES)
FOREIGN_NAMES = [
    *("bank.example", "localhost.bank.example", "notlocalhost", "LOCALHOST.", "*", ""),
    *("10.0.0.1", "128.0.0.1", "0.0.0.0", "::2", "::", "fe80::1"),
    # A DNS name is ASCII, and the common name at most 64 characters long (RFC 5280, A.1).
    *("ä.localhost", "x" * 60 + ".localhost"),
]


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def extensions(pem: str) -> dict[type[x509.ExtensionType], tuple[bool, x509.ExtensionType]]:
    """Each extension: whether it is critical, and its value."""
    return {type(it.value): (it.critical, it.value) for it in certificate(pem).extensions}


def usage(*, ca: bool) -> x509.KeyUsage:
    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    unused += ("encipher_only", "decipher_only")
    used = {"digital_signature": not ca, "key_cert_sign": ca, "crl_sign": ca}
    return x509.KeyUsage(**used, **dict.fromkeys(unused, False))


def expected(pem: str, *, ca: bool) -> dict[type[x509.ExtensionType], object]:
    key, ca_key = certificate(pem).public_key(), certificate(CA.certificate_pem).public_key()
    constraints = x509.BasicConstraints(ca=ca, path_length=0 if ca else None)
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return {
        x509.BasicConstraints: (True, constraints),
        x509.KeyUsage: (True, usage(ca=ca)),
        x509.ExtendedKeyUsage: (False, server),
        x509.SubjectKeyIdentifier: (False, x509.SubjectKeyIdentifier.from_public_key(key)),
        x509.AuthorityKeyIdentifier: (
            False,
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key),
        ),
    }


def test_a_ca_signs_leaves_of_tls_servers_of_this_machine_only() -> None:
    permitted = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_network("127.0.0.0/8")),
        x509.IPAddress(ip_network("::1/128")),
    ]
    assert extensions(CA.certificate_pem) == {
        **expected(CA.certificate_pem, ca=True),
        x509.NameConstraints: (True, x509.NameConstraints(permitted, None)),
    }


def test_a_leaf_is_a_tls_server_and_nothing_else() -> None:
    addresses = [x509.IPAddress(ip_address(name)) for name in LOCALHOST_NAMES[1:]]
    sans = x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses])
    assert extensions(LEAF.chain_pem) == {
        **expected(LEAF.chain_pem, ca=False),
        x509.SubjectAlternativeName: (False, sans),
    }
    assert LEAF.names == LOCALHOST_NAMES
    assert certificate(LEAF.chain_pem).issuer == certificate(CA.certificate_pem).subject


@pytest.mark.parametrize(
    ("pem", "days", "days_left"),
    [(CA.certificate_pem, 3650, CA.days_left), (LEAF.chain_pem, 90, LEAF.days_left)],
    ids=["ca", "leaf"],
)
def test_a_ca_lives_for_ten_years_and_a_leaf_for_ninety_days(
    pem: str, days: int, days_left: float
) -> None:
    made, an_hour = certificate(pem), datetime.timedelta(hours=1)
    lifetime = made.not_valid_after_utc - made.not_valid_before_utc
    assert abs(lifetime - datetime.timedelta(days=days) - an_hour).total_seconds() <= 1
    assert days_left == pytest.approx(days, abs=0.02)


@pytest.mark.whole
@pytest.mark.parametrize("name", FOREIGN_NAMES)
def test_other_names_are_refused_even_among_good_ones(name: str) -> None:
    with pytest.raises(CertificateError, match="may vouch for localhost only, not "):
        CA.issue("localhost", name)


@pytest.mark.parametrize("name", ["localhost", "a.b.localhost", "127.8.9.10", "::1"])
def test_names_of_this_machine_are_vouched_for(name: str) -> None:
    assert CA.issue(name).names == (name,)


DER = certificate(CA.certificate_pem).public_bytes(serialization.Encoding.DER)
CHANGED_CA = x509.load_der_x509_certificate(DER.replace(b"Test CA", b"Test ca"))
CHANGED_PEM = CHANGED_CA.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("certificate_pem", "private_key_pem", "reason"),
    [
        (CA.certificate_pem, LEAF.private_key_pem, "does not belong"),
        (LEAF.chain_pem, LEAF.private_key_pem, "damaged, or not self-signed"),
        (CHANGED_PEM, CA.private_key_pem, "damaged"),
        (f"{CA.certificate_pem} ", CA.private_key_pem, "damaged"),  # another client may not read it
    ],
    ids=["foreign key", "leaf", "changed", "not as written"],
)
def test_a_ca_that_is_not_ours_is_refused(
    certificate_pem: str, private_key_pem: str, reason: str
) -> None:
    with pytest.raises(CertificateError, match=reason):
        CertificateAuthority.from_pem(certificate_pem, private_key_pem)


def test_a_leaf_that_can_serve_is_taken_and_the_first_of_a_chain_counts() -> None:
    chain = Leaf(LEAF.chain_pem + CA.certificate_pem, LEAF.private_key_pem)
    for leaf in (LEAF, a_leaf("localhost"), a_leaf(), chain):
        assert Leaf.from_pem(leaf.chain_pem, leaf.private_key_pem) == leaf
    assert (chain.names, a_leaf().names) == (LOCALHOST_NAMES, ())


EXPIRED, EARLY = a_leaf("localhost", days=(-9, -1)), a_leaf("localhost", days=(1, 9))
ENCRYPTED = (
    serialization.load_pem_private_key(LEAF.private_key_pem.encode(), None)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    )
    .decode()
)
# A pair on secp112r1, a curve that `cryptography` does not have; any owner may have one like it.
ODD_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBJTCB8KADAgECAhQOaC0JGb7Dc5QhQutnJsppWDPOgTAKBggqhkjOPQQDAjAN
MQswCQYDVQQDDAJtZTAgFw0yNjExMjUwMTI2MTFaGA8yMTI2MTEwMTAxMjYxMVow
DTELMAkGA1UEAwwCbWUwMjAQBgcqhkjOPQIBBgUrgQQABgMeAAS+nvy+7sta1bJx
+sVcpn4weZVqwfdjUfZp8QRCo1MwUTAdBgNVHQ4EFgQUERCXeherQGn7hD+iEoKQ
uSSAgt0wHwYDVR0jBBgwFoAUERCXeherQGn7hD+iEoKQuSSAgt0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgMkADAhAg8AlIZxR+y4GkA2J9rBOCcCDiEwRHR8
uCdh4zd17ink
-----END CERTIFICATE-----
"""
ODD_KEY = """\
-----BEGIN PRIVATE KEY-----
ME4CAQAwEAYHKoZIzj0CAQYFK4EEAAYENzA1AgEBBA5Nia5z3VUhL2AWFPkKZqEg
Ax4ABL6e/L7uy1rVsnH6xVymfjB5lWrB92NR9mnxBEI=
-----END PRIVATE KEY-----
"""
NO_CERTIFICATE, NO_KEY = "not a certificate in PEM", "not a private key in PEM"


@pytest.mark.whole
@pytest.mark.parametrize(
    ("chain_pem", "private_key_pem", "reason"),
    [
        (
            EXPIRED.chain_pem,
            EXPIRED.private_key_pem,
            r"is valid from 20\d\d-\d\d-\d\d to 20.*, and today is 20",
        ),
        (EARLY.chain_pem, EARLY.private_key_pem, "the certificate is valid from 20"),
        (LEAF.chain_pem, CA.private_key_pem, "the private key does not belong to the certificate"),
        (LEAF.chain_pem, ENCRYPTED, "passphrase: make one with openssl's -nodes"),
        (LEAF.chain_pem, "garbage", NO_KEY),
        (LEAF.chain_pem, LEAF.private_key_pem[:100], NO_KEY),
        (LEAF.chain_pem, "", NO_KEY),
        ("garbage", LEAF.private_key_pem, NO_CERTIFICATE),
        ("gärbage", LEAF.private_key_pem, NO_CERTIFICATE),
        (LEAF.chain_pem[:100], LEAF.private_key_pem, NO_CERTIFICATE),
        ("", LEAF.private_key_pem, NO_CERTIFICATE),
        (LEAF.private_key_pem, LEAF.chain_pem, NO_CERTIFICATE),
        (ODD_CERTIFICATE, LEAF.private_key_pem, "certificate"),
        (LEAF.chain_pem, ODD_KEY, "private key"),
    ],
    # A case may not be named after its certificate, which is another one in each process.
    ids=[f"case {number}" for number in range(14)],
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
    assert "PRIVATE" not in repr(LEAF) + repr(CA)
