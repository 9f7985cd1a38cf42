"""Lesson 02's checks: seal and open, one nonce too many, an unknown flaw, binding a row."""

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any

from Crypto.Cipher import AES

from securedata.errors import SecureDataError
from securedata_lab.basics.bits import flip_bit, xor
from securedata_lab.judging.attempts import given
from securedata_lab.judging.declared import as_declared
from securedata_lab.judging.engine import NotAttemptedError, exercise, returned, shown
from securedata_lab.judging.interpreter import names_in
from securedata_lab.lesson02_aes_gcm import forgeries
from securedata_lab.lesson02_aes_gcm.gcm import Hash, ghash_under
from securedata_lab.lesson02_aes_gcm.gcm_bank import an_order
from securedata_lab.lesson02_aes_gcm.small_gcm import (
    SIZE,
    SmallRow,
    in_hex,
    small_ghash,
    solves,
    two_rows,
)
from securedata_lab.lesson02_aes_gcm.unknown_banks import KINDS, UnknownBank, unknown_bank
from securedata_lab.twins.twin import Row, Twin

# 2.1


@exercise(
    "2.1",
    "honest orders open, and one wrong bit anywhere is refused",
    points=4,
    errors={
        "MAC check failed": "an honest order: GCM, its key, nonce? ciphertext first, then tag?",
        "encrypt_and_digest() cannot be": "a cipher object encrypts once: make a new one",
    },
)
def seals_and_opens(my_seal: forgeries.Seal, my_open: forgeries.Open) -> str | None:
    """my_seal gives ciphertext and tag of GCM; my_open the text, or it raises an error."""
    key, nonce, text = os.urandom(32), os.urandom(12), _order()
    ciphertext, tag = _cipher(key, nonce).encrypt_and_digest(text)
    sealed = returned(my_seal, key, nonce, text)
    if sealed not in ((ciphertext, tag), [ciphertext, tag]):
        is_pair = isinstance(sealed, (tuple, list)) and len(sealed) == 2
        drew = is_pair and my_seal(key, nonce, text) != sealed
        why = NONCE_LEFT_OUT if drew else _wrong_seal(sealed, key, nonce, text)
        return f"expected (ciphertext, tag), got {shown(sealed)}; {why}"
    if my_open(key, nonce, ciphertext, tag) is ...:
        raise NotAttemptedError  # my_seal is given
    opened = returned(my_open, key, nonce, ciphertext, tag)
    if opened != text:
        why = "an honest order must open, and give the text alone, as bytes"
        if isinstance(opened, bytes):
            why = "which mode opens what GCM has sealed?"
        return f"expected {shown(text)}, got {shown(opened)}; {why}"
    return _wrong_refusals(my_open, key, text, nonce, ciphertext, tag)


NONCE_LEFT_OUT = "without nonce=nonce, the library draws one, and nobody can open the row"
OTHER_MODES: dict[str, Any] = {"EAX": AES.MODE_EAX, "CCM": AES.MODE_CCM, "OCB": AES.MODE_OCB}


def _wrong_seal(sealed: Any, key: bytes, nonce: bytes, text: bytes) -> str:
    ciphertext, tag = _cipher(key, nonce).encrypt_and_digest(text)
    if not isinstance(sealed, (tuple, list)):
        return "return both: (ciphertext, tag)"
    if any(not isinstance(it, bytes) for it in sealed):
        return "both are bytes: return them as the method gives them"
    if [*sealed] == [tag, ciphertext]:
        return "the ciphertext comes first, then the tag"
    for name, mode in OTHER_MODES.items():
        if tuple(sealed) == AES.new(key, mode, nonce=nonce).encrypt_and_digest(text):
            return f"that is the mode {name}: this bank takes GCM"
    if tuple(sealed) == _cipher(key, bytes(12)).encrypt_and_digest(text):
        return "that nonce is the same for all orders: take the one that you are handed"
    if sealed[:1] in ([ciphertext], (ciphertext,)):
        if any(isinstance(it, bytes) and tag.startswith(it) for it in sealed[1:2]):
            return "the tag has 16 bytes: a shorter one is guessed sooner"
        return "the ciphertext is right: the tag is what GCM makes beside it"
    if [len(it) for it in sealed] == [len(text), len(tag)]:
        return "GCM it may be: take the key and the nonce that you are handed"
    return "GCM gives both in one call: which mode, and which method?"


