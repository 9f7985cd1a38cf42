"""The lab's servers: one call, one server, and nothing left when the kernel ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.programs import run_program
from vocabulary import ask, client_of

from securedata.errors import UnavailableError
from securedata_lab import serve
from securedata_lab.servers.starting import LabServer

# Stores a text as a notebook would, tells where, and ends in one way or another.
NOTEBOOK = """
import sys
from securedata import Client
from securedata_lab import serve
server = serve()
Client(server.url, ca_file=server.ca_file).store("hello")
assert serve() is server
print(server.database, server.database.exists())
"""
ENDINGS = {"running": "", "stopped, with an exit code": "server.stop(); sys.exit(3)"}


@pytest.fixture
def server() -> Iterator[LabServer]:
    running = serve()
    yield running
    running.stop()


def test_after_a_stop_it_runs_again_at_the_same_address_with_its_records(
    server: LabServer,
) -> None:
    url, receipt = server.url, client_of(server).store("attack at dawn")
    assert serve() is server  # a cell may run twice
    assert receipt.record_id.encode() in b"".join(
        path.read_bytes() for path in server.database.parent.glob("records.sqlite3*")
    )
    server.stop()
    with pytest.raises(UnavailableError):
        client_of(server).retrieve(submission=receipt)
    assert serve() is server
    assert server.url == url
    assert client_of(server).retrieve(submission=receipt) == "attack at dawn"


def test_two_lab_servers_share_nothing() -> None:
    with LabServer() as one, LabServer() as other:
        assert one.url != other.url
        assert one.database != other.database
        assert ask(one, "GET", "/public-key").text != ask(other, "GET", "/public-key").text


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_nothing_is_left_when_the_kernel_ends(tmp_path: Path, ending: str) -> None:
    kernel = run_program(tmp_path, NOTEBOOK + ending)
    assert kernel.stderr == ""
    database, exists = kernel.stdout.split()
    assert Path(database).is_relative_to(tmp_path)
    assert exists == "True"
    assert list(tmp_path.iterdir()) == []
