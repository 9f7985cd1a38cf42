"""The backup server waits for a vault on a machine that does much else."""

import socket
import time

import pytest

from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate
from securedata.certificates.tls import client_context
from securedata_lab.lesson08_break_it_fix_it.auditing.backup_server import BackupServer


@pytest.mark.thorough
def test_a_vault_may_pause_for_a_second() -> None:
    ca = issue_certificate("backup CA", is_ca=True)
    with BackupServer() as server:
        server.show(issue_certificate("localhost", by=ca, names=LOCALHOST_NAMES))
        tls = client_context(ca.certificate_pem)
        plain = socket.create_connection(("localhost", server.port))
        with tls.wrap_socket(plain, server_hostname="localhost") as connection:
            for part in (b"POST / HTTP/1.1\r\n\r\n[", b'"a password"]'):
                connection.sendall(part)
                time.sleep(1.2)
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert server.has_seen("a password")
