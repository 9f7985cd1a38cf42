"""The form of the lessons, and what every committed notebook must look like."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from drawings import DRAWINGS, is_new
from minutes import count, minutes
from nbclient import NotebookClient
from vocabulary import ROOT
from workshop import NO_ANSWER, NOTEBOOKS, SOLUTIONS, cut, drawn, masters, run_sheet

import securedata_lab

LESSONS = masters()
RUN_THROUGH = SOLUTIONS / "run_through.ipynb"
TO_SHOW = NOTEBOOKS / "run_through.ipynb"
STUDENTS = sorted(NOTEBOOKS.glob("0[1-9]_*.ipynb"))
WITH_EXERCISES = sorted(SOLUTIONS.glob("0[1-9]_*.ipynb"))
MOST = {"words": 1050, "predictions": 5}
# Most minutes of a first reader; lesson 08 is for 70 minutes.
FIRST_READER = 50
LONGER = {"08": 74}
MINUTES = {"00": 15, "08": 70, "ru": 30}  # of a class; all others: 45
# Numbers of exercises that have changed: CHANGELOG has the new ones.
RETIRED = {
    *("1.1", "1.5", "2.2", "2.4", "2.5", "2.6", "3.5"),
    *("4.1", "4.3", "4.4", "5.1", "5.2", "5.3", "5.4", "6.2", "6.5"),
    *("7.1", "7.2", "7.5", "8.1", "8.4", "8.5", "8.6", "8.7", "8.11"),
}
IN_CLASS = {"07": 4, "08": 4}  # at most; all others: 3 exercises
NOT_A_SECTION = {"setup", "server", "results", "stop"}
PLAY_AGAIN = (  # the student's attacks of the exercises above: they need these cells, too
    "A count, kept on the disk",
    "A wire that changes records",
    "Exercise 4.8",
    "Exercise 5.8",
    "Exercise 6.6",
    "Exercise 7.8",
    "Exercise 7.9",
    "Exercise 8.2",
    "Exercise 8.3",
    "Exercise 8.9",
    "Her word",
    "The search comes back",
    "What is lost, and what holds",
    "Your attack comes back",
    "Your attacks come back",
    "Your neighbour's patch",
)
REST = ["## Recap", "## Check yourself", "## At home", "## Next"]

SAVE = "import builtins; builtins.saved = dict(globals())"
RESTORE = """
for name in set(globals()) - set(saved):
    del globals()[name]
