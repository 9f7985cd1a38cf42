"""A running server serves its next certificate: ours, renewed, or a user's, replaced."""

import errno
import socket
import threading
import time
from types import SimpleNamespace

import pytest
from crowd import wait_until
from cryptography import x509
from flask import Flask
from serving.raw import within

from securedata import (
    BackgroundServer,
    CertificateAuthority,
    Leaf,
    client_context,
    server_context,
)
from securedata.errors import CertificateError
from securedata.serving import renewal
from securedata.serving.renewal import Renewal

CA = CertificateAuthority.create("Test CA")
FIRST, SECOND = CA.issue("localhost", "127.0.0.1"), CA.issue("localhost", "127.0.0.1")


class Place:
    """Where a leaf lies, or an error; it counts who looks."""

    def __init__(self) -> None:
        self.found: Leaf | Exception = FIRST
        self.looks = 0

    def open(self) -> Leaf:
        self.looks += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def a_server(place: Place) -> BackgroundServer:
    renewed = Renewal(FIRST, place.open)
    return BackgroundServer(Flask("example"), tls=server_context(FIRST), renewal=renewed)


def served(server: BackgroundServer, name: str = "localhost", ca: CertificateAuthority = CA) -> int:
    """The serial number of the certificate that a client of today sees, and verifies."""
    context = client_context(ca.certificate_pem)
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        return int(str((connection.getpeercert() or {})["serialNumber"]), 16)


def serial_number(leaf: Leaf) -> int:
    return x509.load_pem_x509_certificate(leaf.chain_pem.encode()).serial_number


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "LOOK_SECONDS", 0)
    monkeypatch.setattr(renewal, "STEP_SECONDS", 0.01)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])  # of the latter no SNI is sent
def test_clients_after_the_look_get_the_next_leaf(name: str) -> None:
    place = Place()
    with a_server(place) as server:
        assert served(server, name) == serial_number(FIRST)
        place.found = SECOND
        wait_until(lambda: served(server, name) == serial_number(SECOND))
        said = ["a new certificate is served, for 90 days"]
        wait_until(lambda: server.log_tail() == said)
        looks = place.looks
        wait_until(lambda: place.looks > looks + 1)  # one whole look more
        assert server.log_tail() == said
    looks = place.looks
    time.sleep(0.1)
    assert place.looks <= looks + 1  # it has ended with the server


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "trouble",
    [
        CertificateError("half a pair"),
        OSError(errno.EIO, "a broken disk"),
        Leaf(FIRST.chain_pem, SECOND.private_key_pem),
    ],
)
def test_what_cannot_be_served_changes_nothing_and_is_logged(
    trouble: Leaf | Exception,
) -> None:
    place = Place()
    with a_server(place) as server:
        place.found = trouble
        wait_until(lambda: len(server.log_tail(2)) == 2)
        assert served(server) == serial_number(FIRST)
        assert server.log_tail(1)[0].startswith("the certificate stays as it was: ")
        place.found = SECOND
        wait_until(lambda: served(server) == serial_number(SECOND))


def test_it_looks_at_start_and_once_an_hour_by_a_clock_that_may_be_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, hour = Place(), renewal.LOOK_SECONDS
    now = [1_000_000.0]
    monkeypatch.setattr(renewal, "time", SimpleNamespace(time=lambda: now[0]))
    monkeypatch.setattr(renewal, "STEP_SECONDS", 0.01)
    with a_server(place):
        steps = [(0, 1), (hour - 1, 1), (1, 2), (1, 2), (hour, 3), (-10 * hour, 4), (1, 4)]
        for later, looks in steps:
            now[0] += later
            wait_until(lambda looks=looks: place.looks == looks)
            time.sleep(0.05)
            assert place.looks == looks


@pytest.mark.serial
def test_a_look_that_takes_long_holds_up_nobody() -> None:
    go_on = threading.Event()

    def wait() -> Leaf:
        go_on.wait(10)
        return FIRST

    renewed = Renewal(FIRST, wait)
    server = BackgroundServer(Flask("example"), tls=server_context(FIRST), renewal=renewed)
    with within(8), server:
        assert served(server) == serial_number(FIRST)
    go_on.set()
