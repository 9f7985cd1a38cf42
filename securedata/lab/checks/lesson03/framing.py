"""Exercise 3.5: signed bytes that have one reading only."""

import inspect
import sys
from dataclasses import replace
from itertools import combinations
from types import EllipsisType
from typing import Annotated

from securedata.lab.checks.engine import exercise, returned
from securedata.lab.checks.lesson03.second_reading import (
    PARTS,
    PLAIN,
    second_reading,
    signed_or_none,
)
from securedata.lab.student_answers.attempts import NotAttemptedError
from securedata.lab.student_answers.declared import as_declared
from securedata.lab.twins.flaws import Unframed
from securedata.lab.twins.signed_twin import SignedTwin

A_LENGTH = 'a length is an int: len(part).to_bytes(8, "big") is it in bytes'
BEGIN_WITH = "begin with class MyTwin(Unframed), and hand the class over, without brackets"
Handed = Annotated[type[SignedTwin], BEGIN_WITH] | EllipsisType  # a class, or the last line's stub


@exercise(
    "3.5",
    "we found no two rows with the same signed bytes, and honest rows still open",
    ready_made=["securedata.record.frame"],
    errors={  # what Python says of len(part) + part, and the other way round
        "'int' and 'bytes'": A_LENGTH,
        "can't concat int to bytes": A_LENGTH,
        "bytes-like object, int found": A_LENGTH,
    },
)
def frames(MyTwin: Handed) -> str | None:  # noqa: N803  # it is a class
    """MyTwin.signed_bytes(row) must have one reading only, whatever stands in the parts."""
    if isinstance(MyTwin, EllipsisType):
        written = getattr(sys.modules["__main__"], "MyTwin", Unframed)
        if written.signed_bytes is Unframed.signed_bytes:
            raise NotAttemptedError
        return "expected your class, got ...; give it its name: my_twin = MyTwin"
    if MyTwin.signed_bytes in (Unframed.signed_bytes, SignedTwin.signed_bytes):
        return (
            "expected a signed_bytes of your own, got the one that was there; "
            "write def signed_bytes(self, row) inside the class"
        )
    names = ", ".join(inspect.signature(MyTwin.signed_bytes).parameters)
    if names.count(",") != 1:
        what = f"expected signed_bytes(self, row), got signed_bytes({names})"
        return f"{what}; a method begins with self"
    twin = MyTwin()
    return (
        _not_the_same_bytes(twin)
        or _not_covered(twin)
        or _does_not_open(twin)
        or _two_readings(twin)
    )


def _not_the_same_bytes(twin: SignedTwin) -> str | None:
    signed = as_declared(returned(twin.signed_bytes, PLAIN), bytes)
    if twin.signed_bytes(PLAIN) != signed:
        return "expected the same bytes for the same row, got others; nobody could verify them"
    if twin.signed_bytes(replace(PLAIN, signature=b"S" * 64)) != signed:
        return "expected the three parts, got the signature among them; it cannot sign itself"
    return None


def _not_covered(twin: SignedTwin) -> str | None:
    signed = signed_or_none(twin, PLAIN)
    for part in PARTS:
        old = getattr(PLAIN, part)
        for place in range(len(old)):
            texts = (old[:place] + bytes([value]) + old[place + 1 :] for value in range(256))
            rows = [replace(PLAIN, **{part: text}) for text in texts]
            if len({bytes(twin.signed_bytes(row)) for row in rows}) < 256:
                return (
                    "expected every part to be signed, got something left out; "
                    f"byte {place} of {part} can be changed"
                )
    for one, two in combinations(PARTS, 2):
        swapped = {one: getattr(PLAIN, two), two: getattr(PLAIN, one)}
        if signed_or_none(twin, replace(PLAIN, **swapped)) == signed:
            return (
                f"expected one reading, got the same when {one} and {two} change places; "
                "each part needs a place of its own"
            )
    return None


def _two_readings(twin: SignedTwin) -> str | None:
    found, signed = second_reading(twin), signed_or_none(twin, PLAIN) or b""
    if found and bytes(12) + PLAIN.nonce in signed and bytes(14) + PLAIN.ciphertext in signed:
        return f"{found.partition(';')[0]}; bytes(12) is twelve zeros, not the number 12"
    return found


def _does_not_open(twin: SignedTwin) -> str | None:
    for text in (b"pay 1000 to Ada", b"", b"x" * 300, b"x" * 70_000):
        try:
            opened = twin.open(twin.seal(text, "1"), "1")
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            return (
                f"expected a text of {len(text)} bytes to be signed, got {what}; "
                "a text may be empty, or long: one byte counts to 255, two to 65,535"
            )
        if opened != text:
            return "expected the same text back, got another; change signed_bytes alone"
    return None