def _wrong_refusals(my_open: forgeries.Open, key: bytes, text: bytes, *row: bytes) -> str | None:
    """Each bit of the tag, and a bit of each other byte, is flipped: nothing may come back."""
    nonce, ciphertext, tag = row
    flipped = [(nonce, ciphertext, _with_flip(tag, bit)) for bit in range(8 * len(tag))]
    cut = [(nonce, ciphertext, tag[:length]) for length in (0, 1, 4, 15)]
    other = [(nonce, _with_flip(ciphertext, 8 * n), tag) for n in range(len(ciphertext))]
    other += [(_with_flip(nonce, 8 * n), ciphertext, tag) for n in range(len(nonce))]
    sent = {"a tag with one wrong bit": flipped, "a tag that was cut": cut, "a changed row": other}
    back = {name: _given_back(my_open, key, rows) for name, rows in sent.items()}
    for name, given_back in back.items():
        if name != "a changed row" and any(it != text for it in given_back):
            got = shown(next(it for it in given_back if it != text))
            return f"expected an error for {name}, got {got}; {NO_ERROR}"
    if all(len(back[name]) == len(rows) for name, rows in sent.items()):
        return (
            "expected an error for a wrong tag, got the text; "
            "decrypt alone never looks at the tag, and a caught error stops nothing"
        )
    for name, given_back in back.items():
        if given_back:
            return (
                f"expected an error for {name}, got {shown(given_back[0])}; "
                "one wrong bit anywhere, and nothing of the text may come back"
            )
    return None


NO_ERROR = "what is returned can be taken for a text: let the error come out"


def _given_back(
    my_open: forgeries.Open, key: bytes, rows: Sequence[tuple[bytes, ...]]
) -> list[Any]:
    """What comes back for these rows, where no error comes."""
    back = []
    for row in rows:
        with suppress(Exception):  # a student's code may raise anything to refuse
            back.append(my_open(key, *row))
    return back


def _with_flip(data: bytes, bit: int) -> bytes:
    return bytes.fromhex(flip_bit(data.hex(), bit))


def _cipher(key: bytes, nonce: bytes) -> Any:
    return AES.new(key, AES.MODE_GCM, nonce=nonce)


def _order() -> bytes:
    """An order that nobody can foresee: 16 bytes, one block."""
    return an_order(secrets.SystemRandom()).encode()


# 2.7

PAIRS = 40  # of each length, each with another H
WORKED_OUT = "write T and T' below each other: what is left when you XOR them?"
Pairs = list[tuple[SmallRow, SmallRow]]
Said = list[list[Any]]  # for each pair, of each H


@exercise(
    "2.7",
    "the true H fits each pair",
    points=4,
    ready_made=["securedata_lab.lesson02_aes_gcm.small_gcm.solves"],
    errors={
        "'SmallRow'": "a row has parts: .blocks and .tag",
        "not SmallRow": "a row has parts: .blocks and .tag",
        "'tuple'": "blocks are several: small_ghash(h, one.blocks) makes one number of them",
        "an iterable": "a tag is a number: small_ghash takes the blocks of a row",
        "not iterable": "a tag is a number here: ^ is its XOR, and xor() is for bytes",
        "has no len()": "a tag is a number here: ^ is its XOR, and xor() is for bytes",
    },
)
def tells_which_fit(my_fits: Callable[[int, SmallRow, SmallRow], Any]) -> str | None:
    """my_fits(h, one, two): whether this H can have made both rows, of one or more blocks."""
    for blocks in (1, 2, 3):
        pairs = _pairs(blocks)
        said = [[returned(my_fits, h, *rows) for h in range(SIZE)] for rows in pairs]
        for rows, of_rows in zip(pairs, said, strict=True):
            right = [h for h in range(SIZE) if solves(h, *rows)]
            mine = [h for h in range(SIZE) if of_rows[h]]
            if mine != right:
                got = f"expected H: {in_hex(right)}, got H: {in_hex(mine)}"
                return f"{got}; {_why_they_fit(pairs, said, blocks)}"
    return None


