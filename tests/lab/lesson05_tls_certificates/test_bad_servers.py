"""The gallery: one flaw each, and the verdicts of three clients and of openssl are these."""

import re
import socket
import ssl
import warnings
from pathlib import Path

import pytest
import requests
import urllib3
from vocabulary import ROOT, openssl

from securedata import client_context
from securedata.errors import FormatError
from securedata_lab.lesson05_tls_certificates import ask_requests, ask_standard_library, bad_server
from securedata_lab.lesson05_tls_certificates.bad_servers import BAD_SERVERS
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer

# For each: the standard library's and requests' verdict, and openssl's code or alert.
GALLERY = {
    "wrong-name": ("wrong name (62)", "wrong name (62)", "62"),
    "expired": ("expired (10)", "expired (10)", "10"),
    "name-only-in-cn": ("connected", "wrong name (62)", "OK"),
    "tls-1.1-only": ("no common TLS version", "no common TLS version", "alert 70"),
    "self-signed": ("self-signed (18)", "self-signed (18)", "18"),
    "dsa-certificate": ("no common algorithms", "no common algorithms", "alert 40"),
}
HANDSHAKE_ENDS = ("tls-1.1-only", "dsa-certificate")
CLIENTS = (ask_standard_library, ask_requests)


def s_client(server: HelloServer, *options: str) -> str:
    """All that openssl's client prints."""
    connect = ["-connect", f"localhost:{server.port}", "-CAfile", str(server.ca_file)]
    done = openssl("s_client", *connect, *options)
    return done.stdout + done.stderr


def openssls_verdict(server: HelloServer) -> str:
    printed = s_client(server, "-verify_return_error", "-verify_hostname", "localhost")
    if alert := re.search(r"SSL alert number (\d+)", printed):
        return f"alert {alert[1]}"
    code = re.search(r"Verify return code: ([1-9]\d*)", printed)
    return code[1] if code else re.findall(r"Verification: (\w+)", printed)[0]


@pytest.mark.parametrize("name", GALLERY)
def test_every_client_and_openssl_give_their_verdict(name: str) -> None:
    with bad_server(name) as server:
        assert bad_server(name) is server  # a cell may run twice
        verdicts = [ask(server.url, server.ca_file) for ask in CLIENTS]
        assert (*map(str, verdicts), openssls_verdict(server)) == GALLERY[name]
        context = client_context(server.ca_file.read_text())  # our own client lets none in
        with (
            socket.create_connection(("localhost", server.port), timeout=5) as plain,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(plain, server_hostname="localhost")


# One flaw, and only one.


@pytest.mark.parametrize("name", [name for name in BAD_SERVERS if name not in HANDSHAKE_ENDS])
def test_who_does_not_look_is_served(name: str) -> None:
    with bad_server(name) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        assert requests.get(server.url, verify=False, timeout=5).text == "hello\n"


def test_a_client_of_tls_1_1_finds_nothing_wrong_with_the_server_that_speaks_only_that() -> None:
    with bad_server("tls-1.1-only") as server:
        printed = s_client(server, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
        if "no protocols available" in printed:
            pytest.skip("this openssl has no TLS 1.1 any more")
        assert re.search(r"Protocol *: TLSv1.1", printed)
        assert "Cipher is (NONE)" not in printed
        assert "Verification: OK" in printed


def test_the_dsa_certificate_is_a_good_one_but_for_its_key(tmp_path: Path) -> None:
    folder = ROOT / "securedata_lab" / "lesson05_tls_certificates" / "dsa_certificate"
    options = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost"]
    verified = openssl("verify", *options, "-CAfile", folder / "ca.pem", folder / "leaf.pem")
    assert verified.stdout.endswith("leaf.pem: OK\n")
    years = openssl("x509", "-in", folder / "leaf.pem", "-checkend", str(10 * 365 * 86400))
    assert years.returncode == 0


# The gallery itself.


def test_an_unknown_server_is_refused_and_the_known_ones_are_listed() -> None:
    assert BAD_SERVERS.keys() == GALLERY.keys()
    with pytest.raises(FormatError) as refusal:
        bad_server("evil")
    assert all(name in str(refusal.value) for name in BAD_SERVERS)
