"""How much is measured: in full some minutes, and in the smoke test next to nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """The defaults are those of `make bench`."""

    rounds: int = 9
    seconds: float = 0.8  # of load, for each server in each round
    records: tuple[int, ...] = (1_000, 100_000, 1_000_000)


IN_FULL = Effort()
