"""The shell examples of the docs: those of each page run in order, as printed, at a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from vocabulary import ROOT, RunningService

ADDRESS = "https://localhost:5000"
PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if f"{ADDRESS}/" in page.read_text(encoding="utf-8")
    and page.name != "deploy.md"  # it changes a whole machine: test_deploy.py gives it one
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKING = re.compile(f"curl .*{ADDRESS}", re.DOTALL)


class Example(NamedTuple):
    """A block of shell commands, and the block after it, which shows what they print."""

    commands: str
    language: str
    shown: str


def examples(page: Path) -> list[Example]:
    """The blocks of a page in which curl asks our server."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [
        Example(commands, language, shown)
        for (shell, commands), (language, shown) in zip(
            blocks, [*blocks[1:], ("", "")], strict=True
        )
        if shell == "sh" and ASKING.search(commands)
    ]


def run(commands: str, service: RunningService) -> subprocess.CompletedProcess[str]:
    """Run commands in the folder of a service, with our commands and no others on the way."""
    if shutil.which("curl") is None:
        pytest.skip("needs the curl command")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-eu", "-c", commands.replace(ADDRESS, service.url)],
        cwd=service.folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


def form(text: str) -> str:
    """What is left of a text when digits are any digits: ids, hex and dates have one form."""
    return re.sub("[0-9a-f]", "0", text)


def in_one_way(text: str) -> str:
    """The same JSON, whatever its white space."""
    return json.dumps(json.loads(text), ensure_ascii=False)


def assert_alike(shown: str, printed: str) -> None:
    """Texts of one form; … stands for anything but the end of a string of JSON."""
    pattern = '[^"]*'.join(re.escape(form(part)) for part in shown.split("…"))
    assert re.fullmatch(pattern, form(printed)), printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_as_printed_and_print_what_is_shown(
    service: RunningService, page: Path
) -> None:
    found = examples(page)
    assert found
    for example in found:
        done = run(example.commands, service)
        assert done.returncode == 0, f"{example.commands}{done.stderr}"
        if example.language == "json":
            assert_alike(in_one_way(example.shown), in_one_way(done.stdout))
        elif example.language == "text":
            assert_alike(example.shown, done.stdout)