globals().update(saved)
"""


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda it: f"{it.parent.name}/{it.stem}")


every_lesson = each(LESSONS)
every_lesson_but_the_run_through = each([path for path in LESSONS if path != RUN_THROUGH])
every_lesson_with_exercises = each(WITH_EXERCISES)
every_notebook = each([*masters(), *STUDENTS, TO_SHOW])


def cells(path: Path, kind: str | None = None) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


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
        if cell.cell_type == "code" and not NOT_A_SECTION & set(tags(cell)):
            found.setdefault(title, []).append(cell)
    return found


def links(path: Path) -> list[str]:
    """Where the links and pictures of a notebook lead, without what `make address` writes."""
    own = re.sub(r"\[!\[Open in Colab\].*", "", prose(path))
    return re.findall(r"\]\(([^)\s]+)", own) + re.findall(r'(?:href|src)="([^"]+)', own)


@every_lesson_with_exercises
def test_the_class_part_fits_into_a_class(path: Path) -> None:
    in_class, _ = count(nbformat.read(path, as_version=4))
    assert 40 <= round(minutes(in_class)) <= LONGER.get(path.name[:2], FIRST_READER)
    for part, most in MOST.items():
        assert in_class[part] <= most, part


@every_lesson_with_exercises
def test_the_title_promises_the_minutes_at_home(path: Path) -> None:
    _, at_home = count(nbformat.read(path, as_version=4))
    [promised] = re.findall(r"\*At home\*, about (\d+) minutes", cells(path)[0].source)
    assert abs(int(promised) - minutes(at_home)) <= 5


@every_lesson
def test_the_code_begins_with_set_up_and_server_and_ends_with_results_and_stop(path: Path) -> None:
    code = cells(path, "code")
    assert [tags(cell) for cell in code[:2]] == [["setup"], ["server"]]
    last = ["results", "stop"] if path in WITH_EXERCISES else ["stop"]
    assert [tags(cell) for cell in code[-len(last) :]] == [[tag] for tag in last]
    assert [cell.source for cell in code if ".stop()" in cell.source] == [code[-1].source]


@every_lesson_but_the_run_through
def test_the_parts_of_a_lesson_stand_in_order(path: Path) -> None:
    titles = [cell.source.splitlines()[0] for cell in cells(path) if cell.source.startswith("## ")]
    assert [title for title in titles if title in REST] == REST
    if path in WITH_EXERCISES:
        assert titles[0] == "## Recall"
        assert titles[titles.index("## At home") - 1] == "## In your own words"


@every_lesson
def test_after_a_prediction_come_code_and_a_folded_explanation(path: Path) -> None:
    after = cells(path)
    while after:
        cell, *after = after
        if "Before you run" in cell.source:
            assert after[0].cell_type == "code", cell.source
            section = takewhile(lambda it: "Before you run" not in it.source, after)
            folded = "<details><summary>What happened, and why</summary>"
            assert [it for it in section if it.source.startswith(folded)], cell.source


@dataclass(frozen=True)
class Prediction:
    """A question before a cell: its answers by letter, the right letter, and where it stands."""

    answers: dict[str, str]
    right: str
    in_class: bool
    heading: str


def predictions(path: Path) -> list[Prediction]:
    found, in_class = list[Prediction](), True
    heading, options = "", list[tuple[str, str]]()
    for cell in cells(path, "markdown"):
        in_class = in_class and not cell.source.startswith("## At home")
        if "Before you run" in cell.source:
            heading, _, asked = cell.source.partition("Before you run")
            options = re.findall(r"\(([a-e])\) (.+?)(?=; \(|<br>|\.?$)", asked, re.MULTILINE)
        answer = re.match(r"<details><summary>What happened.*?\(([a-e])\)", cell.source, re.DOTALL)
        if answer and options:
            title = heading.partition("\n")[0].lstrip("# ")
            found.append(Prediction(dict(options), answer[1], in_class, title))
            options = []
    return found


@every_lesson
def test_no_letter_is_right_more_than_half_of_the_time(path: Path) -> None:
    asked = predictions(path)
    for part in (asked, [it for it in asked if it.in_class]):
        often = Counter(it.right for it in part).most_common(1)[0][1]
        assert often <= max(2, len(part) / 2), [it.right for it in part]


def test_the_right_answer_is_not_the_longest_more_often_than_by_chance() -> None:
    asked = [it for path in LESSONS for it in predictions(path)]
    by_chance = sum(1 / len(it.answers) for it in asked)
    longest = [max(it.answers, key=lambda letter: len(it.answers[letter])) for it in asked]
    assert sum(it.right == letter for it, letter in zip(asked, longest, strict=True)) <= by_chance


@every_lesson_but_the_run_through
def test_every_question_has_a_folded_answer(path: Path) -> None:
    for part in re.split(r"^(?=## )", prose(path), flags=re.MULTILINE):
        if re.match("## (Recall|Check yourself)", part):
            questions = re.findall(r"^\d\. ", part, re.MULTILINE)
            least = 1 if part.startswith("## Recall") else 2
            assert least <= len(questions) <= part.count("<details>"), part


@every_lesson_with_exercises
def test_exercises_are_marked_and_no_number_is_another_edition_s(path: Path) -> None:
    """Those in class come first. A changed exercise gets a new number: RETIRED has the old."""
    lesson = int(path.stem[:2])
    written, *numbers = sorted(exercises(path), key=lambda number: "written" not in number)
    assert written == f"{lesson}.written"
    used = {*numbers, *(it for it in RETIRED if it[0] == str(lesson))}
    assert used == {f"{lesson}.{place + 1}" for place in range(len(used))}
    assert len(numbers) >= 4
    assert [tags(cell) for cell in exercises(path)[written]] == [["answer"]]
    in_class = [number for number in numbers if "in class" in exercises(path)[number][0].source]
    assert 2 <= len(in_class) <= IN_CLASS.get(path.name[:2], 3)
    at_home = [number for number in numbers if number not in in_class]
    assert numbers == in_class + at_home


@each(STUDENTS)
def test_a_lesson_of_new_numbers_names_its_edition(path: Path) -> None:
    """Else `grade` takes hand-ins of the third edition. It stands in the master's metadata."""
    edition = nbformat.read(path, as_version=4).metadata.get("securedata", {}).get("edition", 3)
    assert edition > 3 or not [it for it in RETIRED if it[0] == path.name[1]]


