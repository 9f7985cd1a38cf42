"""A disk that is full: nothing is acknowledged that was not written, and what was stays readable.

On a disk of a few megabytes that the test mounts for itself, which takes root and Linux.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from vocabulary import RunningService, securedata

from securedata import RecordStore, ServiceKeys, Vault
from securedata.errors import DiskFullError

if TYPE_CHECKING:
    from postgres import Postgres

pytestmark = pytest.mark.serial

FREE_ROOM = ": free some room on this disk"
FULL = "The disk is full. What was stored before can still be retrieved."


class TinyDisk:
    """A folder on a disk of its own, of so many MiB. Ballast fills it, and is thrown out again."""

    def __init__(self, mebibytes: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="securedata-disk-"))
        command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs"]
        mounted = subprocess.run([*command, self.folder], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.folder.rmdir()
            pytest.skip(f"cannot mount a disk of a few megabytes: {mounted.stderr.strip()}")

    def fill(self, *, but_for_kib: int = 0) -> None:
        """Leave not a byte, or no more than this."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            with suppress(OSError):
                while ballast.write(bytes(1024)):
                    pass
            ballast.truncate(ballast.tell() - 1024 * but_for_kib)

    def throw_out_ballast(self) -> None:
        (self.folder / "ballast").unlink()

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)
        self.folder.rmdir()


def sentence_of(disk: TinyDisk, *arguments: str) -> str:
    """With what a command ends: one sentence, and exit code 2."""
    done = securedata(disk.folder, *arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().removeprefix("securedata: ")


@pytest.fixture
def disk() -> Iterator[TinyDisk]:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a disk of a few megabytes takes Linux, and root")
    tiny = TinyDisk(mebibytes=24)
    yield tiny
    tiny.close()


def test_a_server_on_a_full_disk_says_507_goes_on_reading_and_recovers(
    disk: TinyDisk, record_property: Callable[[str, object], None]
) -> None:
    texts: dict[str, str] = {}
    with RunningService(disk.folder) as service:

        def store(text: str) -> int:
            answer = service.post("/store", {"data": text})
            if answer.status_code == 200:
                texts[answer.json()["record_id"]] = text
            else:
                assert answer.json() == {"error": FULL}
            return answer.status_code

        def assert_all_readable() -> None:
            for record_id, text in texts.items():
                answer = service.post("/retrieve", {"record_id": record_id})
                assert answer.json().get("decrypted_data") == text

        assert [store(f"text {number}") for number in range(100)] == [200] * 100
        disk.fill()
        while store("x" * 10_000) == 200:  # there was room in the write-ahead log
            pass
        refused = [store(f"late text {number}") for number in range(50)]
        assert 507 in refused
        assert set(refused) <= {200, 507}
        assert_all_readable()
        disk.throw_out_ballast()
        assert [store(f"again {number}") for number in range(10)] == [200] * 10
        assert_all_readable()
        service.kill()
        service.start()
        assert_all_readable()
        assert "Traceback" not in service.log.read_text()
    record_property("refused with 507", refused.count(507))
    record_property("acknowledged and retrieved equal", len(texts))


def test_a_killed_server_starts_on_a_full_disk(disk: TinyDisk) -> None:
    with RunningService(disk.folder) as service:
        record_id = service.post("/store", {"data": "kept"}).json()["record_id"]
        service.kill()
        disk.fill()
        service.start()
        answer = service.post("/retrieve", {"record_id": record_id})
        assert answer.json()["decrypted_data"] == "kept"
        assert service.post("/store", {"data": "x" * 10_000}).status_code == 507


def test_a_first_start_on_a_full_disk_is_a_sentence_and_the_next_makes_all(disk: TinyDisk) -> None:
    sentences = set()
    for room in range(0, 61, 12):  # KiB: it ends at one step of the way or another
        disk.fill(but_for_kib=room)
        sentences.add(sentence_of(disk, "serve", "--port", "0"))
        disk.throw_out_ballast()
    assert "certs/ca.pem cannot be written: No space left on device" + FREE_ROOM in sentences
    assert "the database has no room left: database or disk is full" + FREE_ROOM in sentences
    with RunningService(disk.folder) as service:
        assert service.post("/store", {"data": "hello"}).status_code == 200


def test_a_full_disk_under_postgresql_is_told_from_a_database_that_is_down(
    disk: TinyDisk, postgres: "Postgres"
) -> None:
    os.chown(disk.folder, postgres.folder.stat().st_uid, -1)
    postgres.execute(f"CREATE TABLESPACE tiny LOCATION '{disk.folder}'")
    url = postgres.new_database("TABLESPACE tiny")
    try:
        vault = Vault(RecordStore(url), ServiceKeys.generate())
        stored = [vault.store(f"text {number}") for number in range(10)]
        disk.fill()
        with pytest.raises(DiskFullError, match="No space left on device"):
            vault.store("x" * 250_000)
        texts = [vault.retrieve(record.record_id) for record in stored]
        assert texts == [f"text {number}" for number in range(10)]
        disk.throw_out_ballast()
        assert vault.retrieve(vault.store("room again").record_id) == "room again"
    finally:
        vault._records.close()
        postgres.execute(f"DROP DATABASE {url.partition('?')[0].rpartition('/')[2]}")
        postgres.execute("DROP TABLESPACE tiny")
