"""Exercise 7.4: the verifier chooses the algorithm. Rows of the fixed twin are changed, live."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace

from securedata_lab.basics.bits import xor
from securedata_lab.judging.engine import NotAttemptedError, exercise, shown
from securedata_lab.lesson07_secure_store.flaws import ALGORITHM, AlgorithmFromRow
from securedata_lab.servers.token_client import User
from securedata_lab.twins.twin import Row, TwinServer

TEXT, FORGED = "pay 0100 to Ada!", "pay 9100 to Eve!"
BLOCKED = "a list of what is forbidden is never complete: name the one that is allowed"


@exercise("7.4", "one algorithm is allowed, and the row does not choose it", points=2)
def allows_one_algorithm(MyTwin: type[AlgorithmFromRow]) -> str | None:  # noqa: N803
    """MyTwin.verify(row): return if the row has our algorithm and a valid signature."""
    if MyTwin is not AlgorithmFromRow and all(name.startswith("__") for name in vars(MyTwin)):
        raise NotAttemptedError  # the stub: a class with nothing in it
    if MyTwin.verify is AlgorithmFromRow.verify:
        what = "expected a method verify of your own, got the one that was there"
        return f"{what}; write def verify(self, row) inside the class"
    with TwinServer(MyTwin()) as server:
        return _not_fixed(server, User(server, "ada"))


def _not_fixed(server: TwinServer, ada: User) -> str | None:
    asked = {"record_id": ada.store(TEXT)["record_id"]}
    row = server.rows[asked["record_id"]]
    got = ada.retrieve(asked)
    if got != TEXT:
        return (
            f"expected an honest row to open, got {shown(got)}; "
            "do not raise for the allowed name; super().verify(row) returns None, or raises"
        )
    for what, forged, why in _forgeries(server, row):
        server.rows[asked["record_id"]] = forged
        got = ada.retrieve(asked)
        if got.startswith("500"):
            return (
                f"expected a refusal of {what}, got {shown(got)}; "
                "raise SignatureError: it becomes the answer 400"
            )
        # The verifier may also put its own name in place of the row's: then the text is honest.
        if not got.startswith("4") and got != TEXT:
            return f"expected a refusal of {what}, got {shown(got)}; {why}"
    return None


def _forgeries(server: TwinServer, row: Row) -> Iterator[tuple[str, Row, str]]:
    """Rows that Eve has changed. Names that nobody can know are drawn now: the answer is in."""
    ciphertext = xor(row.ciphertext, xor(TEXT.encode(), FORGED.encode()))
    changed = replace(row, ciphertext=ciphertext)
    why = "no signature at all was accepted: who chose that?"
    yield '"none"', replace(changed, algorithm="none", signature=b""), why
    for name in ("sha-256", "SHA-256"):
        hashed = replace(changed, algorithm=name, signature=b"")
        digest = hashlib.sha256(server.twin.signed_bytes(hashed)).digest()  # type: ignore[attr-defined]
        why = f"anyone can compute a hash: it is no signature; {BLOCKED}"
        yield f'"{name}"', replace(hashed, signature=digest), why
    why = "the algorithm's name is right, the signature is not: verify it, too"
    yield "a changed row", changed, why
    yield "a changed signature", replace(changed, signature=row.signature[::-1]), why
    yield "an empty signature", replace(changed, signature=b""), why
    for name, why in (
        ("nOnE", BLOCKED),
        (f"md5-{os.urandom(2).hex()}", BLOCKED),
        (f"dsa-512-{os.urandom(2).hex()}", "a weak DSA begins so, too: compare the whole name"),
        (ALGORITHM.title(), "compare the whole name, as it is"),
        (ALGORITHM + os.urandom(1).hex(), "compare the whole name, up to its end"),
        ("", "compare the whole name, as it is"),
    ):
        yield f'"{name}"', replace(changed, algorithm=name, signature=b""), why
