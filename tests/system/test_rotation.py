"""Keys are rotated under a running server, and rotation is killed at any moment: nobody notices."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from vocabulary import RunningService

from securedata import KeyFile, KeyRing, RecordStore, VerifyingKey, receipt_from_json, verify

pytestmark = pytest.mark.serial

KILLS = 20
RECORDS = 600  # three batches of rows

# What is imported takes longer than what is to be killed: say when it begins.
ROTATE = """
import sys
from securedata.cli import main
print("begins", flush=True)
main(["rotate", *sys.argv[1:]])
"""


def rotation(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """`securedata rotate` in a process of its own, at the moment when it begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", ROTATE, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begins\n"
    return process


class Readers:
    """Clients that store and retrieve all the time; whatever is not 200 is remembered."""

    def __init__(self, service: RunningService, receipts: list[dict[str, Any]]) -> None:
        self.refused: list[str] = []
        self.asked = 0
        self._service = service
        self._receipts = receipts
        self._stop = threading.Event()

    def _ask(self, number: int) -> None:
        chance, ca_file = random.Random(number), str(self._service.ca_file)
        with requests.Session() as session:

            def post(path: str, body: object) -> dict[str, Any]:
                url = self._service.url + path
                answer = session.post(url, json=body, verify=ca_file, timeout=30)
                self.asked += 1
                if answer.status_code != 200:
                    self.refused.append(answer.text)
                return dict(answer.json())

            while not self._stop.is_set():
                receipt = chance.choice(self._receipts)
                post("/retrieve", {"record_id": receipt["record_id"]})
                post("/retrieve", receipt["data"])
                self._receipts.append(post("/store", {"data": "meanwhile"}))

    @contextmanager
    def asking(self) -> Iterator["Readers"]:
        with ThreadPoolExecutor(2) as pool:
            clients = [pool.submit(self._ask, number) for number in range(2)]
            try:
                yield self
            finally:
                self._stop.set()
        for client in clients:
            client.result()


@pytest.fixture
def receipts(service: RunningService) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(4) as pool, requests.Session() as session:

        def store(number: int) -> dict[str, Any]:
            url, ca_file = f"{service.url}/store", str(service.ca_file)
            return dict(session.post(url, json={"data": str(number)}, verify=ca_file).json())

        return list(pool.map(store, range(RECORDS)))


def assert_all_readable_and_valid(service: RunningService, receipts: list[dict[str, Any]]) -> None:
    """Every record comes back, and every receipt verifies with what the server publishes."""
    published: dict[str, VerifyingKey] = {}
    with requests.Session() as session:
        for receipt in receipts:
            signer_id = receipt["signer_id"]
            if signer_id not in published:
                url = f"{service.url}/public-key?signer_id={signer_id}"
                pem = session.get(url, verify=str(service.ca_file), timeout=30).text
                published[signer_id] = VerifyingKey.from_pem(pem)
            verify(receipt_from_json(receipt), signers=KeyRing(published[signer_id]))
            answer = session.post(
                f"{service.url}/retrieve",
                json=receipt["data"],
                verify=str(service.ca_file),
                timeout=30,
            )
            assert answer.status_code == 200, answer.text


def test_rotation_killed_at_any_moment_keeps_every_record_readable_and_every_receipt_valid(
    service: RunningService, receipts: list[dict[str, Any]]
) -> None:
    chance = random.Random(41)
    began = time.monotonic()
    assert rotation(service.folder).wait(timeout=60) == 0
    whole = time.monotonic() - began
    with Readers(service, receipts).asking() as readers:
        for kill in range(KILLS):
            # In turn: a new key, going on with the last, a new signer, a key for later.
            options = [[], ["--resume"], ["--signer"], ["--prepare"]][kill % 4]
            process = rotation(service.folder, *options)
            time.sleep(chance.uniform(0, whole))
            process.kill()
            process.wait()
    assert readers.refused == []
    assert readers.asked > KILLS
    assert rotation(service.folder, "--resume").wait(timeout=60) == 0
    assert_all_readable_and_valid(service, receipts)
    # A server that starts now reads the same file and the same rows.
    service.stop()
    service.start()
    assert_all_readable_and_valid(service, receipts[::20])
    ring = KeyFile.load(service.folder / "data" / "keys.json").ring
    records = RecordStore(f"sqlite:///{service.folder}/data/records.sqlite3")
    assert records.count_by("key_id") == {ring.keys.primary.key_id: len(receipts)}
    assert len(list(ring.keys)) > 2
    assert len(list(ring.signers)) > 1
    # Nothing half-written is left in the way; a temporary file of a kill may lie there, private.
    for path in (service.folder / "data").iterdir():
        assert path.stat().st_mode & 0o077 == 0 or "sqlite3" in path.name


def test_keys_that_are_handed_out_before_they_are_promoted_are_never_unknown(
    service: RunningService, tmp_path: Path
) -> None:
    """A second node with a copy of the key file, on the same database."""
    first = service
    copies = tmp_path / "second"
    copies.mkdir(mode=0o700)
    database = f"sqlite:///{first.folder}/data/records.sqlite3"
    ours, theirs = first.folder / "data" / "keys.json", copies / "keys.json"

    def hand_out() -> None:
        new = theirs.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_bytes(ours.read_bytes())
        os.replace(new, theirs)

    stored = [first.post("/store", {"data": "before"}).json()]
    hand_out()
    options = ("--database", database, "--keys", str(theirs))
    with RunningService(copies, *options) as second:
        for promoting in ([], ["--signer"]):
            assert rotation(first.folder, *promoting, "--prepare").wait(timeout=60) == 0
            hand_out()
            assert rotation(first.folder, *promoting).wait(timeout=60) == 0
            # The second has not heard of the promotion yet.
            stored.append(first.post("/store", {"data": "between"}).json())
            stored.append(second.post("/store", {"data": "between"}).json())
            for receipt in stored:
                for node in (first, second):
                    answer = node.post("/retrieve", {"record_id": receipt["record_id"]})
                    assert answer.status_code == 200, answer.text
            hand_out()
        # What is not handed out first is unknown, which is the server's trouble, and is named.
        assert rotation(first.folder).wait(timeout=60) == 0
        late = first.post("/store", {"data": "late"}).json()
        answer = second.post("/retrieve", {"record_id": late["record_id"]})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        key_id = json.loads(ours.read_bytes())["keys"][0]["key_id"]
        assert answer.json() == {"error": f"unknown key id {key_id}: reload the key ring"}
        hand_out()
        assert second.post("/retrieve", {"record_id": late["record_id"]}).status_code == 200
