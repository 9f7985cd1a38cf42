"""`tools/environment.py`: whatever is in .venv, the next run ends with one that works."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from crowd import wait_until
from vocabulary import ROOT

SCRIPT = ROOT / "tools" / "environment.py"
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
pytestmark = pytest.mark.skipif(os.name == "nt", reason="it works where make does")


class Project:
    """A clone of a tiny kit, and a user with no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kit"
        (self.folder / "tools").mkdir(parents=True)
        shutil.copy(SCRIPT, self.folder / "tools")
        (self.folder / "backend.py").write_text(BACKEND)
        self.write_project()
        (self.folder / "constraints").mkdir()
        for name in ("build", "lab", "test"):
            self.pin(name)
        self.environment = {
            **os.environ,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": "",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
        }

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def unfinished(self) -> Path:
        return self.folder / "build" / "venv-is-unfinished"

    def write_project(self, needs: str = "") -> None:
        text = PYPROJECT.replace("[]", f"[{needs}]")
        (self.folder / "pyproject.toml").write_text(text)

    def pin(self, name: str, packages: str = "") -> None:
        (self.folder / "constraints" / f"{name}.txt").write_text(f"# make constraints\n{packages}")

    def start(self, extras: str, *python: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*(python or [sys.executable]), str(self.folder / "tools" / "environment.py"), extras],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, extras: str, *python: str) -> tuple[int, str]:
        with self.start(extras, *python) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def start_and_wait_for_pip(self, extras: str) -> "subprocess.Popen[str]":
        (self.folder / "wait").touch()
        process = self.start(extras)
        waiting = self.folder / "waiting"
        wait_until(lambda: waiting.exists() or process.poll() is not None, seconds=300)
        assert process.poll() is None
        return process

    def let_pip_go_on(self) -> None:
        (self.folder / "wait").unlink()
        (self.folder / "waiting").unlink()

    def assert_makes_it(self, extras: str = "lab", *python: str) -> str:
        code, output = self.run(extras, *python)
        assert code == 0, output
        program = "from importlib.metadata import version; print(version('tiny'))"
        command = [self.venv / "bin" / "python", "-c", program]
        assert subprocess.run(command, capture_output=True, check=True).stdout.split() == [b"1"]
        assert self.run(extras) == (0, "")  # nothing is to be done
        return output


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
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))
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


@pytest.mark.thorough
def test_an_environment_of_the_user_is_kept_even_without_pip(project: Project) -> None:
    # `uv venv` makes one like this.
    command = [sys.executable, "-m", "venv", "--without-pip", project.venv]
    subprocess.run(command, check=True)
    (packages,) = project.venv.glob("lib/python*/site-packages")
    (packages / "mine.py").touch()
    assert "Making" not in project.assert_makes_it()
    assert (packages / "mine.py").exists()


@pytest.mark.thorough
def test_a_second_run_has_nothing_to_do_until_the_project_changes(project: Project) -> None:
    project.assert_makes_it("test,lab")
    assert project.run("lab") == (0, "")
    # While .venv is right, any Python may run this, unless this very one is asked for.
    assert run_by_an_old_python(project, "lab") == (0, "")
    assert run_by_an_old_python(project, "lab", "--this-python")[0] == 1
    installed = project.venv / "installed.json"
    content = json.loads(installed.read_text())
    content["modules"].append("jupyterlab")  # it is not there: uv removes what is not its own
    installed.write_text(json.dumps(content))
    assert "Installing the packages" in project.assert_makes_it("lab")
    project.write_project("# another dependency\n")
    assert "Installing the packages" in project.assert_makes_it("lab")
    for name in ("build", "test"):
        project.pin(name, "# another version\n")
        assert "Installing the packages" in project.assert_makes_it("lab")


