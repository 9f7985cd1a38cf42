"""Workers are killed one after the other, also while they start: the service stays."""

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from crowd import acknowledged, load_on, refused, retrieved
from soak.rounds import rounds
from vocabulary import RunningService

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, and Windows cannot"),
]


@rounds("kills", test=10, soak=300)
def test_no_acknowledged_record_is_lost_however_often_workers_are_killed(
    tmp_path: Path, kills: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(60)
    with RunningService(tmp_path, "--workers", "3") as service:
        parent = psutil.Process(service.process.pid)
        with load_on(service) as clients:
            for _ in range(kills):
                with suppress(IndexError, psutil.NoSuchProcess):  # for a moment there is no worker
                    chance.choice(parent.children()).kill()
                time.sleep(chance.uniform(0, 0.3))
        assert not refused(clients)
        texts = acknowledged(clients)
        record_property("acknowledged records", len(texts))
        assert retrieved([service], texts) == texts
        assert service.stop() == 0
        assert "Traceback" not in service.log.read_text()
