"""What a class answered: from a learning platform's CSV, or from the files of the notebook.

A cell of a CSV counts if it holds one of the inventory's answers, whatever its column is called. So
the platform, its language and the order of the questions do not matter.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from securedata.errors import FormatError
from securedata_classroom.questions import Answer, Question
from securedata_lab.judging.questionnaire import LETTERS

Answered = dict[str, Answer]  # by the question's name
Given = tuple[str, Answered, str]  # by this student, and where it stands
NOT_ANSWERED = {"", "-"}  # Moodle writes the second
DELIMITERS = ",;\t"  # some spreadsheets save the others
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# Moodle's name for the folder, or the file, that a student hands in.
MOODLE = re.compile(r"(.+)_\d+_assignsubmission_file")


def read_class(source: Path, when: str, questions: list[Question]) -> dict[str, Answered]:
    r"""The answers of each student who answered something, by name or e-mail address.

    The source is a CSV file, or a folder with the files `answers-WHEN.json` of the students.

    Raises:
        FormatError: the source cannot be read, or a line is not as it must be.

    >>> import tempfile
    >>> answers = Answer("four", False), Answer("eight", True)
    >>> source = Path(tempfile.mkdtemp()) / "before.csv"
    >>> _ = source.write_text("Name,Response 1\nAda,eight\n")
    >>> read_class(source, "before", [Question("1", "How many bits?", answers, "Bytes")])
    {'Ada': {'1': Answer(text='eight', is_right=True, why='')}}
    """
    if source.is_dir():
        return _by_student(_read_folder(source, when, questions))
    return _by_student(_read_csv(source, questions))


def _by_student(given: Iterator[Given]) -> dict[str, Answered]:
    found, places = dict[str, Answered](), dict[str, str]()
    for student, answered, place in given:
        name = _name(student)
        if name in found:
            raise FormatError(
                f"{place}: {student} is there twice, also in {places[name]}: keep one attempt of "
                "each student"
            )
        found[name], places[name] = answered, place
    return found


def _name(student: str) -> str:
    """The same for two ways of writing: capitals in an address, and macOS's ü of two characters."""
    name = unicodedata.normalize("NFC", student)
    return name.casefold() if EMAIL.fullmatch(name) else name


# A platform's CSV


def _read_csv(source: Path, questions: list[Question]) -> Iterator[Given]:
    known = {_bare(it.text): (asked.name, it) for asked in questions for it in asked.answers}
    titles, *lines = _lines(source)
    columns = {
        column: title
        for column, title in enumerate(titles[1])
        if any(_bare(cells[column]) in known for _, cells in lines)
    }
    if not columns:
        raise FormatError(
            f"{source}: no cell is an answer of the inventory: download the report that shows what "
            "each student answered"
        )
    for place, cells in lines:
        given = {title: cells[column] for column, title in columns.items()}
        if answered := _answered(given, known, place):
            yield next(filter(EMAIL.fullmatch, cells), cells[0]), answered, place


def _answered(given: dict[str, str], known: dict[str, tuple[str, Answer]], place: str) -> Answered:
    """The answers of one line, from its cells by their column's title."""
    answered = Answered()
    for title, cell in given.items():
        if cell.strip() in NOT_ANSWERED:
            continue
        if _bare(cell) not in known:
            raise FormatError(
                f'{place}: "{cell[:40]}" in the column "{title}" is no answer of the inventory'
            )
        question, answer = known[_bare(cell)]
        if question in answered:
            raise FormatError(
                f"{place}: question {question} is answered twice: leave the right answers out of "
                "the download"
            )
        answered[question] = answer
    return answered


def _lines(source: Path) -> Iterator[tuple[str, list[str]]]:
    """The cells of each line that is not empty, and where it is. All have as many as the first."""
    text = _text(source)
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins, expected = 1, 0
    try:
        for cells in table:
            place, begins = f"{source}, line {begins}", table.line_num + 1
            expected = expected or len(cells)
            if len(cells) not in (0, expected):
                raise FormatError(
                    f"{place}: {len(cells)} cells, and {expected} in the first line: is a comma or "
                    "a quotation mark missing?"
                )
            if cells:
                yield place, cells
    except csv.Error as error:
        raise FormatError(f"{source}, line {begins}: this is no CSV: {error}") from None
    if not expected:
        raise FormatError(f"{source}: the file is empty")


def _text(source: Path) -> str:
    try:
        content = source.read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise FormatError(f"{source}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FormatError(f"{source}, line {line}: not UTF-8: save the file as CSV UTF-8") from None


def _bare(text: str) -> str:
    """Letters and digits alone: platforms change spaces, quotation marks and code marks."""
    return re.sub(r"[\W_]", "", text.casefold())


# The files of the notebook


def _read_folder(folder: Path, when: str, questions: list[Question]) -> Iterator[Given]:
    is_empty = True
    for file in sorted(folder.rglob(f"*answers-{when}*.json")):
        if _is_left_behind(file.relative_to(folder)):
            continue
        if answered := _from_letters(file, questions):
            is_empty = False
            yield _student(file, folder, when), answered, str(file)
    if is_empty:
        raise FormatError(f"{folder}: no file answers-{when}.json with an answer is in this folder")


def _is_left_behind(file: Path) -> bool:
    """A file that Jupyter or macOS made beside the student's."""
    return any(part.startswith(".") or part == "__MACOSX" for part in file.parts)


def _student(file: Path, folder: Path, when: str) -> str:
    """Who handed in a file: its folder's name says it, or else its own."""
    first, *others = file.relative_to(folder).parts
    if moodle := MOODLE.match(first):
        return moodle[1]
    student = first if others else file.stem.partition(f"answers-{when}")[0].rstrip(" _-")
    if not student:
        raise FormatError(f"{file}: whose is it? Put it into a folder with the student's name")
    return student


def _from_letters(file: Path, questions: list[Question]) -> Answered:
    by_name = {
        question.name: dict(zip(LETTERS, question.answers, strict=True)) for question in questions
    }
    try:
        letters = json.loads(file.read_bytes()).items()
        return {name: by_name[name][letter] for name, letter in letters}
    except OSError as error:
        raise FormatError(f"{file}: {error.strerror}") from None
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise FormatError(f"{file}: the notebook did not write this: ask for it again") from None
