"""The student's search comes back: at the old shop, at a long p, and at the curve of TLS."""

import secrets
from collections.abc import Iterator
from typing import Any

from securedata_lab.lesson06_tls_on_the_wire.old_shop import (
    NO_RETURN,
    UNFILLED,
    Counted,
    Search,
    in_short,
)
from securedata_lab.lesson06_tls_on_the_wire.shop_client import OldShop
from securedata_lab.lesson06_tls_on_the_wire.tls_server import share_in
from securedata_lab.lesson06_tls_on_the_wire.x25519 import share_of
from securedata_lab.wire.recording import Recording

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
MOST_AT_LARGE_P = 5_000  # powers of 2,048 bits take longer
WIDTH = 29


class _Point(Counted):
    """X25519's base point, as an int. Its secret numbers are 2^254 + 8a (RFC 7748, 5)."""

    def __pow__(self, exponent: Any, modulus: Any = None) -> Any:
        self._count()
        return int.from_bytes(
            share_of((2**254 + 8 * int(exponent)).to_bytes(32, "little")), "little"
        )


def show_search(my_search: Search, shop: OldShop, mine: Recording) -> None:
    """Print what a student's search finds at three places. The third is their own TLS session.

    >>> from securedata_lab.lesson06_tls_on_the_wire.shop_client import open_shop
    >>> from securedata_lab.wire.recording import load_recording
    >>> show_search(lambda p, g, share: None, open_shop(), load_recording("rfc8448"))
    the old shop, p of 16 bits    | it returned None: is there a return, ...
    a shop with p of 2,048 bits   | it returned None: ...
    your TLS session, on X25519   | it returned None: ...
    """
    for name, p, g, share in _places(shop, mine):
        try:
            a = my_search(p, g, share)
            said = NO_RETURN if a is None else UNFILLED if a is ... else f"a = {a}"
            if isinstance(a, int) and pow(g, a, p) != share:
                said += " is wrong"
        except Exception as error:  # a student's code may raise anything
            said = in_short(error)
        print(f"{name:{WIDTH}} | {said}")


def _places(shop: OldShop, mine: Recording) -> Iterator[tuple[str, int, Counted, int]]:
    seen = shop.listen()
    yield "the old shop, p of 16 bits", seen.p, Counted(seen.g), seen.from_customer
    long, point = Counted(2), _Point(9)
    long.of, point.of = " of 10^616 numbers", " of 10^75 numbers"
    long.most = point.most = MOST_AT_LARGE_P
    share = pow(2, secrets.randbits(256), FFDHE2048)
    yield "a shop with p of 2,048 bits", FFDHE2048, long, share
    share = int.from_bytes(share_in(mine.client_stream), "little")
    yield "your TLS session, on X25519", 2**255 - 19, point, share
