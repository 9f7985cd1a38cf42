"""What every committed notebook must look like, whoever wrote it."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from vocabulary import ROOT
from workshop import cut

SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
STUDENTS = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))
EXECUTED = [ROOT / "notebooks" / "00_start_here.ipynb", *SOLUTIONS]
NOTEBOOKS = [*EXECUTED, *STUDENTS]
REQUESTS = {"requests.get", "requests.post", "requests.request"}
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: f"{path.parent.name}/{path.name}"
    )


every_notebook = each(NOTEBOOKS)
every_executed_notebook = each(EXECUTED)
every_student_notebook = each(STUDENTS)


def cells(path: Path, kind: str | None = None) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def sources(path: Path) -> str:
    return "\n".join(cell.source for cell in cells(path, "code"))


def headings(path: Path) -> list[int]:
    outside_code = re.sub(r"```.*?```", "", prose(path), flags=re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", outside_code, flags=re.MULTILINE)]


def links(path: Path) -> list[str]:
    """Where the links and pictures of a notebook lead, without what `make address` writes."""
    own = re.sub(r"\[!\[Open in Colab\].*", "", prose(path))
    return re.findall(r"\]\(([^)\s]+)", own) + re.findall(r'(?:href|src)="([^"]+)', own)


def setup_cell(path: Path) -> str:
    return str(cells(path, "code")[0].source)


def test_every_solution_has_its_notebook_to_work_in() -> None:
    assert [path.name for path in STUDENTS] == [path.name for path in SOLUTIONS]


@every_student_notebook
def test_it_is_cut_out_of_its_solution_as_it_stands(path: Path) -> None:
    solution = nbformat.read(path.parent / "solutions" / path.name, as_version=4)
    assert nbformat.read(path, as_version=4) == cut(solution)


@every_student_notebook
def test_nothing_is_given_away(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell.execution_count is None
        assert not cell.outputs
        assert "solution" not in cell.metadata.get("tags", [])


@every_notebook
def test_it_is_valid_and_asks_for_any_python_3(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info


@every_executed_notebook
def test_every_cell_was_executed_once_from_top_to_bottom(path: Path) -> None:
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@every_executed_notebook
def test_no_error_and_nothing_on_stderr_is_stored(path: Path) -> None:
    outputs = [output for cell in cells(path, "code") for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


@every_notebook
def test_nothing_tells_where_it_was_run(path: Path) -> None:
    found = re.findall(
        r"/(?:root|home|work|Users)/\w+|/tmp/\w+|C:\\\\|0x[0-9a-f]{8,}", path.read_text()
    )
    assert not found


@every_notebook
def test_one_h1_and_headings_in_order(path: Path) -> None:
    levels = headings(path)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_notebook
def test_every_picture_has_a_text(path: Path) -> None:
    assert not re.findall(r"!\[\s*\]\(", prose(path))
    assert not re.findall(r"<img(?![^>]*\balt=\"[^\"]+\")", prose(path))


@every_notebook
def test_every_cell_says_how_it_stands_on_a_slide(path: Path) -> None:
    for cell in cells(path):
        assert cell.metadata.slideshow.slide_type in SLIDE_TYPES
        if cell.cell_type == "markdown" and re.match(r"##? ", cell.source):
            assert cell.metadata.slideshow.slide_type == "slide", cell.source.splitlines()[0]


@every_notebook
def test_no_code_cell_is_longer_than_20_lines(path: Path) -> None:
    assert not [cell.source for cell in cells(path, "code") if len(cell.source.splitlines()) > 20]


@every_notebook
def test_the_setup_cell_is_everywhere_the_same(path: Path) -> None:
    check = (
        "\n\nfrom securedata import lab\nlab.check_setup()" if path.name.startswith("00") else ""
    )
    assert setup_cell(path) == setup_cell(STUDENTS[0]) + check


@every_notebook
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    for link in links(path):
        if not re.match(r"\w+:|#", link):
            assert (path.parent / link.partition("#")[0]).exists(), link


@every_notebook
def test_a_link_to_a_lesson_is_relative_and_the_next_lesson_has_one(path: Path) -> None:
    assert not [link for link in links(path) if re.match(r"https?:.*\.ipynb", link)]
    for lesson in STUDENTS:
        if int(lesson.name[:2]) == int(path.name[:2]) + 1:
            assert f"]({lesson.name})" in prose(path)


@every_notebook
def test_every_call_over_the_network_verifies_and_has_a_timeout(path: Path) -> None:
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in REQUESTS:
                named = {keyword.arg for keyword in node.keywords}
                assert {"verify", "timeout"} <= named, ast.unparse(node)


@every_notebook
def test_no_line_ends_in_a_semicolon(path: Path) -> None:
    assert not [cell for cell in cells(path, "code") if re.search(r";\s*$", cell.source, re.M)]


@every_notebook
def test_it_starts_a_server_in_its_second_code_cell_and_stops_it_in_its_last(path: Path) -> None:
    code = cells(path, "code")
    assert "lab.serve()" in code[1].source
    assert "server.stop()" in code[-1].source
