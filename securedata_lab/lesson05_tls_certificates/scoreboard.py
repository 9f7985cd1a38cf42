"""Who gets in at a student's client, and which of its four answers keep out the others."""

from dataclasses import dataclass
from html import escape
from typing import Any

from securedata_lab.judging.attempts import shown
from securedata_lab.lesson05_tls_certificates.card import Card

QUESTIONS = ("issuer", "dates", "names", "key")
GETS_IN, KEPT_OUT, OPEN = "gets in", "kept out", "open"
MARKS = {True: "yes", False: "NO", ...: "…"}  # a NO must be seen
WIDTH = 33  # of the longest title


def why_no_answers(said: Any, *, some: bool = False) -> str | None:
    """What is wrong with what a client returns, which should be four of True and False.

    `some` may still be `...`.

    >>> said = [True, True, False, ...]
    >>> why_no_answers(said), why_no_answers(said, some=True)
    ('key is still `...`', None)
    >>> why_no_answers(True)
    'return all four answers, in a list, and not True'
    """
    if not isinstance(said, (list, tuple)) or len(said) != len(QUESTIONS):
        return f"return all four answers, in a list, and not {shown(said)}"
    for question, answer in zip(QUESTIONS, said, strict=True):
        if answer is ...:
            if not some or all(it is ... for it in said):
                return f"{question} is still `...`"
        elif not isinstance(answer, bool):
            return f"{question} must be True or False, and not {shown(answer)}"
    return None


@dataclass(frozen=True)
class Row:
    """A visitor, the client's four answers, and the cards that the visitor shows.

    >>> [Row("", [True, it, True, True], [], is_the_shop=True).verdict for it in (True, False, ...)]
    ['gets in ✓', 'kept out ✗ wrong', 'open']
    """

    title: str
    answers: list[Any]  # True, False, or `...`: not answered yet
    chain: list[Card]
    is_the_shop: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it takes an answer more to decide."""
        return ... in self.answers and False not in self.answers

    @property
    def is_right(self) -> bool:
        """Whether the shop, and nobody else, gets in."""
        return not self.is_open and all(self.answers) == self.is_the_shop

    @property
    def verdict(self) -> str:
        """Whether the visitor gets in, and whether that is right."""
        if self.is_open:
            return OPEN
        return f"{GETS_IN if all(self.answers) else KEPT_OUT} {'✓' if self.is_right else '✗ wrong'}"

    @property
    def marks(self) -> list[str]:
        """Each answer in a word."""
        return [MARKS[answer] for answer in self.answers]


@dataclass(frozen=True)
class Scoreboard:
    """A row for each visitor, the shop first. In a notebook, a row opens and shows its cards."""

    rows: list[Row]
    stopped: str = ""  # why nobody was let in

    @property
    def right(self) -> str:
        """How many were judged right."""
        return f"right: {sum(row.is_right for row in self.rows)} of {len(self.rows)}"

    def __repr__(self) -> str:
        if self.stopped:
            return f"Nobody was let in: {self.stopped}."
        lines = [
            _line("", QUESTIONS, ""),
            *(_line(it.title, it.marks, it.verdict) for it in self.rows),
        ]
        return "\n".join([*lines, self.right])

    def _repr_html_(self) -> str:
        """Words that wrap: on a phone, too, each answer stands beside its question."""
        if self.stopped:
            return f"<p>{escape(repr(self))}</p>"
        return f"{''.join(map(_folded, self.rows))}<p>{self.right}</p>"


def _line(title: str, marks: Any, verdict: str) -> str:
    return f"{title:{WIDTH}} {''.join(f'{it:8}' for it in marks)}{verdict}".rstrip()


def _folded(row: Row) -> str:
    answers = [
        f"{question}&nbsp;{f'<b>{mark}</b>' if mark == 'NO' else mark}"
        for question, mark in zip(QUESTIONS, row.marks, strict=True)
    ]
    cards = "\nsigned by\n".join(map(str, row.chain))
    style = "overflow-x:auto;font-family:monospace"
    return (
        f"<details><summary><b>{escape(row.title)}</b> {row.verdict}: {' · '.join(answers)}"
        f"</summary><pre style='{style}'>{escape(cards)}</pre></details>"
    )
