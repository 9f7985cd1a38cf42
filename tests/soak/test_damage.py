"""A database with one wrong byte, or a part of one: no wrong text, no traceback, and on it goes.

One running server is given one damaged copy after another, each opened as `securedata serve` does.
"""

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.client import Connection, post
from soak.rounds import rounds
from vocabulary import a_server, by_hand

from securedata import KeyFile, RecordStore, ServiceKeys, Vault, create_app
from securedata.cli.key_file import open_or_make_keys
from securedata.errors import SecureDataError
from securedata.keys.rotation import rewrap_all

pytestmark = pytest.mark.thorough

TEXTS = ["attack at dawn", "", "0", "Grüße 🙂", "short " * 20, "long " * 1000]
PAGE_BYTES = 4096
REFUSED = {"error": "Invalid signature. Data may be compromised."}

# What an examination counts.
EQUAL, REFUSAL, UNAVAILABLE = "answers equal", "answers refused", "answers 503"
STORED = "stores acknowledged, then"
NOT_OPENED = "copies that stop the start"

Json = dict[str, Any]
Place = Callable[[int, random.Random], int]  # where to flip a byte in a file of this size


class Patient:
    """A service whose database is replaced by damaged copies of what was stored in it."""

    def __init__(self, folder: Path) -> None:
        self.original = folder / "original"
        self.key_file = KeyFile.create(self.original / "keys.json")
        # Held on to: when the last connection is closed, the write-ahead log goes.
        self._records = RecordStore(f"sqlite:///{self.original}/records.sqlite3")
        self._vault = Vault(self._records, self.key_file)
        self._copy = folder / "copy"
        self.server = a_server(create_app(self._vault), folder)
        self.server.start()
        self._connection = Connection(self.server.port, folder / "ca.pem")
        self._texts: list[tuple[Json, str]] = []
        for change in (
            ServiceKeys.promote_key,
            ServiceKeys.promote_key,
            ServiceKeys.promote_signer,
        ):
            self._texts += [(self._post("/store", {"data": text})[1], text) for text in TEXTS]
            self.key_file.update(change)

    def close_database(self) -> None:
        """Move all into the one file."""
        by_hand(self.original / "records.sqlite3", "PRAGMA wal_checkpoint(TRUNCATE)")

    def examine(self, damage: Callable[[Path], None], *, rotate: bool = False) -> Counter[str]:
        """Ask for every record of a damaged copy, by id and by fields, and store one more.

        If it is to be rotated first, every record's key is wrapped under the newest key, where that
        can be done.
        """
        shutil.rmtree(self._copy, ignore_errors=True)
        self._copy.mkdir(mode=0o700)
        for file in self.original.glob("records.sqlite3*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, self._copy)
        damage(self._copy)
        try:
            records = RecordStore(f"sqlite:///{self._copy}/records.sqlite3")
            open_or_make_keys(self.key_file.path, records)
        except SecureDataError:
            return Counter({NOT_OPENED: 1})
        self._vault._records = records
        with closing(records):
            rotated = self._rotate(records) if rotate else Counter[str]()
            return rotated + self._ask_for_all() + self._store_one_more()

    def _rotate(self, records: RecordStore) -> Counter[str]:
        try:
            batches = list(islice(rewrap_all(records, self.key_file), 100))
        except SecureDataError:
            return Counter({"rotations stopped": 1})
        assert len(batches) < 100
        return Counter({"rotations ended": 1})

    def _ask_for_all(self) -> Counter[str]:
        tally: Counter[str] = Counter()
        for receipt, text in self._texts:
            for body in ({"record_id": receipt["record_id"]}, receipt["data"]):
                tally[self._retrieve(body, text)] += 1
        return tally

    def _store_one_more(self) -> Counter[str]:
        status, answer = self._post("/store", {"data": "one more"})
        if status == 503:
            return Counter({"stores answered 503": 1})
        assert status == 200, answer
        again = self._retrieve({"record_id": answer["record_id"]}, "one more")
        return Counter({f"{STORED} {again}": 1})

    def _retrieve(self, body: Json, text: str) -> str:
        """Which of the three answers it is. There is no other."""
        status, answer = self._post("/retrieve", body)
        if status == 200:
            assert answer["decrypted_data"] == text
            return EQUAL
        if status == 503:
            return UNAVAILABLE
        assert (status, answer) == (400, REFUSED)
        return REFUSAL

    def _post(self, path: str, body: Json) -> tuple[int, Json]:
        head, answer = self._connection.exchange(post(path, body))
        return int(head.split()[1]), json.loads(answer)


def record(tally: Counter[str], record_property: Callable[[str, object], None]) -> None:
    for name, count in sorted(tally.items()):
        record_property(name, count)


@pytest.fixture
def patient(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Patient]:
    """A service that in the end still works, has the same keys, and has printed nothing."""
    patient = Patient(tmp_path)
    keys = patient.key_file.path.read_bytes()
    yield patient
    assert set(patient.examine(lambda copy: None)) == {EQUAL, f"{STORED} {EQUAL}"}
    patient.server.stop()
    assert capfd.readouterr() == ("", "")
    assert patient.key_file.path.read_bytes() == keys


def anywhere(size: int, chance: random.Random) -> int:
    return chance.randrange(size)


def in_a_page_head(size: int, chance: random.Random) -> int:
    """Where SQLite keeps its own books; the first page has them for the whole file."""
    return chance.randrange(0, size, PAGE_BYTES) + chance.randrange(128)


def flip_a_byte(file: Path, place: int, chance: random.Random) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0] ^ chance.randrange(1, 256)
        opened.seek(place)
        opened.write(bytes([byte]))


