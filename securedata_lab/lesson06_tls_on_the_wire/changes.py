"""Lesson 06: records that are changed on their way, and what a student's `my_open` says to each.

The receiver counts what arrives. Whether a record is what was sent under its number, the kit knows:
so each line is true also for a `my_open` that compares no tag.
"""

from collections.abc import Iterator
from typing import Any

from securedata_lab import wire
from securedata_lab.lesson06_tls_on_the_wire.own_lines import Open
from securedata_lab.wire.recording import Recording

FLIPS = {"flip a bit of its text": 5, "flip a bit of its tag": -1, "flip a bit of its header": 0}
DROP, SWAP, TWICE = "drop it", "swap it with the next", "send it twice"
CHANGES = ["nothing", *FLIPS, DROP, SWAP, TWICE]
KEYS = "SERVER_TRAFFIC_SECRET_0"


def show_changes(recording: Recording, my_open: Open, record: int = 1) -> None:
    """Print what `my_open` says to the server's records of data, for each change of one of them.

    A record `opens`, is `closed`, or is `taken` though it is not what was sent under its number.

    Args:
        record: its number, from 0 on. With the last one there is nothing to swap.

    Raises:
        ValueError: there is no record of this number.

    >>> show_changes(wire.load_recording("tls13-hybrid"), lambda *_: b"all")
    record 1                    received as number 0, 1, 2 ...
    nothing                     fails; fails; fails; fails
    ...
    fails: my_open returned b'all'
    """
    sent = [
        it
        for it in wire.decrypted_records(
            recording.client_stream, recording.server_stream, recording.keylog
        )
        if it.secret_name == KEYS
    ]
    if record not in range(len(sent)):
        raise ValueError(f"record: expected 0 to {len(sent) - 1}, got {record!r}")
    print(f"{f'record {record}':27} received as number 0, 1, 2 ...")
    reasons = dict[str, None]()  # why a record fails that nobody changed, each once
    for change in CHANGES:
        if change != SWAP or record + 1 < len(sent):
            states = []
            for state, why in _received(_arriving(sent, change, record), sent, my_open):
                states.append(state)
                if state == "fails":
                    reasons[why] = None
            print(f"{change:27} {'; '.join(states)}")
    for why in reasons:
        print(f"fails: {why}")


def _arriving(sent: list[Any], change: str, k: int) -> list[tuple[int, wire.Record]]:
    """The records as they arrive, each with the number that it was sent with."""
    rows = [*enumerate(it.record for it in sent)]
    if change in FLIPS:
        rows[k] = k, _flipped(rows[k][1], FLIPS[change])
    if change == DROP:
        del rows[k]
    if change == SWAP:
        rows[k : k + 2] = rows[k + 1], rows[k]
    if change == TWICE:
        rows.insert(k, rows[k])
    return rows


def _flipped(record: wire.Record, at: int) -> wire.Record:
    data = bytearray(record.data)
    data[at] ^= 1
    return wire.Record(data[0], record.version_number, record.offset, bytes(data[5:]))


def _received(
    arriving: list[tuple[int, wire.Record]], sent: list[Any], my_open: Open
) -> Iterator[tuple[str, str]]:
    """The state of each record, and why a right one fails."""
    keys = sent[0].keys
    for number, (was, record) in enumerate(arriving):
        is_right = number == was and record == sent[was].record
        try:
            answer = my_open(record, keys.key, keys.iv, number)
        except Exception as error:  # a student's code may raise anything
            yield "fails" if is_right else "closed", f"{type(error).__name__}: {error}"
            continue
        is_text = isinstance(answer, (bytes, bytearray))
        if is_right and is_text and answer.startswith(sent[was].plaintext):
            yield "opens", ""
        elif is_right:
            yield "fails", f"my_open returned {answer!r:.24}"
        else:
            yield "taken" if is_text else "closed", ""
