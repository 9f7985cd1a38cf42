"""An old shop without TLS: it agrees on a key with each customer, and an attacker sees every byte.

A customer asks whether their voucher is still good. Who reads the voucher can spend it. The
notebook's shop runs beside the kernel: shop_client.py. A shop with a student's group runs in it.
"""

import hashlib
import json
import os
import random
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.number import isPrime
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from securedata.errors import FormatError, RefusedError
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.powers import Base
from securedata_lab.servers.keeper_process import Service

# A safe prime: p and (p - 1) / 2 are primes (RFC 7919, A.1).
FFDHE2048 = int(
    "ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695"
    "a9e13641146433fbcc939dce249b3ef97d2fe363630c75d8f681b202aec4617a"
    "d3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935"
    "984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797a"
    "bc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4"
    "ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f61"
    "9172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005"
    "c58ef1837d1683b2c6f34a26c1b2effa886b423861285c97ffffffffffffffff",
    16,
)
LONGEST_BITS = 8192  # of a p: each customer would wait for a longer one
LARGEST_WHOLE = 100  # exponent of a power without a modulus
MOST_TRIES = 70_000  # more than 16 bits need
MOST_AT_LARGE_P = 5_000  # powers of 2,048 bits take longer
NO_A = "no a fits: try every a below p, by pow(g, a, p)"
NO_RETURN = "it returned None: is there a return, no print, and is every a below p tried?"
UNFILLED = "a part is still `...`"
UNSENT = 'nothing was sent: type the voucher alone, in quotes, such as "word-word-12"'
QUESTION = "Is my voucher "
WIDTH, WIDE = 20, 35  # of a table's first columns

Body = dict[str, Any]
Send = Callable[[str, Body], Body]
Group = Callable[[], Any]
Search = Callable[[int, int, int], Any]
Keys = Callable[[int, int, int, int], Any]


class Counted(Base):
    """A g that counts its powers, and gives up: with a real p no search comes to its end.

    >>> Counted(2).tries
    0
    """

    tries, most, of = 0, MOST_TRIES, ""

    def __pow__(self, exponent: Any, modulus: Any = None) -> Any:
        self._count()
        if modulus is None and exponent > LARGEST_WHOLE:
            raise UnjudgedError(
                "expected an answer, got powers without a modulus: they grow longer and longer, "
                "and the search takes minutes; give pow three numbers: base, exponent and modulus"
            )
        return super().__pow__(exponent, modulus)

    def __mul__(self, other: Any) -> Any:
        self._count()
        return int.__mul__(self, other)

    __rmul__ = __mul__

    def _count(self) -> None:
        self.tries += 1
        if self.tries > self.most:
            raise RefusedError(f"{self.most:,}{self.of} tried, and stopped")


Counted.__name__ = "int"  # as errors call it


@dataclass(frozen=True)
class Seen:
    """What passed in the clear while a customer asked: p, g, both shares; and what was encrypted.

    >>> print(Seen(23, Counted(2), 9, 3, {"nonce": "", "ciphertext": 42 * "a1", "tag": ""}))
    p = 23, g = 2
    the customer sends g^a mod p = 9
    the shop sends     g^b mod p = 3
    then an encrypted question of 42 bytes
    """

    p: int
    g: int
    from_customer: int
    from_shop: int
    question: Mapping[str, str]

    def read_with(self, my_search: Search) -> str:
        """The question, for who finds the customer's a; else a sentence."""
        g = Counted(self.g)  # which has counted nothing so far
        if self.p > MOST_TRIES:
            g.most, g.of = MOST_AT_LARGE_P, f" of 10^{len(str(self.p)) - 1}"
        try:
            a = my_search(self.p, g, self.from_customer)
            if a is ... or a is None:
                raise FormatError(NO_RETURN if a is None else UNFILLED)
            # As the customer computes it.
            return _opened(
                _key(pow(self.from_shop, a, self.p)), self.question, "wrong a: the question"
            )
        except Exception as error:  # a student's code may raise anything
            return f"nothing was read: {in_short(error)}"

    def __str__(self) -> str:
        return (
            f"p = {self.p}, g = {self.g}\n"
            f"the customer sends g^a mod p = {self.from_customer}\n"
            f"the shop sends     g^b mod p = {self.from_shop}\n"
            f"then an encrypted question of {len(self.question['ciphertext']) // 2} bytes"
        )


@dataclass(frozen=True, repr=False)
class Shop:
    """A shop and its customer, as the attacker meets them.

    `listen()` waits for a customer, and gives what passed. `between(m, my_keys)` lets the attacker
    answer both sides with g^m, and returns what they read. `redeem(voucher)` spends it.
    """

    listen: Callable[[], Seen]
    between: Callable[[int, Keys], str]
    redeem: Callable[[str], str]