@rounds("flips", test=30, soak=1000)
@pytest.mark.parametrize("where", [anywhere, in_a_page_head])
def test_a_wrong_byte_in_the_database_gives_the_text_or_none(
    patient: Patient, where: Place, flips: int, record_property: Callable[[str, object], None]
) -> None:
    patient.close_database()
    chance, tally = random.Random(50), Counter[str]()

    def flip(copy: Path) -> None:
        file = copy / "records.sqlite3"
        flip_a_byte(file, where(file.stat().st_size, chance), chance)

    for _ in range(flips):
        tally += patient.examine(flip)
    record(tally, record_property)
    assert tally[EQUAL] > flips


@rounds("flips", test=20, soak=300)
def test_a_rotation_of_a_database_with_a_wrong_byte_ends_and_makes_no_wrong_text(
    patient: Patient, flips: int, record_property: Callable[[str, object], None]
) -> None:
    patient.close_database()
    chance, tally = random.Random(53), Counter[str]()

    def flip(copy: Path) -> None:
        file = copy / "records.sqlite3"
        flip_a_byte(file, in_a_page_head(file.stat().st_size, chance), chance)

    for _ in range(flips):
        tally += patient.examine(flip, rotate=True)
    record(tally, record_property)
    assert tally["rotations ended"] > flips // 2


@rounds("flips", test=10, soak=300)
def test_a_wrong_byte_in_the_write_ahead_log_gives_the_text_or_none(
    patient: Patient, flips: int, record_property: Callable[[str, object], None]
) -> None:
    chance, tally = random.Random(51), Counter[str]()

    def flip(copy: Path) -> None:
        file = copy / "records.sqlite3-wal"
        flip_a_byte(file, anywhere(file.stat().st_size, chance), chance)

    for _ in range(flips):
        tally += patient.examine(flip)
    record(tally, record_property)
    assert tally[EQUAL] > flips


@rounds("lengths", test=10, soak=300)
@pytest.mark.parametrize("suffix", ["", "-wal"], ids=["database", "write-ahead log"])
def test_a_database_that_was_cut_short_gives_the_text_or_none(
    patient: Patient, suffix: str, lengths: int, record_property: Callable[[str, object], None]
) -> None:
    if not suffix:
        patient.close_database()
    chance, tally = random.Random(52), Counter[str]()

    def cut(copy: Path) -> None:
        file = copy / f"records.sqlite3{suffix}"
        os.truncate(file, chance.randrange(file.stat().st_size))

    for _ in range(lengths):
        tally += patient.examine(cut)
    record(tally, record_property)
    assert tally[NOT_OPENED] + tally[REFUSAL] + tally[UNAVAILABLE] > lengths
