"""Lesson 07: yesterday's database is put back. Who keeps a head, and what does it tell them?"""

import hashlib
from collections.abc import Sequence

from securedata_lab.drawing.explorer import Explorer

# When, what happens, and how many records are then in the database.
STEPS = (
    ("Monday", "Ada stores two records.", 2),
    ("Monday night", "Eve copies the database.", 2),
    ("Tuesday", "Ada stores a third record.", 3),
    ("Tuesday night", "Eve puts her copy back.", 2),
    ("Wednesday", "Ada hashes all signatures that are in the database now.", 2),
)
KEEPERS = ("nobody", "the database", "Ada")
SHOWN_DIGITS = 8


def explore_rollback() -> Explorer:
    """Go through three days, and let nobody, the database or Ada keep the head.

    >>> explore_rollback()
    Wednesday: 2 records are left, and both signatures are valid. Who kept the head of 3?
    nobody        nothing to compare with
    the database  head 2 came back with the copy, and fits
    Ada           head 3: the rows lead to head 2. Something is missing.
    """
    signatures = [hashlib.sha512(b"record %d" % number).digest() for number in (1, 2, 3)]
    steps = [
        {"when": when, "what": what, "rows": rows, "kept": [_kept(it, step) for it in KEEPERS]}
        for step, (when, what, rows) in enumerate(STEPS)
    ]
    data = {"heads": _heads(signatures), "keepers": KEEPERS, "steps": steps}
    words = [
        "Wednesday: 2 records are left, and both signatures are valid. Who kept the head of 3?",
        "nobody        nothing to compare with",
        "the database  head 2 came back with the copy, and fits",
        "Ada           head 3: the rows lead to head 2. Something is missing.",
    ]
    return Explorer(__package__, "timeline", data, "\n".join(words))


def _heads(signatures: Sequence[bytes]) -> list[str]:
    """The first digits of head 0, 1, 2 and 3."""
    heads = [bytes(32)]
    for signature in signatures:
        heads.append(hashlib.sha256(heads[-1] + signature).digest())
    return [head.hex()[:SHOWN_DIGITS] for head in heads]


def _kept(keeper: str, step: int) -> int | None:
    """Which head they have: the database's is what the database was, Ada's the newest she saw."""
    if keeper == "nobody":
        return None
    seen = [rows for _, _, rows in STEPS[: step + 1]]
    return seen[-1] if keeper == "the database" else max(seen)
