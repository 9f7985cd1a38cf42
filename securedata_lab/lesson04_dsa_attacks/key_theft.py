"""Lesson 04: collect signatures, find a private key by a student's own lines, and sign with it."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS

from securedata.errors import FormatError, RefusedError
from securedata.web.client import Client
from securedata_lab.basics.small_dsa import REAL, Signed, fits, sign
from securedata_lab.judging.powers import Exponent
from securedata_lab.lesson03_dsa_signatures.shop import EVE, KIM, Slip, framed
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.lesson04_dsa_attacks.newer_machines import ED25519_Q, P256_Q, open_kept
from securedata_lab.servers.keeper import Kept, keep
from securedata_lab.servers.starting import LabServer

BOTTLES, BAGS = 31, 60
A_LOT = "9999"
A_NOTE = f"Kim owes Eve {A_LOT} EUR"
NO_R = 'signs with ML-DSA now, which has no r: run "DSA retires" to its end'
ONE, TWO = Signed(1, 2, 3), Signed(4, 2, 5)
# A student's functions, and what each is called with, to see whether it is still the stub.
WRITTEN: Mapping[str, tuple[object, ...]] = {
    "my_pair": (ONE, TWO),
    "my_k": (ONE, TWO, Exponent(REAL.q)),
    "my_key": (ONE, 7, Exponent(REAL.q)),
    "my_number": (REAL.q,),
}
NEWER = {  # as the table names them; what the keeper opens; their q
    "1 ECDSA, k: chip": ("ECDSA", P256_Q),
    "2 ECDSA, RFC 6979": ("RFC 6979", P256_Q),
    "3 Ed25519": ("Ed25519", ED25519_Q),
}

Pair = Callable[[Signed, Signed], Any]
K = Callable[[Signed, Signed, int], Any]
Key = Callable[[Signed, int, int], Any]
Number = Callable[[int], Any]
Signs = Callable[[int, Signed], str]  # what Eve can do with x; one of the signatures


class NoKeyError(Exception):
    """A student's lines found no number. The words say why."""


def collect(place: Shop | LabServer, count: int = BAGS) -> list[Signed]:
    """h, r and s of so many signatures: everybody who gets a slip or a receipt sees them.

    Raises:
        FormatError: the service signs with another scheme than DSA.

    >>> with Shop() as shop:
    ...     [one, two] = collect(shop, 2)
    >>> one.r == two.r
    False
    """
    if isinstance(place, Shop):
        slips = [place.bring(BOTTLES) for _ in range(count)]
        return [Signed(place.h(it), it.r, it.s) for it in slips]
    client = Client(place.url, ca_file=place.ca_file or "")
    receipts = [client.store(f"text {number}") for number in range(count)]
    return [Signed.seen(it.signed_bytes, it.signature, REAL.q) for it in receipts]


def find_x(seen: list[Signed], q: int, my_pair: Pair, my_k: K, my_key: Key) -> int | None:
    """The x that a student's three lines find; or None, and a sentence that says why.

    >>> find_x([], 11, my_pair=lambda *_: ..., my_k=lambda *_: ..., my_key=lambda *_: ...)
    my_pair is still `...`.
    """
    try:
        if why := _missing("my_pair", my_pair):
            raise NoKeyError(why)
        pairs = _pairs(seen, my_pair)
        if not pairs:
            raise NoKeyError("my_pair finds no pair.")
        print("pairs that my_pair finds:", len(pairs))
        return _x(pairs[0], q, my_k, my_key)
    except NoKeyError as error:
        print(error)
    except Exception as error:  # a student's own line: one sentence, and not the kit's code
        print(f"One of your lines raised {type(error).__name__}: {error}")
    return None


def _pairs(seen: list[Signed], my_pair: Pair) -> list[tuple[Signed, Signed]]:
    """All pairs of which a student's function says that one k made both."""
    places = [(one, two) for place, two in enumerate(seen) for one in seen[:place]]
    return [(one, two) for one, two in places if my_pair(one, two)]


def _x(pair: tuple[Signed, Signed], q: int, my_k: K, my_key: Key) -> int:
    q = Exponent(q)  # it refuses a power that would freeze the kernel
    k = number_of("my_k", my_k(*pair, q))
    return number_of("my_key", my_key(pair[0], k, q))


def number_of(name: str, value: object) -> int:
    """What a student's function returned, as an int.

    Raises:
        NoKeyError: it is none.
    """
    if value is ...:
        raise NoKeyError(f"{name} is still `...`.")
    if not isinstance(value, int):
        raise NoKeyError(f"{name} must return an int, and returned {value!r}.")
    return int(value)


