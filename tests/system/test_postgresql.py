"""Two servers on one PostgreSQL and one key file; and a start while the database is down."""

import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url
from system.rotation import Readers, assert_all_readable_and_valid, rotation, stored
from vocabulary import RunningService, securedata

from securedata import KeyFile, RecordStore

if TYPE_CHECKING:
    from postgres import Postgres

pytestmark = pytest.mark.serial

RECORDS = 300  # two batches of rows


@pytest.fixture
def url(postgres: "Postgres") -> str:
    return postgres.new_database()


def shown(url: str) -> str:
    return make_url(url).render_as_string()


def assert_is_a_sentence(done: subprocess.CompletedProcess[str], beginning: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"securedata: {beginning}")
    assert done.stderr.count("\n") == 1


def test_keys_are_rotated_under_two_servers_and_every_request_is_answered(
    servers: list[RunningService], url: str, tmp_path: Path
) -> None:
    receipts = stored(servers, RECORDS)
    keys = tmp_path / "keys" / "keys.json"
    where = ("--database", url, "--keys", str(keys))
    with ExitStack() as asking:
        readers = [asking.enter_context(Readers(server, receipts).asking()) for server in servers]
        for what in ([], ["--signer", "ml-dsa-65"]):
            assert rotation(tmp_path, *what, *where).wait(timeout=60) == 0
    assert [reader.refused for reader in readers] == [[], []]
    assert all(reader.asked > 20 for reader in readers)
    assert rotation(tmp_path, "--resume", *where).wait(timeout=60) == 0
    for number, server in enumerate(servers):
        assert_all_readable_and_valid(server, receipts[number::2])
    wrapping_keys = KeyFile.load(keys).service_keys.wrapping_keys
    assert len(list(wrapping_keys)) == 2
    assert RecordStore(url).count_by("key_id") == {wrapping_keys.primary.key_id: len(receipts)}
    assert len(RecordStore(url).count_by("signer_id")) == 2


# A start while the database is down.


def test_without_its_database_no_key_is_made_or_changed_and_a_server_starts_once_there_is_one(
    postgres: "Postgres", url: str, tmp_path: Path
) -> None:
    keys = KeyFile.load_or_create(tmp_path / "there" / "keys.json").path
    before = keys.read_bytes()
    postgres.stop()
    try:
        for words in (f"keys --keys {keys}", f"rotate --keys {keys}", "token create bob", "serve"):
            done = securedata(tmp_path, *words.split(), "--database", url)
            assert_is_a_sentence(done, "the database does not answer: connection ")
            assert done.stderr.endswith(f"--database, or SECUREDATA_DATABASE, is {shown(url)}\n")
    finally:
        postgres.start()
    wrong = [postgres.url("nowhere"), postgres.url("postgres", user="eve")]
    for refused, why in zip(wrong, ('database "nowhere"', 'role "eve"'), strict=True):
        done = securedata(tmp_path, "serve", "--database", refused)
        assert f"{why} does not exist: check that PostgreSQL runs there, and its " in done.stderr
    assert keys.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    with RunningService(tmp_path, "--database", url) as service:
        assert service.post("/store", {"data": "hello"}).status_code == 200
