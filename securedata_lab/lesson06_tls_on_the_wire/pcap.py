"""A recording as files for Wireshark: the packets, and the key log."""

import struct
from pathlib import Path

from securedata_lab.wire.record_layer import tls_records
from securedata_lab.wire.recording import Recording

MAGIC, VERSION, LONGEST, RAW_IP = 0xA1B2C3D4, (2, 4), 65535, 101
LOCALHOST = bytes([127, 0, 0, 1])
CLIENT_PORT, SERVER_PORT = 50000, 443  # by this port, Wireshark knows that it is TLS
TCP, PUSH_ACK = 6, 0x18


def write_pcap(recording: Recording, folder: Path | str) -> list[Path]:
    """Write session.pcap and keylog.txt into a folder. The key log opens what is in the other file.

    IP and TCP are made up: the recording has none.

    >>> import tempfile
    >>> from securedata_lab.wire.recording import load_recording
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_pcap(load_recording("tls13"), folder)]
    ['session.pcap', 'keylog.txt']
    """
    pcap, keylog = Path(folder, "session.pcap"), Path(folder, "keylog.txt")
    header = struct.pack("<IHHiIII", MAGIC, *VERSION, 0, 0, LONGEST, RAW_IP)
    pcap.write_bytes(header + b"".join(_packets(recording)))
    keylog.write_text(recording.keylog, encoding="ascii")
    return [pcap, keylog]


def _packets(recording: Recording) -> list[bytes]:
    """A packet for each turn: hello, the server's answers, the rest, the last answer."""
    client, server = recording.client_stream, recording.server_stream
    hello, last = tls_records(client)[0].end, tls_records(server)[-1].offset
    sent = {CLIENT_PORT: 0, SERVER_PORT: 0}
    packets = list[bytes]()
    for port, other, data in (
        (CLIENT_PORT, SERVER_PORT, client[:hello]),
        (SERVER_PORT, CLIENT_PORT, server[:last]),
        (CLIENT_PORT, SERVER_PORT, client[hello:]),
        (SERVER_PORT, CLIENT_PORT, server[last:]),
    ):
        numbers = 1 + sent[port], 1 + sent[other]
        tcp = struct.pack(">HHIIBBHHH", port, other, *numbers, 5 << 4, PUSH_ACK, LONGEST, 0, 0)
        length = 20 + len(tcp) + len(data)
        ip = struct.pack(">BBHIBBH", 0x45, 0, length, 0, 64, TCP, 0) + 2 * LOCALHOST
        packets.append(struct.pack("<IIII", 0, len(packets), length, length) + ip + tcp + data)
        sent[port] += len(data)
    return packets
