"""The files that other programs read: they fit their schemas and agree with each other."""

import json
import re
import subprocess

import pytest
from vocabulary import ROOT, tool

FILES = {  # by schema
    "--schemafile=tests/schemas/devcontainer.json": [".devcontainer/devcontainer.json"],
    "--builtin-schema=vendor.github-workflows": [
        ".github/workflows/ci.yml",
        ".github/workflows/pages.yml",
        ".github/workflows/release.yml",
    ],
    "--builtin-schema=vendor.citation-file-format": ["CITATION.cff"],
    "--schemafile=tests/schemas/environment.json": ["environment.yml"],
}


def found(pattern: str, file: str) -> list[str]:
    """What the pattern finds in a file of the project."""
    return re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def supported() -> list[str]:
    """The Python versions of pyproject.toml's classifiers, oldest first."""
    return found(r'"Programming Language :: Python :: (3\.\d+)"', "pyproject.toml")


@pytest.mark.parametrize("schema", FILES)
def test_files_fit_their_schema(schema: str) -> None:
    command = [tool("check-jsonschema"), "--default-filetype=yaml", schema, *FILES[schema]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_all_files_name_one_version() -> None:
    (version,) = found(r'^version = "(.+)"', "pyproject.toml")
    assert found(r"^version: (.+)", "CITATION.cff") == [version]
    if (ROOT / "CHANGELOG.md").exists():
        assert found(r"^#+ .*?(\d+\.\d+\.\d+)", "CHANGELOG.md")[:1] == [version]


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
    assert found(r"^python-(.+)", "binder/runtime.txt")[0] in supported()
    assert found(r"python:\d+-([\d.]+)", ".devcontainer/devcontainer.json")[0] in supported()


def test_conda_installs_the_tests_and_binder_the_lessons_alone() -> None:
    assert found(r"^ +- (-e \S+)", "environment.yml") == ["-e .[lab,test]"]
    assert found(r"^(-e .+)", "binder/requirements.txt") == ["-e .[lab]"]


@pytest.mark.thorough
@pytest.mark.parametrize("python", [supported()[0], supported()[-1]])
def test_every_dependency_has_a_wheel(python: str) -> None:
    command = [tool("uv"), "pip", "compile", "--quiet", f"--python-version={python}"]
    command += [
        "--only-binary=:all:",
        "--extra=lab",
        "--extra=test",
        "--extra=book",
        "pyproject.toml",
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_the_dev_container_runs_a_command_that_exists_and_uses_what_it_makes() -> None:
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    command = settings["postCreateCommand"].split()
    assert command[0] == "make"
    subprocess.run([tool("make"), "--dry-run", *command[1:]], cwd=ROOT, check=True)
    python = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"
