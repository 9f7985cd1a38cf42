"""The file for Wireshark: its packets hold both streams, in an order that a session can have."""

import shutil
import struct
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


def packets(pcap: bytes) -> list[bytes]:
    found, place = [], 24
    while place < len(pcap):
        length = struct.unpack_from("<I", pcap, place + 8)[0]
        found.append(pcap[place + 16 : place + 16 + length])
        place += 16 + length
    return found


def test_each_side_says_all_and_counts_its_bytes(tmp_path: Path) -> None:
    pcap, keylog = write_pcap(HYBRID, tmp_path)
    assert keylog.read_text() == HYBRID.keylog
    said = {50000: b"", 443: b""}
    for packet in packets(pcap.read_bytes()):
        port, _, number, other = struct.unpack_from(">HHII", packet, 20)
        assert struct.unpack_from(">H", packet, 2)[0] == len(packet)
        assert number == 1 + len(said[port])
        assert other == 1 + len(said[443 if port == 50000 else 50000])
        said[port] += packet[40:]
    assert said == {50000: HYBRID.client_stream, 443: HYBRID.server_stream}


def from_a_students_server() -> Recording:
    """Today's session of 6.6, with the key log that follows from g^ab."""
    days, b = meet_stranger(), bytes(range(32))
    today, _ = days.serve_customer(b, days.stolen.sign)
    assert today is not None
    streams = today.client_stream, today.server_stream
    shared = power(b, share_in(today.client_stream))
    return replace(today, keylog=keylog_from_shared_secret(*streams, shared))


@pytest.mark.parametrize("recorded", [lambda: HYBRID, from_a_students_server])
def test_wiresharks_own_program_reads_the_request(
    tmp_path: Path, recorded: Callable[[], Recording]
) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("needs tshark")
    pcap, keylog = write_pcap(recorded(), tmp_path)
    command = [tshark, "-r", pcap, "-o", f"tls.keylog_file:{keylog}", "-Y", "http.request"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "POST /store" in done.stdout
