"""`make address` writes the repository's address everywhere, and takes it out again."""

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
from vocabulary import ROOT

README = """![A bit is flipped.](docs/images/lesson.png)

Read [the threat model](docs/threat-model.md#what) and [the key](#key), or see
<img alt="us" src="us.png">.
"""
GITHUB = "https://github.com/you/your-kit"
GITLAB = "https://gitlab.com/a-group/a-subgroup/your-kit"
CODEBERG = "https://codeberg.org/you/your-kit"
RAW = "https://raw.githubusercontent.com"
HOSTS = ("github", "gitlab", "codeberg", "colab", "mybinder")
FIRST = "notebooks/00_start_here.ipynb"

pytestmark = pytest.mark.thorough  # whoever publishes needs it, and CI


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A copy of what holds the address, without one."""
    copy_of_the_kit(tmp_path)
    set_address(tmp_path)
    return tmp_path


def copy_of_the_kit(folder: Path) -> None:
    for name in ("notebooks", "tools"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "README.md", "SECURITY.md"):
        shutil.copy(ROOT / name, folder)


def set_address(kit: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, kit / "tools" / "address.py", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(kit: Path) -> dict[str, bytes]:
    files = ("pyproject.toml", "README.md", "SECURITY.md", "notebooks/**/*.ipynb")
    found = [path for pattern in files for path in kit.glob(pattern)]
    return {path.relative_to(kit).as_posix(): path.read_bytes() for path in found}


def setup_cells(kit: Path) -> list[str]:
    notebooks = [json.loads(path.read_text()) for path in kit.glob("notebooks/**/*.ipynb")]
    code = [[cell for cell in each["cells"] if cell["cell_type"] == "code"] for each in notebooks]
    return ["".join(cells[0]["source"]) for cells in code]


def version(kit: Path) -> str:
    (found,) = re.findall('^version = "(.+)"$', (kit / "pyproject.toml").read_text(), re.MULTILINE)
    return str(found)


def test_set_changed_and_removed_the_address_leaves_no_trace(kit: Path) -> None:
    before = contents(kit)
    text = b"\n".join(before.values()).decode()
    assert not re.search(rf"https?://[\w.]*({'|'.join(HOSTS)})\.|your-name", text)
    set_address(kit, GITHUB)
    once = contents(kit)
    for also in (f"{GITHUB}/", f"{GITHUB}.git"):
        assert set_address(kit, also).stdout == ""
    set_address(kit, GITLAB)
    assert not [name for name, text in contents(kit).items() if b"github.com" in text]
    set_address(kit, GITHUB)
    assert contents(kit) == once
    set_address(kit)
    assert contents(kit) == before


def test_this_tree_is_as_its_own_address_makes_it(tmp_path: Path) -> None:
    """Also with its version: after another one, run `make address` again."""
    copy_of_the_kit(tmp_path)
    own = re.findall('^Repository = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert set_address(tmp_path, *own).stdout == ""
    assert contents(tmp_path) == contents(ROOT)


@pytest.mark.parametrize(
    ("url", "release", "raw", "page", "binder", "report"),
    [
        (
            GITHUB,
            "/releases/download/v",
            f"{RAW}/you/your-kit/v",
            "/blob/v",
            "gh/you/your-kit",
            f"{GITHUB}/security/advisories/new",
        ),
        (
            GITLAB,
            "/-/releases/v",
            f"{GITLAB}/-/raw/v",
            "/-/blob/v",
            "gl/a-group%2Fa-subgroup%2Fyour-kit",
            f"{GITLAB}/-/issues/new?issue[confidential]=true",
        ),
        (
            CODEBERG,
            "/releases/download/v",
            f"{CODEBERG}/raw/tag/v",
            "/src/tag/v",
            "git/https%3A%2F%2Fcodeberg.org%2Fyou%2Fyour-kit",
            "https://codeberg.org/you",
        ),
    ],
    ids=["github", "gitlab", "codeberg"],
)
def test_each_host_has_its_own_forms(
    kit: Path, url: str, release: str, raw: str, page: str, binder: str, report: str
) -> None:
    assert set_address(kit, url).returncode == 0
    folder = f"{url}{release}{version(kit)}/" + ("downloads/" if url == GITLAB else "")
    wheel = f"{folder}securedata_kit-{version(kit)}-py3-none-any.whl"
    assert all(f'    RELEASE = "{wheel}"\n' in cell for cell in setup_cells(kit))
    project = (kit / "pyproject.toml").read_text()
    assert f'\nRepository = "{url}"\n' in project
    assert f"\nreplacement = '\\1{raw}{version(kit)}/'\n" in project
    assert f"\nreplacement = '\\1{url}{page}{version(kit)}/'\n" in project
    readme = (kit / "README.md").read_text()
    assert f"\ngit clone {url}\ncd your-kit\n" in readme
    assert f"\n[binder]: https://mybinder.org/v2/{binder}/HEAD?urlpath=lab/tree/{FIRST}\n" in readme
    assert "[open the lessons in a browser][binder]" in readme
    for path in kit.glob("notebooks/[0-9]*.ipynb"):
        lesson = f"https://you.github.io/your-kit/notebooks/{path.stem}.html"
        at_colab = (
            f"https://colab.research.google.com/github/you/your-kit/blob/main/notebooks/{path.name}"
        )
        (row,) = re.findall(rf"^\|.*\(notebooks/{path.name}\).*$", readme, re.MULTILINE)
        assert [f"({link})" in row for link in (lesson, at_colab)] == [url == GITHUB] * 2
    first = json.loads((kit / FIRST).read_text())["cells"][0]["source"]
    colab = f"https://colab.research.google.com/github/you/your-kit/blob/main/{FIRST})"
    assert any(colab in line for line in first) == (url == GITHUB)
    assert f"]({report}).\n<!-- /report -->" in (kit / "SECURITY.md").read_text()


@pytest.mark.skipif(not find_spec("hatchling"), reason="needs what builds the kit")
def test_a_release_writes_the_hash_of_the_wheel_that_everybody_gets(kit: Path) -> None:
    for package in ROOT.glob("securedata*"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, kit / package.name, ignore=ignored)
    shutil.copy(ROOT / "LICENSE", kit)
    assert set_address(kit, "--release").returncode == 1  # without an address
    set_address(kit, GITHUB)
    assert not any("sha256" in cell for cell in setup_cells(kit))
    assert set_address(kit, "--release").returncode == 0
    released = contents(kit)
    (wheel,) = (kit / "build" / "release").glob("*.whl")
    digest = sha256(wheel.read_bytes()).hexdigest()
    assert all(f'/{wheel.name}#sha256={digest}"\n' in cell for cell in setup_cells(kit))
    # Built again it has the same bytes: of another clone, later, by a user with another umask.
    for path in kit.glob("securedata/*.py"):
        path.touch()
        path.chmod(0o600)
    set_address(kit, "--release")
    set_address(kit, GITHUB)
    assert contents(kit) == released
    set_address(kit, CODEBERG)  # which has other releases
    assert not any("sha256" in cell for cell in setup_cells(kit))


@pytest.mark.parametrize(
    "words",
    [
        ("my-fork",),
        ("https://github.com/you",),
        ("http://github.com/you/your-kit",),
        ("https://gitlab.com/you/your-kit/-/tree/main",),
        ("https://example.org/you/your-kit",),
        (GITHUB, GITLAB),
    ],
)
def test_anything_else_is_refused_with_the_usage(kit: Path, words: tuple[str, ...]) -> None:
    before = contents(kit)
    done = set_address(kit, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("usage: make address URL=")
    assert contents(kit) == before


@pytest.mark.skipif(not find_spec("hatch_fancy_pypi_readme"), reason="needs what builds the kit")
def test_on_pypi_every_link_and_picture_of_the_readme_is_absolute(kit: Path) -> None:
    (kit / "README.md").write_text(README)
    set_address(kit, GITHUB)
    shutil.copytree(ROOT / "securedata", kit / "securedata")
    shutil.copy(ROOT / "LICENSE", kit)
    show = [sys.executable, "-m", "hatchling", "metadata", "readme"]
    page = subprocess.check_output(show, cwd=kit, text=True)
    raw = f"{RAW}/you/your-kit/v{version(kit)}/"
    assert f"![A bit is flipped.]({raw}docs/images/lesson.png)" in page
    assert f'src="{raw}us.png"' in page
    assert f"({GITHUB}/blob/v{version(kit)}/docs/threat-model.md#what)" in page
    assert "[the key](#key)" in page
    assert not re.findall(r'(?:\]\(|src="|href=")(?!https://|#)', page)
