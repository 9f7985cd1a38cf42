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

from securedata.classroom.grading import ClassList, graded
from securedata.classroom.lessons import lessons_in
from securedata.classroom.sandbox import Sandbox
from securedata.classroom.submissions import BESIDE, Submission

COURSE = Path(__file__).parent
CLASS_LIST = COURSE / "class.csv"  # docs/teaching/grading.md


class Names(NbGraderPreprocessor):
    """Gives a notebook the cells of exercises that the course has: each once, and no others.

    nbgrader ends with a KeyError at a cell that was deleted, or that is of another version. A
    notebook of `make student` has no names at all.
    """

    def preprocess(self, nb, resources):
        """The notebook with nbgrader's metadata as in the course. What is missing is put back."""
        names = resources["nbgrader"]
        path = COURSE / "source" / names["assignment"] / f"{names['notebook']}.ipynb"
        ours = {grade_id: it for it in nbformat.read(path, 4).cells if (grade_id := _name(it))}
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
        _put_back(nb, {name: found.get(name) for name in ours}, ours)
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
    return f"check-{exercise}" if exercise and cell.source.startswith("check(") else ""


def _put_back(nb, found, ours):
    """Put each missing cell behind the one that is in front of it in the course."""
    place = 0
    for name, cell in found.items():
        if cell is None:
            cell = nbformat.from_dict(ours[name])
            if name.startswith("stub-"):
                cell.source = ""  # the answer may be in another cell, which this must not replace
            cell.id = name
            nb.cells.insert(place, cell)
        place = next(n for n, it in enumerate(nb.cells) if it is cell) + 1


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
        result = graded(submission, lessons, Sandbox(), _class_list())
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


def _class_list():
    return ClassList.read(CLASS_LIST.read_text("utf-8")) if CLASS_LIST.exists() else ClassList()


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
