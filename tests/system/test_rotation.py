"""Keys are rotated under a running server, and rotation is killed at any moment: nobody notices."""

import json
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from soak.rounds import rounds
from system.rotation import Readers, assert_all_readable_and_valid, rotation
from vocabulary import RunningService

from securedata import KeyFile, RecordStore

pytestmark = pytest.mark.serial

RECORDS = 600  # three batches of rows


@pytest.fixture
def receipts(service: RunningService) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(4) as pool, requests.Session() as session:

        def store(number: int) -> dict[str, Any]:
            url, ca_file = f"{service.url}/store", str(service.ca_file)
            return dict(session.post(url, json={"data": str(number)}, verify=ca_file).json())

        return list(pool.map(store, range(RECORDS)))


@rounds("kills", test=8, soak=100)
def test_rotation_killed_at_any_moment_keeps_every_record_readable_and_every_receipt_valid(
    service: RunningService,
    receipts: list[dict[str, Any]],
    kills: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(41)
    began = time.monotonic()
    assert rotation(service.folder).wait(timeout=60) == 0
    whole = time.monotonic() - began
    with Readers(service, receipts).asking() as readers:
        for kill in range(kills):
            # In turn: a new key, going on with the last, a new signer, a key for later.
            options = [[], ["--resume"], ["--signer"], ["--prepare"]][kill % 4]
            process = rotation(service.folder, *options)
            time.sleep(chance.uniform(0, whole))
            process.kill()
            process.wait()
    assert readers.refused == []
    assert readers.asked > kills
    assert rotation(service.folder, "--resume").wait(timeout=60) == 0
    assert_all_readable_and_valid(service, receipts)
    record_property("requests meanwhile, all answered 200", readers.asked)
    record_property("records readable, with a valid receipt", len(receipts))
    # A server that starts now reads the same file and the same rows.
    service.stop()
    service.start()
    assert_all_readable_and_valid(service, receipts[::20])
    service_keys = KeyFile.load(service.folder / "data" / "keys.json").service_keys
    records = RecordStore(f"sqlite:///{service.folder}/data/records.sqlite3")
    assert records.count_by("key_id") == {service_keys.wrapping_keys.primary.key_id: len(receipts)}
    assert len(list(service_keys.wrapping_keys)) > 2
    assert len(list(service_keys.signers)) > 1
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
        assert answer.json()["error"].startswith(f"unknown key id {key_id}: reload the key ring")
        hand_out()
        assert second.post("/retrieve", {"record_id": late["record_id"]}).status_code == 200
