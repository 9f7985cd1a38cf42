"""The recorder lets go of what it wrote."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from securedata_lab.lesson06_tls_on_the_wire.recorder import record_post
from securedata_lab.twins.twin import Twin, TwinServer


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux lists open files in /proc")
def test_the_key_log_is_closed_before_its_folder_is_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Windows would not delete it."""
    opened: list[str] = []
    rmtree = shutil.rmtree

    def look_and_delete(*arguments: Any, **options: Any) -> None:
        opened.extend(os.path.realpath(it) for it in Path("/proc/self/fd").iterdir())
        rmtree(*arguments, **options)

    with TwinServer(Twin()) as server:
        monkeypatch.setattr(shutil, "rmtree", look_and_delete)
        record_post(server, "/store", {"data": "text"})
    assert opened
    assert not [it for it in opened if "keylog" in it]
