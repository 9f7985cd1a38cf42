"""As on Colab: its versions of everything, an empty folder, and nothing of ours but the wheel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from vocabulary import ROOT
from workshop import masters

COLAB = ROOT / ".tools" / "colab" / "bin" / "python"


def run(*command: object, folder: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.skipif(
    not COLAB.exists(), reason="tools/ci_tools.sh has not made an environment with Colab's versions"
)
@pytest.mark.serial  # its kernels' ports could be given to a server: see pytest_configure
def test_the_lessons_run_from_an_empty_folder_with_only_the_wheel(tmp_path: Path) -> None:
    pip = (COLAB, "-m", "pip", "--quiet")
    run(*pip, "uninstall", "--yes", "securedata-kit", folder=tmp_path)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, ROOT, folder=ROOT)
    # The first notebook's own set-up cell installs the wheel that lies beside it.
    for notebook in masters():
        shutil.copy(notebook, tmp_path)
    sanitize = ROOT / "securedata_lab" / "nbval_plugin" / "sanitize.cfg"
    nbval = ("--nbval", "--nbval-current-env", f"--nbval-sanitize-with={sanitize}")
    printed = run(COLAB, "-m", "pytest", "-q", *nbval, ".", folder=tmp_path)
    assert " passed" in printed
    where = run(COLAB, "-c", "import securedata; print(securedata.__file__)", folder=tmp_path)
    assert str(ROOT / ".tools") in where
