"""A part of the page: what was measured, how, a table, and the goals it is judged by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Spread


@dataclass(frozen=True)
class Goal:
    """What was wanted of a ratio: at least, or at most, so much."""

    name: str
    wanted: float
    reached: Spread
    at_least: bool = True

    @property
    def row(self) -> tuple[str, str, str, str]:
        """As it stands in the table of goals; the median decides."""
        median = self.reached.median
        met = median >= self.wanted if self.at_least else median <= self.wanted
        wanted = f"{'≥' if self.at_least else '≤'} {self.wanted:g}"
        return self.name, wanted, f"{self.reached:.2f}", "met" if met else "missed"


@dataclass(frozen=True)
class Section:
    """A title, one sentence or two on how it was measured, the figures, and the goals."""

    title: str
    how: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal] = ()

    def lines(self) -> list[str]:
        """The section in Markdown."""
        return [f"## {self.title}", "", self.how, "", *table(self.head, self.rows), ""]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """In Markdown; the first column is text, the others are figures."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]


def milliseconds(seconds: float) -> str:
    """`1.2 ms`; `never` if it took for ever, and `–` if there was nothing to measure."""
    if math.isnan(seconds):
        return "–"
    return "never" if math.isinf(seconds) else f"{1000 * seconds:.1f} ms"
