"""A database with one wrong byte, or cut short: no wrong text, no traceback, and it goes on.

One running server is given one damaged copy after another, each opened as `securedata serve` does.
"""

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
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
from securedata.rotation import rewrap_all

pytestmark = pytest.mark.thorough

TEXTS = ["attack at dawn", "", "0", "Grüße 🙂", "short " * 20, "long " * 1000]
PAGE_BYTES = 4096
PAGE_HEAD_BYTES = 128  # SQLite keeps its own books there; the first page has those of the file
REFUSED = {"error": "Invalid signature. Data may be compromised."}

# What an examination counts.
EQUAL, REFUSAL, UNAVAILABLE = "answers equal", "answers refused", "answers 503"
STORED = "stores acknowledged, then"
NOT_OPENED = "copies that stop the start"

Json = dict[str, Any]


class Patient:
    """A service whose database is replaced by damaged copies of what was stored in it."""

    def __init__(self, folder: Path) -> None:
        self.original = folder / "original"
        self.key_file = KeyFile.create(self.original / "keys.json")
        # SQLite removes the write-ahead log when the last connection is closed.
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

        With `rotate`, first wrap every data key that can be unwrapped under the newest key.
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


def flip_within(places: int, file: Path, chance: random.Random) -> None:
    """Change one byte, within the first so many bytes of a page."""
    pages = range(0, file.stat().st_size, PAGE_BYTES)
    place = min(chance.choice(pages) + chance.randrange(places), file.stat().st_size - 1)
    with file.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0] ^ chance.randrange(1, 256)
        opened.seek(place)
        opened.write(bytes([byte]))


a_byte = partial(flip_within, PAGE_BYTES)
a_byte_in_the_head_of_a_page = partial(flip_within, PAGE_HEAD_BYTES)


def cut(file: Path, chance: random.Random) -> None:
    os.truncate(file, chance.randrange(file.stat().st_size))


@rounds("copies", test=20, soak=500)
@pytest.mark.parametrize(
    ("file", "damage", "rotate"),
    [
        ("records.sqlite3", a_byte, False),
        ("records.sqlite3", a_byte_in_the_head_of_a_page, False),
        ("records.sqlite3", a_byte_in_the_head_of_a_page, True),
        ("records.sqlite3", cut, False),
        ("records.sqlite3-wal", a_byte, False),
        ("records.sqlite3-wal", cut, False),
    ],
)
@pytest.mark.whole
def test_a_damaged_database_gives_the_text_or_none(
    patient: Patient,
    file: str,
    damage: Callable[[Path, random.Random], None],
    rotate: bool,
    copies: int,
    record_property: Callable[[str, object], None],
) -> None:
    if file == "records.sqlite3":
        patient.close_database()
    chance, tally = random.Random(50), Counter[str]()
    for _ in range(copies):
        tally += patient.examine(lambda copy: damage(copy / file, chance), rotate=rotate)
    for name, count in sorted(tally.items()):
        record_property(name, count)
    if damage is cut:
        assert tally[NOT_OPENED] + tally[REFUSAL] + tally[UNAVAILABLE] > copies // 2
    else:
        assert tally[EQUAL] > copies
        assert not rotate or tally["rotations ended"] > copies // 2
