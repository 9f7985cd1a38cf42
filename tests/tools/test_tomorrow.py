"""`make tomorrow`: one folder for a class, and nothing in it gives an answer away on the wall."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import handout
import nbformat
import pytest
from quizzes import quizzes
from vocabulary import ROOT
from workshop import masters

# What they need is in the extra lab.
slides, tomorrow = pytest.importorskip("slides"), pytest.importorskip("tomorrow")
LONG = {"00": 15, "08": 70, "run_through": 30}  # minutes; all others take 45
OPTIONS = {"solutions": True, "wheels": False, "after": False, "hand_in": ""}
MAKE = shutil.which("make")
LESSONS = [it for it in masters() if it.stem != "run_through"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wheel is built, and npm is missing."""

    def pip(*words: str) -> None:
        (Path(words[-2]) / f"securedata_kit-{handout.version()}-py3-none-any.whl").touch()

    monkeypatch.setattr(handout, "pip", pip)
    monkeypatch.setattr(slides, "NPM_FOLDER", Path("nowhere"))
    monkeypatch.setattr(shutil, "which", lambda _: None)


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of these lessons, and returns it."""

    def made(*names: str, home: bool = False) -> Path:
        lessons = [it for it in masters() if it.stem.startswith(names)]
        said = [*tomorrow.prepare(tmp_path / "made", lessons, home, OPTIONS)]
        assert all(path.is_file() and words for path, words in said)
        return tmp_path / "made"

    return made


def minutes(part: str, lesson: str) -> int:
    number = re.search(r"\((\d+)\)", part)
    return int(number[1]) if number else LONG.get(part.replace("LESSON", lesson), 45)


def test_each_plan_fits_its_minutes_and_names_its_lesson() -> None:
    text = (ROOT / "docs" / "teaching" / "before.md").read_text("utf-8")
    for length, table in tomorrow.PLAN.findall(text):
        for names, in_class, _ in tomorrow.ROW.findall(table):
            for lesson in re.findall(tomorrow.LESSON, names):
                parts = in_class.partition(":")[0].split(", ")
                assert sum(minutes(it, lesson) for it in parts) <= int(length), (lesson, length)
                assert lesson in tomorrow.IN_CLASS.findall(tomorrow.plans()[length][lesson][0])
    everything = {it.stem[:2] for it in LESSONS}
    assert {"50", "90", "180"} == {*tomorrow.plans()}
    assert everything == {*tomorrow.plans()["90"]} == {*tomorrow.plans()["180"]}
    assert everything - {"08"} == {*tomorrow.plans()["50"]} - {"run_through"}
    assert tomorrow.plans()["50"]["01"] == ("01", "1.4, 1.6")
    assert tomorrow.plans()["90"]["01"] == ("run_through, 01", "")


@pytest.mark.thorough
@pytest.mark.parametrize("words", [[], ["--lesson=08", "--minutes=50"], ["--lesson=x"]])
def test_a_wrong_plan_is_answered_by_one_sentence_that_says_what_is_possible(
    words: list[str],
) -> None:
    program = [sys.executable, str(ROOT / "tools" / "tomorrow.py"), *words]
    done = subprocess.run(program, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "MINUTES=90 with LESSON=00, 01, 02, 03, 04, 05, 06, 07, 08;" in done.stderr


def test_without_npm_all_but_the_slides_is_there_and_one_sentence(
    prepared: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = prepared("run_through", "01")
    names = {it.relative_to(folder).as_posix() for it in folder.rglob("*") if it.is_file()}
    zipped = f"students/securedata-student-{handout.version()}.zip"
    assert names == {
        ".students-are-made-of",
        "01_aes_modes.ipynb",
        "01_aes_modes_run_sheet.html",
        "01_aes_modes_solved.ipynb",
        "run_through.ipynb",
        "run_through_solved.ipynb",
        "run_through_run_sheet.html",
        "quiz/01_aes_modes.gift.txt",
        "quiz/01_aes_modes.qti.zip",
        "quiz/LICENSE-CC-BY-4.0.txt",
        zipped,
    }
    assert capsys.readouterr().out.count("There are no slides. The slides need npm") == 1
    with zipfile.ZipFile(folder / zipped) as archive:
        given = [Path(name).name for name in archive.namelist()]
    assert {"README.md", "00_start_here.ipynb", "08_break_it_fix_it.ipynb"} < {*given}
    assert not [name for name in given if re.search("sheet|gift|solved", name)]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_on_the_wall_nothing_is_folded_and_no_answer_stands(lesson: Path) -> None:
    path = ROOT / "notebooks" / lesson.name
    shown, student = tomorrow.to_show(path), nbformat.read(path, as_version=4)
    code = [it.source for it in student.cells if it.cell_type == "code"]
    assert [it.source for it in shown.cells if it.cell_type == "code"] == code
    assert not [it for it in shown.cells if it.get("outputs") or it.get("execution_count")]
    text = "\n".join(it.source for it in shown.cells)
    assert not re.search(r"<details|<summary|\]\((?!https?:|#)", text)
    folded = [
        line
        for cell in student.cells
        for _, fold in slides.FOLDED.findall(cell.source)
        for line in re.findall(r"[^\n]{60,}", fold)
        if line not in "\n".join(code)  # a solution repeats its stub
    ]
    assert folded
    assert [line for line in folded if line in text] == []
    headings = re.compile(r"^#+ .+", re.MULTILINE)
    before = "\n".join(it.source for it in student.cells if it.cell_type == "markdown")
    after = "\n".join(it.source for it in shown.cells if it.cell_type == "markdown")
    assert headings.findall(after) == headings.findall(slides.FOLDED.sub("", before))


def test_the_run_through_keeps_its_last_screens() -> None:
    path = ROOT / "notebooks" / "run_through.ipynb"
    texts = [it.source for it in tomorrow.to_show(path).cells]
    assert sum("<summary>What happened, and why</summary>" in it for it in texts) == 8
    assert "hand in" not in texts[-1]


@pytest.mark.parametrize("lesson", masters(), ids=lambda it: it.stem)
def test_misconceptions_stand_on_the_run_sheet_and_neither_quiz_nor_points(lesson: Path) -> None:
    page = (ROOT / "docs" / "teaching" / f"{lesson.stem}.md").read_text("utf-8")
    sheet = tomorrow.run_sheet(page)
    wanted = {"Run-sheet", "Before"} if lesson.stem == "run_through" else {"Run-sheet"}
    headings = {*re.findall(r'<h2 id="([\w-]+)', sheet)}
    if lesson.stem != "run_through":
        wanted |= {"What-students-usually-get-wrong", "Good-students-ask"}
        rows = page.partition("\n## What students")[2].partition("\n## ")[0].count("\n| ")
        part = sheet.partition('id="What-students')[2].partition("</section>")[0]
        assert part.count("<tr>") == rows > 5  # with the heading's row
    assert {it for it in wanted if not any(name.startswith(it) for name in headings)} == set()
    assert not re.search(r"Quiz|How to grade|\[x\]", sheet)


def test_the_quiz_asks_what_the_class_was_taught_and_home_adds_the_rest(
    prepared: Callable[..., Path],
) -> None:
    asked = prepared("01") / "quiz" / "01_aes_modes.gift.txt"
    labels = [it.label for it in quizzes()["01_aes_modes"]]
    in_class = [it for it in labels if "class" in it]
    found = re.compile(r"^::01_aes_modes (.+?)::", re.MULTILINE)
    assert found.findall(asked.read_text("utf-8")) == in_class != labels
    prepared("01", home=True)
    assert found.findall(asked.read_text("utf-8")) == labels


def test_a_part_is_made_again_if_its_sources_or_its_files_have_changed(tmp_path: Path) -> None:
    source, part, made = tmp_path / "source", tmp_path / "made" / "part", list[str]()
    source.mkdir()
    part.parent.mkdir()

    def again() -> int:
        def make() -> None:
            part.mkdir()
            (part / "file").write_text("made")
            made.append("part")

        tomorrow.up_to_date(part, tomorrow.digest(source), make)
        return len(made)

    (source / "page.md").write_text("old")
    assert [again(), again()] == [1, 1]
    (source / "page.md").write_text("new")
    assert [again(), again()] == [2, 2]
    (source / "page.md").rename(source / "other.md")
    assert [again(), again()] == [3, 3]
    (part / "file").write_text("edited")
    assert [again(), again()] == [4, 4]
    (part / "file").unlink()
    assert [again(), again()] == [5, 5]
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "page.pyc").touch()
    assert again() == 5


def test_slides_that_failed_are_made_the_next_time(
    prepared: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared("01")
    students = folder / "students"
    before = [it.stat().st_mtime_ns for it in students.iterdir()]

    def build(decks: Path, lessons: list[Path]) -> None:
        decks.mkdir()
        (decks / f"{lessons[0].stem}.html").touch()

    monkeypatch.setattr(tomorrow, "build", build)
    assert (prepared("01") / "slides" / "01_aes_modes.html").is_file()
    assert [it.stat().st_mtime_ns for it in students.iterdir()] == before


@pytest.mark.skipif(MAKE is None, reason="needs make")
def test_home_is_not_handed_on_as_a_folder(tmp_path: Path) -> None:
    rule = tmp_path / "Makefile"
    rule.write_text((ROOT / "Makefile").read_text("utf-8") + "\nsay:\n\t@echo $$HOME $(AT_HOME)\n")
    command = [str(MAKE), "--no-print-directory", "-f", str(rule), "say", "HOME=yes"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    home, option = done.stdout.split()
    assert Path(home).is_dir()
    assert option == "--home=yes"
