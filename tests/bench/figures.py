"""What is told of many measurements: the one in the middle, and how far they spread."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of several values, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    @classmethod
    def of_ratios(cls, values: Sequence[float], others: Sequence[float]) -> "Spread":
        """Value by value, each pair from one round: what slows one round slows both."""
        return cls.of([value / other for value, other in zip(values, others, strict=True)])

    def __format__(self, digits: str) -> str:
        """With so many digits: `1.71 (1.63 to 1.80)`."""
        return f"{self.median:{digits}} ({self.least:{digits}} to {self.most:{digits}})"


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of all do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]
