"""Three packages in one wheel: the service alone, and what becomes of the old layout."""

import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from vocabulary import ROOT

pytestmark = pytest.mark.thorough

NEW_NAME = "import securedata_lab as lab"
EACH_MODULE = """
import pkgutil, sys
from importlib import import_module
import securedata
for module in pkgutil.walk_packages(securedata.__path__, "securedata."):
    if module.name not in ("securedata.lab", "securedata.__main__"):
        import_module(module.name)
        print(module.name)
print(*(name for name in sys.modules if name.startswith("securedata_")))
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that finds the packages of this folder first."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_service_needs_nothing_of_the_other_packages(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "securedata", tmp_path / "securedata")
    # In place of the others lie packages that cannot be imported.
    for name in ("securedata_lab", "securedata_classroom"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} was imported')")
    done = run(EACH_MODULE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "securedata.web.app" in done.stdout
    assert done.stdout.endswith("\n\n")


@pytest.mark.parametrize(
    "line",
    [
        "from securedata import lab",
        "import securedata.lab",
        "from securedata.lab.break_ins import bank",
        "from securedata.lab import check, xor",
    ],
)
def test_an_old_import_is_an_error_of_one_sentence(line: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "securedata", tmp_path / "securedata")
    # An update by Git leaves compiled files, and so the folders of the old layout.
    stale = tmp_path / "securedata" / "lab" / "break_ins" / "__pycache__"
    stale.mkdir(parents=True, exist_ok=True)
    said = run(line, tmp_path).stderr.splitlines()[-1]
    assert said.startswith("ImportError: ")
    assert NEW_NAME in said
    assert "needs kit 0.2" in said


@pytest.mark.skipif(not find_spec("hatchling"), reason="needs what builds the kit")
def test_the_wheel_has_the_packages_and_what_answers_an_old_import(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as built:
        assert {"securedata/lab.py", "securedata_lab/__init__.py"} <= {*built.namelist()}
