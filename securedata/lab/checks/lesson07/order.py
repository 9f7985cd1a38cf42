"""Exercise 7.3: verify first. The mended twin is asked over TLS; its decryptions are counted."""

import os

from securedata.lab.checks.engine import NotAttemptedError, exercise, shown
from securedata.lab.servers.token_client import User
from securedata.lab.student_answers.interpreter import names_in
from securedata.lab.twins.flaws import DecryptsFirst
from securedata.lab.twins.twin import Row, TwinServer

QUESTIONS = 40
INVALID = "400 Invalid signature. Data may be compromised."


@exercise("7.3", "forty forgeries, one answer, and the key was never used for one")
def verifies_first(MyTwin: type[DecryptsFirst]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin.open(row, record_id): the text of a row that is as it was signed."""
    if why := not_written(MyTwin, DecryptsFirst, "open(self, row, record_id)"):
        return why
    twin = _counting(MyTwin)()
    with TwinServer(twin) as server:
        return _not_mended(twin, User(server, "ada"), User(server, "eve"))


def not_written(kind: type, base: type, head: str) -> str | None:
    """What to say of a class without the method of this head.

    Raises:
        NotAttemptedError: it is the stub, a class made from `base` with nothing in it.
    """
    if kind is not base and all(name.startswith("__") for name in vars(kind)):
        raise NotAttemptedError
    name = head.partition("(")[0]
    if getattr(kind, name) is not getattr(base, name):
        return None
    what = f"expected a method {name} of your own, got the one that was there"
    return f"{what}; write def {head} inside the class"


class _Counting(DecryptsFirst):
    decryptions = 0


def _counting(MyTwin: type[DecryptsFirst]) -> type[_Counting]:  # noqa: N803
    """The student's twin, which counts what it decrypts."""

    class Counting(MyTwin, _Counting):  # type: ignore[misc, valid-type]
        def decrypt(self, row: Row, associated_data: bytes) -> bytes:
            self.decryptions += 1
            return bytes(super().decrypt(row, associated_data))

    return Counting


def _not_mended(twin: _Counting, ada: User, eve: User) -> str | None:
    text = "Meet me at noon."
    receipt = ada.store(text)
    got = ada.retrieve({"record_id": receipt["record_id"]})
    if got != text:
        why = _why_not_opened(twin, receipt["record_id"], text, got)
        return f"expected Ada's text, got {shown(got)}; {why}"
    forgeries = []
    for _ in range(QUESTIONS // 2):  # one with a right padding, and one whose padding is noise
        row = twin.encrypt(b"Eve's text", os.urandom(16), b"")
        forgeries.append({"nonce": row.nonce.hex(), "encrypted_data": row.ciphertext.hex()})
        forgeries.append({"encrypted_data": os.urandom(16).hex()})
    before = twin.decryptions
    answers = {eve.retrieve(receipt["data"] | forged) for forged in forgeries}
    if any(not answer.startswith("4") for answer in answers):
        got = next(answer for answer in answers if not answer.startswith("4"))
        calls = "verify" in names_in(type(twin).open)
        why = "let self.verify's exception out" if calls else "call self.verify(row)"
        return f"expected every forgery to be refused, got {shown(got)}; {why}"
    if len(answers) > 1:
        why = "two refusals that differ are an oracle: which step answers first?"
        return f"expected one answer, got {len(answers)}; {why}"
    if twin.decryptions > before:
        why = "the words are the same now, the time is not: verify before you decrypt"
        got = f"the key was used {twin.decryptions - before} times"
        return f"expected no decryption of a forgery, got: {got}; {why}"
    if answers != {INVALID}:
        got = shown(answers.pop())
        return f"expected the words of a wrong signature, got {got}; let its exception through"
    return None


def _why_not_opened(twin: _Counting, record_id: str, text: str, got: str) -> str:
    if _asks_for_true(twin, record_id, text):
        return "self.verify returns None, or raises: if takes None for False, so leave if out"
    if got.startswith("500"):
        return "open must return the text's bytes"
    if "signature" in got:
        return "an honest row is refused: hand self.verify the row as it came"
    return "decrypt as before: Twin.open(self, row, record_id) unpads, too"


def _asks_for_true(twin: _Counting, record_id: str, text: str) -> bool:
    """Whether it would open if `verify` returned True."""
    twin.verify = lambda row: True  # type: ignore[method-assign, assignment]
    try:
        return bytes(twin.open(twin.rows[record_id], record_id)) == text.encode()
    except Exception:  # whatever it raises, it does not open
        return False
    finally:
        del twin.verify
