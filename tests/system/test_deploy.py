"""docs/deploy.md, followed as printed on a machine of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from machine import Machine, blocks
from vocabulary import ROOT, RunningService, ask, mode, tool

from securedata import CertificateAuthority, RecordStore, ServiceKeys, Vault
from securedata.errors import KeyFileError
from securedata.keys.file import KeyFile, is_protected
from securedata.web.page import FILES

pytestmark = pytest.mark.thorough

if TYPE_CHECKING:
    from postgres import Postgres


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, str]]:
    """A machine on which the page was followed up to the proxy, and the token of alice."""
    with Machine(tmp_path_factory.mktemp("machine")) as fresh:
        fresh.follow("Install")
        token = fresh.follow("A token before any proxy")[-1].strip()
        fresh.follow("With systemd")
        yield fresh, token


def test_the_page_is_followed_to_the_letter_up_to_a_proxy(serving: tuple[Machine, str]) -> None:
    machine, token = serving
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert ask(machine, "POST", "/store", json={"data": "x"}).status_code == 401
    behind = machine.follow("Behind nginx, or behind Caddy")
    assert any('"owner":"alice"' in printed for printed in behind)
    assert token not in machine.log()
    for address in (*FILES, "/docs"):  # what is installed is a wheel, with the page in it
        assert ask(machine, "GET", address).status_code == 200
    assert token not in (machine.root / "var/log/nginx/securedata.log").read_text()
    # Only the service may read its secrets.
    state = machine.root / "var/lib/securedata"
    assert mode(state) == mode(state / "data") == mode(state / "certs") == 0o700
    assert mode(machine.root / "etc/securedata/environment") == 0o600
    assert is_protected(state / "data" / "keys.json")
    with pytest.raises(KeyFileError):
        KeyFile.load(state / "data" / "keys.json")


def test_the_health_check_of_the_container_believes_only_our_ca(service: RunningService) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (check,) = re.findall(r'^ +CMD (\["python", "-c".*\])$', dockerfile, re.M)
    command = [word.replace(":5000", f":{service.port}") for word in json.loads(check)]
    command[0] = sys.executable
    healthy = subprocess.run(command, cwd=service.folder, capture_output=True)
    assert healthy.returncode == 0, healthy.stderr
    another = CertificateAuthority.create("securedata local CA").certificate_pem
    service.ca_file.write_text(another)
    assert subprocess.run(command, cwd=service.folder, capture_output=True).returncode != 0


def test_what_is_backed_up_as_the_page_has_it_is_restored_as_the_page_has_it(
    serving: tuple[Machine, str],
) -> None:
    machine, token = serving
    bearer = {"Authorization": f"Bearer {token}"}

    def retrieve(receipt: dict[str, Any]) -> int:
        asked = {"record_id": receipt["record_id"]}
        return ask(machine, "POST", "/retrieve", json=asked, headers=bearer).status_code

    def store() -> dict[str, Any]:
        return dict(ask(machine, "POST", "/store", json={"data": "x"}, headers=bearer).json())

    back_up, _, restore, _ = (content for _, content in blocks("Back up"))
    before = [store() for _ in range(20)]
    machine.run("securedata rotate")
    machine.run(back_up)
    after = store()
    data = machine.root / "var/lib/securedata/data"
    for file in data.iterdir():
        file.write_bytes(b"lost")
    assert retrieve(before[0]) == 503
    keys = machine.run(restore)
    assert "not in this key file" not in keys
    ((_, start), _) = blocks("With systemd")
    machine.run(start.splitlines()[-1])  # curl, until it is answered
    assert [retrieve(receipt) for receipt in before] == [200] * 20
    assert retrieve(after) == 400  # it was not there yet
    assert store()["owner"] == "alice"
    assert mode(data / "keys.json") == 0o600


def test_a_dump_of_postgresql_is_restored_as_the_page_has_it(
    postgres: "Postgres", tmp_path: Path
) -> None:
    _, dump, _, restore = (content for _, content in blocks("Back up"))
    keys, url, another = (
        ServiceKeys.generate(),
        postgres.new_database(),
        postgres.new_database(),
    )
    record = Vault(RecordStore(url), keys).store("attack at dawn")
    path = os.pathsep.join([str(postgres.tool("pg_dump").parent), os.environ["PATH"]])
    for commands, database in [(dump, url), (restore, another)]:
        subprocess.run(
            ["sh", "-eu", "-c", commands.replace("/var/backups/securedata", str(tmp_path))],
            env={"PATH": path, "DATABASE": database.replace("+psycopg", "")},
            check=True,
        )
    assert Vault(RecordStore(another), keys).retrieve(record.record_id) == "attack at dawn"


def test_systemd_finds_nothing_wrong_with_the_unit_and_little_exposed(
    serving: tuple[Machine, str],
) -> None:
    unit = serving[0].root / "etc/systemd/system/securedata@.service"
    # In tenths, from 0 to 100: the rest is what a service with sockets and a user has.
    for verb in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=12"]):
        done = subprocess.run(
            [tool("systemd-analyze"), "--no-pager", *verb, str(unit)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
