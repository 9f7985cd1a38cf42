"""An old shop without TLS: it agrees on a key with each customer, and an attacker sees every byte.

A customer asks whether their voucher is still good. Who reads the voucher can spend it. The
notebook's shop runs beside the kernel: shop_client.py.
"""

import hashlib
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.number import isPrime

from securedata.errors import FormatError, RefusedError
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.powers import Base
from securedata_lab.servers.keeper_process import Service

LARGEST_WHOLE = 100  # exponent of a power without a modulus
MOST_TRIES = 70_000  # more than 16 bits need
NO_A = "no a fits: try every a below p, by pow(g, a, p)"
NO_RETURN = "it returned None: is there a return, no print, and is every a below p tried?"
UNFILLED = "a part is still `...`"
UNSENT = 'nothing was sent: type the voucher alone, in quotes, such as "word-word-12"'
QUESTION = "Is my voucher "

Search = Callable[[int, int, int], Any]


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

    def __rpow__(self, base: Any, modulus: Any = None) -> Any:
        raise UnjudgedError("expected powers of g, got powers to g; g is the base, a the exponent")

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
        try:
            a = my_search(self.p, Counted(self.g), self.from_customer)
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


class Shop:
    """A shop and its customers, as the attacker meets them.

    >>> Shop(random.SystemRandom()).redeem("ribbon-desert-62")
    'The shop: no such voucher.'
    """

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._is_spent = draw, False
        self._p, self._g = small_group(draw)
        self._voucher = code_word(draw)

    def listen(self) -> Seen:
        """Wait for a customer. What passes: two shares, each of a number that is then forgotten."""
        p, g = self._p, self._g
        a, b = (self._draw.randrange(p // 8, p // 2) for _ in range(2))
        from_customer, from_shop = pow(g, a, p), pow(g, b, p)
        key = _key(pow(from_shop, a, p))  # and the shop's: from_customer to the power of b
        question = _sealed(key, f"{QUESTION}{self._voucher} still good?")
        return Seen(p, Counted(g), from_customer, from_shop, question)

    def redeem(self, word: Any) -> str:
        """Spend a voucher."""
        if not isinstance(word, str) or not re.fullmatch(r"\w+-\w+-\d+", word.strip()):
            return UNSENT
        if word.strip().lower() != self._voucher:
            return "The shop: no such voucher."
        said = "is spent: you had its" if self._is_spent else "is yours:"
        self._is_spent = True
        return f"The shop: the voucher {said} 50 EUR."


def open_kept() -> Service:
    """The notebook's shop, which runs beside the kernel. Doors: listen, and redeem."""
    shop = Shop(chance("the old shop"))

    def listen() -> list[Any]:
        seen = shop.listen()
        return [seen.p, int(seen.g), seen.from_customer, seen.from_shop, dict(seen.question)]

    return Service({}, {"listen": listen, "redeem": shop.redeem})


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
