"""The course's settings for nbgrader 0.9: our judge runs the notebooks, in its sandbox.

nbgrader itself runs a notebook in one kernel, and gives a test cell all its points unless it
raises. A cell of a student can see to that. So nothing here is executed by nbgrader: the verdicts
of `securedata grade` become the outputs of the test cells.
"""

from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    IncludeHeaderFooter,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)

from securedata_classroom.grading import ClassList, graded
from securedata_classroom.lessons import lessons_in, merged
from securedata_classroom.notebook import Cell, cells_of
from securedata_classroom.sandbox import Sandbox
from securedata_classroom.submissions import BESIDE, Submission

COURSE = Path(__file__).parent
CLASS_LIST = COURSE / "class.csv"  # docs/teaching/grading.md


class Names(NbGraderPreprocessor):
    """Gives a notebook the cells of exercises that the course has: each once, and no others.

    nbgrader ends with a KeyError at a cell that was deleted, or that is of another version. A
    notebook of `make student` has no names at all, and some editors lose all metadata.
    """

    def preprocess(self, nb, resources):
        """The notebook with nbgrader's metadata as in the course. What is missing is put back."""
        names = resources["nbgrader"]
        path = COURSE / "source" / names["assignment"] / f"{names['notebook']}.ipynb"
        course = nbformat.read(path, 4).cells
        ours = {grade_id: it for it in course if (grade_id := _name(it))}
        found, strange = {}, []
        for cell in reversed(nb.cells):  # of a cell that was split or copied, the last part counts
            name = _name(cell)
            cell.metadata.pop("nbgrader", None)
            if name in ours and name not in found:
                cell.metadata.nbgrader = ours[name].metadata.nbgrader
                found[name] = cell
            elif name and name not in found:
                strange.insert(0, name)
        missing = [name for name in ours if name not in found]
        _put_back(nb, found, course, path)
        where = f"{names['student']}, {names['notebook']}.ipynb"
        if missing:
            self.log.warning("%s: put back, since it was missing: %s", where, ", ".join(missing))
        if strange:
            self.log.warning("%s: this course has no such cell: %s", where, ", ".join(strange))
        return nb, resources


def _name(cell):
    """The name that nbgrader, or else the kit, gave to a cell of an exercise."""
    if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
        return name
    exercise = cell.metadata.get("securedata", {}).get("exercise", "").replace(".", "-")
    for kind in ("answer", "stub"):
        if exercise and kind in cell.metadata.get("tags", []):
            return f"{kind}-{exercise}"
    code = Cell(cell.source, cell.cell_type == "code")
    return f"check-{code.checks.replace('.', '-')}" if code.is_check else ""


def _put_back(nb, found, course, path):
    """Put each missing cell behind the cell that is in front of it in the course."""
    answers = _written(nb, path)
    for place, original in enumerate(course):
        name = _name(original)
        if not name or name in found:
            continue
        cell = found[name] = nbformat.from_dict(original)
        if name.startswith("stub-"):
            cell.source = ""  # the answer may be in another cell, which this must not replace
        cell.source = answers.get(name) or cell.source
        cell.pop("id", None)  # format 4.4 has none
        if nb.nbformat_minor >= 5:
            cell.id = name
        nb.cells.insert(_behind(nb, found, course[:place]), cell)


def _behind(nb, found, before):
    for original in reversed(before):
        ours = found.get(_name(original))
        for place, cell in enumerate(nb.cells, start=1):
            if cell is ours or (ours is None and cell.source == original.source):
                return place
    return 0


def _written(nb, path):
    """What stands in the place of the answer in one's own words, by the name of its cell."""
    lesson = lessons_in(path.parent)[0]
    answers = merged(lesson, cells_of(nbformat.writes(nb).encode())).answers
    return {f"answer-{number.replace('.', '-')}": text for number, text in answers.items()}


class Judge(NbGraderPreprocessor):
    """Judges a notebook, and writes the verdict below each check line."""

    def preprocess(self, nb, resources):
        """The notebook with an error below each check line that has not earned its point."""
        names = resources["nbgrader"]
        name = f"{names['notebook']}.ipynb"
        beside = _beside(COURSE / "submitted" / names["student"] / names["assignment"])
        content = nbformat.writes(nb).encode()
        submission = Submission(names["student"], name, content, beside=beside)
        lessons = lessons_in(COURSE / "source" / names["assignment"])
        known = (
            ClassList.read(CLASS_LIST.read_text("utf-8")) if CLASS_LIST.exists() else ClassList()
        )
        result = graded(submission, lessons, Sandbox(), known)
        by_id = {f"check-{it.exercise.replace('.', '-')}": it for it in result.verdicts}
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if grade_id.startswith("check-"):
                cell.execution_count = None
                cell.outputs = [_output(by_id.get(grade_id) or result.verdicts[0])]
        marks = [f"{it.exercise}: {mark}" for it in result.verdicts for mark in it.marks]
        for mark in (*result.marks, *marks):
            self.log.warning("%s, %s: %s", names["student"], name, mark)  # not for the student
        return nb, resources


def _beside(folder):
    """The small files that were handed in with a notebook. A link may lead to yours."""
    files = [it for it in folder.iterdir() if it.is_file() and not it.is_symlink()]
    return {it.name: it.read_bytes() for it in files if it.suffix in BESIDE}


def _output(verdict):
    line = f"{verdict.exercise} {': '.join(filter(None, (verdict.state, verdict.words)))}"
    if verdict.points:
        return nbformat.v4.new_output("stream", name="stdout", text=line)
    return nbformat.v4.new_output("error", ename=verdict.state, evalue=line, traceback=[line])


c = get_config()  # noqa: F821  # nbgrader's
c.CourseDirectory.course_id = "securedata"
# Without ClearSolutions: it would replace each stub by one of nbgrader's. There are no solutions.
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    LockCells,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ComputeChecksums,
    CheckCellMetadata,
]
c.Autograde.sanitize_preprocessors = [
    Names,
    ClearOutput,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
# Without ClearMetadataPreprocessor: our judge and the feedback need the cells' metadata.
c.Autograde.autograde_preprocessors = [
    Judge,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