def open_shop(
    my_group: Group | None = None,
    *,
    signs: bool = False,
    draw: random.Random | None = None,
) -> Shop:
    """Open a shop with a small group, or with the one that a student's function returns.

    With `signs`, the shop signs its share, and the customer verifies.

    Raises:
        FormatError: this is no group for Diffie-Hellman; the message says why.

    >>> shop = open_shop(draw=random.SystemRandom())
    >>> shop.redeem("ribbon-desert-62")
    'The shop: no such voucher.'
    """
    draw = draw or chance("the old shop" if my_group is None else "a student's shop")
    p, g = small_group(draw) if my_group is None else group_of(my_group())
    voucher = code_word(draw)
    counter = _Counter(p, g, draw, voucher, signs)

    def customer_asks(send: Send) -> None:
        """The customer's app. It draws an a, and forgets it."""
        a = draw.randrange(p // 8, p // 2)
        share = pow(g, a, p)
        said = send("/hello", {"share": share})
        if signs and not counter.has_signed(said["signature"], share, said["share"]):
            raise RefusedError("hangs up: the signature is invalid")
        key = _key(pow(said["share"], a, p))
        question = _sealed(key, f"{QUESTION}{voucher} still good?")
        answer = send("/ask", {"session": said["session"], "sealed": question})
        _opened(key, answer["sealed"], "the customer complains: the answer")

    def listen() -> Seen:
        passed = list[Body]()

        def send(path: str, body: Body) -> Body:
            passed.extend((body, counter.answer(path, body)))
            return passed[-1]

        customer_asks(send)
        hello, answer, question, _ = passed
        return Seen(p, Counted(g), hello["share"], answer["share"], question["sealed"])

    def between(m: int, my_keys: Keys) -> str:
        read, keys = list[str](), list[bytes]()

        def send(path: str, body: Body) -> Body:
            if path == "/hello":
                said = counter.answer(path, {"share": pow(g, m, p)})
                shares = Base(body["share"]), Base(said["share"])
                keys.extend(map(_key, pair_of(my_keys(p, m, *shares))))
                return said | {"share": pow(g, m, p)}  # with the shop's signature
            with_customer, with_shop = keys
            read.append(
                _opened(
                    with_customer, body["sealed"], "with_customer is wrong: the customer's question"
                )
            )
            said = counter.answer(path, body | {"sealed": _sealed(with_shop, read[0])})
            answer = _opened(with_shop, said["sealed"], "with_shop is wrong: the shop's answer")
            return {"sealed": _sealed(with_customer, answer)}

        customer_asks(send)
        return read[0]

    def redeem(word: Any) -> str:
        if not isinstance(word, str) or not re.fullmatch(r"\w+-\w+-\d+", word.strip()):
            return UNSENT
        return str(counter.answer("/redeem", {"voucher": word})["said"])

    return Shop(listen, between, redeem)


def open_kept() -> Service:
    """The notebook's shop, which runs beside the kernel. Doors: listen, and redeem."""
    shop = open_shop()

    def listen() -> list[Any]:
        seen = shop.listen()
        return [seen.p, int(seen.g), seen.from_customer, seen.from_shop, dict(seen.question)]

    return Service({}, {"listen": listen, "redeem": shop.redeem})


class _Counter:
    """The shop's side: a session for each customer, with a b of its own."""

    def __init__(self, p: int, g: int, draw: random.Random, voucher: str, signs: bool) -> None:
        self._p, self._g, self._draw, self._signs = p, g, draw, signs
        self._keys: list[bytes] = []
        self._voucher, self._is_spent, self._signer = voucher, False, Ed25519PrivateKey.generate()

    def answer(self, path: str, body: Body) -> Body:
        if path == "/hello":
            b = self._draw.randrange(self._p // 8, self._p // 2)
            share, theirs = pow(self._g, b, self._p), int(body["share"])
            self._keys.append(_key(pow(theirs, b, self._p)))
            signed = self._signer.sign(_shares(theirs, share)).hex() if self._signs else ""
            return {"share": share, "session": len(self._keys) - 1, "signature": signed}
        if path == "/ask":
            key = self._keys[int(body["session"])]
            try:
                _opened(key, body["sealed"], "the customer's question")
            except RefusedError as error:
                return {"sealed": _sealed(key, f"The shop: {error}")}
            return {"sealed": _sealed(key, "Yes, it is worth 50 EUR.")}
        if body["voucher"].strip().lower() != self._voucher:
            return {"said": "The shop: no such voucher."}
        said = "is spent: you had its" if self._is_spent else "is yours:"
        self._is_spent = True
        return {"said": f"The shop: the voucher {said} 50 EUR."}

    def has_signed(self, signature: str, *shares: int) -> bool:
        try:
            self._signer.public_key().verify(bytes.fromhex(signature), _shares(*shares))
        except InvalidSignature:
            return False
        return True


def group_of(answer: Any) -> tuple[int, int]:
    """The group that a student's function returned.

    Raises:
        FormatError: it is none for Diffie-Hellman, and why; the sentence gives no number away.

    >>> group_of((FFDHE2048, 2)) == (FFDHE2048, 2)
    True
    >>> group_of(FFDHE2048)
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: a group is two numbers, p and g: return both, with a comma
    """
    if answer is ...:
        raise FormatError(UNFILLED)
    if not isinstance(answer, (tuple, list)) or [type(it) for it in answer] != [int, int]:
        raise FormatError("a group is two numbers, p and g: return both, with a comma")
    p, g = answer
    if p < g:
        raise FormatError("p is smaller than g: return p first, then g")
    bits = p.bit_length()
    if bits < 64:
        raise FormatError(f"a p of {bits} bits falls to your search: it must be much longer")
    if bits < 2048:
        raise FormatError(
            f"p has {bits} bits: your search is too slow, others are not (they solved 795 bits in "
            "2019); take 2048 or more"
        )
    if bits > LONGEST_BITS:
        raise FormatError(f"p has {bits} bits: each customer would wait")
    if p != FFDHE2048 and not isPrime(p):
        raise FormatError("p is not a prime")
    if p != FFDHE2048 and not isPrime(p // 2):
        raise FormatError(
            "p is a prime, but (p - 1) / 2 is none: if p - 1 has small factors, a is found in "
            "small pieces; take a safe prime"
        )
    if g % p in (0, 1, p - 1):
        raise FormatError("this g has two powers at most: take another one")
    return p, g


def pair_of(answer: Any) -> tuple[int, int]:
    """The two numbers that a student's function returned.

    Raises:
        FormatError: it returned something else.

    >>> pair_of((5, 7))
    (5, 7)
    """
    if answer is ... or (isinstance(answer, tuple) and ... in answer):
        raise FormatError(UNFILLED)
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise FormatError("return two numbers: with_customer, with_shop")
    if not all(isinstance(it, int) for it in answer):
        raise FormatError("both are numbers: pow with three arguments gives one")
    return int(answer[0]), int(answer[1])


def show_attacks(my_search: Search, my_group: Group, my_keys: Keys) -> None:
    """Print what a student's attacks read at three shops. The student's group is for the last two.

    >>> show_attacks(lambda *_: ..., lambda: ..., lambda *_: ...)
                         | you listen                          | you are in the middle
    the old shop         | a part is still `...`               | a part is still `...`
    your shop            | a part is still `...`
    your shop, signing   | a part is still `...`
    """
    print(f"{'':{WIDTH}} | {'you listen':{WIDE}} | you are in the middle")

    def row(name: str, *options: Any, signs: bool = False) -> None:
        try:
            shop = open_shop(*options, signs=signs)
            seen = shop.listen()
        except Exception as error:  # a student's code may raise anything
            print(f"{name:{WIDTH}} | {in_short(error)}")
            return
        listening = _voucher(lambda: seen.read_with(my_search))
        middle = _voucher(lambda: shop.between(secrets.randbelow(seen.p // 2) + 2, my_keys))
        print(f"{name:{WIDTH}} | {listening:{WIDE}} | {middle}")

    row("the old shop")
    row("your shop", my_group)
    row("your shop, signing", my_group, signs=True)


def _voucher(attack: Callable[[], str]) -> str:
    """What an attack reads, or why it reads nothing."""
    try:
        text = attack()
    except Exception as error:  # a student's code may raise anything
        return in_short(error)
    if text.startswith(QUESTION):
        return f"reads {text.split()[3]}"
    return text.removeprefix("nothing was read: ")


def in_short(error: Exception) -> str:
    """What an error of a search or of an attack means."""
    if isinstance(error, StopIteration):
        return NO_A
    return str(error).removeprefix("expected an answer, got ") or type(error).__name__


def small_group(draw: random.Random) -> tuple[int, int]:
    """A safe prime of 16 bits, and a g with many powers: as no shop should have."""
    while True:
        q = draw.randrange(2**14, 2**15)
        if isPrime(q) and isPrime(2 * q + 1):
            return 2 * q + 1, draw.randrange(3, 2 * q)


def _shares(from_customer: int, from_shop: int) -> bytes:
    return json.dumps([from_customer, from_shop]).encode("ascii")


def _key(shared: int) -> bytes:
    return hashlib.sha256(str(int(shared)).encode("ascii")).digest()


def _sealed(key: bytes, text: str) -> dict[str, str]:
    nonce = os.urandom(12)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    ciphertext, tag = cipher.encrypt_and_digest(text.encode("utf-8"))
    return {"nonce": nonce.hex(), "ciphertext": ciphertext.hex(), "tag": tag.hex()}


def _opened(key: bytes, sealed: Mapping[str, str], what: str) -> str:
    nonce, ciphertext, tag = (bytes.fromhex(sealed[it]) for it in ("nonce", "ciphertext", "tag"))
    try:
        plaintext = AES.new(key, AES.MODE_GCM, nonce=nonce).decrypt_and_verify(ciphertext, tag)
    except ValueError:
        raise RefusedError(f"{what} stays closed") from None
    return plaintext.decode("utf-8")