def _pairs(blocks: int) -> Pairs:
    """Pairs at which each mistake fits some H: else it looks like `False`."""
    while True:
        pairs = [two_rows(secrets.SystemRandom(), blocks) for _ in range(PAIRS)]
        if all(
            any(mistake(h, *rows) for h in range(SIZE) for rows in pairs)
            for mistake in MISTAKES.values()
        ):
            return pairs


MISTAKES: dict[str, Callable[[int, SmallRow, SmallRow], bool]] = {
    "the mask is still in that tag: what have both tags in common?": lambda h, one, two: (
        small_ghash(h, one.blocks) == one.tag
    ),
    "a mask is in each tag: compare the tags with each other first": lambda h, one, two: (
        small_ghash(h, one.blocks) == one.tag and small_ghash(h, two.blocks) == two.tag
    ),
    "both tags stand on one side, and one GHASH on the other: where is the second?": (
        lambda h, one, two: small_ghash(h, one.blocks) == one.tag ^ two.tag
    ),
    "GHASH adds L to each row: take it of each row, and XOR the results": lambda h, one, two: (
        small_ghash(h, [a ^ b for a, b in zip(one.blocks, two.blocks, strict=True)])
        == one.tag ^ two.tag
    ),
    "in this field minus is XOR: ^, not -": lambda h, one, two: (
        small_ghash(h, one.blocks) - small_ghash(h, two.blocks) == one.tag - two.tag
    ),
    "each GHASH belongs to the tag of its own row": lambda h, one, two: (
        small_ghash(h, one.blocks) ^ two.tag == small_ghash(h, two.blocks)
    ),
    "you compare the GHASHes with each other: where are the tags?": lambda h, one, two: (
        small_ghash(h, one.blocks) == small_ghash(h, two.blocks)
    ),
    "* is for integers: small_ghash multiplies in the field": lambda h, one, two: (
        (one.blocks[0] ^ two.blocks[0]) * h * h == one.tag ^ two.tag
    ),
}


def _why_they_fit(pairs: Pairs, said: Said, blocks: int) -> str:
    if any(it not in (True, False) for of_rows in said for it in of_rows):
        return "return True or False: == compares two numbers"
    if all(all(of_rows) for of_rows in said):
        return "not every H fits: which sum must be equal to which?"
    if all(len(set(of_rows)) == 1 for of_rows in said):
        return "it says the same of each H: use h"
    for why, mistake in MISTAKES.items():
        if said == [[mistake(h, *rows) for h in range(SIZE)] for rows in pairs]:
            return why
    if all(len(set(of_h)) == 1 for of_h in zip(*said, strict=True)):
        return "it says the same of all rows: use one and two, the check has other rows"
    if blocks > 1:
        return "right for rows of one block: let small_ghash do the longer ones"
    return WORKED_OUT


# 2.8

OTHER_ORDERS = "use the arguments, the check has other orders"
NEEDS = {  # which arguments each part depends on
    "mask": ("stolen.tag", "stolen.ciphertext", "ghash"),
    "tag": ("stolen.tag", "stolen.ciphertext", "ghash", "new"),
}
BLOCK_BYTES = 16


