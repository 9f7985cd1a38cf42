"""Hello over TLS: what a student's certificate is tried with."""

import socket
import ssl
from contextlib import suppress

import pytest

from securedata.errors import CertificateError
from securedata.lab import ask_requests, hello_server, issue_certificate, serve_with
from securedata.lab.tls.hello_server import HelloServer


def connection_to(server: HelloServer) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=server.ca_file)
    plain = socket.create_connection(("localhost", server.port), timeout=5)
    return context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)


def test_it_says_hello_and_goodbye_in_tls() -> None:
    with hello_server() as server, connection_to(server) as connection:
        connection.sendall(b"GET /any?path HTTP/1.1\r\n")
        connection.sendall(b"\r\n")
        data = b"".join(iter(lambda: connection.recv(100), b""))  # without it: SSLEOFError
        assert data.startswith(b"HTTP/1.1 200 OK\r\n")
        assert data.endswith(b"hello\n")


def test_a_key_of_another_certificate_is_refused() -> None:
    one, other = issue_certificate("localhost"), issue_certificate("localhost")
    with pytest.raises(CertificateError, match="OpenSSL refuses the certificate"):
        serve_with(one.certificate_pem, other.private_key_pem, ca_pem=one.certificate_pem)


def test_a_client_that_stalls_or_talks_no_tls_costs_no_other_and_no_end() -> None:
    server = hello_server()
    address = ("localhost", server.port)
    stalled = [socket.create_connection(address) for _ in range(10)]
    with socket.create_connection(address) as rude:
        rude.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with connection_to(server) as rude, suppress(OSError):
        rude.sendall(bytes(100_000))
    assert ask_requests(server.url, server.ca_file).words == "connected"
    server.stop()
    for client in stalled:
        client.close()


def test_stopped_in_the_middle_it_starts_again_at_the_same_address() -> None:
    server = hello_server()
    url = server.url
    with connection_to(server) as connection:
        connection.sendall(b"GET / ")
        server.stop()
        server.stop()
        with suppress(OSError):  # a reset, if it had not read all
            assert connection.recv(1) == b""
    server.start()
    server.start()
    assert server.url == url
    assert ask_requests(server.url, server.ca_file).words == "connected"
    server.stop()
