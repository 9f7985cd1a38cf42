"""A class graded in parts, on several machines: which hand-ins a part has, and the parts joined.

The file of a part holds all that was found out, so the joined tables are those of one run.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from securedata.errors import FormatError
from securedata_classroom.grading import Graded, Verdict
from securedata_classroom.submissions import Submission


def chosen(submissions: Sequence[Submission], part: str) -> list[Submission]:
    """The hand-ins of a part: every eighth student's, with all their tries.

    Raises:
        FormatError: `part` is not like 3/8.

    >>> [it.student for it in chosen([Submission(it, "") for it in "abcde"], "2/3")]
    ['b', 'e']
    """
    number, _, of = (part.rpartition("/")) if part.isascii() else ("", "", "")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise FormatError(f"--part {part}: write a part and how many there are, such as 3/8")
    students = {*sorted({it.student for it in submissions})[int(number) - 1 :: int(of)]}
    return [it for it in submissions if it.student in students]


def to_json(part: str, about: dict[str, Any], grades: Sequence[Graded]) -> str:
    """The file of a part. `about` is the same in all parts: how many hand-ins, which options."""
    return json.dumps({"part": part, "about": about, "grades": [asdict(it) for it in grades]})


def joined(folder: Path) -> tuple[dict[str, Any], list[Graded]]:
    """What was said about all parts, and what they found, from their files in a folder.

    Raises:
        FormatError: a part is missing, there twice, damaged, or of another class.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = to_json("1/1", {"best": False}, [Graded("ada", "02", "a.ipynb")])
    ...     _ = Path(folder, "g-part-1-of-1.json").write_text(text)
    ...     joined(Path(folder))[1][0].student
    'ada'
    """
    found = [_read(path) for path in sorted(folder.glob("*-part-*.json"))]
    if not found:
        raise FormatError(f"{folder}: there is no file of a part in it (…-part-1-of-8.json)")
    about, times = found[0]["about"], Counter(it["part"] for it in found)
    of = int(found[0]["part"].partition("/")[2])
    parts = [f"{it}/{of}" for it in range(1, of + 1)]
    strange = [it["part"] for it in found if it["part"] not in parts or it["about"] != about]
    wrong = [
        *(f"part {it} is missing" for it in parts if it not in times),
        *(f"part {it} is there {count} times" for it, count in times.items() if count > 1),
        *(f"part {it} is of another class, or had other options" for it in strange),
    ]
    if wrong:
        raise FormatError(f"{folder}: {', '.join(wrong)}")
    return about, [graded for it in found for graded in it["grades"]]


def _read(path: Path) -> dict[str, Any]:
    try:
        one: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return one | {"grades": [_graded(**it) for it in one["grades"]]}
    except (ValueError, TypeError, KeyError, OSError):
        raise FormatError(f"{path}: it is damaged, or no part: grade this part again") from None


def _graded(verdicts: list[dict[str, Any]], **facts: Any) -> Graded:
    """JSON has lists for tuples."""
    made = (Verdict(**it | {"marks": tuple(it["marks"])}) for it in verdicts)
    tuples = {it: tuple(facts[it]) for it in ("marks", "when")}
    return Graded(verdicts=tuple(made), **facts | tuples)
