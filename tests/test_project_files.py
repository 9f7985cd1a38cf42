"""The files that other programs read: they fit their schemas and agree with each other."""

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from vocabulary import ROOT, tool

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILES = {  # by schema
    "--schemafile=tests/schemas/devcontainer.json": [".devcontainer/devcontainer.json"],
    "--builtin-schema=vendor.github-workflows": [
        ".github/workflows/ci.yml",
        ".github/workflows/newest.yml",
        ".github/workflows/pages.yml",
        ".github/workflows/release.yml",
    ],
    "--builtin-schema=vendor.dependabot": [".github/dependabot.yml"],
    "--builtin-schema=vendor.citation-file-format": ["CITATION.cff"],
    "--schemafile=tests/schemas/environment.json": ["environment.yml"],
}

POD_VALUES = [  # file, where the value is there, and where it is in docs/teaching/hub.md
    ("yaml", r"^    name: (.+)", "docker push {}:"),
    ("yaml", r"^    tag: \"(.+)\"", "securedata-lab:{} ."),
    ("yaml", r"^  memory:\n    guarantee: (.+)", "promised {}, "),
    ("yaml", r"^  memory:\n.+\n    limit: (.+)", "limited to {}."),
    ("yaml", r"^cull:\n  enabled: true\n  timeout: (.+)", "idle for {} s "),
    ("yaml", r"chart ([\d.]+)\.", "--version {} "),
    ("yaml", r"chart ([\d.]+)\.", "schema of chart {} "),
    ("Dockerfile", r" jupyterhub==(\S+)", "with JupyterHub {},"),
]


def found(pattern: str, file: str) -> list[str]:
    """What the pattern finds in a file of the project."""
    return re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def supported() -> list[str]:
    """The Python versions of pyproject.toml's classifiers, oldest first."""
    return found(r'"Programming Language :: Python :: (3\.\d+)"', "pyproject.toml")