@every_lesson
def test_the_run_sheet_fills_the_time_and_names_sections(path: Path) -> None:
    """The slides show each row to the speaker beside its sections."""
    acts = run_sheet(path)
    assert sum(act.minutes for act in acts) == MINUTES.get(path.stem[:2], 45)
    begins = [int(sum(act.minutes for act in acts[:place])) for place in range(len(acts))]
    assert [act.clock for act in acts] == [f"{it // 60}:{it % 60:02d}" for it in begins]
    titles = ["Title", *re.findall("^#{2,3} (.+)", prose(path), re.MULTILINE)]
    for act in acts:
        assert any(act.has(title) for title in titles), act.sections


@every_lesson
def test_each_question_of_a_run_sheet_has_its_answer_and_each_vote_its_letter(path: Path) -> None:
    acts = run_sheet(path)
    assert [it.question for it in acts if it.question and not it.question.endswith(")*")] == []
    for asked in (it for it in predictions(path) if it.in_class):
        [act] = [it for it in acts if it.has(asked.heading)]
        letter = rf"\*\*{asked.right}\.\*\*|\({asked.right}[:)]"
        assert re.search(letter, act.to_do + act.question), asked.heading


def test_every_drawing_was_made_from_its_source() -> None:
    old = [source.name for source in DRAWINGS.glob("*.svg") if not is_new(source)]
    assert old == [], "make drawings"
    assert {it.stem for it in DRAWINGS.glob("*.svg")} == {it.stem for it in DRAWINGS.glob("*.png")}


@every_lesson
def test_every_drawing_is_embedded(path: Path) -> None:
    for cell in cells(path):
        assert cell.source == drawn(cell.source)


@pytest.mark.thorough
@every_lesson
def test_every_section_runs_after_the_set_up_and_server_cells_alone(
    path: Path, tmp_path: Path
) -> None:
    """As after a restart. One kernel a lesson: its names are put back before each section.

    In a folder of its own: lesson 08 writes my_vault.py, and nbval may play it at the same time.
    """
    everything = cells(path)
    start = [cell for cell in everything if {"setup", "server"} & set(tags(cell))]
    parts = sections(path)
    notebook = nbformat.v4.new_notebook(cells=[*start, nbformat.v4.new_code_cell(SAVE)])
    for title, code in parts.items():
        above = everything[: everything.index(code[0])] if title.startswith(PLAY_AGAIN) else []
        above = [it for it in above if "exercise" in it.metadata.get("securedata", {})]
        solved = [it for it in above if it.cell_type == "code" and "check(" not in it.source]
        notebook.cells += [nbformat.v4.new_code_cell(RESTORE), *solved, *code]
    for cell in notebook.cells:
        cell.outputs = []
    client = NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True)
    client.execute(cwd=tmp_path)
    assert [cell for cell in notebook.cells if cell.outputs]
    verdicts = re.compile(r"\d\.\d+ (not yet|not attempted yet).*")
    for title, code in parts.items():
        for output in (output for cell in code for output in cell.outputs):
            assert output.output_type != "error", (title, output.evalue)
            assert not verdicts.match(output.get("data", {}).get("text/plain", "")), title


def test_every_notebook_to_work_in_is_cut_out_of_its_solution() -> None:
    solutions = {path.name: nbformat.read(path, as_version=4) for path in SOLUTIONS.glob("*.ipynb")}
    students = {it.name: nbformat.read(it, as_version=4) for it in [*STUDENTS, TO_SHOW]}
    assert students == {name: cut(solution) for name, solution in solutions.items()}
    for cell in (cell for path in [*STUDENTS, TO_SHOW] for cell in cells(path)):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert "solution" not in tags(cell)
        assert cell.source == NO_ANSWER or "answer" not in tags(cell)


@every_lesson
def test_a_master_was_run_once_from_top_to_bottom_without_an_error(path: Path) -> None:
    code = cells(path, "code")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert outputs
    assert not [it for it in outputs if it.output_type == "error" or it.get("name") == "stderr"]


@every_notebook
def test_it_is_valid_asks_for_any_python_3_and_does_not_tell_where_it_was_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    places = r"/(?:root|home|work|Users)/\w+|/tmp/\w+|C:\\\\|0x[0-9a-f]{8,}"
    assert not re.findall(places, path.read_text())


