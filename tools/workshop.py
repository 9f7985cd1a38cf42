"""The notebooks' workshop: `make refresh` executes, `make notebooks` cuts what is worked in.

The masters are 00 and notebooks/solutions/: executed, with outputs, every exercise solved. What is
stored in them is the regression test, so review the diff. The notebooks to work in, and to show to
a hall, are cut out of them: without the cells tagged `solution`, without model answers, and without
outputs, which would give predictions away. Both embed the drawings.
"""

import base64
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from drawings import DRAWINGS, width
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_CELL_METADATA = ("cellView", "jupyter", "securedata", "slideshow", "tags")
TEACHING = ROOT / "docs" / "teaching"
# In the cell tagged `answer`. Who reads answers by machine takes exactly this for no answer.
NO_ANSWER = "*Write your answer here.*"
DRAWING = re.compile(r'<img\b[^>]*\bdata-drawing="([^"]+)"[^>]*>')
UNCOUNTED_CODE = {"setup", "server", "results", "stop"}


def masters() -> list[Path]:
    """The notebooks that are executed and committed with outputs."""
    return sorted([*NOTEBOOKS.glob("00_*.ipynb"), *SOLUTIONS.glob("*.ipynb")])


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take away what depends on who executed it, and number the cells. The edition stays."""
    notebook.metadata = nbformat.from_dict(
        METADATA | {key: it for key, it in notebook.metadata.items() if key == "securedata"}
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        )
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """What was printed comes in pieces that depend on the clock: make one of them."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output.get("name") == joined[-1].get("name") == "stdout":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def cut(solution: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook to work in: stubs instead of solutions, no outputs, one folder further up."""
    student = nbformat.from_dict(solution)
    student.cells = [
        cell for cell in student.cells if "solution" not in cell.metadata.get("tags", [])
    ]
    for cell in student.cells:
        if cell.cell_type == "markdown":
            is_answer = "answer" in cell.metadata.get("tags", [])
            cell.source = NO_ANSWER if is_answer else drawn(one_folder_up(cell.source))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return tidy(student)


def one_folder_up(markdown: str) -> str:
    """The text as it must be in notebooks/: its relative links and its own address on Colab."""
    relative = re.sub(r'(\]\(|(?:href|src)=")\.\./', r"\1", markdown)
    return relative.replace("/notebooks/solutions/", "/notebooks/")


def drawn(markdown: str) -> str:
    """The text with every `<img data-drawing="NAME">` filled from notebooks/drawings/NAME.png."""

    def filled(tag: re.Match[str]) -> str:
        picture = DRAWINGS / f"{tag[1]}.png"
        png = base64.b64encode(picture.read_bytes()).decode("ascii")
        shown = f'width="{width(picture)}" src="data:image/png;base64,{png}"'
        return re.sub(r'(?:\bwidth="\d+" )?\bsrc="[^"]*"', shown, tag[0])

    return DRAWING.sub(filled, markdown)


def draw(path: Path) -> None:
    """Embed the drawings of one master anew."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = drawn(cell.source)
    nbformat.write(notebook, path)


@dataclass(frozen=True)
class Act:
    """One row of a run sheet: when it begins, as 0:09, its sections, what to do and to ask."""

    clock: str
    minutes: float
    sections: list[str]
    to_do: str
    question: str

    def has(self, title: str) -> bool:
        """Whether the row is about the section with this title. "Exercise 1.1" is enough."""
        return any(title.lower().startswith(name.lower()) for name in self.sections)


def run_sheet(lesson: Path) -> list[Act]:
    """The run sheet of the lecturer's page about a lesson."""
    page = (TEACHING / f"{lesson.stem}.md").read_text("utf-8")
    rows = page.partition("\n## Run sheet")[2].partition("\n## ")[0]
    acts = []
    for row in re.findall(r"^\| *(\d.*)\|$", rows, re.MULTILINE):
        cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row)]
        clock, minutes, names, to_do, question, *_ = [*cells, "", ""]
        # "Exercises 1.1 and 1.2" are two sections.
        exercises = [f"Exercise {number}" for number in re.findall(r"\d\.\d+", names)]
        acts.append(Act(clock, float(minutes), exercises or names.split("; "), to_do, question))
    return acts


def refresh(path: Path) -> None:
    """Execute one master in a fresh kernel, and write it back."""
    os.environ["SECUREDATA_RESULTS"] = "off"  # what was solved once must not stand in an output
    os.environ["SECUREDATA_SECRETS"] = "same"  # and what is stolen must stand in it
    for name in ("my_vault.py", "my_store.py"):  # nor what an earlier run had fixed
        (SOLUTIONS / name).unlink(missing_ok=True)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=120, record_timing=False).execute(
        cwd=path.parent
    )
    nbformat.write(tidy(notebook), path)


def write(path: Path, text: str) -> Path:
    """Write a text file, and return its path."""
    path.write_text(text, encoding="utf-8")
    return path


def write_students() -> None:
    """Cut every notebook to work in out of its solution."""
    for path in sorted(SOLUTIONS.glob("*.ipynb")):
        nbformat.write(cut(nbformat.read(path, as_version=4)), NOTEBOOKS / path.name)


def main(command: str) -> None:
    """`refresh`: execute all masters and cut; `cut`: only cut."""
    for path in masters():
        draw(path)
        if command == "refresh":
            print(path.name)
            refresh(path)
    write_students()


if __name__ == "__main__":
    main(sys.argv[1])
