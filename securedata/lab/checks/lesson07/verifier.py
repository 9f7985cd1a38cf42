"""Exercise 7.7: a verifier from the format alone, without a line of the kit."""

import copy
import functools
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import requests
from Crypto.Hash import SHA256
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS

from securedata.lab.checks.engine import exercise, returned, shown
from securedata.lab.primitives.bits import flip_bit
from securedata.lab.primitives.small_dsa import REAL
from securedata.lab.servers.clients import TIMEOUT_SECONDS
from securedata.lab.servers.token_client import User
from securedata.lab.student_answers.attempts import UnjudgedError
from securedata.lab.student_answers.interpreter import globals_of, names_in, watched
from securedata.record import frame

Json = dict[str, Any]
Verify = Callable[[Json, str], Annotated[bool, "return one of these two"]]
FIXED = ("securedata/v1", "aes-256-gcm", "dsa-2048-256-sha256")
HEADER = ("record_id", "owner", "signer_id", "created")
PARTS = ("nonce", "encrypted_data", "tag")
KITS = (
    "securedata.record.",
    "securedata.web.",
    "securedata.crypto.",
    "securedata.lab.primitives.small_dsa.",
)
TEXTS = ("Meet me at noon.", "", "ä" * 700)
# The record of docs/format.md. Its private key is printed there, and protects nothing.
KNOWN_X = int.from_bytes(bytes(range(0x60, 0x80)), "big")
KNOWN: Json = {
    "data": {
        "nonce": "404142434445464748494a4b",
        "encrypted_data": "a320c9e0331de56a26123449f224",
        "tag": "fb33397ffa7255a88400c1603aa03aa1",
        "signature": "29649ffb93d1d4c7055b4267a0bd822bd09c5d965a74fe71e68f43ae4b0bb1d0"
        "16c5b033a12c7f4123f0552aadc104ecc5a5698a634976daec09f56c2da4f107",
    },
    "record_id": "00112233445566778899aabbccddeeff",
    "owner": "local",
    "signer_id": "22b10970e3114042",
    "created": "2026-01-02T03:04:05Z",
}


@exercise(
    "7.7",
    "it accepts what the service signed, and refuses every forgery",
    errors={"bytes": "text becomes bytes with .encode(), hex with bytes.fromhex"},
)
def verifies_alone(my_verify: Verify, ada: User) -> str | None:
    """my_verify(answer, pem): whether the holder of this public key signed this answer."""
    pem = _public_key(ada)
    genuine = [ada.store(text) for text in TEXTS]
    with watched() as called:
        for answer in genuine:
            if why := _refused(my_verify, answer, pem):
                return why
        if _ignores_the_key(my_verify, genuine[0]):
            why = "verify with the argument pem, and with no pem or key of another cell"
            return f"expected False for somebody else's public key, got True; {why}"
        if why := _refused(my_verify, KNOWN, known_pem()):
            return why
    if kits := sorted(it for it in called if it.startswith(KITS) and "<" not in it):
        name = _written(kits, called, my_verify)
        return f"expected lines of your own, got a call of {name}; use nothing of securedata here"
    return _accepts_a_forgery(my_verify, genuine, pem)


def _ignores_the_key(my_verify: Verify, answer: Json) -> bool:
    """Whether it believes an answer under another public key, and no false signature."""
    false = _with(answer, "signature", "00" * 64)
    said = []
    for it in (answer, false):
        try:
            said.append(my_verify(copy.deepcopy(it), known_pem()) is True)
        except Exception:  # whatever it raises, it did not believe
            said.append(False)
    return said == [True, False]


def _written(kits: list[str], called: set[str], my_verify: Verify) -> str:
    """Of the kit's functions that were called, one that stands in the learner's own lines."""
    cells = globals_of(my_verify)
    own = [cells.get(it.rpartition(".")[2]) for it in called if it.startswith("__main__.")]
    words = names_in(my_verify).union(*map(names_in, own))
    names = [it.rpartition(".")[2] for it in kits]
    written = sorted((name for name in names if name in words), key=lambda it: it not in cells)
    public = [name for name in names if not name.startswith("_")]
    return [*written, *public, *names][0]


def known_pem() -> str:
    """The public key of the record in docs/format.md."""
    y = pow(REAL.g, KNOWN_X, REAL.p)
    return DSA.construct((y, REAL.g, REAL.p, REAL.q)).export_key().decode()


def _public_key(user: User) -> str:
    url, ca_file = f"{user.server.url}/public-key", str(user.server.ca_file)
    return requests.get(url, verify=ca_file, timeout=TIMEOUT_SECONDS).text


