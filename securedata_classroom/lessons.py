"""The lessons as they were handed out: with them, a submission becomes a whole notebook again.

Of a submission, only what a student was asked for is taken: the cells of exercises, answers, and
cells that were added. Everything else is the original's, above all the set-up and the check lines.
"""

import ast
import difflib
import io
import re
import symtable
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from securedata.errors import FormatError
from securedata_classroom.judge_process import Step
from securedata_classroom.notebook import Cell, cells_of, edition_of, exercises_in, parsed
from securedata_lab.judging.student_name import normal

ALIKE = 0.75  # of an original cell that somebody has edited
LONG = 60  # short cells are alike by chance
MOST_COMPARED = 200  # pairs of cells, letter by letter: each may take a tenth of a second
NO_ANSWER = "*Write your answer here.*"  # as tools/workshop.py writes it
SENTENCE = "# In one sentence: "
HAND_IN = "## Hand in"  # tools/handout.py adds a cell that begins so
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")  # it takes links out of the repository away
THIRD_EDITION = 3  # its notebooks do not name it, but import the kit in this way
OLD_IMPORT = re.compile(r"^from securedata import lab\b", re.MULTILINE)
KITS = {THIRD_EDITION: "kit 0.2", 4: "kit 0.3"}
WRITTEN = "written"  # the exercise of the answer in one's own words: "2.written"


@dataclass(frozen=True)
class Lesson:
    """One lesson, as its notebook was handed out."""

    stem: str  # of its file, such as 02_aes_gcm
    cells: tuple[Cell, ...]
    edition: int = THIRD_EDITION

    @property
    def exercises(self) -> list[str]:
        """The numbers of its exercises, in the order of their checks."""
        return [cell.checks for cell in self.cells if cell.is_check]

    @property
    def prelude(self) -> tuple[str, ...]:
        """The set-up cell and the server cell."""
        return tuple(it.source for it in self.cells if it.tags & {"setup", "server"})

    def judges(self, file: str) -> bool:
        """Whether a check is handed a file of this name, as in 8.2."""
        return any(file in cell.source for cell in self.cells if cell.is_check)

    @property
    def number(self) -> str:
        """The lesson's number in its exercises: "2" of 2.1."""
        return self.exercises[0].partition(".")[0]


def lessons_in(folder: Path) -> list[Lesson]:
    """The lessons in a folder of student notebooks.

    Raises:
        FormatError: there is none.

    >>> lessons_in(Path("nowhere"))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: nowhere: there are no lessons in it; name the folder of ...
    """
    lessons = []
    for path in sorted(folder.glob("*.ipynb")) if folder.is_dir() else ():
        content = path.read_bytes()
        edition = edition_of(content) or THIRD_EDITION
        lesson = Lesson(path.stem, tuple(cells_of(content)), edition)
        if lesson.exercises and not any("solution" in cell.tags for cell in lesson.cells):
            lessons.append(lesson)
    if not lessons:
        raise FormatError(
            f"{folder}: there are no lessons in it; name the folder of the notebooks that you "
            "handed out with --notebooks"
        )
    return lessons


def lesson_of(name: str, cells: list[Cell], lessons: list[Lesson]) -> Lesson | None:
    """Which lesson a notebook is of, by its exercises, or else by its name.

    >>> lessons = [Lesson("09_example", (Cell('check("9.1", my_x)'),))]
    >>> lesson_of("a.ipynb", [Cell('check("9.1", my_x)')], lessons).stem
    '09_example'
    """
    numbers = Counter(number.partition(".")[0] for number in exercises_in(cells))
    for number, _ in numbers.most_common():
        for lesson in lessons:
            if lesson.number == number:
                return lesson
    return next((lesson for lesson in lessons if lesson.stem in name), None)


def refuse_another_edition(lesson: Lesson, named: int | None, cells: list[Cell]) -> None:
    """End if a notebook is of another edition than the lesson: other exercises, other numbers.

    `named` is the edition in its metadata. Some editors lose these: then its import tells.

    Raises:
        FormatError: it is, and which kit grades it.

    >>> refuse_another_edition(Lesson("09", (), edition=4), 3, [])
    Traceback (most recent call last):
    securedata.errors.FormatError: it is of the lesson's edition 3: grade it with kit 0.2
    """
    is_old = any(it.is_code and OLD_IMPORT.search(it.source) for it in cells)
    edition = THIRD_EDITION if is_old else named or lesson.edition
    if is_old or edition != lesson.edition:
        kit = KITS.get(edition, "the kit that it came with")
        raise FormatError(f"it is of the lesson's edition {edition}: grade it with {kit}")


