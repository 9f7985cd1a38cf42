"""The recorder offers one method for the key, and lets go of what it wrote."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from securedata_lab.lesson06_tls_on_the_wire.recorder import record_post
from securedata_lab.twins.twin import Twin, TwinServer
from securedata_lab.wire import dissect, handshake_messages


def test_both_hellos_hold_one_point_of_x25519_and_no_other_group_is_offered() -> None:
    """As drawing, explorer and recap say. By default OpenSSL 3.5 offers X25519MLKEM768, too."""
    with TwinServer(Twin()) as server:
        mine = record_post(server, "/store", {"data": "text"})
    client, servers = (
        dissect(handshake_messages(stream)[0])
        for stream in (mine.client_stream, mine.server_stream)
    )
    assert [it.value for it in client["named_group_list"].children] == ["x25519"]
    assert len(client["client_shares"].children) == 1
    for hello in (client, servers):
        assert hello["key_share"]["group"].value == "x25519"
        assert hello["key_exchange"].length == 32


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
