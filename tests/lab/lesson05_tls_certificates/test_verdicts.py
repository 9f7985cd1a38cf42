"""A client's verdicts: in our words, from codes, whatever the environment says."""

import ssl
from collections.abc import Callable
from typing import Any

import pytest
from vocabulary import flipped

from securedata import CertificateAuthority
from securedata_lab.lesson05_tls_certificates import (
    ask_requests,
    issue_certificate,
    serve_with,
    serve_without_tls,
)
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer, hello_server
from securedata_lab.lesson05_tls_certificates.verdicts import Verdict

ROOT_CA = issue_certificate("Test CA", is_ca=True)
LEAF = issue_certificate("localhost", by=ROOT_CA, names=["localhost"])
KIT_CA = CertificateAuthority.create("Test CA")
TWO_NAMES = issue_certificate("localhost", by=KIT_CA, names=["localhost", "bank.example"])


def damaged(certificate_pem: str) -> str:
    """The same certificate, but for the last bit of its signature."""
    certificate = ssl.PEM_cert_to_DER_cert(certificate_pem)
    return ssl.DER_cert_to_PEM_cert(flipped(certificate, 8 * len(certificate) - 1))


def serve(chain_pem: str, ca_pem: str = ROOT_CA.certificate_pem) -> HelloServer:
    return serve_with(chain_pem, LEAF.private_key_pem, ca_pem=ca_pem)


def served(**changed: Any) -> HelloServer:
    """A server whose certificate is right, but for this."""
    leaf = issue_certificate("localhost", **({"by": ROOT_CA, "names": ["localhost"]} | changed))
    return serve_with(leaf.certificate_pem, leaf.private_key_pem, ca_pem=ROOT_CA.certificate_pem)


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        (hello_server, Verdict("connected")),
        (lambda: served(days=(-91, -1)), Verdict("expired", 10)),
        (lambda: served(by=None), Verdict("self-signed", 18)),
        (lambda: served(names=["other.localhost"]), Verdict("wrong name", 62)),
        (  # a root that is sent along is no more known
            lambda: serve(LEAF.certificate_pem + ROOT_CA.certificate_pem, KIT_CA.certificate_pem),
            Verdict("unknown CA", 19),
        ),
        (  # a code without words
            lambda: serve(damaged(LEAF.certificate_pem)),
            Verdict("refused", 7),
        ),
        (  # beyond the CA's name constraints
            lambda: serve_with(
                TWO_NAMES.certificate_pem,
                TWO_NAMES.private_key_pem,
                ca_pem=KIT_CA.certificate_pem,
            ),
            Verdict("name not permitted", 47),
        ),
    ],
)
def test_a_verdict_is_what_openssl_says(start: Callable[[], HelloServer], verdict: Verdict) -> None:
    with start() as server:
        assert ask_requests(server.url, server.ca_file) == verdict


def test_whom_the_environment_trusts_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    with hello_server() as stranger, hello_server() as good:
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(variable, str(good.ca_file))
        assert ask_requests(good.url, stranger.ca_file) == Verdict("unknown CA", 20)
        assert ask_requests(good.url, good.ca_file) == Verdict("connected")


@pytest.mark.thorough  # each waits five seconds for nobody
def test_no_server_another_address_and_no_tls_have_words_too() -> None:
    stopped = hello_server()
    stopped.stop()
    assert ask_requests(stopped.url, stopped.ca_file) == Verdict("no answer")
    with serve(LEAF.certificate_pem) as server:
        address = server.url.replace("localhost", "127.0.0.1")
        assert ask_requests(address, server.ca_file).words == "wrong name"
    with serve_without_tls() as plain:
        verdict = ask_requests(plain.url.replace("http", "https"), stopped.ca_file)
        # It waits for two line ends. Of 120 random hellos, five held them: 400 Bad Request.
        assert verdict.words in ("no answer", "refused")
