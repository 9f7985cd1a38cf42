"""The client: the same two verbs over HTTPS."""

import socket
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, redirect
from requests import certs
from vocabulary import a_server, flipped, free_port

from securedata import (
    BackgroundServer,
    CertificateAuthority,
    Client,
    KeyRing,
    VerifyingKey,
    server_context,
    verify,
)
from securedata.errors import FormatError, RefusedError, UnavailableError


def test_a_text_comes_back_by_its_receipt_and_by_its_id_and_anyone_verifies_it(
    client: Client,
) -> None:
    receipt = client.store("attack at dawn")
    for asked in ((None, receipt), (receipt.record_id, None), (receipt.record_id, receipt)):
        assert client.retrieve(*asked) == "attack at dawn"
    for pem in (client.public_key(), client.public_key(receipt.header.signer_id)):
        verify(receipt, signers=KeyRing(VerifyingKey.from_pem(pem)))


# No.


def test_what_is_tampered_or_cannot_be_used_is_refused_in_the_services_words(
    client: Client,
) -> None:
    receipt = client.store("attack at dawn")
    tampered = replace(receipt, ciphertext=flipped(receipt.ciphertext, 0))
    for words, call in (
        (
            r"^Invalid signature\. Data may be compromised\.$",
            lambda: client.retrieve(None, tampered),
        ),
        ("lone surrogate", lambda: client.store("\ud800")),
        ("Send record_id, or nonce", client.retrieve),
        ("signer_id", lambda: client.public_key("0" * 16)),
    ):
        with pytest.raises(RefusedError, match=words):
            call()


# No answer.


def test_the_error_of_a_lost_call_holds_neither_text_nor_token() -> None:
    client = Client(f"https://localhost:{free_port()}", ca_file=certs.where(), token="0" * 64)
    with pytest.raises(UnavailableError, match="does not answer") as lost:
        client.store("hello")
    # The error of requests would hold the whole request.
    assert (lost.value.__cause__, lost.value.__context__) == (None, None)


def test_a_proxy_that_does_not_lead_there_is_named(
    server: BackgroundServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(UnavailableError, match=r"the environment's proxy .* NO_PROXY"):
        client.store("hello")
    monkeypatch.setenv("NO_PROXY", "localhost")
    client.store("hello")


def test_a_peer_without_tls_is_not_blamed_for_a_certificate() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_clear() -> None:
            with listener.accept()[0] as asker:
                asker.recv(65536)
                asker.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        Thread(target=answer_in_clear).start()
        client = Client(f"https://localhost:{listener.getsockname()[1]}", ca_file=certs.where())
        with pytest.raises(UnavailableError, match="does not answer: the TLS handshake failed"):
            client.store("hello")


def test_why_there_is_no_answer_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for url, why in (
        (f"https://localhost:{free_port()}", "nothing listens there: start it with securedata"),
        ("https://no-such-host.invalid", "no machine has this name"),
    ):
        with pytest.raises(UnavailableError, match=f"^{url} does not answer: {why}"):
            Client(url, ca_file=certs.where()).store("hello")
    monkeypatch.setattr("securedata.web.client.TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("localhost", 0)) as silent:
        client = Client(f"https://localhost:{silent.getsockname()[1]}", ca_file=certs.where())
        with pytest.raises(UnavailableError, match="it was silent for"):
            client.store("hello")


# Trust.


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    ca = CertificateAuthority.create("Test CA")
    (tmp_path / "ca.pem").write_text(ca.certificate_pem)
    tls = server_context(ca.issue("other.localhost"))
    with (
        BackgroundServer(Flask("other"), tls=tls) as server,
        pytest.raises(UnavailableError, match=r"is not trusted: .* or name its ca_file$"),
    ):
        Client(server.url, ca_file=tmp_path / "ca.pem").store("hello")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environments_ca_bundle_does_not_matter(
    server: BackgroundServer,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    foreign = tmp_path / "foreign.pem"
    foreign.write_text(CertificateAuthority.create("Test CA").certificate_pem)
    # It neither takes the right CA away …
    monkeypatch.setenv(name, str(foreign))
    client.store("hello")
    # … nor brings it in. Nothing is sent to a stranger.
    monkeypatch.setenv(name, str(server.ca_file))
    before = server.log_tail(1000)
    with pytest.raises(UnavailableError, match="it has no certificate for this name"):
        Client(server.url, ca_file=foreign).store("hello")
    assert server.log_tail(1000) == before


# Services that are none of ours.


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    app, texts = Flask("stranger"), []
    moved = redirect("/elsewhere", 307)  # which would send the text again
    app.add_url_rule("/store", "store", lambda: moved, methods=["POST"])
    app.add_url_rule("/elsewhere", "there", lambda: texts.append(1) or "{}", methods=["POST"])
    with (
        a_server(app, tmp_path) as running,
        pytest.raises(RefusedError, match="HTTP status 307"),
    ):
        Client(running.url, ca_file=tmp_path / "ca.pem").store("hello")
    assert texts == []


def test_an_answer_that_is_not_ours_is_an_error_of_ours(tmp_path: Path) -> None:
    app = Flask("stranger")
    answers = ["<html>", "{}", "[]", "null", '{"decrypted_data": 7}', '{"data": {}}']
    for path in ("/store", "/retrieve"):
        app.add_url_rule(path, path, lambda: answers[-1], methods=["POST"])
    with a_server(app, tmp_path) as running:
        client = Client(running.url, ca_file=tmp_path / "ca.pem")
        while answers:
            for verb in (client.store, client.retrieve):
                with pytest.raises(UnavailableError, match=r"is it the service\?"):
                    verb("0" * 32)
            answers.pop()


# Addresses.


def test_nothing_is_sent_in_the_clear(tmp_path: Path) -> None:
    for url in ("http://localhost", "localhost", "ftp://localhost"):
        meant = r"does not start with https://: did you mean https://localhost\?"
        with pytest.raises(FormatError, match=meant):
            Client(url, ca_file=tmp_path / "ca.pem")
    for url in ("5600", "", "http://5600"):  # no name to guess from
        with pytest.raises(FormatError, match=r"https://: https://localhost:5000 does$"):
            Client(url, ca_file=tmp_path / "ca.pem")
    Client("HTTPS://localhost:5000", ca_file=tmp_path / "ca.pem")


def test_a_malformed_address_is_an_error_of_ours() -> None:
    for rest in ("", "localhost:99999", "localhost:port", "a b", "[::1", ".example", "a" * 300):
        with pytest.raises(FormatError, match="is no address"):
            Client(f"https://{rest}", ca_file=certs.where()).store("hello")
