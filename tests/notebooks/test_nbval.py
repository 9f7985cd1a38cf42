"""`pytest --nbval` with the kit's plugin: what a lecturer types, in any folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from vocabulary import ROOT

SET_BY_CONFTEST = ("SECUREDATA_RESULTS", "SECUREDATA_SECRETS")
SETUP, SECRET, PORT, RESULTS, MISTAKE = range(5)
CELLS = {  # code, and what is stored as its output
    SETUP: ("import securedata\nprint(1)", "1"),
    SECRET: (
        "# NBVAL_CHECK_OUTPUT\n"  # also where --nbval-lax compares no other cell
        "from securedata_lab.basics.chance import chance, code_word\n"
        "print(code_word(chance('a safe')))",
        "ribbon-kitten-61",
    ),
    PORT: ("import os\nprint(f'https://localhost:{os.getpid()}')", "https://localhost:5000"),
    RESULTS: (
        "from securedata_lab.judging.saved_results import results_folder\nprint(results_folder())",
        "None",
    ),
    MISTAKE: ("print(1 + 1)", "3"),
}


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as in a terminal in which no variable of the kit is set."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "--tb=short", *options],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in SET_BY_CONFTEST},
        capture_output=True,
        text=True,
        check=False,
    )


def write(path: Path, *tags: str) -> None:
    """Write a notebook with all CELLS. The first has these tags."""
    cells = [
        new_code_cell(code, outputs=[new_output("stream", text=f"{stored}\n")], execution_count=1)
        for code, stored in CELLS.values()
    ]
    cells[SETUP].metadata["tags"] = [*tags]
    nbformat.write(new_notebook(cells=cells), path)


def failing_cells(folder: Path, *options: str) -> set[int]:
    done = pytest_in(folder, *options)
    outcomes = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", done.stdout, re.MULTILINE)
    assert outcomes, done.stdout + done.stderr
    return {int(cell) for outcome, cell in outcomes if outcome == "FAILED"}


@pytest.mark.serial  # its kernels' ports could be given to a server: see pytest_configure
@pytest.mark.parametrize(
    ("options", "failing"),
    [
        (["--nbval"], {MISTAKE}),
        (["--nbval-lax"], set()),
        (["--nbval", "--nbval-sanitize-with=own.cfg"], {PORT, MISTAKE}),
        (["--nbval", "-p", "no:securedata"], {SECRET, PORT, RESULTS, MISTAKE}),
    ],
    ids=["strict", "lax", "own-rules", "without-the-plugin"],
)
def test_in_any_folder_only_a_mistake_differs(
    options: list[str], failing: set[int], tmp_path: Path
) -> None:
    write(tmp_path / "lesson.ipynb", "setup")
    (tmp_path / "own.cfg").write_text("[own]\nregex: nowhere\nreplace: NOWHERE\n")
    assert failing_cells(tmp_path, *options) == failing


@pytest.fixture(scope="module")
def from_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds: no clone lies around it."""
    pytest.importorskip("hatchling", reason="needs what builds the kit")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    shutil.unpack_archive(wheel, folder / "kit", "zip")
    return folder / "kit"


@pytest.mark.serial
@pytest.mark.parametrize(
    ("lesson", "other", "typed"),
    [
        ("lesson", None, "lesson.ipynb"),
        ("lesson", "other", "."),
        ("lessons/lesson", "lessons/deeper/other", "lessons"),
    ],
    ids=["alone", "beside", "from-above"],
)
def test_from_a_wheel_a_lesson_passes_and_a_notebook_of_others_fails_as_without_the_kit(
    lesson: str,
    other: str | None,
    typed: str,
    from_wheel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(from_wheel))
    expected = [(lesson, str(MISTAKE))]
    for name, tags in ((lesson, ["setup"]), (other, [])):
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            write(tmp_path / f"{name}.ipynb", *tags)
    if other:
        expected += [(other, str(cell)) for cell in (SECRET, PORT, RESULTS, MISTAKE)]
    done = pytest_in(tmp_path, "--nbval", "--trace-config", typed)
    assert str(from_wheel / "securedata_lab" / "nbval_plugin" / "__init__.py") in done.stdout
    failed = re.findall(r"^FAILED ([\w/]+)\.ipynb::Cell (\d)", done.stdout, re.MULTILINE)
    assert sorted(failed) == sorted(expected)


@pytest.mark.thorough
def test_in_the_folder_of_the_lessons_it_works_like_in_the_root() -> None:
    first = "00_start_here.ipynb::Cell 0"
    assert failing_cells(ROOT / "notebooks", "--nbval", first) == set()


ANOTHER_PROJECT = f"""
import os, sys

def test_nothing_of_the_kit_is_here():
    assert "securedata_lab.nbval_plugin" in sys.modules
    assert "securedata" not in sys.modules
    assert not os.environ.keys() & {set(SET_BY_CONFTEST)}
"""


@pytest.mark.thorough
def test_the_tests_of_another_project_see_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "test_another.py").write_text(ANOTHER_PROJECT)
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout
