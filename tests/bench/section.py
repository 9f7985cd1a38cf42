"""A part of the page: what was measured, how, and a table."""

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


@dataclass(frozen=True)
class Section:
    """A title, one sentence or two on how it was measured, and the figures."""

    title: str
    how: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[str]:
        """The section in Markdown."""
        return [f"## {self.title}", "", self.how, "", *table(self.head, self.rows), ""]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """In Markdown; the first column is text, the others are figures."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]
