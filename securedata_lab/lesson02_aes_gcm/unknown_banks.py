"""Five banks whose flaw nobody names. Rows and answers are all that an attacker has.

All rows look alike: nonce, ciphertext and tag have the same lengths for the same text. Every bank
has a tag with a key, so nothing but its answers tells what it does wrong. The notebook's five run
in the process beside the kernel, so this imports no more than they need.
"""

import hmac
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

from securedata_lab.basics.chance import chance
from securedata_lab.lesson01_aes_modes.bank import NOTHING, in_hex, row_from_hex
from securedata_lab.servers.keeper_process import Service
from securedata_lab.twins.twin import Row

KINDS = ("ECB", "CTR", "CBC", "GCM", "sound")
NAMES = "ABCDE"
BLOCK_BYTES = 16
BAD_TAG = "the tag is wrong."
BAD_PADDING = "the padding is wrong."


@dataclass(frozen=True)
class UnknownBank:
    """What an attacker can do: copy rows, store texts, send rows, and wait for the backup."""

    stolen: Row  # of somebody else's order
    store: Callable[[str], Row] = field(repr=False)
    pay: Callable[[Row], str] = field(repr=False)
    restore_backup: Callable[[], object] = field(repr=False)


class _Inside:
    """A bank of one kind: its keys, and the count of its orders."""

    def __init__(self, kind: str, draw: random.Random) -> None:
        self.kind, self._draw, self._count = kind, draw, 0
        self._key, self._tag_key = draw.randbytes(32), draw.randbytes(32)
        self._one_nonce = draw.randbytes(8)
        self.stolen = self.store(f"pay {draw.randrange(20, 90):04} EUR to Kim")

    def store(self, text: str) -> Row:
        self._count += 1
        nonce, padded = self._nonce(), pad(text.encode(), BLOCK_BYTES)
        if self.kind in ("GCM", "sound"):
            return Row(nonce, *self._gcm(nonce).encrypt_and_digest(padded))
        ciphertext = self._cipher(nonce).encrypt(padded)
        return Row(nonce, ciphertext, self._tag(nonce + ciphertext))

    def pay(self, row: Row) -> str:
        try:
            self._opened(bytes(row.nonce), bytes(row.ciphertext), bytes(row.tag))
        except ValueError as error:
            # PyCryptodome's own words, for a length that cannot be, would tell the mode.
            return f"{NOTHING} {error if str(error) == BAD_PADDING else BAD_TAG}"
        return "The bank pays."

    def restore_backup(self) -> None:
        """Its count is that of yesterday. It matters where nonces are counted."""
        self._count = 0

    def _nonce(self) -> bytes:
        if self.kind == "GCM":  # looks random, and follows from the count
            return self._tag(b"%d" % self._count)
        return self._draw.randbytes(BLOCK_BYTES)

    def _opened(self, nonce: bytes, ciphertext: bytes, tag: bytes) -> bytes:
        if self.kind in ("GCM", "sound"):
            return unpad(self._gcm(nonce).decrypt_and_verify(ciphertext, tag), BLOCK_BYTES)
        is_right = hmac.compare_digest(tag, self._tag(nonce + ciphertext))
        if self.kind != "CBC" and not is_right:
            raise ValueError(BAD_TAG)
        padded = self._cipher(nonce).decrypt(ciphertext)
        try:
            text = unpad(padded, BLOCK_BYTES)
        except ValueError:
            raise ValueError(BAD_PADDING) from None
        if not is_right:  # CBC: the flaw is that this comes last
            raise ValueError(BAD_TAG)
        return text

    def _cipher(self, nonce: bytes) -> Any:
        if self.kind == "CBC":
            return AES.new(self._key, AES.MODE_CBC, iv=nonce)
        if self.kind == "CTR":  # the flaw: the row's nonce is drawn, and never used
            return AES.new(self._key, AES.MODE_CTR, nonce=self._one_nonce)
        return AES.new(self._key, AES.MODE_ECB)

    def _gcm(self, nonce: bytes) -> Any:
        return AES.new(self._key, AES.MODE_GCM, nonce=nonce)

    def _tag(self, data: bytes) -> bytes:
        return hmac.digest(self._tag_key, data, "sha256")[:BLOCK_BYTES]


def unknown_bank(kind: str, draw: random.Random) -> UnknownBank:
    """A fresh bank of one of the five kinds.

    >>> bank = unknown_bank("sound", random.SystemRandom())
    >>> bank.pay(bank.store("pay 0001 EUR to Kim"))
    'The bank pays.'
    """
    inside = _Inside(kind, draw)
    # Functions, and no methods: a method's attributes show its bank.
    return UnknownBank(
        inside.stolen,
        lambda text: inside.store(text),
        lambda row: inside.pay(row),
        lambda: inside.restore_backup(),
    )


def open_kept() -> Service:
    """Five banks for the keeper. One is sound; each of the others is drawn by itself.

    So a flaw may come twice or not at all, and nothing follows from the other banks.

    >>> sorted(open_kept().told)
    ['A', 'B', 'C', 'D', 'E']
    """
    draw = chance("banks A to E")
    kinds = ["sound", *(draw.choice(KINDS) for _ in NAMES[1:])]
    draw.shuffle(kinds)
    banks = {name: _Inside(kind, draw) for name, kind in zip(NAMES, kinds, strict=True)}
    doors: Mapping[str, Callable[..., object]] = {
        "store": lambda name, text: in_hex(banks[name].store(text)),
        "pay": lambda name, row: banks[name].pay(row_from_hex(row)),
        "restore_backup": lambda name: banks[name].restore_backup(),
        "kinds": lambda: {name: bank.kind for name, bank in banks.items()},
    }
    return Service({name: in_hex(bank.stolen) for name, bank in banks.items()}, dict(doors))
