"""Keys are rotated under a running server, and rotation is killed at any moment."""

import random
import time
from collections.abc import Callable

import pytest
from soak.rounds import rounds
from system.rotation import Readers, assert_all_readable_and_valid, rotation, stored
from vocabulary import RunningService

from securedata import KeyFile, RecordStore

pytestmark = pytest.mark.serial

RECORDS = 600  # three batches of rows
# A new key, going on with the last, new signers of two schemes, a key for later.
FORMS = ([], ["--resume"], ["--signer", "ml-dsa-65"], ["--prepare"], ["--signer", "dsa"])


@rounds("kills", test=8, soak=100)
def test_rotation_killed_at_any_moment_keeps_every_record_readable_and_every_receipt_valid(
    service: RunningService, kills: int, record_property: Callable[[str, object], None]
) -> None:
    receipts = stored([service], RECORDS)
    chance = random.Random(41)
    began = time.monotonic()
    assert rotation(service.folder).wait(timeout=60) == 0
    whole = time.monotonic() - began
    with Readers(service, receipts).asking() as readers:
        for kill in range(kills):
            process = rotation(service.folder, *FORMS[kill % len(FORMS)])
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
