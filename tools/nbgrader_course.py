"""`make nbgrader`: a course for nbgrader, in build/nbgrader/.

The notebooks are the student notebooks. Each stub becomes a solution cell, each check line a test
cell of one point, and the answer in one's own words a cell that is graded by hand. All other cells
are left to the students: the judge takes the original's. tools/nbgrader_config.py has the rest. A
course that a class has begun is not deleted.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

import nbformat
from handout import ROOT, SOLUTION

CONFIG = ROOT / "tools" / "nbgrader_config.py"
NEXT = """In {folder}, with nbgrader and the kit in one environment:
  nbgrader generate_assignment {first}  # students get release/{first}/, and no other notebook
  nbgrader autograde {first}            # the notebooks in submitted/STUDENT/{first}/
  nbgrader generate_feedback {first}
  nbgrader export"""


def marked(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with nbgrader's metadata in the cells of exercises."""
    for cell in notebook.cells:
        exercise = cell.metadata.get("securedata", {}).get("exercise", "").replace(".", "-")
        tags = cell.metadata.get("tags", [])
        if "answer" in tags:
            cell.metadata.nbgrader = _metadata(f"answer-{exercise}", grade=True, solution=True)
        elif "stub" in tags:
            cell.metadata.nbgrader = _metadata(f"stub-{exercise}", solution=True)
        elif cell.source.startswith("check("):
            cell.metadata.nbgrader = _metadata(f"check-{exercise}", grade=True, locked=True)
    return notebook


def _metadata(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False
) -> dict[str, Any]:
    """What nbgrader wants of a cell: an id without dots, and the fields of schema version 3."""
    fields: dict[str, Any] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return fields | ({"points": 1} if grade else {})


def write_course(folder: Path, *, solutions: bool = True) -> list[str]:
    """Write a new course into this folder, and return the names of its assignments.

    Without `solutions`, the folded ones are cut out of the notebooks.
    """
    if (folder / "gradebook.db").exists() or any(folder.glob("submitted/*")):
        raise SystemExit(
            f"{folder} has a gradebook or submitted notebooks, and this command would delete them. "
            "Move it away, then run this again."
        )
    shutil.rmtree(folder, ignore_errors=True)
    names = []
    for path in sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb")):
        notebook = marked(nbformat.read(path, as_version=4))
        for cell in notebook.cells:
            cell.source = cell.source if solutions else SOLUTION.sub("\n", cell.source)
        source = folder / "source" / path.stem
        source.mkdir(parents=True)
        nbformat.write(notebook, source / path.name)
        names.append(path.stem)
    (folder / "submitted").mkdir()
    shutil.copy(CONFIG, folder)
    return names


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "nbgrader")
    parser.add_argument("--solutions", choices=["yes", "no"], default="yes")
    given = parser.parse_args()
    assignments = write_course(given.folder, solutions=given.solutions == "yes")
    print(NEXT.format(folder=given.folder, first=assignments[0]))