@exercise(
    "2.8",
    "the bank pays for an order that nobody has sealed",
    points=6,
    errors={
        "ellipsis": "mask is still ...: begin with it",
        "XOR needs two equal": "mask and tag have 16 bytes each",
        "xor() takes 2": "xor takes two at a time: xor(xor(…, …), …)",
        "type(s) for ^": "bytes have no ^: use xor",
        "'Row'": "a row has parts: .ciphertext and .tag",
    },
)
def forges(my_forgery: forgeries.Forgery) -> str | None:
    """my_forgery(stolen, new, ghash) -> mask, tag: of the nonce, and of the ciphertext new."""
    stolen, new = _a_row(), os.urandom(BLOCK_BYTES)
    ghash = ghash_under(secrets.randbits(128))
    mask = xor(stolen.tag, ghash(stolen.ciphertext))
    answer = returned(my_forgery, stolen, new, ghash)
    if not isinstance(answer, (tuple, list)) or len(answer) != len(NEEDS):
        return f"expected two parts, got {shown(answer)}; return mask, tag"
    if all(part is ... for part in answer):
        raise NotAttemptedError
    right = {"mask": mask, "tag": xor(mask, ghash(new))}
    mistakes = _forgery_mistakes(stolen, new, ghash, right)
    for place, (part, got) in enumerate(zip(right, answer, strict=True)):
        if isinstance(got, (bytes, bytearray)) and bytes(got) == right[part]:
            continue
        done = "mask: right. " if place else ""
        if got is ...:
            return f"expected {part}, too, got ...; {done}Go on with {part}"
        if not isinstance(got, bytes):
            why = "mask and tag are 16 bytes each: xor and ghash give bytes"
        elif len(got) > BLOCK_BYTES:
            why = "+ puts bytes behind each other: use xor"
        else:
            why = mistakes[part].get(got) or _what_it_ignores(my_forgery, place) or NOT_THIS[part]
        return f"expected {MEANT[part]}, got {shown(got)}; {done}In {part}: {why}"
    return None


def _a_row() -> Row:
    return Row(*map(os.urandom, (12, BLOCK_BYTES, BLOCK_BYTES)))


def _what_it_ignores(my_forgery: forgeries.Forgery, place: int) -> str | None:
    """Which arguments do not change a part, in a sentence."""
    stolen, new, ghash = _a_row(), os.urandom(BLOCK_BYTES), ghash_under(secrets.randbits(128))
    other = _a_row()
    changed = {
        "stolen.tag": (replace(stolen, tag=other.tag), new, ghash),
        "stolen.ciphertext": (replace(stolen, ciphertext=other.ciphertext), new, ghash),
        "ghash": (stolen, new, ghash_under(secrets.randbits(128))),
        "new": (stolen, other.ciphertext, ghash),
    }
    first = returned(my_forgery, stolen, new, ghash)[place]
    for name in [*NEEDS.values()][place]:
        if returned(my_forgery, *changed[name])[place] == first:
            return f"it never looks at {name}: {OTHER_ORDERS}"
    return None


MEANT = {"mask": "the mask of this nonce", "tag": "the tag of your new ciphertext"}
NOT_THIS = {
    "mask": "T is mask XOR GHASH, in the row that you have: solve it for the mask",
    "tag": "T is mask XOR GHASH, now of the new ciphertext",
}


def _forgery_mistakes(
    stolen: Row, new: bytes, ghash: Hash, right: dict[str, bytes]
) -> dict[str, dict[bytes, str]]:
    """What a wrong part is, by its value."""
    mask = right["mask"]
    return {
        "mask": {
            stolen.tag: "the GHASH of its ciphertext is still in it",
            ghash(stolen.ciphertext): "that is GHASH: the mask is the other part of T",
            ghash(stolen.tag): "GHASH is taken of a ciphertext, not of a tag",
            xor(stolen.tag, ghash(new)): "the old tag with the new GHASH; its tag may be right",
            xor(stolen.tag, stolen.ciphertext): "the tag has the GHASH of the ciphertext in it",
            right["tag"]: "that is the tag: return mask, tag in this order",
        },
        "tag": {
            stolen.tag: "that is still the tag of the old ciphertext",
            mask: "that is the mask alone",
            ghash(new): "that is GHASH without the mask",
            xor(mask, new): "the tag has the GHASH of the ciphertext in it",
            xor(stolen.tag, ghash(new)): "the GHASH of the old ciphertext is still in it",
            xor(stolen.tag, ghash(xor(stolen.ciphertext, new))): TWO_HASHES,
        },
    }