def sign_for_kim(shop: Shop, x: int | None) -> str:
    """What the judge says to a slip of 9999 EUR for Eve, signed with this x.

    >>> with Shop() as shop:
    ...     sign_for_kim(shop, 5)
    "Refused: not signed with Kim's key, or changed later."
    """
    if x is None:
        return "Nothing was sent: no x was found."
    slip = Slip(KIM, EVE, A_LOT, "bottles")
    r, s = sign(REAL, x, shop.h(slip), k=secrets.randbelow(REAL.q - 1) + 1)
    return shop.judge(replace(slip, r=r, s=s))


def machine_with(my_number: Number) -> Shop:
    """A machine of its own, with a key of its own, which takes its ks from a student's line."""

    def number() -> Any:
        return my_number(Exponent(REAL.q))

    number.__name__ = "my_number"  # as the machine's errors call it
    return Shop(framed, secret_number=number)


def try_number(my_number: Number) -> str:
    """What the judge says to an honest slip of such a machine.

    >>> try_number(lambda q: ...)
    'Nothing was signed: my_number is still `...`.'
    """
    if why := _missing("my_number", my_number):
        return f"Nothing was signed: {why}"
    with machine_with(my_number) as shop:
        try:
            return shop.judge(shop.bring(BOTTLES))
        except RefusedError as error:
            return str(error)


def show_thefts(shop: Shop, server: LabServer, my_pair: Pair, my_k: K, my_key: Key) -> None:
    """A student's three lines at five places: how many pairs, and what can Eve sign?

    >>> show_thefts(Shop(), LabServer(), *[lambda *_: ...] * 3)
    First write and run your cell of 4.7: my_pair is still `...`.
    """
    lines: dict[str, Callable[..., Any]] = {"my_pair": my_pair, "my_k": my_k, "my_key": my_key}
    if missing := [why for name, it in lines.items() if (why := _missing(name, it))]:
        print(f"First write and run your cell of 4.7: {missing[0]}")
        return

    def row(name: str, collected: Callable[[], list[Signed]], q: int, signs: Signs) -> None:
        pairs = list[tuple[Signed, Signed]]()
        words = "nothing"
        try:
            pairs = _pairs(collected(), my_pair)
            if pairs:
                words = signs(_x(pairs[0], q, my_k, my_key), pairs[0][0])
        except FormatError:  # the real service, with ML-DSA
            words = NO_R
        except Exception as error:  # of a student's lines, or a machine that has refused them
            is_said = isinstance(error, (RefusedError, NoKeyError))
            words = str(error) if is_said else f"{type(error).__name__}: {error}"
        print(f"{name:19}{len(pairs):>5}   {words}")

    print(f"{'':19}{'pairs':>5}   what Eve can sign with the x that your lines find")
    row("Kim's DSA machine", lambda: collect(shop), REAL.q, lambda x, _: sign_for_kim(shop, x))
    for name, (machine, q) in NEWER.items():
        kept = keep(open_kept, machine=machine)
        row(name, lambda: _signed_by(kept, q), q, lambda x, _: _sign_for_key(kept, x))  # noqa: B023
    row("the real service", lambda: collect(server), REAL.q, _is_the_key)


def _is_the_key(x: int, one: Signed) -> str:
    """Whether one of the service's signatures fits g^x."""
    if fits(REAL, pow(REAL.g, x, REAL.p), one.h, (one.r, one.s)):
        return "everything: its signatures fit g^x."
    return "nothing: its signatures do not fit g^x."


def _signed_by(machine: Kept, q: int) -> list[Signed]:
    """h, and the two halves of each signature, of slips that one of the newer machines signs."""
    texts = [f"Kim owes Eve 7 EUR for {BOTTLES} bottles, bag {bag:06d}" for bag in range(BAGS)]
    signatures = [bytes.fromhex(machine.ask("sign", text=text)) for text in texts]
    return [Signed.seen(*both, q) for both in zip(map(str.encode, texts), signatures, strict=True)]


def _sign_for_key(machine: Kept, x: int) -> str:
    """What PyCryptodome says to a note that is signed with this x on P-256."""
    note = SHA256.new(A_NOTE.encode())
    with suppress(ValueError):  # x is no key, or not the one of this y
        mine = ECC.construct(curve="P-256", d=x)
        public = ECC.import_key(machine.told["public_key"])
        DSS.new(public, "fips-186-3").verify(note, DSS.new(mine, "fips-186-3").sign(note))
        return f"Valid, says PyCryptodome: {A_NOTE}."
    return "Refused, says PyCryptodome."


def _missing(name: str, function: Callable[..., Any]) -> str | None:
    """Why this function of a student cannot be tried yet, or None."""
    if not callable(function):
        return f"{name} is no function: begin with def."
    try:
        return f"{name} is still `...`." if function(*WRITTEN[name]) is ... else None
    except Exception:  # a student's own, which the table will show
        return None
