"""Lesson 06: a stranger's two days on the wire, two keys that were found later, and a customer.

Found a month later: the private key of the server's certificate, and the key log of Monday. What
the stranger sends is kept beside the kernel: stranger.py.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from securedata.errors import FormatError
from securedata_lab import wire
from securedata_lab.lesson06_tls_on_the_wire.old_shop import UNFILLED
from securedata_lab.lesson06_tls_on_the_wire.own_lines import Open, request_in
from securedata_lab.lesson06_tls_on_the_wire.stranger import SAYS, open_kept
from securedata_lab.lesson06_tls_on_the_wire.tls_server import flight, share_in
from securedata_lab.servers.keeper import keep
from securedata_lab.wire.recording import Recording

NUMBER_BYTES = 32
ECDSA = ec.ECDSA(hashes.SHA256())
NO_RETURN = "it returned None: is there a return?"

# What Python says of usual mistakes in the two lines, and what is meant.
SLIPS = {
    "ellipsis": UNFILLED,
    "for ** or pow()": "pow takes numbers: points have power(number, share)",
    "can't multiply": "bytes have no *: points have power(number, share)",
    "positional argument: 'share'": "power takes two: the number, then the share",
    "positional argument: 'text'": "sign takes the text",
    "object is not callable": "stolen is the key: stolen.sign(text) signs",
    "key is 32 bytes": "power takes 32 bytes twice: the number first, then the share",
    "type(s) for ^": "^ is XOR, and no power: power(number, share)",
    "to a buffer": "both functions take bytes: sign(text), and power(number, share)",
    "positional arguments but": "sign takes the text alone, and power the number and the share",
    "has no attribute 'sign'": "stolen signs, and the text is signed: stolen.sign(text)",
}

Sign = Callable[[bytes, "StolenKey"], Any]
Common = Callable[[bytes, bytes], Any]


@dataclass(frozen=True, repr=False)
class StolenKey:
    """The private key of a certificate, on P-256: a number of 32 bytes, which signs.

    >>> StolenKey(bytes(range(32))).sign(b"text")[:1]
    b'0'
    """

    number: bytes

    def sign(self, text: bytes) -> bytes:
        """ECDSA over a text, which it hashes by itself with SHA-256."""
        return self._key.sign(text, ECDSA)

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """What its signatures are verified with."""
        return self._key.public_key()

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self.number, "big"), ec.SECP256R1())


def key_of(private_key_pem: str) -> StolenKey:
    """The private key of a certificate that one of the kit's CAs has issued."""
    key = load_pem_private_key(private_key_pem.encode("ascii"), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101  # as those CAs make them
    return StolenKey(key.private_numbers().private_value.to_bytes(NUMBER_BYTES, "big"))


@dataclass(frozen=True, repr=False)
class Days:
    """Two recordings without their secrets, and what was found later: `keylog`, `stolen`.

    `serve_customer(b, sign)` is today: it gives a recording, or None, and what the customer does.
    `open_locker(word)` says a code word at the stranger's locker.
    """

    monday: Recording
    tuesday: Recording
    keylog: str
    stolen: StolenKey
    serve_customer: Callable[[bytes, Callable[[bytes], bytes]], tuple[Recording | None, str]]
    open_locker: Callable[[Any], str]


def meet_stranger() -> Days:
    """Let a stranger send a code word on each day, with the wire recorded.

    >>> meet_stranger().open_locker("island-timber-32")
    'The locker stays closed.'
    """
    kept = keep(open_kept)
    told = kept.told
    certificate = bytes.fromhex(told["certificate"])

    def recorded(client: str, server: str) -> Recording:
        return Recording(
            name="a stranger's",
            sentence="A stranger's session.",
            client_stream=bytes.fromhex(client),
            server_stream=bytes.fromhex(server),
            keylog="",
        )

    def serve_customer(b: bytes, sign: Callable[[bytes], bytes]) -> tuple[Recording | None, str]:
        hello = bytes.fromhex(kept.ask("come"))
        said = flight(hello, b, certificate, sign)
        verdict, sent = kept.ask("hear", flight=said.hex())
        talks = wire.tls_records(bytes.fromhex(sent))[1:]
        return recorded(sent, said.hex()) if talks else None, verdict

    def open_locker(word: Any) -> str:
        if not isinstance(word, str):
            return 'Nothing was said: type the code word alone, in quotes: "word-word-12".'
        return str(kept.ask("open_locker", word=word))

    return Days(
        recorded(*told["monday"]),
        recorded(*told["tuesday"]),
        told["keylog"],
        key_of(told["stolen_key"]),
        serve_customer,
        open_locker,
    )


def show_days(my_signature: Sign, my_common: Common, my_open: Open, days: Days) -> list[str]:
    """Print which of the keys reads which day, by a student's lines. Return the code words.

    >>> show_days(lambda *_: ..., lambda *_: ..., lambda *_: ..., meet_stranger())
    today   | your signature      | a part is still `...`
    Monday and Tuesday come when today's customer takes your signature.
    []
    """
    b, words = os.urandom(NUMBER_BYTES), list[str]()  # b is yours: today you are the server

    def row(day: str, key: str, said: str) -> None:
        words.extend([said.removeprefix(SAYS)] if said.startswith(SAYS) else [])
        print(f"{day:7} | {key:19} | {said}")

    def with_number(number: bytes, it: Recording) -> str:
        try:
            shared = common_of(my_common, number, share_in(it.client_stream))
            streams = it.client_stream, it.server_stream
            return _said(my_open, it, wire.keylog_from_shared_secret(*streams, shared))
        except Exception as error:  # a student's code may raise anything
            return in_short(error)

    try:
        today, said = days.serve_customer(
            b, lambda text: signature_of(my_signature, text, days.stolen)
        )
    except Exception as error:  # a student's code may raise anything
        today, said = None, in_short(error)
    row("today", "your signature", said)
    if not today:
        print("Monday and Tuesday come when today's customer takes your signature.")
        return words
    row("today", "your b", with_number(b, today))
    for day, it in (("Monday", days.monday), ("Tuesday", days.tuesday)):
        row(day, "the stolen key as b", with_number(days.stolen.number, it))
        row(day, "Monday's key log", _said(my_open, it, days.keylog))
    return words


def signature_of(my_signature: Sign, text: bytes, key: StolenKey) -> bytes:
    """What a student's function signs.

    Raises:
        FormatError: it is no signature, and why.
    """
    return _bytes(my_signature(text, key), "sign", "a signature is bytes: stolen.sign(text)")


def common_of(my_common: Common, number: bytes, share: bytes) -> bytes:
    """What a student's function has in common with the other side.

    Raises:
        FormatError: it is no number of 32 bytes, and why.
    """
    why = "the common number has 32 bytes: power(number, share)"
    common = _bytes(my_common(number, share), "power", why)
    if len(common) != NUMBER_BYTES:
        raise FormatError(why)
    return common


def _bytes(answer: Any, function: str, why: str) -> bytes:
    if answer is ... or answer is None:
        raise FormatError(NO_RETURN if answer is None else UNFILLED)
    if callable(answer):
        raise FormatError(f"that is the function {function} itself: call it, with brackets")
    if not isinstance(answer, (bytes, bytearray)):
        raise FormatError(why)
    return bytes(answer)


def in_short(error: Exception) -> str:
    """What an error of the two lines means."""
    if isinstance(error, wire.WireError):
        return "closed: the tag is wrong"
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, FormatError):
        said = str(error)
    return next((why for words, why in SLIPS.items() if words in said), said)


def _said(my_open: Open, it: Recording, keylog: str) -> str:
    text = request_in(my_open, it, keylog)
    return str(json.loads(text)["data"]) if text.startswith("{") else text
