"""`make student` and `make course`: what students are given, and what they are not."""

import itertools
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import handout
import nbformat
import pytest
from classroom.handing_in import answered, handed_out, saved, solved
from vocabulary import ROOT

from securedata_classroom.lessons import lessons_in, merged
from securedata_classroom.notebook import cells_of

KEYS = ROOT / "docs" / "teaching"
WORDS = "Upload it to Moodle until Friday, 18:00."
pytestmark = pytest.mark.thorough  # each builds the wheel
needs_bubblewrap = pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")


def made(*arguments: str) -> str:
    program = [sys.executable, str(ROOT / "tools" / "handout.py"), *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handout") / "course"
    made(str(folder), f"--hand-in={WORDS}")
    return folder


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a course without a wheel, and returns its folder."""
    monkeypatch.setattr(handout, "pip", lambda *_: None)
    options = {"solutions": True, "wheels": False, "after": False, "hand_in": ""}

    def written(**given: Any) -> Path:
        handout.write_folder(tmp_path, **options | given)
        return tmp_path

    return written


def texts(folder: Path) -> Mapping[str, str]:
    """Every file that students get, those in the wheel too, by its name."""
    found = {
        path.name: path.read_text("utf-8") for path in folder.iterdir() if ".whl" not in path.name
    }
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in wheel.namelist():
            found[name] = wheel.read(name).decode("utf-8", "replace")
    return found


def markdown(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_the_class_gets_notebooks_without_outputs_the_wheel_and_pages(course: Path) -> None:
    names = sorted(path.name for path in course.iterdir())
    notebooks = [path.name for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]
    notebooks += ["inventory_1_before.ipynb"]  # the second comes after the course
    assert [name for name in names if name.endswith(".ipynb")] == notebooks
    edition = nbformat.read(course / "01_aes_modes.ipynb", 4).metadata.securedata.edition
    assert edition == 4  # `securedata grade` looks for it in what is handed in
    cells = [cell for name in notebooks for cell in nbformat.read(course / name, 4).cells]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    [wheel] = [name for name in names if name.endswith(".whl")]
    pages = {"LICENSE", "LICENSE-CC-BY-4.0.txt", "README.md", "environment.yml", "glossary.md"}
    assert set(names) - {*notebooks, wheel} == {*pages, ".gitignore", ".kit-files"}
    assert f"./{wheel}[lab]" in (course / "README.md").read_text("utf-8")
    assert f"./{wheel}[lab]" in (course / "environment.yml").read_text("utf-8")


def test_no_answers_are_in_its_wheel(course: Path) -> None:
    assert "securedata_lab/__init__.py" in texts(course)
    assert not [name for name in texts(course) if re.match(r"securedata_lab/\w+/answers", name)]


def test_both_licences_are_beside_the_notebooks_and_in_the_wheel(course: Path) -> None:
    licences = [path.name for path in ROOT.glob("LICENSE*")]
    assert len(licences) == 2
    places = [name for name in texts(course) if name.endswith(tuple(licences))]
    assert len(places) == 4
    assert all(f"`{name}`" in (course / "README.md").read_text("utf-8") for name in licences)


def test_no_question_of_a_quiz_and_no_key_is_in_it(course: Path) -> None:
    given = "\n".join(texts(course).values())
    for page in KEYS.glob("0[1-9]_*.md"):
        quiz = page.read_text("utf-8").partition("\n## Quiz")[2].partition("\n## ")[0]
        lines = [line for line in quiz.splitlines() if len(line) > 60]
        assert lines, f"{page.name} has no quiz: look for it in another way"
        assert [line for line in lines if line in given] == []


def test_each_notebook_ends_with_what_to_hand_in_in_the_lecturers_words(course: Path) -> None:
    last = {path.name: nbformat.read(path, 4).cells[-1].source for path in course.glob("*.ipynb")}
    assert "nothing to hand in" in last.pop("00_start_here.ipynb")
    assert "`answers-before.json`" in last["inventory_1_before.ipynb"]
    assert all(f"`{name}`" in text for name, text in last.items() if "inventory" not in name)
    assert all(text.endswith(WORDS) for text in last.values())
    assert WORDS in (course / "README.md").read_text("utf-8")


def rows_of_three(python: Path, course: Path, folder: Path, *options: str) -> list[str]:
    """What `grade` prints of a solved, a wrong and an untouched hand-in of what was handed out.

    The solved one has its last cell, `hand-in`, where a student may have moved it.
    """
    right, wrong = solved("01", folder=course), handed_out("01", course)
    right["cells"].insert(3, right["cells"].pop())
    answered(wrong, "1.2", "def my_change(*_):\n    return b''")
    for name, notebook in {"ada": right, "bob": wrong, "kim": handed_out("01", course)}.items():
        saved(notebook, folder / "submissions" / name / "01_aes_modes.ipynb")
    grade = [str(python), "-m", "securedata", "grade"]
    done = subprocess.run(
        [*grade, "submissions", *options], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert WORDS not in (folder / "grades-01_aes_modes-marking.html").read_text("utf-8")
    table = "grades-01_aes_modes-points.csv"
    subprocess.run([*grade, "--answers", table], cwd=folder, capture_output=True, check=True)
    assert "10 of 20 points" in (folder / "feedback-01_aes_modes" / "ada.html").read_text("utf-8")
    rows = [line.split()[:4] for line in done.stdout.splitlines() if " correct" in line]
    return sorted(" ".join(it) for it in rows)  # each is printed as soon as it is done


THREE_ROWS = ["ada 5 of 5", "bob 0 of 5", "kim 0 of 5"]


@needs_bubblewrap
def test_what_is_handed_out_is_graded_in_a_clone(course: Path, tmp_path: Path) -> None:
    assert rows_of_three(Path(sys.executable), course, tmp_path) == THREE_ROWS


@pytest.mark.parametrize("solutions", [True, False])
def test_the_grader_finds_no_word_of_a_student_in_what_they_are_given(solutions: bool) -> None:
    for lesson in lessons_in(ROOT / "notebooks"):
        path = ROOT / "notebooks" / f"{lesson.stem}.ipynb"
        text = handout.student_notebook(path, solutions=solutions, hand_in=WORDS)
        given = merged(lesson, cells_of(text.encode()))
        assert {number: said for number, said in given.answers.items() if said} == {}


def test_mistakes_go_to_the_lecturer_and_to_the_project_if_its_address_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handout, "version", lambda: "1.2.3")
    monkeypatch.setattr(handout, "in_project", lambda _: [])
    assert handout.whom_to_tell() == "your lecturer"
    monkeypatch.setattr(handout, "in_project", lambda _: ["https://gitlab.com/a/b"])
    assert handout.whom_to_tell().endswith("at <https://gitlab.com/a/b/-/issues>")


def test_a_course_is_written_again_with_other_options(write: Callable[..., Path]) -> None:
    names = {path.name for path in write().iterdir()}
    page = write(hand_in="By post.", after=True) / "README.md"
    assert "By post." in page.read_text("utf-8")
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))  # by Git, on Windows
    assert {path.name for path in write().iterdir()} - names == {"inventory_2_after.ipynb"}
    assert "By post." not in page.read_text("utf-8")
    write(hand_in="By fax.", after=True)  # what was left out once is still known


def test_what_a_lecturer_edited_deleted_or_had_there_is_named_and_nothing_is_written(
    write: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("Our page.")
    with pytest.raises(SystemExit, match=r"README\.md"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    (tmp_path / "README.md").unlink()
    write()
    (tmp_path / "01_aes_modes.ipynb").write_text("ours")
    (tmp_path / "08_break_it_fix_it.ipynb").unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SystemExit) as refused:
        write(hand_in="By post.")
    names = re.findall(r"^ +(\S+\.\w+)$", str(refused.value), re.MULTILINE)
    assert names == ["01_aes_modes.ipynb", "08_break_it_fix_it.ipynb"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_printed_commands_bring_a_lecturers_words_into_the_new_version(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
    ):
        monkeypatch.setenv(name, "ada@example.org")

    def run(*lines: str) -> None:
        subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=course, check=True)

    course = write()
    run("git init -qb main && git add -A && git commit -qm course")
    page = course / "README.md"
    page.write_text(page.read_text("utf-8").replace("# Applied cryptography", "# Our course"))
    with pytest.raises(SystemExit) as refused:
        write(hand_in="By post.")
    commands = re.findall(r"^    (git .*)$", str(refused.value), re.MULTILINE)
    run(*commands[:2])
    write(hand_in="By post.")
    run(*commands[2:])
    assert page.read_text("utf-8").startswith("# Our course")
    assert "By post." in page.read_text("utf-8")


def test_no_link_of_a_notebook_leads_out_of_the_folder(course: Path) -> None:
    for notebook in course.glob("*.ipynb"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", markdown(notebook)):
            assert target.startswith("https://") or (course / target).is_file(), target


def test_the_folded_solutions_can_be_left_out_and_other_files_stay(
    course: Path, tmp_path: Path
) -> None:
    (tmp_path / "securedata_kit-0.0.1-py3-none-any.whl").touch()
    (tmp_path / "ours.txt").touch()
    made(str(tmp_path), "--solutions=no")
    assert len([*tmp_path.glob("*.whl")]) == 1  # that of an earlier version is gone
    assert (tmp_path / "ours.txt").exists()
    for notebook in course.glob("0[1-9]_*.ipynb"):
        without = markdown(tmp_path / notebook.name)
        assert "The solution, explained" in markdown(notebook)
        assert "The solution, explained" not in without
        assert "A hint" in without


def test_each_kind_of_zip_has_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handout, "write_folder", lambda *_, **__: [])
    monkeypatch.setattr(handout, "version", lambda: "1.2.3")
    choices = itertools.product((True, False), repeat=3)
    names = [
        handout.write_zip(tmp_path, solutions=one, wheels=two, after=three, hand_in="").name
        for one, two, three in choices
    ]
    assert len(set(names)) == 8
    assert "securedata-student-1.2.3.zip" in names


@pytest.mark.serial  # it starts a kernel: see pytest_configure
@needs_bubblewrap
def test_the_commands_of_its_page_make_a_folder_in_which_lesson_00_runs_and_01_is_graded(
    course: Path, tmp_path: Path
) -> None:
    page = (course / "README.md").read_text("utf-8")
    [once, each_time] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    folder = tmp_path / "unpacked"
    shutil.copytree(course, folder)
    subprocess.run(["sh", "-ec", once], cwd=folder, check=True, capture_output=True)
    assert (folder / each_time.split()[0]).exists()
    run = [folder / ".venv" / "bin" / "jupyter", "execute", "00_start_here.ipynb"]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)
    python = folder / ".venv" / "bin" / "python"
    assert rows_of_three(python, course, tmp_path, "--notebooks", str(course)) == THREE_ROWS
