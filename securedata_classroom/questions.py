"""Multiple-choice questions, as they stand in the Markdown pages of docs/teaching.

    ## Bytes

    **1a.** (lesson 00) How many bits has a byte?

    - [ ] 4 *(that is a hexadecimal digit)*
    - [x] 8

The quiz of a lesson has `(class, 1.7)` or `(home, ECB)` in the place of `(lesson 00)`: where the
answer is taught, and by which exercise, or a word of the section's heading.

It knows no learning platform, and nothing that a student answered.
"""

import html
import re
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from securedata.errors import FormatError

HEADING = re.compile(r"#+ (.+)")
QUESTION = re.compile(
    r"\*\*(\d+[a-z]?)\.\*\* "
    r"(?:\(lessons? (\d\d(?: and \d\d)*)\) |\((class|home), ([^)]+)\) )?(.+)"
)
ANSWER = re.compile(r"- \[([ x])\] (.+?)(?: \*\((.+)\)\*)?")
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Answer:
    """One answer to choose. `why` says which misconception it comes from, or is empty."""

    text: str
    is_right: bool
    why: str = ""


@dataclass(frozen=True)
class Question:
    """A question with its answers, of which one is right. The concept is the heading above it.

    >>> answers = Answer("4", False, "that is a digit"), Answer("8", True)
    >>> Question("1a", "How many bits has a byte?", answers, "Bytes").number
    '1'
    """

    name: str
    text: str
    answers: tuple[Answer, ...]
    concept: str
    lessons: tuple[str, ...] = ()
    place: str = ""
    section: str = ""

    @property
    def label(self) -> str:
        """The name, and where the answer is taught, as a question bank shows it to a lecturer.

        >>> Question("6a", "How many bits?", (), "", (), "home", "1.4").label
        '6a (home, 1.4)'
        """
        return f"{self.name} ({self.place}, {self.section})" if self.place else self.name

    @property
    def number(self) -> str:
        """The name without its variant: 3 of 3a and 3b."""
        return self.name.rstrip("abcdefghijklmnopqrstuvwxyz")

    def without_reasons(self) -> "Question":
        """The same question for a test that is asked twice: nothing says why an answer is wrong."""
        return replace(self, answers=tuple(replace(answer, why="") for answer in self.answers))


def read_questions(page: Path) -> list[Question]:
    r"""The questions of a page, in their order.

    Raises:
        FormatError: the page cannot be read, or a question is not as it must be.

    >>> import tempfile
    >>> page = Path(tempfile.mkdtemp()) / "bytes.md"
    >>> _ = page.write_text("**1.** How many bits has a byte?\n\n- [ ] 4\n- [x] 8\n")
    >>> [question] = read_questions(page)
    >>> question.text, [answer.text for answer in question.answers if answer.is_right]
    ('How many bits has a byte?', ['8'])
    """
    try:
        lines = page.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise FormatError(f"{page}: {error.strerror}") from None
    concept, found = "", list[Question]()
    for number, line in enumerate(lines, start=1):
        if heading := HEADING.fullmatch(line):
            concept = heading[1]
        elif begun := QUESTION.fullmatch(line):
            lessons = tuple((begun[2] or "").split(" and ")) if begun[2] else ()
            name, _, place, section, text = begun.groups(default="")
            answers = _answers(lines[number:])
            question = Question(name, text, answers, concept, lessons, place, section)
            _refuse_unclear(question, f"{page}, line {number}")
            found.append(question)
    return found


def variants(questions: list[Question]) -> list[list[Question]]:
    """The questions, those with one number together.

    >>> [first, second] = [Question(name, "?", (), "") for name in ("3a", "3b")]
    >>> variants([first, second]) == [[first, second]]
    True
    """
    return [list(group) for _, group in groupby(questions, key=lambda it: it.number)]


def as_html(text: str) -> str:
    """The text of a question or answer for a platform: code spans, and nothing else, are marked.

    >>> as_html("`0 < r`, or 2^96")
    '<code>0 &lt; r</code>, or 2^96'
    """
    return CODE.sub(r"<code>\1</code>", html.escape(text, quote=False))


def _answers(lines: list[str]) -> tuple[Answer, ...]:
    """The answers that follow a question: up to the first other line that is not empty."""
    answers = list[Answer]()
    for line in filter(None, lines):
        given = ANSWER.fullmatch(line)
        if not given:
            break
        answers.append(Answer(given[2], given[1] == "x", given[3] or ""))
    return tuple(answers)


def _refuse_unclear(question: Question, place: str) -> None:
    right = sum(answer.is_right for answer in question.answers)
    if right != 1:
        raise FormatError(f"{place}: {right} answers of question {question.name} are ticked, not 1")
    if len({answer.text for answer in question.answers}) < max(2, len(question.answers)):
        raise FormatError(f"{place}: question {question.name} needs two answers that differ")
