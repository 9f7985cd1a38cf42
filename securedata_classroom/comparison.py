"""What a class knew before and after: shares, the gain, and which mistakes went or are there now.

The gain is Hake's normalised gain: of what was missing before, the part that was won. R. R. Hake,
"Interactive-engagement versus traditional methods", American Journal of Physics 66 (1), 1998.
"""

from dataclasses import dataclass, replace
from itertools import groupby

from securedata.errors import FormatError
from securedata.printable import printable
from securedata_classroom.inventory_answers import Answered
from securedata_classroom.questions import Answer, Question

GAIN = "gain = (after - before) / (1 - before): the part of what was missing before (Hake 1998)"
NO_GAIN = "no gain: all were right before, so nothing was missing"


@dataclass(frozen=True)
class Mistake:
    """A wrong answer, and the shares of the class that chose it."""

    answer: Answer
    before: float
    after: float


@dataclass(frozen=True)
class Change:
    """The share of right answers to the questions of one concept.

    >>> Change("Bytes", 0.25, 0.75, Mistake(Answer("4", False), 0.6, 0.1)).gain
    0.6666666666666666
    >>> Change("Bytes", 1.0, 0.5).gain is None
    True
    """

    concept: str
    before: float
    after: float
    fell_most: Mistake | None = None
    chosen_most: Mistake | None = None  # after

    @property
    def gain(self) -> float | None:
        """The normalised gain: negative if less was right after; None if all was right before."""
        return None if self.before == 1 else (self.after - self.before) / (1 - self.before)


@dataclass(frozen=True)
class Comparison:
    """A class before and after: those who answered both times, concept by concept."""

    students: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    changes: tuple[Change, ...]
    missing: tuple[int, int] = (0, 0)  # answers before and after, of those who answered both times


def compare(
    questions: list[Question], before: dict[str, Answered], after: dict[str, Answered]
) -> Comparison:
    """Compare the students who answered both times. The last change is that of all questions.

    Raises:
        FormatError: nobody answered both times.

    >>> four, eight = Answer("four", False), Answer("eight", True)
    >>> question = Question("1", "How many bits?", (four, eight), "Bytes")
    >>> said = compare([question], {"Ada": {"1": four}}, {"Ada": {"1": eight}, "Bob": {}})
    >>> said.students, said.only_after, said.changes[0].concept, said.changes[0].after
    (1, ('Bob',), 'Bytes', 1.0)
    """
    both = sorted({*before} & {*after})
    if not both:
        raise FormatError(
            "nobody is in both files: the name or e-mail address of a student must be the same"
        )
    first, second = [before[student] for student in both], [after[student] for student in both]
    concepts = [(name, [*asked]) for name, asked in groupby(questions, key=lambda it: it.concept)]
    changes = [_with_mistakes(name, asked, first, second) for name, asked in concepts]
    return Comparison(
        len(both),
        tuple(sorted({*before} - {*after})),
        tuple(sorted({*after} - {*before})),
        (*changes, _change("all", questions, first, second)),
        (_missing(questions, first), _missing(questions, second)),
    )


def report(comparison: Comparison) -> str:
    """A comparison as a table of text.

    >>> print(report(Comparison(2, (), ("Bob",), (Change("Bytes", 0.25, 0.75),))))
    Answered both times: 2. Left out: 0 only before, 1 only after.
    <BLANKLINE>
    concept                          before  after   gain
    Bytes                              25 %   75 %   0.67
    <BLANKLINE>
    gain = (after - before) / (1 - before): the part of what was missing before (Hake 1998)
    """
    rows = [line for change in comparison.changes for line in _rows(change)]
    before, after = comparison.missing
    missing = f"Not answered: {before} before, {after} after; they count as wrong."
    undefined = [NO_GAIN] if any(change.gain is None for change in comparison.changes) else []
    lines = [
        f"Answered both times: {comparison.students}. Left out: {len(comparison.only_before)} "
        f"only before, {len(comparison.only_after)} only after.",
        *_left_out(comparison),
        *([missing] if before or after else []),
        "",
        f"{'concept':<32} before  after   gain",
        *rows,
        "",
        GAIN,
        *undefined,
    ]
    return "\n".join(map(printable, lines))


def _change(
    name: str, questions: list[Question], before: list[Answered], after: list[Answered]
) -> Change:
    return Change(name, _right(questions, before), _right(questions, after))


def _with_mistakes(
    name: str, questions: list[Question], before: list[Answered], after: list[Answered]
) -> Change:
    wrong = [
        Mistake(it, _share(question, it, before), _share(question, it, after))
        for question in questions
        for it in question.answers
        if not it.is_right
    ]
    fell = max(wrong, key=lambda mistake: mistake.before - mistake.after)
    chosen = max(wrong, key=lambda mistake: mistake.after)
    return replace(
        _change(name, questions, before, after),
        fell_most=fell if fell.before > fell.after else None,
        chosen_most=chosen if chosen.after else None,
    )


def _share(question: Question, answer: Answer, answered: list[Answered]) -> float:
    return sum(student.get(question.name) == answer for student in answered) / len(answered)


def _right(questions: list[Question], answered: list[Answered]) -> float:
    """The share of right answers. No answer is not right."""
    given = [student.get(question.name) for student in answered for question in questions]
    return sum(answer is not None and answer.is_right for answer in given) / len(given)


def _left_out(comparison: Comparison) -> list[str]:
    """The names, if one student may be among them with two of them."""
    if not (comparison.only_before and comparison.only_after):
        return []
    return [
        f"Only before: {', '.join(comparison.only_before)}.",
        f"Only after: {', '.join(comparison.only_after)}.",
        "Has one student two of these names?",
    ]


def _missing(questions: list[Question], answered: list[Answered]) -> int:
    return sum(question.name not in student for student in answered for question in questions)


def _rows(change: Change) -> list[str]:
    gain = "-" if change.gain is None else f"{change.gain:.2f}"
    shares = f"{change.before:>6.0%}{change.after:>6.0%}".replace("%", " %")
    rows = [f"{change.concept:<32}{shares}{gain:>7}"]
    if fell := change.fell_most:
        rows += [_row("fell most", fell), f"    ({fell.answer.why})"]
    if chosen := change.chosen_most:
        rows += [_row("now chosen most", chosen)]
    return rows


def _row(what: str, mistake: Mistake) -> str:
    shares = f"{mistake.before:.0%} to {mistake.after:.0%}".replace("%", " %")
    return f'    {what}, {shares}: "{mistake.answer.text}"'
