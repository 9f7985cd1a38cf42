"""`make nbgrader` writes a course, and deletes none that a class has begun."""

import shutil
import subprocess
from pathlib import Path

import pytest
from nbgrader_course import write_course
from vocabulary import ROOT


@pytest.mark.parametrize("begun", ["gradebook.db", "submitted/ada/02_aes_gcm/02_aes_gcm.ipynb"])
def test_a_course_with_grades_or_submissions_is_not_written_again(
    tmp_path: Path, begun: str
) -> None:
    write_course(tmp_path)
    write_course(tmp_path)  # nobody has worked in it
    (tmp_path / begun).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / begun).write_text("grades")
    with pytest.raises(SystemExit, match="Move it away, then run this again"):
        write_course(tmp_path)
    assert (tmp_path / begun).read_text() == "grades"


def test_make_clean_keeps_the_course(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for made in ("build/nbgrader/gradebook.db", "build/slides/01.html"):
        (tmp_path / made).parent.mkdir(parents=True)
        (tmp_path / made).touch()
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "build/nbgrader/gradebook.db").exists()
    assert not (tmp_path / "build/slides").exists()


def test_the_folded_solutions_can_be_left_out(tmp_path: Path) -> None:
    write_course(tmp_path, solutions=False)
    for notebook in tmp_path.glob("source/*/*.ipynb"):
        text = notebook.read_text("utf-8")
        assert "The solution, explained" not in text
        assert "A hint" in text
    (lesson_01,) = tmp_path.glob("source/*/01_*.ipynb")
    assert '"edition": 4' in lesson_01.read_text("utf-8")
