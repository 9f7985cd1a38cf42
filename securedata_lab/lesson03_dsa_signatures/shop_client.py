"""A client of Kim's shop: what a notebook has of it. The kit's shops run beside the kernel."""

import secrets
from pathlib import Path

from securedata.errors import RefusedError
from securedata_lab.basics.chance import chance
from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.judging.powers import Base, Exponent
from securedata_lab.lesson03_dsa_signatures.shop import (
    EVE,
    Chip,
    SecretNumber,
    SignedBytes,
    Slip,
    framed,
    fresh,
    h_of,
    in_json,
    joined,
    open_kept,
    shop_service,
)
from securedata_lab.servers.clients import ask
from securedata_lab.servers.keeper import here, keep
from securedata_lab.servers.keeper_process import place_in_the_kit


class NoSlipError(OneSentence, RefusedError):
    """The machine printed no slip. A notebook shows this sentence alone, without a traceback."""


class Shop:
    """A running shop, over HTTPS on this machine. Everybody knows p, q, g and Kim's y.

    With two rules of the kit it runs beside the kernel. With a rule of a student's it runs here:
    Kim's x is in a closure, and belongs to a machine of their own.

    >>> with Shop(joined) as shop:
    ...     slip = shop.bring(31)
    ...     print(shop.judge(slip)[:44])
    Valid: Kim owes Eve 7 EUR for 31 bottles, ba
    """

    def __init__(
        self,
        signed_bytes: SignedBytes = framed,
        chip: Chip = fresh,
        secret_number: SecretNumber | None = None,
    ) -> None:
        rule, its_chip = place_in_the_kit(signed_bytes), place_in_the_kit(chip)
        if secret_number or rule is None or its_chip is None:
            draw = chance("Kim's shop: mine")
            self._kept = here(shop_service(signed_bytes, secret_number or chip(draw), draw))
        else:
            self._kept = keep(open_kept, signed_bytes=rule, chip=its_chip)
        # Numbers that refuse a power without a modulus: it would freeze the kernel.
        self.p, self.q, self.g = Exponent(REAL.p), Exponent(REAL.q), Base(REAL.g)
        self.y = int(self._kept.told["y"], 16)
        self.signed_bytes = signed_bytes
        self.url, self.ca_file = "", Path(self._kept.told["ca_file"])

    @property
    def runs(self) -> bool:
        """Whether its process has not ended."""
        return self._kept.runs

    def start(self) -> None:
        """Listen. Calling it twice is harmless."""
        self.url = self._kept.ask("start")

    def stop(self) -> None:
        """Stop. `start` starts it again, with the same key."""
        if self.runs:
            self._kept.ask("stop")

    def __enter__(self) -> "Shop":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def bring(self, bottles: int, name: str = EVE) -> Slip:
        """Bring a bag of bottles, and take the signed slip.

        Raises:
            NoSlipError: the bag is too large, or a rule of the shop is a student's and fails.
        """
        answer = ask(self, "/bring", {"name": name, "bottles": str(bottles)})
        if "error" in answer:
            raise NoSlipError(answer["error"])
        r, s = (int(answer.pop(number), 16) for number in "rs")
        return Slip(**answer, r=r, s=s)

    def register(self, name: str, y: int) -> str:
        """Tell the judge the public key of somebody else than Kim."""
        return self._said("/register", {"name": name, "y": f"{y:x}"})

    def draw(self) -> int:
        """A fresh secret number, from 1 to q-1, by your system's randomness."""
        return 1 + secrets.randbelow(REAL.q - 1)

    def h(self, slip: Slip) -> int:
        """The number that is signed for a slip: a hash of its signed bytes. Everybody can do it."""
        return h_of(slip, self.signed_bytes)

    def judge(self, slip: Slip) -> str:
        """What the judge says to a slip."""
        for name, part in vars(slip).items():
            if part is ...:
                return f"Nothing was sent: the {name} of the slip is still `...`."
            kind, what = (int, "an int") if name in ("r", "s") else (str, "a text")
            if not isinstance(part, kind):
                return f"Nothing was sent: the {name} must be {what}, and it is {part!r}."
        return self._said("/judge", in_json(slip))

    def _said(self, path: str, body: dict[str, str]) -> str:
        answer = ask(self, path, body)
        return str(answer.get("verdict", answer.get("error")))


def open_shop(signed_bytes: SignedBytes = joined, chip: Chip = fresh) -> Shop:
    """Open one of the kit's shops; or give back the one that is open: a cell may be run twice.

    >>> shop = open_shop()
    >>> open_shop() is shop
    True
    >>> shop.stop()
    """
    shop = _shops.get((signed_bytes, chip))
    if shop is None or not shop.runs:
        shop = Shop(signed_bytes, chip)
    shop.start()
    _shops[signed_bytes, chip] = shop
    return shop


_shops: dict[tuple[SignedBytes, Chip], Shop] = {}  # one of each for the whole kernel
