"""`make bench`: the background server's figures, printed and written to docs/benchmarks.md.

Medians of several rounds. Times differ from machine to machine: what counts is their order.
"""

import platform
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

import requests
from vocabulary import ROOT, a_vault

from securedata import BackgroundServer, CertificateAuthority, create_app, server_context

ROUNDS = 9
STALLED = 200
LIBRARIES = ("pycryptodome", "flask", "uvicorn", "a2wsgi", "cryptography", "requests", "sqlalchemy")


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_figures(Path(folder)))
    table = ["| what | median | least | most |", "|---|---:|---:|---:|"]
    for name, seconds in rows:
        in_ms = [f"{1000 * value:.1f} ms" for value in _spread(seconds)]
        table.append(f"| {name} | {' | '.join(in_ms)} |")
    print("\n".join(table))
    (ROOT / "docs" / "benchmarks.md").write_text(_page(table), encoding="utf-8")


def _figures(folder: Path) -> Iterator[tuple[str, list[float]]]:
    new = _server_factory(folder)
    yield "first answer after `start()`", [_first_answer(new()) for _ in range(ROUNDS)]
    with new() as server, requests.Session() as session:
        _get(session, server)
        yield "GET /health, kept connection", [_get(session, server) for _ in range(200)]
        yield "POST /store, kept connection", [_store(session, server) for _ in range(200)]
    for where, stall in STALLS.items():
        with new() as server, _stalled(server, stall):
            figures = [_get(requests.Session(), server) for _ in range(ROUNDS)]
        yield f"GET /health, new connection, {STALLED} clients stalled in the {where}", figures
    yield "`stop()` with all 600 of them connected", [_stop(new()) for _ in range(3)]


def _server_factory(folder: Path) -> Callable[[], BackgroundServer]:
    ca = CertificateAuthority.create("Benchmark CA")
    (folder / "ca.pem").write_text(ca.certificate_pem)
    tls = server_context(ca.issue("localhost"))
    app = create_app(a_vault(folder))
    return lambda: BackgroundServer(app, tls=tls, ca_file=folder / "ca.pem")


def _first_answer(server: BackgroundServer) -> float:
    started = time.perf_counter()
    with server:
        _get(requests.Session(), server)
        return time.perf_counter() - started


def _get(session: requests.Session, server: BackgroundServer) -> float:
    started = time.perf_counter()
    session.get(f"{server.url}/health", verify=str(server.ca_file), timeout=30).raise_for_status()
    return time.perf_counter() - started


def _store(session: requests.Session, server: BackgroundServer) -> float:
    started = time.perf_counter()
    session.post(
        f"{server.url}/store", json={"data": "x" * 100}, verify=str(server.ca_file), timeout=30
    ).raise_for_status()
    return time.perf_counter() - started


def _stop(server: BackgroundServer) -> float:
    with ExitStack() as stack:
        server.start()
        for stall in STALLS.values():
            stack.enter_context(_stalled(server, stall))
        started = time.perf_counter()
        server.stop()
        return time.perf_counter() - started


@contextmanager
def _stalled(
    server: BackgroundServer, stall: Callable[[BackgroundServer], socket.socket]
) -> Iterator[None]:
    clients = [stall(server) for _ in range(STALLED)]
    yield
    for client in clients:
        client.close()


def _in_handshake(server: BackgroundServer) -> socket.socket:
    client = socket.create_connection(("localhost", server.port))
    client.sendall(b"\x16\x03\x01\x02\x00")  # the head of a record, and nothing after it
    return client


def _in_headers(server: BackgroundServer) -> socket.socket:
    client = _connected(server)
    client.sendall(b"POST /store HTTP/1.1\r\nHost: localhost\r\n")
    return client


def _in_body(server: BackgroundServer) -> socket.socket:
    client = _connected(server)
    client.sendall(
        b"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 100\r\n\r\n{"data": "ha'
    )
    return client


def _connected(server: BackgroundServer) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    plain = socket.create_connection(("localhost", server.port))
    return context.wrap_socket(plain, server_hostname="localhost")


STALLS = {"handshake": _in_handshake, "headers": _in_headers, "body": _in_body}


def _spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


def _page(table: list[str]) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Client and server share one process, as in a notebook.",
            "",
            *table,
            "",
            f"Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}, {platform.system()} "
            f"{platform.machine()}; {libraries}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
