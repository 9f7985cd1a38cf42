"""The old shop, as a notebook meets it. It runs in a process beside the kernel."""

from dataclasses import dataclass
from typing import Any

from securedata_lab.lesson06_tls_on_the_wire import old_shop
from securedata_lab.lesson06_tls_on_the_wire.old_shop import UNSENT, Counted, Seen
from securedata_lab.servers.keeper import Kept, keep


@dataclass(frozen=True, repr=False)
class OldShop:
    """`listen()` waits for a customer, and gives what passed. `redeem(voucher)` spends it."""

    _kept: Kept

    def listen(self) -> Seen:
        """What passes when a customer asks."""
        p, g, from_customer, from_shop, question = self._kept.ask("listen")
        return Seen(p, Counted(g), from_customer, from_shop, question)

    def redeem(self, word: Any) -> str:
        """What the shop says to a voucher."""
        return str(self._kept.ask("redeem", word=word)) if isinstance(word, str) else UNSENT


def open_shop() -> OldShop:
    """Open the old shop.

    >>> open_shop().redeem("ribbon-desert-62")
    'The shop: no such voucher.'
    """
    return OldShop(keep(old_shop.open_kept))
