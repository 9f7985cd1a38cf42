"""`tools/environment.py`: whatever is in .venv, the next run ends with one that works."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from vocabulary import ROOT, hear_ctrl_c

SCRIPT = ROOT / "tools" / "environment.py"
BIN = "Scripts" if os.name == "nt" else "bin"
UV = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
# A project that needs no network. Its install waits as long as there is a file `wait`.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import time, zipfile
from pathlib import Path

METADATA = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1"
WHEEL = "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: py3-none-any"

def build_editable(folder, config_settings=None, metadata_directory=None):
    while Path("wait").exists():
        Path("waiting").touch()
        time.sleep(0.05)
    with zipfile.ZipFile(Path(folder, "tiny-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("tiny-1.dist-info/METADATA", METADATA)
        wheel.writestr("tiny-1.dist-info/WHEEL", WHEEL)
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return "tiny-1-py3-none-any.whl"
"""
needs_uv = pytest.mark.skipif(UV is None, reason="there is no uv: pip install uv")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and links")


class Project:
    """A clone of a tiny kit, and a user with no network, with or without uv."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kit"
        (self.folder / "tools").mkdir(parents=True)
        shutil.copy(SCRIPT, self.folder / "tools")
        (self.folder / "pyproject.toml").write_text(PYPROJECT)
        (self.folder / "backend.py").write_text(BACKEND)
        self.tools = folder / "tools"
        self.tools.mkdir()
        kept = [part for part in os.environ["PATH"].split(os.pathsep) if not uv_in(part)]
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(self.tools), *kept]),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": "",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "1",
            "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
            "UV_CACHE_DIR": str(folder / "cache"),
            "UV_HTTP_RETRIES": "0",
        }

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def get_uv(self) -> None:
        assert UV is not None
        (self.tools / "uv").symlink_to(UV)

    def lose_uv(self) -> None:
        (self.tools / "uv").unlink()

    def start(self, extras: str, *python: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*(python or [sys.executable]), str(self.folder / "tools" / "environment.py"), extras],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=None if os.name == "nt" else hear_ctrl_c,
        )

    def run(self, extras: str, *python: str) -> tuple[int, str]:
        with self.start(extras, *python) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def start_and_wait_for_pip(self, extras: str) -> "subprocess.Popen[str]":
        (self.folder / "wait").touch()
        process = self.start(extras)
        deadline = time.monotonic() + 300
        while not (self.folder / "waiting").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    def let_pip_go_on(self) -> None:
        (self.folder / "wait").unlink()

    def assert_works(self) -> None:
        program = "from importlib.metadata import version; print(version('tiny'))"
        command = [self.venv / BIN / "python", "-c", program]
        assert subprocess.run(command, capture_output=True, check=True).stdout.split() == [b"1"]

    def assert_makes_it(self, extras: str = "lab") -> str:
        code, output = self.run(extras)
        assert code == 0, output
        self.assert_works()
        return output


def uv_in(folder: str) -> bool:
    return shutil.which("uv", path=folder) is not None


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    (made.folder / "wait").unlink(missing_ok=True)


def run_by_an_old_python(project: Project, *words: str) -> tuple[int, str]:
    script = str(project.folder / "tools" / "environment.py")
    program = f"import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path({script!r}, "
    command = [sys.executable, "-c", program + "run_name='__main__')", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_an_old_python_can_read_the_file_and_says_that_it_is_too_old(project: Project) -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    code, output = run_by_an_old_python(project, "lab")
    assert code == 1
    assert output.startswith("This needs Python 3.10 or newer, and this is Python 3.8: ")
    assert output.count("\n") == 1


def test_a_folder_of_the_user_is_never_deleted(project: Project) -> None:
    project.venv.mkdir()
    (project.venv / "thesis.txt").touch()
    code, output = project.run("lab")
    assert (code, output.count("\n")) == (1, 1)
    assert ".venv is not a virtual environment" in output
    assert [path.name for path in project.venv.iterdir()] == ["thesis.txt"]


def test_without_ensurepip_one_sentence_names_the_package(project: Project, tmp_path: Path) -> None:
    # So does Debian without python3-venv.
    (tmp_path / "ensurepip.py").write_text("raise ModuleNotFoundError('ensurepip')")
    project.environment["PYTHONPATH"] = str(tmp_path)
    code, output = project.run("lab")
    assert (code, output.count("\n")) == (1, 1)
    assert "python{}.{}-venv (or python3-venv)".format(*sys.version_info[:2]) in output
    assert not project.venv.exists()


@pytest.mark.thorough
def test_a_second_run_has_nothing_to_do_until_the_project_changes(project: Project) -> None:
    assert "Installed in" in project.assert_makes_it("test,lab")
    for extras in ("lab", "lab,test"):
        assert project.run(extras) == (0, "")
    # While .venv is right, any Python may run this, unless this very one is asked for.
    assert run_by_an_old_python(project, "lab") == (0, "")
    assert run_by_an_old_python(project, "lab", "--this-python")[0] == 1
    (project.folder / "pyproject.toml").write_text(PYPROJECT + "# another dependency")
    assert "Installed in" in project.assert_makes_it("lab")


def python_is_removed(project: Project) -> str:
    (project.venv / "bin" / "python").unlink()
    (project.venv / "bin" / "python").symlink_to("/no/such/python")
    return "its Python does not start"


def python_is_another(project: Project) -> str:
    (project.venv / "bin" / "python").unlink()
    (project.venv / "bin" / "python").write_text("#!/bin/sh\necho 3.9\n")
    (project.venv / "bin" / "python").chmod(0o755)
    return "it has Python 3.9"


def pip_is_half_there(project: Project) -> str:
    (pip,) = project.venv.glob("lib/python*/site-packages/pip/_internal")
    shutil.rmtree(pip)
    (project.venv / "installed.json").unlink()
    return "it has no pip"


def folder_is_moved(project: Project) -> str:
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    return "its folder was moved"


@posix
@pytest.mark.thorough
def test_an_environment_that_cannot_be_repaired_is_made_again(project: Project) -> None:
    project.assert_makes_it()
    for spoil in (python_is_removed, python_is_another, pip_is_half_there, folder_is_moved):
        reason = spoil(project)
        assert f"Making .venv again: {reason}" in project.assert_makes_it()
        assert project.run("lab") == (0, "")
    (project.venv / "unfinished").touch()
    code, output = project.run("lab", str(project.venv / "bin" / "python"))  # it is active
    assert code == 0, output
    project.assert_works()


@posix
@pytest.mark.thorough
def test_the_next_run_waits_for_the_pip_of_a_killed_run_and_makes_all_again(
    project: Project,
) -> None:
    killed = project.start_and_wait_for_pip("lab")
    killed.kill()
    killed.wait()
    following = project.start("lab")
    assert following.stdout is not None
    assert following.stdout.readline() == "Another run is preparing .venv. Waiting for it.\n"
    project.let_pip_go_on()
    output, _ = following.communicate(timeout=300)
    assert following.returncode == 0
    assert "Making .venv again: the last install did not end." in output
    project.assert_works()


@posix
@pytest.mark.thorough
def test_ctrl_c_ends_an_install_and_the_next_run_goes_on(project: Project) -> None:
    stopped = project.start_and_wait_for_pip("lab")
    os.killpg(stopped.pid, signal.SIGINT)
    output, _ = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert output.endswith("\nStopped. Run it again to go on.\n")
    assert "Traceback" not in output
    project.let_pip_go_on()
    assert "Making" not in project.assert_makes_it()


@posix
@needs_uv
@pytest.mark.thorough
def test_uv_is_used_while_it_is_there_and_not_missed_later(project: Project) -> None:
    project.get_uv()
    project.assert_makes_it("lab")
    assert not list(project.venv.glob("lib/python*/site-packages/pip"))
    (project.venv / "bin" / "python").unlink()
    assert "its Python does not start" in project.assert_makes_it("lab")
    project.lose_uv()
    assert project.run("lab") == (0, "")
    assert "Making .venv again: it has no pip." in project.assert_makes_it("lab,test")
    project.get_uv()
    (project.folder / "pyproject.toml").write_text(PYPROJECT + "# another dependency")
    assert "Making" not in project.assert_makes_it("lab")


@posix
@pytest.mark.thorough
@pytest.mark.parametrize("tool", ["pip", pytest.param("uv", marks=needs_uv)])
def test_a_failure_shows_the_last_lines_but_without_network_one_sentence(
    project: Project, tool: str
) -> None:
    if tool == "uv":
        project.get_uv()
    wrong = PYPROJECT.replace('"backend"', '"no_such_backend"')
    (project.folder / "pyproject.toml").write_text(wrong)
    code, output = project.run("lab")
    assert code == 1
    assert "no_such_backend" in output
    assert "\nThe packages could not be installed. All of the output: " in output
    (project.folder / "pyproject.toml").write_text(PYPROJECT.replace("[]", '["hatchling"]'))
    code, output = project.run("lab")
    assert code == 1
    assert output.splitlines()[1:] == [
        "The packages could not be downloaded. Is there a network? Then run this again."
    ]
    (project.folder / "pyproject.toml").write_text(PYPROJECT)
    assert "Making" not in project.assert_makes_it()
    (project.folder / "pyproject.toml").write_text(PYPROJECT.replace("[]", '["hatchling"]'))
    assert "There is no network, so the packages stay as they were." in project.assert_makes_it()
    assert project.run("test")[0] == 1
