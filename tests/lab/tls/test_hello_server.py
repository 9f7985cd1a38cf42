"""Hello over TLS: what a student's certificate is tried with."""

import socket
import ssl
from contextlib import suppress

from securedata.lab import ask_requests
from securedata.lab.tls.hello_server import HelloServer, hello_server


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


def test_a_client_that_stalls_or_talks_no_tls_costs_no_other_and_no_end() -> None:
    server = hello_server()
    address = ("localhost", server.port)
    stalled = [socket.create_connection(address) for _ in range(10)] + [connection_to(server)]
    with socket.create_connection(address) as rude:
        rude.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with connection_to(server) as rude, suppress(OSError):
        rude.sendall(bytes(100_000))
    assert ask_requests(server.url, server.ca_file).words == "connected"
    server.stop()
    for client in stalled:
        client.close()
