"""Kim's shop: a deposit machine signs slips for empty bottles, and a judge has valid slips paid.

A shop is made of two rules: which bytes are signed, and where k comes from. Everything else is the
same everywhere. This is the shop's own side. It runs in the process beside the kernel, so it
imports no more than it needs: shop_client.py is the notebook's side.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from random import Random

from flask import Flask, Response, jsonify

from securedata.errors import FormatError, RefusedError
from securedata.record import frame
from securedata.web.answers import Table, answer_in_json
from securedata.web.body import json_body
from securedata.web.receipt import string_field
from securedata_lab.basics.chance import chance
from securedata_lab.basics.small_dsa import REAL, fits, hashed, sign
from securedata_lab.servers.keeper_process import Service, of_the_kit
from securedata_lab.twins.ca_file import LocalServer

KIM, EVE = "Kim", "Eve"
BOTTLES_A_EURO = 4
MOST_BOTTLES = 40  # in a bag: so no honest slip says more than 10 EUR
ANSWERS: Table = {FormatError: (400, None), RefusedError: (403, None)}

SignedBytes = Callable[[list[str]], bytes]
SecretNumber = Callable[[], int]
Chip = Callable[[Random], SecretNumber]


@dataclass(frozen=True)
class Slip:
    """Who owes whom, how many EUR, and for what: four texts. Then the signature.

    >>> print(Slip("Kim", "Eve", "7", "31 bottles"))
    Kim owes Eve 7 EUR for 31 bottles
    """

    debtor: str
    creditor: str
    amount: str
    memo: str
    r: int = 0
    s: int = 0

    def __str__(self) -> str:
        memo = " ".join(self.memo.split())
        return f"{self.debtor} owes {self.creditor} {self.amount} EUR for {memo}"

    @property
    def parts(self) -> list[str]:
        """The four texts."""
        return [self.debtor, self.creditor, self.amount, self.memo]


# Which bytes are signed.


def joined(parts: list[str]) -> bytes:
    """The texts, one behind the other: this is the flaw of lesson 03.

    Breaks: what is signed must have one reading only, as in DSSE, which signs lengths too.
    Happened: Amazon Web Services, 2008: an HMAC was made of names and values with nothing
    between them. So one signed request could be read as another.

    >>> joined(["Kim", "Eve", "7", "31 bottles"])
    b'KimEve731 bottles'
    """
    return "".join(parts).encode()


def framed(parts: list[str]) -> bytes:
    """Each text after its length, as the real service does.

    >>> framed(["Kim", "Eve", "7", "31 bottles"])
    b'15 securedata/shop 3 Kim 3 Eve 1 7 10 31 bottles '
    """
    return frame("securedata/shop", *(part.encode() for part in parts))


# Where k comes from.


def fresh(draw: Random) -> SecretNumber:
    """A k for each slip, evenly drawn from 1 to q-1 (FIPS 186-4, 4.5)."""
    return lambda: draw.randrange(1, REAL.q)


def one_byte(draw: Random) -> SecretNumber:
    """One of 256 ks: the chip has one byte of memory for its random numbers.

    Breaks: FIPS 186-4, 4.5: a new k for every signature.
    Happened: Sony's PlayStation 3, 2010, one k for everything (in ECDSA); Android's wallets, 2013.

    >>> k = one_byte(Random(1))
    >>> len({k() for _ in range(5000)})
    256
    """
    ks = [draw.randrange(1, REAL.q) for _ in range(256)]
    return lambda: draw.choice(ks)


def short(draw: Random) -> SecretNumber:
    """A k of 192 bits: it never repeats, and 64 bits at its top are zero.

    Breaks: FIPS 186-4, B.2: k is drawn evenly from all numbers below q.
    Happened: PuTTY, 2024 (CVE-2024-31497): 9 zero bits of 521 in every k for P-521.

    >>> short(Random(1))() < 2**192
    True
    """
    return lambda: draw.randrange(1, 1 << 192)


def fifteen_bytes(draw: Random) -> SecretNumber:
    """A k of 120 bits: it never repeats, and nobody can try all. 136 bits at its top are zero.

    Breaks: FIPS 186-4, B.2, as `short` does.
    Happened: Breitner and Heninger, 2019, found hundreds of Bitcoin keys from biased ks.

    >>> fifteen_bytes(Random(1))() < 2**120
    True
    """
    return lambda: draw.randrange(1, 1 << 120)


# What stands in the shop.


@dataclass(frozen=True)
class Counter:
    """Machine and judge as functions, without a network. Nothing here gives x away."""

    y: int
    bring: Callable[[str, int], Slip]
    judge: Callable[[Slip], str]
    register: Callable[[str, int], None]


def make_counter(signed_bytes: SignedBytes, secret_number: SecretNumber, draw: Random) -> Counter:
    """A machine with a key of its own, and a judge who knows its y.

    >>> counter = make_counter(framed, fresh(Random(1)), Random(1))
    >>> counter.judge(counter.bring("Eve", 31))
    'Valid: Kim owes Eve 7 EUR for 31 bottles, bag 000608.'
    """
    x = draw.randrange(1, REAL.q)
    keys = {KIM: pow(REAL.g, x, REAL.p)}
    bags = draw.randrange(100, 900)

    def bring(name: str, bottles: int) -> Slip:
        nonlocal bags
        if not 1 <= bottles <= MOST_BOTTLES:
            raise RefusedError(f"A bag holds 1 to {MOST_BOTTLES} bottles.")
        bags += 1
        memo = f"{bottles} bottles, bag {bags:06d}"
        slip = Slip(KIM, name, str(bottles // BOTTLES_A_EURO), memo)
        r, s = sign(REAL, x, h_of(slip, signed_bytes), _k(secret_number))
        return replace(slip, r=r, s=s)

    def judge(slip: Slip) -> str:
        if slip.debtor not in keys:
            raise RefusedError(f"Refused: the judge knows no public key of {slip.debtor}.")
        if not slip.amount.isdecimal():
            raise RefusedError("Refused: an amount is written in digits.")
        if not fits(REAL, keys[slip.debtor], h_of(slip, signed_bytes), (slip.r, slip.s)):
            why = (
                "r or s is not below q"
                if max(slip.r, slip.s) >= REAL.q
                else f"not signed with {slip.debtor}'s key, or changed later"
            )
            raise RefusedError(f"Refused: {why}.")
        return f"Valid: {slip}."

    def register(name: str, y: int) -> None:
        if name.strip().casefold() == KIM.casefold():
            raise RefusedError("Refused: the judge knows Kim's key, and takes no other.")
        keys[name] = y

    return Counter(keys[KIM], bring, judge, register)


def h_of(slip: Slip, signed_bytes: SignedBytes) -> int:
    """The number that is signed: SHA-256 of the signed bytes.

    Raises:
        FormatError: the rule is a student's, and it makes no bytes.
    """
    name = getattr(signed_bytes, "__name__", "your function")
    try:
        data: object = signed_bytes(slip.parts)
    except Exception as error:
        raise FormatError(f"{name} raised {type(error).__name__}: {error}") from None
    if data is ...:
        raise FormatError(f"Nothing was signed: {name} still returns `...`.")
    if not isinstance(data, (bytes, bytearray)):
        raise FormatError(f"Nothing was signed: {name} must return bytes, and returned {data!r}.")
    return hashed(bytes(data), REAL.q)


def _k(secret_number: SecretNumber) -> int:
    name = getattr(secret_number, "__name__", "your function")
    try:
        k: object = secret_number()
    except Exception as error:
        words = f"Nothing was signed: {name} raised {type(error).__name__}: {error}"
        raise FormatError(words) from None
    if not isinstance(k, int) or not 0 < k < REAL.q:
        raise FormatError(f"Nothing was signed: {name} must return an int from 1 to q-1.")
    return k


def create_shop_app(counter: Counter) -> Flask:
    """The machine at /bring, and the judge at /register and /judge."""
    app = Flask("Kim's shop", static_folder=None)
    answer_in_json(app, ANSWERS)

    @app.post("/bring")
    def bring() -> Response:
        name, bottles = _fields("name", "bottles")
        return jsonify(in_json(counter.bring(name, int(bottles))))

    @app.post("/register")
    def register() -> Response:
        name, y = _fields("name", "y")
        counter.register(name, int(y, 16))
        return jsonify(verdict=f"The judge knows {name}'s public key.")

    @app.post("/judge")
    def judge() -> Response:
        debtor, creditor, amount, memo, r, s = _fields(*Slip.__dataclass_fields__)
        slip = Slip(debtor, creditor, amount, memo, int(r, 16), int(s, 16))
        return jsonify(verdict=counter.judge(slip))

    return app


def _fields(*names: str) -> list[str]:
    body = json_body(allowed=names)
    return [string_field(body, name) for name in names]


def in_json(slip: Slip) -> dict[str, str]:
    """A slip, as it is sent.

    >>> in_json(Slip("Kim", "Eve", "7", "31 bottles", r=10, s=11))["r"]
    'a'
    """
    return {name: f"{it:x}" if isinstance(it, int) else it for name, it in asdict(slip).items()}


# What the process beside the kernel keeps.


def open_kept(signed_bytes: list[str], chip: list[str]) -> Service:
    """A shop with two rules of the kit, for the keeper. A rule is a module and a name in it.

    >>> service = open_kept([__name__, "joined"], [__name__, "fresh"])
    >>> sorted(service.told), sorted(service.doors)
    (['ca_file', 'y'], ['start', 'stop'])
    """
    rule, its_chip = of_the_kit(*signed_bytes), of_the_kit(*chip)
    draw = chance(f"Kim's shop: {rule.__name__} and {its_chip.__name__}")
    return shop_service(rule, its_chip(draw), draw)


def shop_service(signed_bytes: SignedBytes, secret_number: SecretNumber, draw: Random) -> Service:
    """A shop over HTTPS, on this machine: Kim's y, which everybody knows, and its doors."""
    counter = make_counter(signed_bytes, secret_number, draw)
    server = LocalServer(create_shop_app(counter), "Kim's shop CA")

    def start() -> str:
        server.start()
        return server.url

    told = {"y": f"{counter.y:x}", "ca_file": str(server.ca_file)}
    return Service(told, {"start": start, "stop": server.stop})