@pytest.mark.thorough
def test_a_package_is_installed_only_if_it_has_its_hash(project: Project) -> None:
    wheel = project.folder / "other-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr(
            "other-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 1"
        )
        files.writestr("other-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any")
        files.writestr("other-1.dist-info/RECORD", "")
    project.environment["PIP_FIND_LINKS"] = str(project.folder)
    for digest in ("", " --hash=sha256:" + "0" * 64):
        project.pin("lab", f"other==1{digest}\n")
        code, output = project.run("lab")
        assert (code, "hash" in output) == (1, True)
    project.pin("lab", f"other==1 --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n")
    project.assert_makes_it("lab")


@pytest.mark.thorough
def test_a_python_newer_than_the_constraints_gets_versions_of_today(project: Project) -> None:
    script = project.folder / "tools" / "environment.py"
    script.write_text(re.sub(r"\(3, 1\d\)  #", "(3, 9)  #", script.read_text()))
    project.pin("lab", "never-made==1\n")
    assert "Nobody has tried the kit on this Python." in project.assert_makes_it("lab")


def python_is_removed(project: Project) -> str:
    (project.venv / "bin" / "python").unlink()
    (project.venv / "bin" / "python").symlink_to("/no/such/python")
    return "its Python does not start"


def python_is_another(project: Project) -> str:
    (project.venv / "bin" / "python").unlink()
    (project.venv / "bin" / "python").write_text("#!/bin/sh\necho 3.9\n")
    (project.venv / "bin" / "python").chmod(0o755)
    return "it has Python 3.9"


def folder_is_moved(project: Project) -> str:
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    return "its folder was moved"


@pytest.mark.thorough
def test_an_environment_that_cannot_be_repaired_is_made_again(project: Project) -> None:
    project.assert_makes_it()
    for spoil in (python_is_removed, python_is_another, folder_is_moved):
        reason = spoil(project)
        assert f"Making .venv again: {reason}" in project.assert_makes_it()
    project.unfinished.touch()
    active = str(project.venv / "bin" / "python")
    assert "the last install did not end" in project.assert_makes_it("lab", active)


@pytest.mark.thorough
def test_the_next_run_waits_and_makes_all_again_if_the_first_is_killed(project: Project) -> None:
    killed = project.start_and_wait_for_pip("lab")
    following = project.start("lab")
    assert following.stdout is not None
    assert following.stdout.readline() == "Another run is preparing .venv. Waiting for it.\n"
    project.let_pip_go_on()
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    output, _ = following.communicate(timeout=300)
    assert following.returncode == 0
    assert "Making .venv again: the last install did not end." in output


@pytest.mark.thorough
def test_after_ctrl_c_it_is_made_again_only_if_packages_have_changed(project: Project) -> None:
    project.assert_makes_it("lab")
    (packages,) = project.venv.glob("lib/python*/site-packages")
    stopped = project.start_and_wait_for_pip("lab,test")
    os.killpg(stopped.pid, signal.SIGINT)
    output, _ = stopped.communicate(timeout=60)
    assert (stopped.returncode, "Traceback" in output) == (130, False)
    assert output.endswith("\nStopped. Run it again to go on.\n")
    project.let_pip_go_on()
    assert project.run("lab") == (0, "")
    stopped = project.start_and_wait_for_pip("lab,test")
    (packages / "half").touch()
    os.killpg(stopped.pid, signal.SIGINT)
    stopped.communicate(timeout=60)
    project.let_pip_go_on()
    assert "Making .venv again: the last install did not end." in project.assert_makes_it("lab")


@pytest.mark.thorough
def test_without_a_network_a_sentence_says_so_and_what_was_there_still_works(
    project: Project,
) -> None:
    project.assert_makes_it("lab")
    project.pin("lab", "hatchling==1.33.0 --hash=sha256:00\n")
    code, output = project.run("lab,test")
    assert code == 1
    assert "If there was no network, connect, and run this again. " in output.splitlines()[-1]
    code, output = project.run("lab")
    assert (code, output.splitlines()[-1][:31]) == (0, "The packages stay as they were:")
