"""`python app.py` in a Python that lacks the kit's packages: the one command that is missing."""

import os
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from vocabulary import ROOT


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with app.py and nothing else."""
    shutil.copy(ROOT / "app.py", tmp_path)
    return tmp_path.resolve()


def said(folder: Path, path: str = "") -> str:
    """The sentence that a Python without packages prints. `path` is the environment's PATH."""
    command = [sys.executable, "-S", str(folder / "app.py")]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.removesuffix("\n")


def test_pip_is_named_with_this_python(bare: Path) -> None:
    missing = "The kit is not installed in this Python (securedata is missing). "
    pip = "-m pip install -e ."
    assert said(bare) == f"{missing}In {bare}, run: {sys.executable} {pip}"
    python = Path(sys.executable)
    assert said(bare, str(python.parent)) == f"{missing}In {bare}, run: {python.name} {pip}"


def test_a_path_with_a_space_is_quoted_as_the_shell_of_each_system_takes_it() -> None:
    typed = runpy.run_path(str(ROOT / "app.py"))["typed"]
    assert typed(r"C:\Python\python.exe", True) == r"C:\Python\python.exe"
    assert typed(r"C:\Ada L\python.exe", True) == r'& "C:\Ada L\python.exe"'
    assert shlex.split(typed("/home/ada l/python", False)) == ["/home/ada l/python"]


def test_the_python_of_make_lab_is_named_if_it_is_there(bare: Path) -> None:
    programs = Path(".venv", "Scripts" if os.name == "nt" else "bin")
    (bare / programs).mkdir(parents=True)
    assert said(bare).endswith(f"In {bare}, run: {programs / 'python'} app.py")
