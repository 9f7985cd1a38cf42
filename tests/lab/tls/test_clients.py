"""Three clients' verdicts: in our words, from codes, whatever the environment says."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from vocabulary import flipped

from securedata import CertificateAuthority
from securedata.lab import (
    Verdict,
    ask_curl,
    ask_requests,
    ask_standard_library,
    bad_server,
    hello_server,
    issue_certificate,
    serve_with,
    serve_without_tls,
)

Ask = Callable[[str, Path], Verdict]


def ask_curl_or_skip(url: str, ca_file: Path) -> Verdict:
    verdict = ask_curl(url, ca_file)
    if verdict.words == "not here":
        pytest.skip("needs curl")
    return verdict


def damaged(certificate_pem: str) -> str:
    """The same certificate, but for the last bit of its signature."""
    certificate = ssl.PEM_cert_to_DER_cert(certificate_pem)
    return ssl.DER_cert_to_PEM_cert(flipped(certificate, 8 * len(certificate) - 1))


every_client = pytest.mark.parametrize(
    "ask", [ask_standard_library, ask_requests, ask_curl_or_skip]
)


@every_client
def test_a_good_server_is_connected_to(ask: Ask) -> None:
    with hello_server() as server:
        assert ask(server.url, server.ca_file) == Verdict("connected")


@every_client
def test_whom_the_environment_trusts_does_not_matter(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bad_server("unknown-ca") as stranger, hello_server() as good:
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(variable, str(good.ca_file))
        assert ask(good.url, stranger.ca_file) == Verdict("unknown CA", 20)
        assert ask(good.url, good.ca_file) == Verdict("connected")


@every_client
def test_a_root_that_is_sent_along_is_no_more_known(ask: Ask) -> None:
    root = issue_certificate("Test CA", is_ca=True)
    leaf = issue_certificate("localhost", by=root, names=["localhost"])
    other = CertificateAuthority.create("Other CA").certificate_pem
    with serve_with(
        leaf.certificate_pem + root.certificate_pem, leaf.private_key_pem, ca_pem=other
    ) as server:
        assert ask(server.url, server.ca_file) == Verdict("unknown CA", 19)


@every_client
def test_the_name_of_another_host_or_address_is_wrong(ask: Ask) -> None:
    ca = CertificateAuthority.create("Test CA")
    leaf = ca.issue("localhost")
    with serve_with(
        leaf.chain_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem, host="127.0.0.1"
    ) as server:
        assert ask(server.url, server.ca_file).words == "wrong name"


@every_client
def test_where_nobody_listens_there_is_no_answer(ask: Ask) -> None:
    server = hello_server()
    server.stop()
    assert ask(server.url, server.ca_file) == Verdict("no answer")


@every_client
def test_a_server_without_tls_is_refused_and_nothing_raises(ask: Ask) -> None:
    with hello_server() as good, serve_without_tls() as plain:
        url = plain.url.replace("http", "https")
        assert ask(url, good.ca_file).words in ("refused", "no handshake")


@every_client
def test_a_name_that_the_ca_may_not_vouch_for_is_refused(ask: Ask) -> None:
    ca = CertificateAuthority.create("Test CA")
    leaf = issue_certificate("localhost", by=ca, names=["localhost", "bank.example"])
    with serve_with(
        leaf.certificate_pem, leaf.private_key_pem, ca_pem=ca.certificate_pem
    ) as server:
        assert ask(server.url, server.ca_file) == Verdict("name not permitted", 47)


@pytest.mark.parametrize("ask", [ask_standard_library, ask_requests])
def test_a_code_without_words_is_still_told(ask: Ask) -> None:
    root = issue_certificate("Test CA", is_ca=True)
    leaf = issue_certificate("localhost", by=root, names=["localhost"])
    with serve_with(
        damaged(leaf.certificate_pem), leaf.private_key_pem, ca_pem=root.certificate_pem
    ) as server:
        assert ask(server.url, server.ca_file) == Verdict("refused", 7)


def test_without_curl_it_is_not_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_curl("https://localhost:1", tmp_path) == Verdict("not here")


def test_curls_own_settings_do_not_matter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text("insecure\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with bad_server("expired") as server:
        assert ask_curl_or_skip(server.url, server.ca_file) == Verdict("expired", 10)


def test_a_verdict_reads_as_a_word_with_its_code_if_there_is_one() -> None:
    assert str(Verdict("wrong name", 62)) == "wrong name (62)"
    assert str(Verdict("connected")) == "connected"