@every_notebook
def test_one_h1_and_headings_in_order_each_on_a_slide_of_its_own(path: Path) -> None:
    outside_code = re.sub(r"```.*?```", "", prose(path), flags=re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", outside_code, flags=re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for cell in cells(path, "markdown"):
        slide_type = cell.metadata.slideshow.slide_type
        assert slide_type == "slide" or not re.match("##? ", cell.source), cell.source


@every_notebook
def test_every_picture_has_a_text(path: Path) -> None:
    assert not re.findall(r"!\[\s*\]\(", prose(path))
    assert not re.findall(r"<img(?![^>]*\balt=\"[^\"]+\")", prose(path))


@every_notebook
def test_the_set_up_cell_is_everywhere_the_same(path: Path) -> None:
    kit, _, more = cells(path, "code")[0].source.partition("\n\n")
    assert kit == cells(STUDENTS[0], "code")[0].source.partition("\n\n")[0]
    ready = "lab.ready()  # and a sentence below an error: which cell was forgotten?"
    me = 'lab.me("")  # if your course asks for it: who you are, as in the class list'
    last = "lab.check_setup()" if path.name.startswith("00") else f"{me}\n{ready}"
    assert more == f"import securedata_lab as lab\n{last}"
    shown = cells(path, "code")[0].metadata
    assert shown.jupyter.source_hidden
    assert shown.cellView == "form"  # Colab's word for the same


@every_notebook
def test_every_relative_link_leads_to_a_file_and_one_to_the_next_lesson(path: Path) -> None:
    assert not [link for link in links(path) if re.match(r"https?:.*\.ipynb", link)]
    for link in links(path):
        if not re.match(r"\w+:|#", link):
            assert (path.parent / link.partition("#")[0]).exists(), link
    following = "00_" if path in (RUN_THROUGH, TO_SHOW) else f"{int(path.name[:2]) + 1:02d}_"
    assert [
        it.name for it in STUDENTS if it.name.startswith(following) and it.name not in links(path)
    ] == []


@every_notebook
def test_code_is_short_and_every_call_over_the_network_verifies_and_has_a_timeout(
    path: Path,
) -> None:
    for cell in cells(path, "code"):
        assert len(cell.source.splitlines()) <= 20, cell.source
        if path.stem[:2] != "00" and "setup" not in tags(cell):
            assert max(map(len, cell.source.splitlines())) <= 79, cell.source
        assert not re.search(r";\s*$", cell.source, re.MULTILINE), cell.source  # nbval prints it
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and re.match(
                r"requests\.(get|post)$", ast.unparse(node.func)
            ):
                named = {keyword.arg for keyword in node.keywords}
                assert {"verify", "timeout"} <= named, ast.unparse(node)


@pytest.mark.parametrize("path", [it for it in STUDENTS if it.name >= "01"], ids=lambda it: it.stem)
def test_each_exercise_asks_for_the_sentence_that_the_lecturers_page_grades(path: Path) -> None:
    page = (ROOT / "docs" / "teaching" / f"{path.stem}.md").read_text(encoding="utf-8")
    rows = [it.split(" | ") for it in page.splitlines() if re.match(r"\| \d\.\d+ .* \| \d \|", it)]
    asked = [re.sub(r"\n# ?", " ", it.source) for it in cells(path, "code")]
    assert len(rows) >= 4
    for row in rows:
        assert "In your own words" in row[4] or any(f": {row[4]}" in it for it in asked), row[4]


@every_notebook
def test_it_names_only_what_the_lab_and_its_own_lesson_export(path: Path) -> None:
    """Also in the solutions that its texts show. A student's functions are arguments."""
    own = "run_through" if path in (RUN_THROUGH, TO_SHOW) else f"lesson{path.stem}"
    rooms = {"securedata_lab": securedata_lab}
    if path.stem[:2] != "00":
        rooms |= {f"securedata_lab.{own}": import_module(f"securedata_lab.{own}")}
    for cell in cells(path):
        assert "globals()" not in cell.source
        assert {*re.findall(r"\bsecuredata_lab[.\w]*", cell.source)} <= {*rooms}, cell.source
        assert {*re.findall(r"\blab\.(\w+)", cell.source)} <= {*securedata_lab.__all__}, cell.source
        for node in ast.walk(ast.parse(cell.source if cell.cell_type == "code" else "")):
            if isinstance(node, ast.ImportFrom) and node.module in rooms:
                assert {it.name for it in node.names} <= {*rooms[node.module].__all__}, cell.source
