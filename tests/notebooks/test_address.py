"""The repository's address stands in one place, and one command writes another everywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from vocabulary import ROOT

NEW = "https://github.com/somebody-else/a-fork"


def addresses(folder: Path) -> set[str]:
    """Every owner/name that pyproject.toml, the notebooks and the pages give for the kit itself."""
    files = [folder / "pyproject.toml", folder / "README.md", *folder.glob("notebooks/**/*.ipynb")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = re.findall(r"github\.com/([\w.-]+/[\w.-]+?)[\\\"/]", text)
    found += re.findall(r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/", text)
    return set(found)


def test_there_is_one_address() -> None:
    assert len(addresses(ROOT)) == 1


def test_one_command_writes_another_everywhere(tmp_path: Path) -> None:
    for name in ("notebooks", "tools", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run([sys.executable, tmp_path / "tools" / "address.py", NEW], check=True)
    assert addresses(tmp_path) == {"somebody-else/a-fork"}


def test_what_is_no_address_is_refused_with_the_usage(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    command = [sys.executable, tmp_path / "tools" / "address.py", "my-fork"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("usage: make address URL=")
