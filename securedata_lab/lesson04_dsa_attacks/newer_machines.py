"""Kim's newer machines: ECDSA and Ed25519, signed by PyCryptodome. All have the chip of one byte.

They run in the process beside the kernel, so this imports no more than they need: key_theft.py is
the notebook's side.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from Crypto.Hash import SHA256, SHAKE128
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS, eddsa

from securedata_lab.basics.chance import chance
from securedata_lab.servers.keeper_process import Service

Sign = Callable[[bytes], bytes]
# The curves' own q.
P256_Q = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_Q = 2**252 + 27742317777372353535851937790883648493


class Chip:
    """What PyCryptodome asks for random bytes. For one signature, it makes all of one byte."""

    def __init__(self, draw: Random) -> None:
        self._draw, self._own = draw, draw.randbytes(16)
        self.turn()

    def turn(self) -> None:
        """Another signature, another byte."""
        self._stream = SHAKE128.new(self._own + self._draw.randbytes(1))

    def __call__(self, count: int) -> bytes:
        """So many bytes."""
        return self._stream.read(count)


def ecdsa_with_the_chip(draw: Random) -> tuple[Any, Sign]:
    """A key on the curve P-256, and how it signs: k comes from the chip."""
    key, chip = ECC.generate(curve="P-256", randfunc=draw.randbytes), Chip(draw)

    def sign(text: bytes) -> bytes:
        chip.turn()
        return DSS.new(key, "fips-186-3", randfunc=chip).sign(SHA256.new(text))

    return key, sign


def ecdsa_of_rfc_6979(draw: Random) -> tuple[Any, Sign]:
    """The same, but k is made of the key and the text (RFC 6979, 3.2)."""
    key = ECC.generate(curve="P-256", randfunc=draw.randbytes)
    return key, lambda text: DSS.new(key, "deterministic-rfc6979").sign(SHA256.new(text))


def ed25519(draw: Random) -> tuple[Any, Sign]:
    """Another curve; k is always made of the key and the text (RFC 8032, 5.1.6)."""
    key = ECC.generate(curve="ed25519", randfunc=draw.randbytes)
    return key, eddsa.new(key, "rfc8032").sign


MACHINES = {"ECDSA": ecdsa_with_the_chip, "RFC 6979": ecdsa_of_rfc_6979, "Ed25519": ed25519}


def open_kept(machine: str) -> Service:
    """One of the machines, for the keeper: it tells its public key, and signs texts.

    >>> service = open_kept("Ed25519")
    >>> service.told["public_key"][:26], len(service.doors["sign"]("Kim owes Eve 7 EUR"))
    ('-----BEGIN PUBLIC KEY-----', 128)
    """
    key, sign = MACHINES[machine](chance(f"Kim's newer machine: {machine}"))
    told = {"public_key": key.public_key().export_key(format="PEM")}
    return Service(told, {"sign": lambda text: sign(text.encode()).hex()})
