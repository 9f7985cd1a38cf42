"""docs/deploy.md, followed as printed on a machine of its own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from machine import Machine, blocks
from vocabulary import ROOT, ask, mode

from securedata import CertificateAuthority, RecordStore, ServiceKeys, Vault
from securedata.errors import KeyFileError
from securedata.keys.file import KeyFile, is_protected

pytestmark = pytest.mark.thorough

if TYPE_CHECKING:
    from postgres import Postgres

UNIT = ROOT / "docs" / "deploy" / "securedata.service"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(tmp_path) as fresh:
        yield fresh


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
    assert token not in (machine.root / "var/log/nginx/securedata.log").read_text()
    # What is secret is nobody else's to read.
    state = machine.root / "var/lib/securedata"
    assert mode(state) == mode(state / "data") == mode(state / "certs") == 0o700
    assert mode(machine.root / "etc/securedata/environment") == 0o600
    assert is_protected(state / "data" / "keys.json")
    with pytest.raises(KeyFileError):
        KeyFile.load(state / "data" / "keys.json")


HEALTH = "docker inspect --format '{{.State.Health.Status}}' securedata"


def test_the_page_is_followed_to_the_letter_in_a_container(machine: Machine) -> None:
    machine.ca_file = machine.root / "etc/securedata/ca.pem"
    token = machine.follow("In a container")[1].strip()
    bearer = {"Authorization": f"Bearer {token}"}
    stored = ask(machine, "POST", "/store", json={"data": "x"}, headers=bearer)
    assert stored.json()["owner"] == "alice"
    assert ask(machine, "POST", "/store", json={"data": "x"}).status_code == 401
    volume = machine.root / "volumes" / "securedata"
    assert is_protected(volume / "data" / "keys.json")
    assert "primary" in machine.run("docker exec securedata securedata keys")
    # When another CA vouches for localhost, the health check believes nobody.
    assert machine.run(HEALTH).strip() == "healthy"
    another = CertificateAuthority.create("securedata local CA").certificate_pem
    (volume / "certs" / "ca.pem").write_text(another)
    assert machine.run(HEALTH).strip() == "unhealthy"


def test_the_image_is_for_no_root_holds_no_secret_and_serves_nobody_without_a_token(
    machine: Machine,
) -> None:
    kit = machine.root / "kit"
    for secret in ("certs/ca-key.pem", "data/keys.json"):
        (kit / secret).parent.mkdir()
        (kit / secret).write_text("secret")
    machine.run(blocks("In a container")[0][1])
    image = json.loads((machine.root / "image.json").read_text())
    assert int(image["USER"]) > 0
    assert image["VOLUME"] == "/var/lib/securedata"
    stage = machine.root / "stage"
    assert {path.name for path in stage.iterdir()} == {"opt", "var"}  # the package, and a folder
    assert mode(stage / "var/lib/securedata") == 0o700
    assert list((stage / "var/lib/securedata").iterdir()) == []
    refused = machine.run(
        "docker run --rm --env-file /etc/securedata/environment -v securedata:/var/lib/securedata"
        " securedata serve 2>&1 || echo exit code $?"
    )
    assert "nobody would have to prove who they are" in refused
    assert "exit code 2" in refused


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


def test_systemd_finds_nothing_wrong_with_the_unit(machine: Machine) -> None:
    unit = machine.root / "securedata.service"
    program = machine.root / "opt/securedata/bin/securedata"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit.write_text(machine.here(UNIT.read_text()))
    done = systemd_analyze("verify", "--man=no", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_calls_the_service_as_little_exposed_as_a_server_can_be() -> None:
    # In tenths, from 0 to 100; the goal is what is left when a service has sockets and a user.
    done = systemd_analyze("security", "--offline=true", "--threshold=12", str(UNIT))
    assert done.returncode == 0, done.stdout


def systemd_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, timeout=60
    )
