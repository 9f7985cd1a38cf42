"""`make quizzes`: the questions of docs/teaching, for Moodle (GIFT) and for Canvas (QTI 1.2).

The files go into build/quizzes/. They hold the keys, so they are for lecturers. The students'
notebooks with the inventory, in notebooks/inventory/, are written anew, without a key.
"""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from workshop import METADATA, NOTEBOOKS, ROOT, TEACHING, tidy

from securedata_classroom.gift import gift
from securedata_classroom.qti import qti_package
from securedata_classroom.questions import Question, read_questions
from securedata_lab.judging.questionnaire import LETTERS

QUIZZES = ROOT / "build" / "quizzes"
LICENCE = ROOT / "LICENSE-CC-BY-4.0.txt"
SOURCE = "// From securedata-kit, by its contributors, CC BY 4.0"  # a comment, which Moodle skips
INVENTORY = TEACHING / "inventory.md"
# Two notebooks: so nobody sees the first answers the second time, or hands them in again.
STUDENTS = {
    when: NOTEBOOKS / "inventory" / f"inventory_{number}_{when}.ipynb"
    for number, when in enumerate(("before", "after"), start=1)
}
BEGIN = """# What do you know {} the course?

Fifteen questions on how data is protected. You answer them before the course, and once more after
it. They are not graded: they show what the course taught. Do not look anything up. Eve is the
attacker: she has what the question says, and no more.

1. Run the first two cells.
2. Below each question, write the letter of one answer between the quotes, and run the cell with
   Shift + Enter. If you do not know, take the answer that you find most likely.
3. The last cell says which file to hand in."""
START = 'mine = lab.Questionnaire("{}", {})'
END = """## Hand in

The file stands beside this notebook."""


def quizzes() -> dict[str, list[Question]]:
    """The inventory and the quiz of each lesson, by the name of the file that they become."""
    pages = {page.stem: read_questions(page) for page in sorted(TEACHING.glob("0*.md"))}
    inventory = [question.without_reasons() for question in read_questions(INVENTORY)]
    return {"inventory": inventory, **pages}


def write_quizzes(folder: Path, chosen: dict[str, list[Question]]) -> list[Path]:
    """Two files for each quiz, and the licence. The files of the quizzes."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(LICENCE, folder)
    for title, questions in chosen.items():
        text = f"{SOURCE}\n\n{gift(title, questions)}"
        (folder / f"{title}.gift.txt").write_text(text, encoding="utf-8")
        (folder / f"{title}.qti.zip").write_bytes(qti_package(title, questions))
    return [folder / f"{title}{end}" for title in chosen for end in (".gift.txt", ".qti.zip")]


def notebook(questions: list[Question], when: str) -> nbformat.NotebookNode:
    """The inventory to answer: no key, and no concept, which would be a hint."""
    start = START.format(when, len(questions))
    cells = [new_markdown_cell(BEGIN.format(when)), _set_up(), new_code_cell(start)]
    for question in questions:
        cells += [
            new_markdown_cell(_asked(question)),
            new_code_cell(f'mine.answer({question.name}, "")'),
        ]
    cells += [new_markdown_cell(END), new_code_cell("mine.summary()")]
    return tidy(nbformat.v4.new_notebook(cells=cells, metadata=METADATA))


def _asked(question: Question) -> str:
    answers = zip(LETTERS, question.answers, strict=True)
    letters = "\n".join(f"* **{letter}**: {answer.text}" for letter, answer in answers)
    return f"## Question {question.name}\n\n{question.text}\n\n{letters}"


def _set_up() -> nbformat.NotebookNode:
    """The set-up cell of the lessons, which installs the kit where it is missing."""
    (first,) = NOTEBOOKS.glob("00_*.ipynb")
    lesson = nbformat.read(first, as_version=4)
    cell = next(cell for cell in lesson.cells if cell.cell_type == "code")
    install = cell.source.partition("\n\n")[0]
    return nbformat.from_dict(
        {
            **cell,
            "outputs": [],
            "execution_count": None,
            "source": f"{install}\n\nimport securedata_lab as lab",
        }
    )


def main() -> None:
    """Write all files, and say where they are."""
    write_quizzes(QUIZZES, quizzes())
    for when, path in STUDENTS.items():
        nbformat.write(notebook(read_questions(INVENTORY), when), path)
        print(f"{path.relative_to(ROOT)}: the inventory for students")
    print(f"{QUIZZES.relative_to(ROOT)}: a .gift.txt and a .qti.zip for each quiz")


if __name__ == "__main__":
    main()