def _refused(my_verify: Verify, answer: Json, pem: str) -> str | None:
    """What to say if a genuine answer is not accepted."""
    raised = ""
    try:
        said = returned(my_verify, copy.deepcopy(answer), pem)
    except KeyError as error:
        if error.args[0] not in (*PARTS, "signature", "ciphertext"):
            raise
        why = 'the byte fields are in answer["data"]; there the ciphertext is encrypted_data'
        return f"expected True, got KeyError: {error}; {why}"
    except ValueError as error:
        if "authentic" not in str(error):
            raise
        said, raised = False, f"ValueError: {error}"
    if said:
        return None
    why = _returns_the_librarys(my_verify, answer, pem) or _what_was_verified(my_verify, answer)
    text = "with an empty text " if not answer["data"]["encrypted_data"] else ""
    got = f"{raised or False}; {why}"
    return f"expected True for a genuine record {text}, got {got}".replace(" ,", ",")


def _returns_the_librarys(my_verify: Verify, answer: Json, pem: str) -> str | None:
    forged = answer | {"data": answer["data"] | {"signature": "00" * 64}}
    try:
        my_verify(forged, pem)
    except ValueError:
        # True for the right bytes would now be False, and the forgery raises.
        if _is_believed(my_verify, answer, signed(answer), anything_false=True):
            return "PyCryptodome's verify returns False if valid, and raises ValueError if not"
    except Exception:
        return None
    return None


def signed(answer: Json) -> bytes:
    """The exact bytes that a signature covers, as docs/format.md has them."""
    header = frame(*FIXED, *(answer[name] for name in HEADER))
    return frame(header, *_parts(answer))


def _parts(answer: Json) -> list[bytes]:
    return [bytes.fromhex(answer["data"][name]) for name in PARTS]


def _what_was_verified(my_verify: Verify, answer: Json) -> str:
    """Sign other bytes than the service does: which does this verifier believe?"""
    if "dumps" in names_in(my_verify):
        return "what is signed is a frame, and no JSON text"
    for why, message in _other_bytes(answer):
        if _is_believed(my_verify, answer, message):
            return why
    return (
        "compare your signed bytes with the table: which parts, in which order, which lengths, "
        "which spaces? And is the key that of the argument pem?"
    )


def _is_believed(
    my_verify: Verify, answer: Json, message: bytes, *, anything_false: bool = False
) -> bool:
    key = _our_key()
    signature = DSS.new(key, "deterministic-rfc6979").sign(SHA256.new(message))
    forged = answer | {"data": answer["data"] | {"signature": signature.hex()}}
    try:
        said = my_verify(copy.deepcopy(forged), key.public_key().export_key().decode())
    except Exception:  # whatever it raises, it did not believe
        return False
    return said is (not anything_false)


@functools.cache  # PyCryptodome tests p and q for each key that is made
def _our_key() -> DSA.DsaKey:
    return DSA.construct((pow(REAL.g, 12345, REAL.p), REAL.g, REAL.p, REAL.q, 12345))


def _other_bytes(answer: Json) -> Iterator[tuple[str, bytes]]:
    """What a learner may have verified instead, and what to say to it."""
    parts, texts = _parts(answer), [answer[name] for name in HEADER]
    header, hexes = frame(*FIXED, *texts), [answer["data"][name] for name in PARTS]
    signature = bytes.fromhex(answer["data"]["signature"])
    why = "the header is one part: frame the header first, then the four parts"
    yield why, frame(*FIXED, *texts, *parts)
    yield why, header + frame(*parts)
    yield "the header is missing: it is the first of the four parts", frame(*parts)
    yield "put the length in front of each part", b"".join([header, *parts])
    yield from _without_lengths([it.encode() for it in (*FIXED, *texts)], parts)
    yield from _framed_too_often(header, parts)
    yield from _texts_as_bytes(texts, parts)
    why = "nonce, ciphertext and tag are bytes: bytes.fromhex"
    yield why, frame(header, *hexes)
    yield why, frame(header.decode(), *hexes)
    yield "a frame begins with a length, and not with a space", b" " + signed(answer)
    why = "the version and the two algorithms come first in the header"
    yield why, frame(frame(*texts), *parts)
    yield "the two algorithms belong into the header", frame(frame(FIXED[0], *texts), *parts)
    yield "the signature cannot cover itself", frame(header, *parts, signature)
    yield "SHA256.new hashes: do not hash before", hashlib.sha256(signed(answer)).digest()
    for order in _other_orders():
        why = "the order of the header is record_id, owner, signer_id, created"
        yield why, frame(frame(*FIXED, *(answer[name] for name in order)), *parts)
    yield from _nearly_frames([it.encode() for it in (*FIXED, *texts)], parts)


