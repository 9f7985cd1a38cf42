"""TLS: which versions, suites and certificates work, and which are refused."""

import ssl
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from vocabulary import a_leaf, handshake

from securedata import CertificateAuthority, Leaf, client_context, server_context
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.errors import CertificateError

CA = CertificateAuthority.create("Test CA")
SERVER = server_context(CA.issue(*LOCALHOST_NAMES))
RSA_KEY = rsa.generate_private_key(65537, 2048)
OLD_VERSIONS = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]

pytestmark = pytest.mark.filterwarnings("ignore:.*TLSv1.* is deprecated:DeprecationWarning")


def shake_hands(
    client: ssl.SSLContext, server: ssl.SSLContext = SERVER, name: str = "localhost"
) -> tuple[str | None, str]:
    """The version and the suite that both sides agreed on."""
    agreed = handshake(client, server, name)
    suite = agreed.cipher()
    assert suite is not None
    return agreed.version(), suite[0]


def speaking(context: ssl.SSLContext, version: ssl.TLSVersion, suites: str = "") -> ssl.SSLContext:
    """The same context, but speaking this version only, and of TLS 1.2 these suites only."""
    # In this order: the least may not be above the most at any time.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    context.minimum_version = version
    context.set_ciphers(suites or "DEFAULT:@SECLEVEL=0")
    return context


def a_client() -> ssl.SSLContext:
    return client_context(CA.certificate_pem)


def careless_server(leaf: Leaf, folder: Path, suites: str) -> ssl.SSLContext:
    """A server that takes what ours must not."""
    (folder / "leaf.pem").write_text(leaf.chain_pem + leaf.private_key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(suites)
    context.load_cert_chain(folder / "leaf.pem")
    return context


def test_a_session_of_tls_1_2_is_in_no_ticket() -> None:
    client = speaking(a_client(), ssl.TLSVersion.TLSv1_2)
    session = handshake(client, SERVER).session
    assert session is not None
    assert (session.has_ticket, session.ticket_lifetime_hint) == (False, 0)


@pytest.mark.parametrize(
    ("version", "suite"),
    [
        (ssl.TLSVersion.TLSv1_3, "TLS_AES_256_GCM_SHA384"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ],
)
def test_tls_1_3_and_the_good_suites_of_tls_1_2_work(version: ssl.TLSVersion, suite: str) -> None:
    tls12 = suite if version is ssl.TLSVersion.TLSv1_2 else ""
    agreed = shake_hands(speaking(a_client(), version, tls12))
    assert agreed == (version.name.replace("_", "."), suite)


def test_tls_1_3_is_preferred_and_http_1_1_is_spoken() -> None:
    client = a_client()
    client.set_alpn_protocols(["h2", "http/1.1"])
    agreed = handshake(client, SERVER)
    assert (agreed.version(), agreed.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")


@pytest.mark.parametrize("version", OLD_VERSIONS, ids=lambda it: it.name)
def test_older_versions_are_refused_by_our_server_and_by_our_client(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    careless = careless_server(CA.issue("localhost"), tmp_path, "DEFAULT:@SECLEVEL=0")
    agreed, _ = shake_hands(speaking(a_client(), version), careless)
    assert agreed == version.name.replace("_", ".")
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        shake_hands(speaking(a_client(), version))
    with pytest.raises(ssl.SSLError):
        shake_hands(a_client(), speaking(careless, version))


@pytest.mark.parametrize(
    ("suite", "key"),
    [
        ("AES128-GCM-SHA256", RSA_KEY),  # no forward secrecy
        ("AES256-SHA", RSA_KEY),
        ("ECDHE-RSA-AES128-SHA256", RSA_KEY),  # CBC
        ("ECDHE-ECDSA-AES128-SHA", None),
        ("ECDHE-ECDSA-AES256-CCM8", None),  # a tag of 8 bytes
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_tls_1_2_suites_without_forward_secrecy_or_aead_are_refused(
    tmp_path: Path, suite: str, key: rsa.RSAPrivateKey | None
) -> None:
    leaf = a_leaf("localhost", ca=CA, key=key)
    weak = speaking(a_client(), ssl.TLSVersion.TLSv1_2, f"{suite}:@SECLEVEL=0")
    careless = careless_server(leaf, tmp_path, f"{suite}:@SECLEVEL=0")
    assert shake_hands(weak, careless) == ("TLSv1.2", suite)
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        shake_hands(weak, server_context(leaf))


def test_a_users_rsa_certificate_works() -> None:
    server = server_context(a_leaf("localhost", ca=CA, key=RSA_KEY))
    assert shake_hands(a_client(), server)[0] == "TLSv1.3"
    tls12 = speaking(a_client(), ssl.TLSVersion.TLSv1_2, "ECDHE+AESGCM")
    assert shake_hands(tls12, server)[1].startswith("ECDHE-RSA-")


@pytest.mark.parametrize(
    ("leaf", "name", "reason"),
    [
        *((CA.issue(*LOCALHOST_NAMES), it, "mismatch") for it in ("wrong.localhost", "127.0.0.2")),
        (a_leaf(ca=CA), "localhost", "mismatch"),  # its common name is localhost
        (a_leaf("localhost", ca=CA, days=(-9, -1)), "localhost", "expired"),
        (a_leaf("localhost"), "localhost", "self-signed|unable to get local issuer"),
        (CertificateAuthority.create("Test CA").issue("localhost"), "localhost", "certificate"),
    ],
    ids=["name", "address", "no names", "expired", "self-signed", "another CA of the same name"],
)
def test_a_certificate_that_does_not_fit_is_refused(leaf: Leaf, name: str, reason: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake_hands(a_client(), server_context(leaf), name)


@pytest.mark.parametrize("name", ["bank.example", "10.0.0.1", "::2"])
def test_a_thief_of_the_cas_key_cannot_be_another_machine(name: str) -> None:
    shake_hands(a_client(), server_context(a_leaf("localhost", ca=CA)))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(a_client(), server_context(a_leaf(name, ca=CA)), name)


def test_a_client_is_strict_on_every_python_and_trusts_no_ca_of_the_system() -> None:
    context = a_client()
    assert context.verify_flags & ssl.VERIFY_X509_STRICT
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    "garbage", ["", "garbage", "gärbage", "-----BEGIN CERTIFICATE-----\n", "\0"]
)
def test_a_client_does_not_trust_garbage(garbage: str) -> None:
    with pytest.raises(CertificateError, match="not a certificate in PEM"):
        client_context(garbage)


@pytest.mark.parametrize(
    "leaf",
    [
        Leaf(CA.issue("localhost").chain_pem, CA.issue("localhost").private_key_pem),
        Leaf("garbage", "garbage"),
        Leaf("", ""),
    ],
    ids=["mismatched", "garbage", "empty"],
)
def test_a_leaf_that_openssl_refuses_is_a_sentence(leaf: Leaf) -> None:
    with pytest.raises(CertificateError, match=r"^OpenSSL refuses the certificate: \w"):
        server_context(leaf)


def test_no_key_is_left_in_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server_context(CA.issue("localhost"))
    with pytest.raises(CertificateError):
        server_context(Leaf("garbage", "garbage"))
    assert list(tmp_path.iterdir()) == []