def name_in(cells: list[Cell]) -> str:
    """Who a notebook says that it is of: the name in `lab.me("…")` of its set-up cell.

    >>> name_in([Cell('lab.me("Ada@Example.org")  # me')])
    'ada@example.org'
    """
    for cell in cells:
        if cell.is_code and "lab.me(" in cell.source:
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                for call in filter(_is_lab_me, ast.walk(parsed(cell.source))):
                    return _named_by(call)
    return ""


def _is_lab_me(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "lab.me"


def _named_by(call: Any) -> str:
    """What stands in quotes in lab.me("…") or lab.me(name="…").

    >>> _named_by(ast.parse('lab.me(name="Ada")').body[0].value)
    'ada'
    """
    first = [*call.args, *(it.value for it in call.keywords if it.arg == "name")][:1]
    names = [getattr(it, "value", None) for it in first]
    return "".join(normal(it) for it in names if isinstance(it, str) and it.isprintable())


@dataclass
class Merged:
    """What is to be run and judged of one submission, and what is to be read.

    >>> Merged([], {"2.1": "Because."}).answers["2.1"]
    'Because.'
    """

    steps: list[Step]
    answers: dict[str, str]  # by exercise, and "2.written"; "" where nothing was written
    edited: list[str] = field(default_factory=list)  # exercises whose check line is another
    deleted: list[str] = field(default_factory=list)  # exercises whose check line is missing
    dropped: set[str] = field(default_factory=set)  # names that are bound in changed cells alone

    def dropped_in(self, number: str) -> list[str]:
        """The names that an exercise uses, and that were dropped with a change of our cells.

        >>> step = Step("my_x = help()", "9.1", is_students=True)
        >>> Merged([step], {}, dropped={"help"}).dropped_in("9.1")
        ['help']
        """
        own = (it.source for it in self.steps if it.is_students and it.exercise == number)
        return sorted(self.dropped.intersection(re.findall(r"\w+", "\n".join(own))))


def merged(lesson: Lesson, submitted: list[Cell]) -> Merged:
    """The original, with the student's cells in their places.

    >>> stub = Cell("def my_x(): ...", tags=frozenset({"stub"}), exercise="9.1")
    >>> lesson = Lesson("09", (Cell("x = 1"), stub, Cell('check("9.1", my_x)', exercise="9.1")))
    >>> answer = Cell("def my_x(): return 5", exercise="9.1")
    >>> handed_in = [Cell("x = 1"), Cell("x = 2"), answer]
    >>> [step.source for step in merged(lesson, handed_in).steps]
    ['x = 1', 'x = 2', 'def my_x(): return 5', 'check("9.1", my_x)']
    """
    placed = _Placed(lesson, submitted)
    steps: list[Step] = [_students(cell) for cell in placed.after[-1]]
    last_check = max(n for n, cell in enumerate(lesson.cells) if cell.is_check)
    for place, cell in enumerate(lesson.cells[: last_check + 1]):
        if cell.is_check:
            answers = placed.answers.get(cell.checks, ())
            steps += [Step(it.source, cell.checks, is_students=True) for it in answers]
            steps.append(Step(cell.source, cell.checks, cell.check_calls[0][1:], is_check=True))
        elif cell.is_code and not ("stub" in cell.tags and cell.exercise in placed.stubs_found):
            steps.append(Step(cell.source, cell.exercise))
        steps += [_students(it) for it in placed.after[place]]
    checks = {cell.checks: cell.check_calls[0] for cell in lesson.cells if cell.is_check}
    calls = {call for cell in submitted if cell.is_code for call in cell.check_calls}
    called = {number for number, *_ in calls}
    unread = {cell.checks for cell in submitted}  # a mistake may stand in the same cell
    return Merged(
        steps,
        _answers(lesson, submitted, placed),
        [it for it, original in checks.items() if it in called and original not in calls],
        [it for it in checks if it not in called | unread],
        placed.added_names.difference(*(_bound(it.source) for it in steps)),
    )


def _students(cell: Cell) -> Step:
    return Step(cell.source, cell.exercise or cell.checks, is_students=True)


class _Placed:
    """Where each code cell of a submission belongs in the original."""

    def __init__(self, lesson: Lesson, submitted: list[Cell]) -> None:
        self._cells = lesson.cells
        self._numbers = set(lesson.exercises)
        self.answers: dict[str, list[Cell]] = {}  # by exercise
        self.stubs_found: set[str] = set()
        self.added_names: set[str] = set()  # to our cells
        self.after: dict[int, list[Cell]] = {n: [] for n in range(-1, len(lesson.cells))}
        self._taken: set[int] = set()
        self._compared = count()
        place, loose = -1, list[Cell]()
        for cell in submitted:
            if not cell.is_code:
                place = self._same_text(cell, place)
                continue
            if not cell.source.strip():
                continue
            number = self._exercise(cell)
            if number and cell.is_check:
                self._check(number, loose)
                place, loose = self._place_of_check(number), []
            elif number:
                self.answers.setdefault(number, []).append(cell)
                self.stubs_found.add(number) if cell.exercise == number else None
                loose = []
            elif (found := self._original(cell)) is not None:
                place, loose = max(place, found), []
            else:
                self.after[place].append(cell)
                loose.append(cell)

    def _exercise(self, cell: Cell) -> str:
        number = cell.exercise if cell.exercise in self._numbers else cell.checks
        return number if number in self._numbers else ""

    def _check(self, number: str, loose: list[Cell]) -> None:
        """A check line. If the metadata is lost, the cells above it are the answer."""
        moved = {id(it) for it in loose}
        for cells in self.after.values():
            cells[:] = [it for it in cells if id(it) not in moved]
        self.answers.setdefault(number, []).extend(loose)

    def _place_of_check(self, number: str) -> int:
        return next(n for n, it in enumerate(self._cells) if it.is_check and it.checks == number)

    def _original(self, cell: Cell) -> int | None:
        """The original cell that this one is, perhaps edited: then the original counts."""
        candidates = [n for n, it in enumerate(self._cells) if it.is_code and n not in self._taken]
        for is_it in (_is_same, _has_its_id, partial(_is_alike, self._compared)):
            for n in candidates:
                if is_it(self._cells[n], cell):
                    self._taken.add(n)
                    self.added_names |= _bound(cell.source) - _bound(self._cells[n].source)
                    return n
        return None

    def _same_text(self, cell: Cell, place: int) -> int:
        """Texts are not taken over, but they tell where the student's next cell stands."""
        for n in range(place + 1, len(self._cells)):
            if not self._cells[n].is_code and self._cells[n].source == cell.source:
                return n
        return place


def _bound(source: str) -> set[str]:
    """The names that a cell defines, assigns or imports."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        symbols = symtable.symtable(source, "cell", "exec").get_symbols()
        return {it.get_name() for it in symbols if it.is_assigned() or it.is_imported()}
    return set()


def _is_same(original: Cell, cell: Cell) -> bool:
    return original.source.strip() == cell.source.strip()


def _has_its_id(original: Cell, cell: Cell) -> bool:
    return original.id == cell.id != "" and _is_ours(original)


def _is_alike(compared: Iterator[int], original: Cell, cell: Cell) -> bool:
    lengths = sorted(len(it.source) for it in (original, cell))
    if not _is_ours(original) or len(original.source) < LONG:
        return False
    if 2 * lengths[0] < ALIKE * sum(lengths):  # no ratio can reach it
        return False
    matcher = difflib.SequenceMatcher(None, original.source, cell.source, autojunk=False)
    if matcher.quick_ratio() < ALIKE or next(compared) >= MOST_COMPARED:
        return False
    return matcher.ratio() >= ALIKE


def _is_ours(original: Cell) -> bool:
    """Whether a student was not asked to change this cell."""
    return not original.is_check and "stub" not in original.tags


# What is to be read.


def only(lessons: list[Lesson], numbers: Collection[str]) -> list[Lesson]:
    """The lessons for tables with these exercises alone; one that has none of them as it is.

    Raises:
        FormatError: no lesson has one of these numbers.

    >>> lessons = [Lesson("09", (Cell('check("9.1", my_x)'), Cell('check("9.2", my_y)')))]
    >>> only(lessons, ["9.2"])[0].exercises, only(lessons, [])[0].exercises
    (['9.2'], ['9.1', '9.2'])
    """
    all_of = [{*it.exercises} for it in lessons]
    if unknown := {*numbers}.difference(*all_of):
        raise FormatError(f"--exercises: there is no exercise {', '.join(sorted(unknown))}")
    left_out = [it - {*numbers} if it & {*numbers} else set() for it in all_of]
    return [
        replace(one, cells=tuple(it for it in one.cells if not {it.checks, it.exercise} & out))
        for one, out in zip(lessons, left_out, strict=True)
    ]


def questions(lesson: Lesson) -> dict[str, str]:
    """What is asked in words: one sentence for an exercise, and the answer of one's own.

    >>> stub = Cell("...\\n\\n# In one sentence: Why\\n# not?\\n#", exercise="9.1")
    >>> questions(Lesson("09", (stub,)))
    {'9.1': 'Why not?'}
    """
    asked, text = {}, ""
    for cell in lesson.cells:
        if cell.is_code and SENTENCE in cell.source:
            lines = cell.source.partition(SENTENCE)[2].splitlines()
            words = [lines[0], *(it.removeprefix("#") for it in lines[1:])]
            asked[cell.exercise] = " ".join(" ".join(words).split())
        if "answer" in cell.tags:
            asked[cell.exercise] = _last_paragraphs(text)
        text = cell.source if not cell.is_code else text
    return asked


def _last_paragraphs(text: str) -> str:
    return " ".join(line for line in text.splitlines() if line and not line.startswith("#"))


def _answers(lesson: Lesson, submitted: list[Cell], placed: _Placed) -> dict[str, str]:
    """What each student has added in words to an exercise, wherever it stands there."""
    asked = questions(lesson)
    said: dict[str, list[str]] = {number: [] for number in asked}
    ours = {LINK.sub(r"\1", it) for cell in lesson.cells for it in _ours(cell)}
    homes = _homes(lesson)
    answers = {id(it): number for number, cells in placed.answers.items() for it in cells}
    added = {id(it) for cells in placed.after.values() for it in cells}
    number = ""
    for cell in submitted:
        known = homes.get(cell.id) or homes.get(cell.source.strip())
        number = answers.get(id(cell)) or cell.exercise or cell.checks or known or number
        is_students = id(cell) in answers or id(cell) in added or cell.is_check
        is_students |= not cell.is_code and not cell.source.startswith(HAND_IN)
        if number in asked and is_students:
            said[number].append(_added(cell, ours, asked[number]))
    return {number: "\n\n".join(filter(None, them)) for number, them in said.items()}


def _homes(lesson: Lesson) -> dict[str, str]:
    """The exercise of each of our cells, by its id and by its text: metadata can be lost."""
    homes = dict[str, str]()
    for cell, after in zip(lesson.cells, (*lesson.cells[1:], Cell("")), strict=True):
        # The question for one's own words stands above the cell for them.
        number = after.exercise if "answer" in after.tags else cell.exercise
        homes |= dict.fromkeys((cell.id, cell.source.strip()), number)
    return {key: number for key, number in homes.items() if key not in ("", NO_ANSWER)}


def _ours(cell: Cell) -> list[str]:
    """All lines, comments and strings of our cell, but for its question."""
    lines = [it.strip(" #") for it in cell.source.partition(SENTENCE)[0].splitlines()]
    return [*lines, *_pieces(replace(cell, source=cell.source.partition(SENTENCE)[0]))]


def _added(cell: Cell, ours: set[str], question: str) -> str:
    r"""What is in words in this cell, and neither ours nor the question.

    >>> _added(Cell("x = 1  # one\n# In one sentence: Why?\n\n# So."), {"one"}, "Why?")
    'So.'
    >>> _added(Cell("Because it is", is_code=False), set(), "Why?")
    'Because it is'
    """
    found = [it for it in _pieces(cell) if not it or LINK.sub(r"\1", it) not in ours]
    if not cell.is_code:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(found).replace(NO_ANSWER, "").strip())
    words = " ".join(" ".join(found).split()).replace(question, "")
    return " ".join(words.replace(SENTENCE.strip("# "), "").split())


def _pieces(cell: Cell) -> list[str]:
    r"""The comments of code, and its strings that stand alone or have several words; or all lines.

    >>> _pieces(Cell('"So."\nx = y["key"], "no key"  # one')), _pieces(Cell("It is"))
    (['one', 'So.', 'no key'], ['It is'])
    """
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        if cell.is_code:
            nodes = [*ast.walk(parsed(cell.source))]
            tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
            comments = [it.string.strip("# ") for it in tokens if it.type == tokenize.COMMENT]
            alone = [it.value for it in nodes if isinstance(it, ast.Expr)]
            values = [(it.value, it in alone) for it in nodes if isinstance(it, ast.Constant)]
            said = [
                it for it, is_alone in values if isinstance(it, str) and (is_alone or " " in it)
            ]
            return [*comments, *said]
    return [it.strip(" #") if cell.is_code else it.rstrip() for it in cell.source.splitlines()]
