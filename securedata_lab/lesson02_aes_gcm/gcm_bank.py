"""Lesson 02's banks: one with GCM, and one that counts its orders as nonces.

An order of theirs has one block, and names who pays: so GCM's tag is a short formula. They run in
the process beside the kernel, so they import no more than they need.
"""

import random

from securedata_lab.lesson01_aes_modes.bank import BankTwin, Order

NAMES = ("Ada", "Amy", "Bob", "Dan", "Eli", "Fay", "Gil", "Ian", "Joy", "Leo", "Mia", "Pam", "Sue")


def an_order(draw: random.Random) -> str:
    """An order of Kim's in 16 letters. It is not for Eve.

    >>> import random
    >>> an_order(random.Random(1))
    'Kim: 2100 to Leo'
    """
    return f"Kim: {draw.randrange(1000, 9000)} to {draw.choice(NAMES)}"


class OneBlockBank(BankTwin):
    """AES-256-GCM under fresh nonces. Kim has stored an order, of one block.

    >>> OneBlockBank().refuses("Kim: 9999 to Eve")
    'You are Eve: the bank stores your orders only.'
    """

    form = r"(?P<payer>\w{3}): (?P<amount>\d{4}) to (?P<payee>\w{3})"

    def strangers_order(self, draw: random.Random) -> Order:
        """Kim's order. Whoever says what stands behind the name has read it."""
        text = an_order(draw)
        return Order(text[:5], word=text[5:])

    def refuses(self, text: str) -> str:
        """Everybody stores orders of their own."""
        return "" if text.startswith("Eve: ") else "You are Eve: the bank stores your orders only."

    def associated_data(self, record_id: str | None) -> bytes:
        """None: that is exercise 2.3."""
        return b""


class GcmBank(OneBlockBank):
    """It counts its orders, and takes the number as nonce (NIST SP 800-38D, 8.2.1).

    Breaks: SP 800-38D, 8 (no nonce twice), once it took back a backup: there the count is old.
    Happened: Böck and others found 184 HTTPS servers with repeated nonces, in 2016.

    >>> GcmBank().nonce().hex()
    '000000000000000000000001'
    """

    def nonce(self) -> bytes:
        """The number of the order."""
        return (len(self.rows) + 1).to_bytes(12, "big")
