"""Exercise 7.2: a hash chain over records, and a rollback that it notices."""

import functools
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing

from securedata.lab.bits import xor
from securedata.lab.checking import NotAttemptedError, exercise, given, is_stub, returned, shown
from securedata.lab.checks.calls import outer_names
from securedata.lab.service import LabServer
from securedata.lab.user import User

Next = Callable[[bytes, bytes], bytes]
HEAD_BYTES = 32
MANY = 20_000  # records, of which two would share a shortened hash of 3 bytes or less
A_CHECKSUM = "a checksum, or a part of a hash, is easy to forge: take all of a good hash"
OWNER = "exercise-7.2"
SIGNATURES = "SELECT signature FROM records WHERE owner = ? ORDER BY rowid"


@exercise("7.2", "32 bytes have noticed the rollback, at the running service")
def notices_a_rollback(my_next: Next, server: LabServer) -> str | None:
    """my_next(head, record): the next head, 32 bytes."""
    if is_stub(given(my_next)):
        raise NotAttemptedError
    if not isinstance(server, LabServer):
        return f'expected the server, got {shown(server)}; write check("7.2", my_next, server)'
    return (
        _no_head(my_next)
        or _not_a_chain(my_next)
        or _no_hash(my_next)
        or _not_noticed(my_next, server)
    )


def _no_head(my_next: Next) -> str | None:
    """What to say if it does not make a head of a head and a record."""
    for length in (64, 0, 300):
        head, record = os.urandom(HEAD_BYTES), os.urandom(length)
        answer = returned(my_next, head, record)
        if answer == head + record or (isinstance(answer, bytes) and len(answer) > HEAD_BYTES):
            return f"expected 32 bytes, got {len(answer)}; hash it: the head must not grow"
        if isinstance(answer, str) and len(answer) == 2 * HEAD_BYTES:
            return f"expected bytes, got {shown(answer)}; .digest() is bytes, .hexdigest() is text"
        if hasattr(answer, "digest"):
            return "expected bytes, got a hash object; .digest() are its bytes"
        if not isinstance(answer, bytes):
            return f"expected 32 bytes, got {shown(answer)}; a head is bytes"
        if len(answer) != HEAD_BYTES:
            return f"expected 32 bytes, got {len(answer)}; SHA-256 has 32"
        if answer in (head, record):
            what = "head" if answer == head else "record"
            return f"expected a new head, got the {what} itself; hash head and record"
    return None


def _not_a_chain(my_next: Next) -> str | None:
    """What to say if some change of the records does not change the head."""
    head, (a, b) = os.urandom(HEAD_BYTES), (os.urandom(64), os.urandom(64))
    if my_next(head, a) != my_next(head, a):
        return "expected the same head again, got another; no chance, no clock, no memory in it"
    for place in (0, 31):
        if my_next(_changed(head, place), a) == my_next(head, a):
            why = "without the old head, only the last record counts"
            return f"expected the old head to count, got the same for another; {why}"
    for place in (0, 37, 63):
        if my_next(head, _changed(a, place)) == my_next(head, a):
            why = "every byte of the record must go into the hash"
            return f"expected another head for a changed record, got the same; {why}"
    if my_next(head, a + b"\0") == my_next(head, a) or my_next(head, a[:-1]) == my_next(head, a):
        why = "hash all of its bytes"
        return f"expected another head for a longer record, got the same; {why}"
    if _head(my_next, [a, b]) == _head(my_next, [b, a]):
        why = "XOR and plus forget the order: hash head and record together"
        return f"expected the order to count, got one head for both orders; {why}"
    return None


def _no_hash(my_next: Next) -> str | None:
    """What to say of a checksum, of a part of a hash, or of Python's own hash."""
    if outer_names(my_next, {"hash"}, "") and "hash" not in my_next.__globals__:
        why = "hash() has another value after each restart of Python: a head that was kept is lost"
        return f"expected the same head tomorrow, got Python's hash(); {why}"
    head, (a, b, c) = os.urandom(HEAD_BYTES), (os.urandom(64) for _ in range(3))
    heads = [my_next(head, record) for record in (a, b, c, xor(a, xor(b, c)))]
    if functools.reduce(xor, heads) == bytes(HEAD_BYTES):
        return f"expected no head that follows from others by XOR, got one; {A_CHECKSUM}"
    record, first = a, _number(heads[0])
    flips = [_number(my_next(_flipped(head, bit), record)) for bit in range(8 * len(head))]
    flips += [_number(my_next(head, _flipped(record, bit))) for bit in range(8 * len(record))]
    for place in range(HEAD_BYTES):
        byte = 0xFF << 8 * (HEAD_BYTES - 1 - place)
        flipped = sum(((first ^ other) & byte).bit_count() for other in flips)
        share = flipped / (8 * len(flips))
        # 6,144 coins: 45 % to 55 % is eight standard deviations to each side.
        if not 0.45 < share < 0.55:
            got = f"{share:.0%} of them in byte {place}"
            return f"expected each changed bit to change half of all bits, got {got}; {A_CHECKSUM}"
    many = {bytes(my_next(head, os.urandom(64))) for _ in range(MANY)}
    if len(many) < MANY:
        why = "only a part of a hash went in: two records with the same part are soon found"
        return f"expected {MANY} heads for {MANY} records, got {len(many)}; {why}"
    return None


def _number(head: bytes) -> int:
    return int.from_bytes(head, "big")


def _flipped(data: bytes, bit: int) -> bytes:
    return (_number(data) ^ 1 << bit).to_bytes(len(data), "big")


def _changed(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _head(my_next: Next, records: Iterable[bytes]) -> bytes:
    head = bytes(HEAD_BYTES)
    for record in records:
        head = bytes(my_next(head, record))
    return head


def _not_noticed(my_next: Next, server: LabServer) -> str | None:
    """Play a rollback at the running service, and compare the heads."""
    user = User(server, OWNER)
    before = _records(server)
    with closing(sqlite3.connect(":memory:")) as yesterday:
        user.store("Monday")
        with closing(sqlite3.connect(server.database)) as live:
            live.backup(yesterday)
        user.store("Tuesday")
        kept, listed = _head(my_next, _records(server)), _records(server)
        with closing(sqlite3.connect(server.database)) as live:
            yesterday.backup(live)
    if len(listed) != len(before) + 2 or kept != _head(my_next, listed):
        why = "was the database changed in the meantime? run the check again"
        return f"expected two more records, got {len(listed) - len(before)}; {why}"
    if kept == _head(my_next, _records(server)):
        why = "one record is missing: it must change the head"
        return f"expected another head after the rollback, got the same; {why}"
    return None


def _records(server: LabServer) -> list[bytes]:
    with closing(sqlite3.connect(server.database)) as database:
        return [signature for (signature,) in database.execute(SIGNATURES, (OWNER,))]