TWO_HASHES = "each GHASH adds L, so one of C XOR new has one too few: take two GHASHes"


# 2.9

EACH = 4  # banks of each kind: a guess passes once in 5^20
TWO_TEXTS = "equal texts have equal ciphertexts in ECB and in CTR: which text tells them apart?"
SHOWS = {  # what a bank of this kind shows, if somebody asks for it
    "ECB": "it encrypts each block by itself: which text of yours would show that?",
    "CTR": "it has one keystream for all orders: what do two of your rows give, by lesson 01?",
    "CBC": "it has two answers to changed rows: which change of yours would spoil the padding?",
    "GCM": "it is sound until its backup comes back: which two rows do you compare then?",
}
MISTAKEN = {  # the kind, and the verdict
    ("GCM", "CTR"): "that shows only after the backup: compare two rows from before it, too",
    ("CTR", "GCM"): "it shows before any backup, too: so ask that first",
    ("ECB", "CTR"): TWO_TEXTS,
    ("CTR", "ECB"): TWO_TEXTS,
    ("sound", "ECB"): "no two blocks of it are equal: what did your test compare?",
    ("sound", "CTR"): "each order has a keystream of its own: is C XOR C' really P XOR P'?",
    ("sound", "CBC"): "it says one sentence to all changed rows: what did your test look for?",
    ("sound", "GCM"): "no nonce of it came again: a backup alone is no flaw",
}


@exercise(
    "2.9",
    "twenty banks, each named by your own tests, the sound ones too",
    points=4,
    errors={
        "XOR needs two equal": "a bank pads to whole blocks: cut both to the length of your text",
        "'my_read'": "paste my_read of lesson 01 above it",
    },
)
def names_the_flaw(my_verdict: Callable[[UnknownBank], Any]) -> str | None:
    """my_verdict(bank) must name the flaw of each of twenty banks, in an order drawn just now."""
    if "__closure__" in names_in(my_verdict):
        return "expected tests, got a look inside; an attacker has store, pay and restore_backup"
    kinds = [*KINDS] * EACH
    secrets.SystemRandom().shuffle(kinds)
    said = [(kind, _verdict(my_verdict, kind)) for kind in kinds]
    wrong = [(kind, it) for kind, it in said if kind != it]
    if not wrong:
        return None
    if (other := next((it for _, it in said if it not in KINDS), None)) is not None:
        return f"expected one of {', '.join(KINDS)}, got {shown(other)}; one of these five texts"
    if len({it for _, it in said}) == 1:
        return f"expected a verdict on each bank, got {said[0][1]} for all; let the bank decide"
    counted = f"{len(said) - len(wrong)} of {len(said)} right"
    if _guesses(said):
        return f"expected tests, got {counted}; equal banks, other verdicts: test"
    kind, it = wrong[0]
    return f"expected {kind}, got {it}, and {counted}; {MISTAKEN.get((kind, it)) or SHOWS[kind]}"


def _verdict(my_verdict: Callable[[UnknownBank], Any], kind: str) -> Any:
    """At a fresh bank. A changed row may have a right padding by chance: so CBC is asked again."""
    said = returned(my_verdict, unknown_bank(kind, secrets.SystemRandom()))
    if kind == "CBC" and said != kind:
        return returned(my_verdict, unknown_bank(kind, secrets.SystemRandom()))
    return said


def _guesses(said: list[tuple[str, Any]]) -> bool:
    """Whether equal banks got other verdicts: tests leave some five pairs, and dice about 15."""
    return len({*said}) >= 2 * len(KINDS)


# 2.3

