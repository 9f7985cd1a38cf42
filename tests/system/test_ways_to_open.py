"""The ways to open the kit: each command runs in a fresh clone and home folder."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from vocabulary import ROOT, tool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are lines of a POSIX shell")

# Variables that would lead a visitor's tools to this environment.
OURS = ("VIRTUAL_ENV", "PYTHONPATH", "JUPYTER_", "PIPX_", "UV_", "XDG_")
FIRST_CELL = "import securedata; print(securedata.__file__)"


class Visitor:
    """A user with a fresh clone, an empty home folder, and a few tools."""

    def __init__(self, folder: Path) -> None:
        self.home, self.clone, self.bin = folder / "home", folder / "clone", folder / "bin"
        self.home.mkdir()
        self.bin.mkdir()
        if not (ROOT / ".git").exists():
            pytest.skip("this copy of the project is no clone")
        subprocess.run([tool("git"), "clone", "--quiet", ROOT, self.clone], check=True)

    def has(self, name: str) -> None:
        """Give the visitor a tool, and nothing else of the environment that it is in."""
        (self.bin / name).symlink_to(tool(name))

    def run(self, command: str, typed: str = "", **more: str) -> str:
        """What the command prints. It runs in the clone and must succeed."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        path = [folder for folder in os.get_exec_path() if Path(folder) != Path(sys.prefix, "bin")]
        environment["PATH"] = os.pathsep.join([str(self.bin), *path])
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=self.clone,
            env={**environment, "HOME": str(self.home), **more},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    yield Visitor(tmp_path)
    shutil.rmtree(tmp_path)  # hundreds of megabytes, which pytest would keep


def dockerfile() -> str:
    """What repo2docker, and so Binder, would build. It does not build it here."""
    command = [tool("jupyter-repo2docker"), "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def binder_install() -> str:
    """The command by which Binder installs the kit."""
    (command,) = re.findall(r"^RUN (.*KERNEL_PYTHON_PREFIX.*pip install.*)$", dockerfile(), re.M)
    return str(command)


def test_binder_builds_the_lessons_and_not_the_service() -> None:
    text = dockerfile()
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().replace("-", "=")
    assert f"Building conda environment for {python}" in text
    # The whole repository is there first, and not only the requirements file.
    assert text.index(" src/ ${REPO_DIR}/") < text.index(binder_install())
    assert text.index(binder_install()) < text.index("RUN ./binder/postBuild")


@pytest.mark.thorough
@pytest.mark.serial  # it starts a kernel: see pytest_configure
def test_what_binder_installs_runs_the_lessons(visitor: Visitor) -> None:
    prefix = str(visitor.home / "kernel")
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    visitor.run(f"{binder_install()}; ./binder/postBuild", KERNEL_PYTHON_PREFIX=prefix)
    printed = visitor.run(f"cd notebooks && {prefix}/bin/jupyter run", typed=FIRST_CELL)
    assert printed.startswith(str(visitor.clone))
    visitor.run(f"{prefix}/bin/jupyter lab --version")


@pytest.mark.thorough
@pytest.mark.serial  # it starts a kernel: see pytest_configure
@pytest.mark.parametrize("options", ["--extra lab", "--with jupyterlab"])
def test_uv_run_opens_the_lessons(visitor: Visitor, options: str) -> None:
    visitor.has("uv")
    printed = visitor.run(f"cd notebooks && uv run {options} jupyter run", typed=FIRST_CELL)
    assert printed.startswith(str(visitor.clone))
    visitor.run(f"uv run {options} jupyter lab --version")
    assert visitor.run("git status --porcelain") == ""


@pytest.mark.thorough
def test_pipx_installs_the_command_line(visitor: Visitor) -> None:
    visitor.has("pipx")
    visitor.run("pipx install .")
    assert visitor.run("~/.local/bin/securedata --version").startswith("securedata, version ")
