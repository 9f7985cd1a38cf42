"""Lesson 04: collect signatures, find a private key by a student's own lines, and sign with it.

Then the real service's DSA key is stolen, and the service changes its signer.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import seal
from securedata.crypto.signature import SigningKey
from securedata.errors import FormatError, RefusedError, SignatureError
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import LOCAL
from securedata.record import DSA, Header, Receipt, Scheme
from securedata.web.client import Client
from securedata_lab.basics.small_dsa import REAL, Signed, sign
from securedata_lab.judging.powers import Exponent
from securedata_lab.lesson03_dsa_signatures.shop import EVE, KIM, Slip, framed
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop
from securedata_lab.servers.starting import LabServer

BOTTLES = 31
A_LOT = "9999"
NO_R = 'signs with ML-DSA now, which has no r: run "DSA retires" to its end'
ONE, TWO = Signed(1, 2, 3), Signed(4, 2, 5)
# A student's functions, and what each is called with, to see whether it is still the stub.
WRITTEN: Mapping[str, tuple[object, ...]] = {
    "my_pair": (ONE, TWO),
    "my_k": (ONE, TWO),
    "my_key": (ONE, 7),
    "my_number": (REAL.q,),
}

Pair = Callable[[Signed, Signed], Any]
Key = Callable[[Signed, int], Any]
Number = Callable[[int], Any]


def collect(place: Shop | LabServer, count: int = 60) -> list[Signed]:
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


def pairs(seen: list[Signed], my_pair: Pair) -> list[tuple[Signed, Signed]]:
    """All pairs of which a student's function says that one k made both."""
    places = [(one, two) for place, two in enumerate(seen) for one in seen[:place]]
    return [(one, two) for one, two in places if my_pair(one, two)]


def find_x(seen: list[Signed], my_pair: Pair, my_k: Pair, my_key: Key) -> int | None:
    """The x that a student's three lines find; or None, and a sentence that says why.

    >>> find_x([], my_pair=lambda *_: ..., my_k=lambda *_: ..., my_key=lambda *_: ...)
    my_pair is still `...`.
    """
    try:
        return _found(seen, my_pair, my_k, my_key)
    except Exception as error:  # a student's own line: one sentence, and not the kit's code
        print(f"One of your lines raised {type(error).__name__}: {error}")
        return None


def _found(seen: list[Signed], my_pair: Pair, my_k: Pair, my_key: Key) -> int | None:
    why = _missing("my_pair", my_pair)
    found = [] if why else pairs(seen, my_pair)
    if not found:
        print(why or "my_pair finds no pair.")
        return None
    one, two = found[0]
    print("pairs with one k:", len(found))
    k = my_k(one, two)
    if _is_number("my_k", k):
        x = my_key(one, k)
        if _is_number("my_key", x):
            return int(x)
    return None


def _is_number(name: str, value: object) -> bool:
    if value is ...:
        print(f"{name} is still `...`.")
    elif not isinstance(value, int):
        print(f"{name} must return an int, and returned {value!r}.")
    return isinstance(value, int)


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


def show_thefts(
    shop: Shop, server: LabServer, my_pair: Pair, my_k: Pair, my_key: Key, my_number: Number
) -> None:
    """A student's attack at three places: how many pairs, and what can Eve sign?

    >>> show_thefts(Shop(), LabServer(), *[lambda *_: ...] * 4)
    First write and run your cell of 4.1: my_pair is still `...`.
    """
    lines: dict[str, Callable[..., Any]] = {"my_pair": my_pair, "my_k": my_k, "my_key": my_key}
    if missing := [why for name, it in lines.items() if (why := _missing(name, it))]:
        print(f"First write and run your cell of 4.1: {missing[0]}")
        return
    print(f"{'':18}{'pairs in 60':>11}   what Eve can sign")
    print(f"Kim's machine     {_theft(shop, my_pair, my_k, my_key)}")
    if why := _missing("my_number", my_number):
        mine = f"first write and run your cell of 4.2: {why}"
    else:
        with machine_with(my_number) as machine:
            mine = _theft(machine, my_pair, my_k, my_key)
    print(f"{'your machine':18}{mine}")
    print(f"{'the real service':18}{_theft(server, my_pair, my_k, my_key)}")


def _missing(name: str, function: Callable[..., Any]) -> str | None:
    """Why this function of a student cannot be tried yet, or None."""
    if not callable(function):
        return f"{name} is no function: begin with def."
    try:
        return f"{name} is still `...`." if function(*WRITTEN[name]) is ... else None
    except Exception:  # a student's own, which the table will show
        return None


def _theft(place: Shop | LabServer, my_pair: Pair, my_k: Pair, my_key: Key) -> str:
    try:
        found = pairs(collect(place), my_pair)
    except (FormatError, RefusedError) as error:  # ML-DSA, or a line that is no number
        return f"{'-':>11}   {NO_R if isinstance(error, FormatError) else error}"
    signs = "nothing"
    if found and isinstance(place, Shop):
        one, two = found[0]
        x = my_key(one, my_k(one, two))
        if isinstance(x, int) and pow(REAL.g, x, REAL.p) == place.y:
            signs = f"everything: g^x is y. {sign_for_kim(place, x)}"
    return f"{len(found):>11}   {signs}"


def rotate_signer(server: LabServer, scheme: Scheme) -> SigningKey:
    """Let a new signer of this scheme sign, as `securedata rotate --signer` does.

    It returns the private key, which a thief may have.

    >>> server = LabServer()
    >>> rotate_signer(server, DSA).scheme.name
    'dsa'
    """
    return KeyFile.load(server.key_file).update(lambda it: it.promote_signer(scheme)).signer


def end_signer(server: LabServer, signer: SigningKey, last: Receipt) -> None:
    """Refuse what this signer signs after the last receipt, as `securedata keys end` does.

    Then a new DSA key signs, so that the cells of the lesson may run again.

    >>> with LabServer() as server:
    ...     client = Client(server.url, ca_file=server.ca_file or "")
    ...     stolen, last = rotate_signer(server, DSA), client.store("text")
    ...     next_signer = rotate_signer(server, DSA)
    ...     end_signer(server, stolen, last)
    ...     show_receipts(client, {"Eve, now": eves_receipt(stolen)})
    Eve, now         64 bytes of signature: refused
    """
    until = last.header.created
    KeyFile.load(server.key_file).update(lambda it: it.end_signer(signer.key_id, until))
    rotate_signer(server, DSA)


def eves_receipt(signer: SigningKey, created: str | None = None) -> Receipt:
    """A receipt that no service made, signed with a stolen key. Its text nobody can open.

    It is of now, or of any time that the thief writes into it.

    >>> signer = SigningKey.generate()
    >>> eves_receipt(signer, "2026-01-01T00:00:00Z").header.created
    '2026-01-01T00:00:00Z'
    """
    if created is None:
        time.sleep(1)  # receipts count whole seconds: this one is later than all before it
    header = Header(
        record_id=secrets.token_hex(16),
        owner=LOCAL,
        signer_id=signer.key_id,
        created=created or now(),
    )
    keys = KeyRing(AeadKey.generate())
    return seal(b"Kim owes Eve 9999 EUR", header, keys=keys, signer=signer)


def show_receipts(client: Client, receipts: Mapping[str, Receipt]) -> None:
    """Which receipts a client calls valid, and how long their signatures are."""
    for name, receipt in receipts.items():
        try:
            client.verify(receipt)
            verdict = "valid"
        except SignatureError:
            verdict = "refused"
        print(f"{name:14}{len(receipt.signature):>5} bytes of signature: {verdict}")
