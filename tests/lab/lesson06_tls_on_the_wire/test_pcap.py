"""The file for Wireshark: its packets hold both streams, in an order that a session can have."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from securedata_lab.lesson06_tls_on_the_wire import meet_stranger, power, write_pcap
from securedata_lab.lesson06_tls_on_the_wire.tls_server import share_in
from securedata_lab.wire import keylog_from_shared_secret, load_recording
from securedata_lab.wire.recording import Recording

HYBRID = load_recording("tls13-hybrid")


def from_a_students_server() -> Recording:
    """Today's session of 6.6, with the key log that follows from g^ab."""
    days, b = meet_stranger(), bytes(range(32))
    today, _ = days.serve_customer(b, days.stolen.sign)
    assert today is not None
    streams = today.client_stream, today.server_stream
    shared = power(b, share_in(today.client_stream))
    return replace(today, keylog=keylog_from_shared_secret(*streams, shared))


@pytest.mark.parametrize("recorded", [lambda: HYBRID, from_a_students_server])
def test_wiresharks_own_program_reads_what_both_sides_say(
    tmp_path: Path, recorded: Callable[[], Recording]
) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("needs tshark")
    pcap, keylog = write_pcap(recorded(), tmp_path)
    command = [tshark, "-r", pcap, "-o", f"tls.keylog_file:{keylog}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "POST /store" in said
    assert len(said.splitlines()) == 4
    assert "TCP" not in said  # no packet is empty, and none is out of its place