# Each differs from the first in one digit.
RECORD_IDS = ["0" * 32, *("0" * place + "1" + "0" * (31 - place) for place in range(32))]
A_TEXT = "associated data is bytes: how does a text become bytes?"
SALARY = b"salary of Ada: 5000"
MOVED = "expected the moved row to be refused, got its text"
MANY = 3000


@exercise("2.3", "the moved row is refused, and the honest one still opens", points=2)
def binds_a_row(MyTwin: type[Twin]) -> str | None:  # noqa: N803  # it is a class
    """MyTwin must refuse a row that was moved to another record id."""
    return _wrong_method(MyTwin) or _wrong_binding(MyTwin)


def _wrong_method(kind: type[Twin]) -> str | None:
    own = [name for name in vars(kind) if not name.startswith("__")]
    if kind is Twin or not own:
        if callable(getattr(sys.modules["__main__"], "associated_data", None)):
            return (
                "expected a class with a method, got associated_data beside it; "
                "is your def indented, below class MyTwin?"
            )
        raise NotAttemptedError
    if not any(
        callable(getattr(kind, name)) for name in {"associated_data", "seal", "open"} & set(own)
    ):
        return (
            f"expected a method associated_data, got {', '.join(own)}; "
            "a step is replaced by a method (def) of exactly its name"
        )
    try:
        data: object = kind().associated_data(RECORD_IDS[0])
    except TypeError as error:
        why = A_TEXT if "encoding" in str(error) else "a method takes self, and then record_id"
        if "__init__" in str(error):
            why = "a twin is made without arguments; its methods are given each record_id"
        return f"expected associated data, got TypeError: {error}; {why}"
    if data is None:
        return "expected bytes, got None; the method must return the associated data"
    as_declared(given(data), Annotated[bytes, A_TEXT])
    if "hash" in names_in(kind.associated_data):
        return (
            f"expected the same bytes tomorrow, got {shown(data)}; "
            "Python's hash of a text is another number after each restart"
        )
    return None


def _wrong_binding(kind: type[Twin]) -> str | None:
    twin, restarted = kind(), kind()
    restarted.key = twin.key
    rows = {record_id: twin.seal(SALARY, record_id) for record_id in RECORD_IDS}
    if len({row.nonce for row in rows.values()}) < len(rows):
        return (
            "expected a new nonce for each row, got one nonce twice; "
            "two texts under one nonce: leave the method nonce as it is"
        )
    for record_id in reversed(RECORD_IDS):
        text = _opened(restarted, rows[record_id], record_id)
        if text is None:
            return (
                "expected the honest row to open, got a refusal; "
                "sealing and opening must use the same associated data, also after a restart"
            )
        if text != SALARY:
            return (
                f"expected the text as it went in, got {shown(text)}; "
                "associated data is no part of the text"
            )
    home, *others = RECORD_IDS
    for elsewhere in others:
        if _opened(twin, rows[home], elsewhere) is not None:
            return f"{MOVED}; {_why_moved(twin)}"
    if any(_opened(twin, rows[others[0]], elsewhere) is not None for elsewhere in others[1:]):
        return f"{MOVED}; these ids have the same digits in another order"
    data = {bytes(twin.associated_data(secrets.token_hex(16))) for _ in range(MANY)}
    if 1 < len(data) < MANY:  # one: a method seal may take the id itself
        return (
            f"{MOVED}; {MANY} random ids gave {len(data)} values: "
            "different ids must give different bytes"
        )
    return None


def _why_moved(twin: Twin) -> str:
    is_constant = len({twin.associated_data(record_id) for record_id in RECORD_IDS}) == 1
    if is_constant and "seal" in vars(type(twin)):
        return "an id inside the text opens everywhere with its tag: who compares it?"
    if is_constant:
        return "this associated data is the same for every record"
    return "these ids differ in one digit: which part of the id did you leave out?"


def _opened(twin: Twin, row: Row, record_id: str) -> bytes | None:
    try:
        return twin.open(row, record_id)
    except SecureDataError:
        return None
