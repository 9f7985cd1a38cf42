"""Lesson 07: an old copy of the real service's database, put back; and a head that Ada keeps."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing

from securedata_lab.judging.attempts import shown
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson07_secure_store.real_service import RealService
from securedata_lab.lesson07_secure_store.store import explained

SIGNATURES = "SELECT signature FROM records WHERE owner = ? ORDER BY rowid"
HEAD_0 = bytes(32)
Next = Callable[[bytes, bytes], bytes]


def copy_of(server: RealService) -> sqlite3.Connection:
    """A copy of its database, as it is now. A copy of the file would lack the newest rows.

    >>> from securedata_lab.lesson07_secure_store import open_service
    >>> server = open_service()
    >>> copy, receipt = copy_of(server), server.ada.store("text")
    >>> put_back(server, copy)
    >>> server.ada.retrieve({"record_id": receipt["record_id"]})
    '400 Invalid signature. Data may be compromised.'
    >>> server.stop()
    """
    copy = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(server.database)) as live:
        live.backup(copy)
    return copy


def put_back(server: RealService, copy: sqlite3.Connection) -> None:
    """Replace the database of the running service."""
    with closing(copy), closing(sqlite3.connect(server.database)) as live:
        copy.backup(live)


def signatures(server: RealService, owner: str) -> list[bytes]:
    """The signatures of this owner's records, in the order in which they came."""
    with closing(sqlite3.connect(server.database)) as database:
        return [signature for (signature,) in database.execute(SIGNATURES, (owner,))]


def head_of(my_next: Next, signatures: Sequence[bytes]) -> bytes:
    """The head that these signatures lead to.

    Raises:
        TypeError: my_next made something else.

    >>> head_of(lambda head, signature: signature, [b"1", b"2"])
    b'2'
    """
    head = HEAD_0
    for signature in signatures:
        head = my_next(head, signature)
        if not isinstance(head, bytes | bytearray):
            raise TypeError(f"a head is bytes, and my_next returned {shown(head)}")
    return bytes(head)


def show_heads(my_next: Next, server: RealService) -> None:
    """Ada hashes all signatures again: as they are, and after three attacks on the database.

    >>> show_heads(lambda head, signature: None, server=...)
    Nothing was hashed: my_next is still `...`.
    """
    if is_stub(my_next):
        print("Nothing was hashed: my_next is still `...`.")
        return
    try:
        head_of(my_next, [bytes(64)])
    except Exception as error:  # of a student's line
        print("Nothing was compared:", explained(error))
        return
    server.ada.store("Monday")
    copy = copy_of(server)
    server.ada.store("Tuesday")
    first, *_, last = found = signatures(server, "ada")
    kept = head_of(my_next, found)
    put_back(server, copy)
    print(f"{'Ada keeps':18}{len(kept)} bytes")
    for what, there in (
        ("untouched", found),
        ("yesterday's copy", signatures(server, "ada")),
        ("one bit changed", [first[:-1] + bytes([first[-1] ^ 1]), *found[1:]]),
        ("two exchanged", [last, *found[1:-1], first]),
    ):
        fits, alarm = ("fits", "FALSE ALARM") if there is found else ("not noticed", "NOTICED")
        print(f"{what:18}{fits if head_of(my_next, there) == kept else alarm}")
