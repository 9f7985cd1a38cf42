"""The notebooks' set-up cell, run where the kit is missing: it installs it, or says what to do."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from address import with_release
from vocabulary import ROOT, a_public_folder, free_port, served

pytestmark = pytest.mark.thorough

SETUP = next(
    cell.source
    for cell in nbformat.read(ROOT / "notebooks" / "01_aes_modes.ipynb", as_version=4).cells
    if cell.cell_type == "code"
)
COLAB = ROOT / ".tools" / "colab" / "bin" / "python"
# The first program that setpriv starts is still found with root's rights, the second is not.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env"]
LATER = "import securedata\nprint(securedata.__file__)\nprint(securedata.VERSION)"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with Jupyter and pip, without the kit: it reads our packages, not our .pth files."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    (packages,) = folder.glob("[Ll]ib/**/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture(params=["newest", "colab"])
def python(request: pytest.FixtureRequest, bare: Path) -> Iterator[Path]:
    """One without the kit, before and after."""
    python = bare if request.param == "newest" else COLAB
    if not python.exists():
        pytest.skip("tools/ci_tools.sh has not made an environment with Colab's versions")
    remove = [python, "-m", "pip", "uninstall", "-q", "--yes", "securedata-kit"]
    if request.param == "colab":
        subprocess.run(remove, check=True)
    yield python
    subprocess.run(remove, check=True)


def a_wheel(folder: Path, version: str, *needs: str) -> Path:
    """A wheel of the kit's name, with a package that knows its version and little else."""
    folder.mkdir(exist_ok=True)
    wheel = folder / f"securedata_kit-{version}-py3-none-any.whl"
    info = f"securedata_kit-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", "Name: securedata-kit", f"Version: {version}"]
    metadata += [f"Requires-Dist: {need}" for need in needs]
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr("securedata/__init__.py", f"VERSION = '{version}'\n")
        files.writestr("securedata_lab.py", "def ready(): print()\ndef me(name): pass\n")
        files.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        files.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        files.writestr(f"{info}/RECORD", "")
    return wheel


def run_all(python: Path, folder: Path, setup: str = SETUP) -> list[str]:
    """The lines that IPython prints where the set-up cell runs, and then one that needs the kit."""
    (folder / "lesson.ipy").write_text(f"{setup}\n{LATER}\n")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "NO_PROXY": "127.0.0.1",
        "PIP_INDEX_URL": f"http://127.0.0.1:{free_port()}/simple",  # no index can be reached
        "PIP_RETRIES": "0",
    }
    done = subprocess.run(
        [python, "-m", "IPython", "--colors=NoColor", "--no-term-title", "lesson.ipy"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


def test_without_wheel_and_address_one_sentence_says_what_to_do(
    python: Path, tmp_path: Path
) -> None:
    said = run_all(python, tmp_path, "".join(with_release(SETUP, "")))
    assert said == ["The kit is missing. Put its .whl beside this notebook, or use make lab."]


def test_the_newest_wheel_beside_the_notebook_is_installed(python: Path, tmp_path: Path) -> None:
    for version in ("9.9.9", "9.10.0", "9.2.1"):
        a_wheel(tmp_path, version)
    twice = a_wheel(tmp_path, "9.11.0")  # a browser names a second download like this
    twice.rename(twice.with_stem(f"{twice.stem} (1)"))
    assert run_all(python, tmp_path)[-1] == "9.10.0"


def test_without_a_wheel_beside_it_the_release_is_installed_if_it_has_its_hash(
    python: Path, tmp_path: Path
) -> None:
    wheel = a_wheel(tmp_path / "release", "9.9.9")
    digest = sha256(wheel.read_bytes()).hexdigest()
    with served(wheel.parent) as address:
        url = f"{address}{wheel.name}#sha256="
        refused = run_all(python, tmp_path, "".join(with_release(SETUP, url + "0" * 64)))
        said = run_all(python, tmp_path, "".join(with_release(SETUP, url + digest)))
    assert len(refused) == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused[0]
    assert said[-1] == "9.9.9"


def test_without_a_network_one_sentence_says_what_to_do(python: Path, tmp_path: Path) -> None:
    a_wheel(tmp_path, "9.9.9", "a-package-from-the-index>=1")
    (said,) = run_all(python, tmp_path)
    assert said.startswith("The kit was not installed. Is there a network? pip says: No match")
    assert "a-package-from-the-index>=1" in said


def a_base_python(user: list[str]) -> str:
    """A Python that this user can run and make an environment of."""
    for python in (sys._base_executable, "/usr/bin/python3"):  # type: ignore[attr-defined]
        with suppress(OSError):
            if not subprocess.run([*user, python, "-c", "import ensurepip"]).returncode:
                return str(python)
    pytest.skip("no Python here can be run by another user")


@pytest.mark.skipif(os.name == "nt", reason="modes are not what protects a folder there")
def test_where_only_the_home_can_be_written_the_kit_is_there_at_once() -> None:
    """pip takes the user site then; a Python that started before that was made ignores it."""
    user = NOBODY if os.geteuid() == 0 else []
    base = a_base_python(user)
    with a_public_folder() as folder:
        subprocess.run([base, "-m", "venv", "--system-site-packages", folder / "v"], check=True)
        for packages in folder.glob("v/lib/*/site-packages"):
            packages.chmod(0o555)
        a_wheel(folder, "9.9.9")
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        (folder / "lesson.py").write_text(f"{SETUP}\n{LATER}\n")
        done = subprocess.run(
            [*user, folder / "v" / "bin" / "python", "lesson.py"],
            cwd=folder,
            env={"HOME": str(folder / "home"), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout.splitlines()[1].startswith(str(folder / "home"))
