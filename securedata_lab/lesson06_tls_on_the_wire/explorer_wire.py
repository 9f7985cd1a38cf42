"""Lesson 06: records that are changed on their way, and what a student's `my_open` says to each.

The receiver counts what arrives. Whether a record is what was sent under its number, the kit knows:
so the page is true also for a `my_open` that compares no tag.
"""

from collections.abc import Iterator
from typing import Any

from securedata_lab import wire
from securedata_lab.drawing.explorer import Explorer
from securedata_lab.lesson06_tls_on_the_wire.own_lines import Open
from securedata_lab.wire.recording import Recording

NOTHING = "nothing"
FLIPS = {"flip a bit of its text": 5, "flip a bit of its tag": -1, "flip a bit of its header": 0}
DROP, SWAP, TWICE = "drop it", "swap it with the next", "send it twice"
DEEDS = [NOTHING, *FLIPS, DROP, SWAP, TWICE]
NAMES = {"handshake": "a ticket", "application_data": "the answer", "alert": "the goodbye"}
KEYS = "SERVER_TRAFFIC_SECRET_0"

Arrival = dict[str, Any]


def explore_wire(recording: Recording, my_open: Open) -> Explorer:
    """What happens to the server's records of data, whatever is done to one of them.

    >>> print(explore_wire(wire.load_recording("tls13-hybrid"), lambda *_: b"all"))
    record 1, nothing: fails; fails; fails; fails
    ...
    """
    sent = [
        it
        for it in wire.decrypted_records(
            recording.client_stream, recording.server_stream, recording.keylog
        )
        if it.secret_name == KEYS
    ]
    table = {
        f"{deed}|{k}": [*_received(arriving, sent, my_open)]
        for k in range(len(sent))
        for deed in DEEDS
        if (arriving := _arriving(sent, deed, k)) is not None
    }
    data = {"deeds": DEEDS, "names": [NAMES[it.content_type] for it in sent], "table": table}
    words = (
        f"record 1, {deed}: " + "; ".join(it["state"] for it in table[f"{deed}|1"])
        for deed in DEEDS
        if f"{deed}|1" in table
    )
    return Explorer(__package__, "wire", data, "\n".join(words))


def _arriving(sent: list[Any], deed: str, k: int) -> list[tuple[int, wire.Record]] | None:
    """The records as they arrive, each with the number that it was sent with; None: impossible."""
    rows = [*enumerate(it.record for it in sent)]
    if deed in FLIPS:
        rows[k] = k, _flipped(rows[k][1], FLIPS[deed])
    if deed == DROP:
        del rows[k]
    if deed == SWAP:
        if k + 1 == len(rows):
            return None
        rows[k : k + 2] = rows[k + 1], rows[k]
    if deed == TWICE:
        rows.insert(k, rows[k])
    return rows


def _flipped(record: wire.Record, at: int) -> wire.Record:
    data = bytearray(record.data)
    data[at] ^= 1
    return wire.Record(data[0], record.version_number, record.offset, bytes(data[5:]))


def _received(
    arriving: list[tuple[int, wire.Record]], sent: list[Any], my_open: Open
) -> Iterator[Arrival]:
    keys = sent[0].keys
    for number, (was, record) in enumerate(arriving):
        state, why = "closed", "the tag is wrong"
        is_right = number == was and record == sent[was].record
        try:
            answer = my_open(record, keys.key, keys.iv, number)
        except Exception as error:  # a student's code may raise anything
            if is_right or "MAC check" not in str(error):
                why = f"{type(error).__name__}: {error}"
        else:
            is_text = isinstance(answer, (bytes, bytearray))
            state, why = "taken", "though nobody has sent it so: nothing compared the tag"
            if is_right and is_text and answer.startswith(sent[was].plaintext):
                state, why = "opens", NAMES[sent[was].content_type]
            elif is_right or not is_text:
                state, why = "closed", f"my_open returned {answer!r:.24}"
        yield {"was": was, "state": "fails" if is_right and state != "opens" else state, "why": why}