def _without_lengths(header: list[bytes], parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    why = "the header is a frame, too: put the length in front of each of its parts"
    for between in (b"", b" ", b"\n"):
        joined = between.join(header)
        yield why, frame(joined, *parts)
        for last in {b"", between}:
            all_parts = between.join([joined + last, *parts]) + last
            yield "put the length in front of each part, as frame does", all_parts


def _framed_too_often(header: bytes, parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    why = "a frame too many: frame the header once, and then all four parts together once"
    each = [frame(part) for part in parts]
    yield why, frame(frame(header, *parts))
    yield why, frame(frame(header), *parts)
    yield why, frame(header, *each)
    yield why, frame(frame(header), *each)


def _texts_as_bytes(texts: list[str], parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Ids look like hex and are text; and the owner is not always ada."""
    record_id, owner, signer_id, created = texts
    why = "record_id and signer_id are text, even if they look like hex: .encode()"
    record, signer = bytes.fromhex(record_id), bytes.fromhex(signer_id)
    yield why, frame(frame(*FIXED, record, owner, signer_id, created), *parts)
    yield why, frame(frame(*FIXED, record_id, owner, signer, created), *parts)
    yield why, frame(frame(*FIXED, record, owner, signer, created), *parts)
    if owner != "ada":
        why = 'the owner is not always ada: take answer["owner"]'
        yield why, frame(frame(*FIXED, record_id, "ada", signer_id, created), *parts)


def _other_orders() -> Iterator[tuple[str, ...]]:
    first, second, third, fourth = HEADER
    yield second, first, third, fourth
    yield first, second, fourth, third
    yield tuple(sorted(HEADER))


def _nearly_frames(header: list[bytes], parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Frames with the right parts, in which a space is missing, or Python's b'…' stands."""
    why = "a space stands behind each part, also behind the last one"
    for inner, outer in itertools.product((_framed, _no_last_space, _no_space), repeat=2):
        if (inner, outer) != (_framed, _framed):
            yield why, outer([inner(header), *parts])
    why = "b'…' stands inside your frame: an f-string or str() writes it around bytes; join bytes"
    yield why, _framed([_quoted(header), *parts])
    for first in (_framed(header), _quoted(header)):
        yield why, _quoted([first, *parts])
        yield why, _quoted([first.decode(), *parts])


def _framed(parts: list[bytes]) -> bytes:
    return frame(*parts)


def _no_last_space(parts: list[bytes]) -> bytes:
    return frame(*parts)[:-1]


def _no_space(parts: list[bytes]) -> bytes:
    return b"".join(b"%d %b" % (len(part), part) for part in parts)


def _quoted(parts: Sequence[bytes | str]) -> bytes:
    return "".join(f"{len(part)} {part!s} " for part in parts).encode()


def _accepts_a_forgery(my_verify: Verify, genuine: list[Json], pem: str) -> str | None:
    for what, forged, key in forgeries(genuine[0], genuine[2], pem):
        try:
            said: object = my_verify(copy.deepcopy(forged), key)
        except ValueError as error:
            why = "catch the ValueError of verify, and return False"
            return f"expected False for {what}, got ValueError: {error}; {why}"
        if said is None:
            raise UnjudgedError(f"expected False for {what}, got None; return False, too")
        if said is not False:
            why = "every byte of the four parts is signed: believe nothing else"
            return f"expected False for {what}, got {shown(said)}; {why}"
    return None


def forgeries(one: Json, other: Json, pem: str) -> Iterator[tuple[str, Json, str]]:
    """Forgeries of a genuine answer: what was done, the answer, and the key to verify with.

    `other` is another genuine answer of the same owner.
    """
    for name in (*PARTS, "signature"):
        for bit in (0, 7, 40, 95):
            yield f"a changed {name}", _with(one, name, flip_bit(one["data"][name], bit)), pem
    for here, there in (("nonce", "encrypted_data"), ("encrypted_data", "tag")):
        first, second = one["data"][here], one["data"][there]
        for cut in (first[:-2], first + second[:2]):
            rest = (first + second)[len(cut) :]
            yield (
                f"a byte moved between {here} and {there}",
                _with(_with(one, here, cut), there, rest),
                pem,
            )
    for name in HEADER:
        yield f"another {name}", one | {name: f"{one[name]}0"}, pem
        yield f"another {name}", one | {name: one[name][:-1]}, pem
    for name in ("record_id", "signer_id"):
        yield f"another {name}", one | {name: flip_bit(one[name], 0)}, pem
    yield "another owner", one | {"owner": "eve"}, pem
    yield "another time", one | {"created": "2001-01-01T00:00:00Z"}, pem
    yield (
        "a digit moved from record_id to owner",
        one | {"record_id": one["record_id"][:-1], "owner": one["record_id"][-1] + one["owner"]},
        pem,
    )
    yield (
        "owner and signer_id exchanged",
        one | {"owner": one["signer_id"], "signer_id": one["owner"]},
        pem,
    )
    r, s = one["data"]["signature"][:64], one["data"]["signature"][64:]
    yield "r and s exchanged", _with(one, "signature", s + r), pem
    yield "r = s = 0", _with(one, "signature", "00" * 64), pem
    yield "half a signature", _with(one, "signature", r), pem
    yield "another record's signature", _with(one, "signature", other["data"]["signature"]), pem
    yield "another record's header", other | {"data": one["data"]}, pem
    yield "somebody else's public key", one, known_pem()


def _with(answer: Json, name: str, value: str) -> Json:
    return answer | {"data": answer["data"] | {name: value}}
