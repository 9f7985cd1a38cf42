"""The form that every lesson has: its length, its cells in order, and sections that stand alone."""

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from workshop import Length, count, drawn, masters, run_sheet

LESSONS = masters()
WITH_EXERCISES = [path for path in LESSONS if path.parent.name == "solutions"]
SHORTEST, LONGEST = Length(900, 10, 6), Length(1200, 13, 8)
REST = ["## Recap", "## Check yourself", "## At home", "## Next"]

SAVE = "import builtins; builtins.saved = dict(globals())"
RESTORE = """
for name in set(globals()) - set(saved):
    del globals()[name]
globals().update(saved)
"""


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def cells(path: Path) -> list[Any]:
    return list(nbformat.read(path, as_version=4).cells)


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def tagged(path: Path, tag: str) -> list[Any]:
    return [cell for cell in cells(path) if tag in tags(cell)]


def exercises(path: Path) -> dict[str, list[Any]]:
    """The cells of each exercise, in the order of the lesson."""
    found = dict[str, list[Any]]()
    for cell in cells(path):
        number = cell.metadata.get("securedata", {}).get("exercise")
        if number:
            found.setdefault(number, []).append(cell)
    return found


def sections(path: Path) -> dict[str, list[Any]]:
    """The code cells of each section: below an H2, and At home also below an H3."""
    found, level, title = dict[str, list[Any]](), "##", "opening"
    for cell in cells(path):
        heading = re.match(rf"({level}|##) (.+)", cell.source)
        if cell.cell_type == "markdown" and heading:
            title = heading[2]
            level = "###?" if title == "At home" else level
        if cell.cell_type == "code" and not {"setup", "server", "results", "stop"} & set(
            tags(cell)
        ):
            found.setdefault(title, []).append(cell)
    return found


@each(WITH_EXERCISES)
def test_the_core_fits_into_fifty_minutes(path: Path) -> None:
    length = count(nbformat.read(path, as_version=4))
    for part in ("words", "code_cells", "predictions"):
        assert getattr(SHORTEST, part) <= getattr(length, part) <= getattr(LONGEST, part), part


def test_the_first_lesson_fits_into_fifteen_minutes() -> None:
    for path in LESSONS:
        if path.stem.startswith("00"):
            assert count(nbformat.read(path, as_version=4)).words <= 700


@each(LESSONS)
def test_the_code_begins_with_set_up_and_server_and_ends_with_results_and_stop(path: Path) -> None:
    code = [cell for cell in cells(path) if cell.cell_type == "code"]
    assert [tags(cell) for cell in code[:2]] == [["setup"], ["server"]]
    last = ["results", "stop"] if path in WITH_EXERCISES else ["stop"]
    assert [tags(cell) for cell in code[-len(last) :]] == [[tag] for tag in last]
    assert [cell.source for cell in code if ".stop()" in cell.source] == [code[-1].source]


@each(LESSONS)
def test_the_parts_of_a_lesson_stand_in_order(path: Path) -> None:
    titles = [cell.source.splitlines()[0] for cell in cells(path) if cell.source.startswith("## ")]
    assert [title for title in titles if title in REST] == REST
    if path in WITH_EXERCISES:
        assert titles[0] == "## Recall"
        assert titles[titles.index("## At home") - 1] == "## In your own words"


@each(LESSONS)
def test_after_a_prediction_come_code_and_a_folded_explanation(path: Path) -> None:
    after = cells(path)
    while after:
        cell, *after = after
        if "Before you run" in cell.source:
            assert after[0].cell_type == "code", cell.source
            section = takewhile(lambda it: "Before you run" not in it.source, after)
            folded = "<details><summary>What happened, and why</summary>"
            assert [it for it in section if it.source.startswith(folded)], cell.source


@each(LESSONS)
def test_every_question_has_a_folded_answer(path: Path) -> None:
    prose = "\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")
    for part in re.split(r"^(?=## )", prose, flags=re.MULTILINE):
        if re.match("## (Recall|Check yourself)", part):
            questions = re.findall(r"^\d\. ", part, re.MULTILINE)
            assert 3 <= len(questions) <= part.count("<details>"), part


@each(WITH_EXERCISES)
def test_exercises_are_marked_and_numbered_in_the_order_in_which_they_come(path: Path) -> None:
    lesson = int(path.stem[:2])
    written, *numbers = sorted(exercises(path), key=lambda number: "written" not in number)
    assert written == f"{lesson}.written"
    assert numbers == [f"{lesson}.{place + 1}" for place in range(len(numbers))]
    assert len(numbers) >= 5
    assert [tags(cell) for cell in exercises(path)[written]] == [["answer"]]
    for number in numbers:
        parts = exercises(path)[number]
        code = [cell for cell in parts if cell.cell_type == "code"]
        prose = "\n".join(cell.source for cell in parts if cell.cell_type == "markdown")
        assert [tags(cell)[:1] for cell in code] == [["stub"], ["solution"], []], number
        assert f'check("{number}", ' in code[-1].source
        assert prose.count("<details>") == 3, number
    in_class = [number for number in numbers if "in class" in exercises(path)[number][0].source]
    assert len(in_class) == 2


@each(LESSONS)
def test_the_run_sheet_fills_the_time_and_names_sections(path: Path) -> None:
    """The slides show each row to the speaker beside its sections."""
    acts = run_sheet(path)
    assert sum(act.minutes for act in acts) == (50 if path in WITH_EXERCISES else 15)
    titles = [re.match("##? (.+)", cell.source) for cell in cells(path)]
    for act in acts:
        assert any(act.has(title[1]) for title in titles if title), act.sections


@each(LESSONS)
def test_every_drawing_is_embedded_as_its_source_is(path: Path) -> None:
    for cell in cells(path):
        assert cell.source == drawn(cell.source)


@pytest.mark.thorough
@each(LESSONS)
def test_every_section_runs_after_the_set_up_and_server_cells_alone(path: Path) -> None:
    """As after a restart. One kernel a lesson: its names are put back before each section."""
    start = [*tagged(path, "setup"), *tagged(path, "server")]
    notebook = nbformat.v4.new_notebook(cells=[*start, nbformat.v4.new_code_cell(SAVE)])
    for code in sections(path).values():
        notebook.cells += [nbformat.v4.new_code_cell(RESTORE), *code]
    client = NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True)
    client.execute(cwd=path.parent)
    verdicts = re.compile(r"\d\.\d (not yet|not attempted yet).*")
    for title, code in sections(path).items():
        for output in (output for cell in code for output in cell.outputs):
            assert output.output_type != "error", (title, output.evalue)
            assert not verdicts.match(output.get("data", {}).get("text/plain", "")), title