@pytest.mark.thorough
@pytest.mark.parametrize("schema", FILES)
def test_files_fit_their_schema(schema: str) -> None:
    command = [tool("check-jsonschema"), "--default-filetype=yaml", schema, *FILES[schema]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_all_files_name_one_version() -> None:
    (version,) = found(r'^version = "(.+)"', "pyproject.toml")
    assert found(r"^version: (.+)", "CITATION.cff") == [version]
    if (ROOT / "CHANGELOG.md").exists():
        release = version.partition(".dev")[0]
        assert found(r"^#+ .*?(\d+\.\d+\.\d+)", "CHANGELOG.md")[:1] == [release]


def test_licences_and_citation_name_one_holder() -> None:
    holder = found(r"^  - name: (.+)", "CITATION.cff")
    for file in ("LICENSE", "LICENSE-CC-BY-4.0.txt"):
        assert found(r"^Copyright \(c\) \d+ (.+)", file) == holder


def test_all_files_support_the_same_pythons() -> None:
    oldest, newest = supported()[0], supported()[-1]
    following = f"3.{int(newest.removeprefix('3.')) + 1}"
    (matrix,) = found(r"^ +python: (\[.+\])", ".github/workflows/ci.yml")
    assert json.loads(matrix) == supported()
    assert found(r'^requires-python = "(.+)"', "pyproject.toml") == [f">={oldest}"]
    assert found(r"- python (.+)", "environment.yml") == [f">={oldest},<{following}"]
    assert found(r"NEWEST = .+, \(3, (\d+)\)", "tools/environment.py") == [newest[2:]]
    assert found(r"--python-version=(\S+)", "Makefile") == [oldest]
    assert found(r"^python-(.+)", "binder/runtime.txt")[0] in supported()
    assert found(r"python:\d+-([\d.]+)", ".devcontainer/devcontainer.json")[0] in supported()


def test_conda_installs_the_tests() -> None:
    assert found(r"^ +- (-e \S+)", "environment.yml") == ["-e .[lab,test]"]


def pins(name: str) -> dict[str, list[str]]:
    """The versions of each package in a file of constraints/: of some, one for each Python."""
    versions: dict[str, list[str]] = {}
    for package, version in found(r"^([a-z0-9-]+)==([^ ]+)", f"constraints/{name}.txt"):
        versions.setdefault(package, []).append(version)
    return versions


def test_the_constraints_have_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    building = project["dependency-groups"]["build"]
    assert set(project["build-system"]["requires"]) <= set(building)
    wanted = {"build": building}
    for extra, needs in project["project"]["optional-dependencies"].items():
        wanted[extra] = needs + project["project"]["dependencies"]
    for name, needs in wanted.items():
        versions, everything = pins(name), pins("ci")
        for need in map(Requirement, needs):
            if need.name != "securedata-kit":
                of_it = versions.get(need.name, ["none"])
                assert all(map(need.specifier.contains, of_it)), f"{need}: run make constraints"
        # One resolution: so the files of two extras fit together.
        assert all(set(of_it) <= set(everything[package]) for package, of_it in versions.items())


def test_what_is_held_back_on_one_system_is_held_back_there_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for held in map(Requirement, project["tool"]["uv"]["constraint-dependencies"]):
        fitting = [held.specifier.contains(it) for it in pins("ci")[held.name]]
        assert set(fitting) == {True, False}, f"{held.name}: everybody gets the old version"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "python", "system"),
    [
        *product(["lab", "test"], [supported()[0], supported()[-1]], ["linux", "windows", "macos"]),
        ("book", supported()[-1], "linux"),
        ("lab", supported()[-1], "x86_64-apple-darwin"),
    ],
)
def test_each_pinned_package_has_a_wheel(
    name: str, python: str, system: str, tmp_path: Path
) -> None:
    command = [tool("uv"), "pip", "install", "--dry-run", "--no-config", "--only-binary=:all:"]
    command += [f"--python={sys.executable}", f"--target={tmp_path}", "--require-hashes"]
    command += [f"--python-platform={system}", f"--python-version={python}"]
    command += ["-r", str(ROOT / "constraints" / f"{name}.txt")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"\n + jupyter{'lab' if name == 'lab' else '-client'}==" in done.stderr


def test_no_file_names_an_index() -> None:
    """Who installs says where from. Hashes say what: npm's lock file needs no address either."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy of the project is no clone")
    index = r"pythonhosted\.org|pypi\.org/simple|registry\.npmjs|\"resolved\":|-index-url[ =]"
    command = [tool("git"), "grep", "-nE", index, "--", ":!tests/test_project_files.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_actions_and_images_are_named_by_their_hash() -> None:
    """Only the dev container's image is not: docs/install.md says why."""
    for file in ("ci", "newest", "pages", "release"):
        for used in found(r"(?:uses|image): ([^$]\S+)", f".github/workflows/{file}.yml"):
            assert re.search(r"@(sha256:[0-9a-f]{64}|[0-9a-f]{40})$", used), used
    images = [
        *found(r"^FROM (\S+)", "Dockerfile"),
        *found(r"^FROM (\S+)", "docs/deploy/z2jh.Dockerfile"),
    ]
    assert all(re.search("@sha256:[0-9a-f]{64}$", image) for image in images)
    assert len({*images}) == 1


def test_the_page_about_hubs_prints_the_values_of_a_pod() -> None:
    page = (ROOT / "docs" / "teaching" / "hub.md").read_text(encoding="utf-8")
    for file, pattern, printed in POD_VALUES:
        (value,) = found(pattern, f"docs/deploy/z2jh.{file}")
        assert printed.format(value) in page


def test_the_dev_container_runs_a_command_that_exists_and_uses_what_it_makes() -> None:
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    command = settings["postCreateCommand"].split()
    assert command[0] == "make"
    subprocess.run([tool("make"), "--dry-run", *command[1:]], cwd=ROOT, check=True)
    python = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"
