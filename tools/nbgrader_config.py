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
    DeduplicateIds,
    IncludeHeaderFooter,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)

from securedata.classroom.grading import graded
from securedata.classroom.lessons import lessons_in
from securedata.classroom.sandbox import Sandbox
from securedata.classroom.submissions import Submission

COURSE = Path(__file__).parent


class Names(NbGraderPreprocessor):
    """Names the cells of a notebook that does not come from release/, but from `make student`."""

    def preprocess(self, nb, resources):
        """The notebook with nbgrader's metadata in the cells that the course has, too."""
        if any("nbgrader" in cell.metadata for cell in nb.cells):
            return nb, resources
        names = resources["nbgrader"]
        path = COURSE / "source" / names["assignment"] / f"{names['notebook']}.ipynb"
        named = [it for it in nbformat.read(path, 4).cells if "nbgrader" in it.metadata]
        ours = {_place(cell): cell.metadata.nbgrader for cell in named}
        for cell in nb.cells:
            if _place(cell) in ours:
                cell.metadata.nbgrader = ours.pop(_place(cell))
        return nb, resources


def _place(cell):
    """What finds a cell again, after a student has worked in it."""
    exercise = cell.metadata.get("securedata", {}).get("exercise")
    kinds = {"answer", "stub"} & set(cell.metadata.get("tags", []))
    if exercise and (kinds or cell.source.startswith("check(")):
        return exercise, "".join(kinds) or "check"
    return cell.cell_type, cell.source


class Copies(NbGraderPreprocessor):
    """Takes nbgrader's name off a cell that a student has split or copied."""

    def preprocess_cell(self, cell, resources, cell_index):
        """The cell; DeduplicateIds leaves empty metadata in all but one of two."""
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


class Judge(NbGraderPreprocessor):
    """Judges a notebook, and writes the verdict below each check line."""

    def preprocess(self, nb, resources):
        """The notebook with an error below each check line that has not earned its point."""
        names = resources["nbgrader"]
        name = f"{names['notebook']}.ipynb"
        submission = Submission(names["student"], name, nbformat.writes(nb).encode())
        result = graded(submission, lessons_in(COURSE / "source" / names["assignment"]), Sandbox())
        by_id = {f"check-{it.exercise.replace('.', '-')}": it for it in result.verdicts}
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if grade_id.startswith("check-"):
                cell.execution_count = None
                cell.outputs = [_output(by_id.get(grade_id) or result.verdicts[0])]
        for mark in (*result.marks, *(mark for it in result.verdicts for mark in it.marks)):
            self.log.warning("%s, %s: %s", names["student"], name, mark)  # not for the student
        return nb, resources


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
    DeduplicateIds,
    Copies,
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
c.OverwriteCells.add_missing_cells = True  # a check line that was deleted comes back
