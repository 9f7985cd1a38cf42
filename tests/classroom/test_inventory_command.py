"""`securedata inventory`: what a lecturer types, with the inventory of the repository."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from vocabulary import ROOT

from securedata.cli import main
from securedata_classroom.questions import read_questions

QUESTIONS = read_questions(ROOT / "docs" / "teaching" / "inventory.md")


def compare(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["inventory", *map(str, arguments)])


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("repository")
def test_one_folder_can_hold_what_was_handed_in_before_and_after(tmp_path: Path) -> None:
    keys = {
        question.name: "abcd"[[answer.is_right for answer in question.answers].index(True)]
        for question in QUESTIONS
    }
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "answers-before.json").write_text(json.dumps({"1": keys["1"]}))
    (tmp_path / "ada" / "answers-after.json").write_text(json.dumps(keys))
    done = compare(tmp_path, tmp_path)
    assert re.search(r"^all +7 % +100 % +1\.00$", done.stdout, re.MULTILINE), done.output


def test_without_the_page_with_the_key_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = compare("before.csv", "after.csv")
    assert done.exit_code == 2
    assert done.stderr.startswith("securedata: docs/teaching/inventory.md is not here: go to the")
    named = compare("--questions", ROOT / "docs/teaching/inventory.md", "before.csv", "after.csv")
    assert named.stderr == "securedata: before.csv: No such file or directory\n"


@pytest.mark.usefixtures("repository")
def test_a_name_that_clears_the_screen_is_printed_with_its_escapes(tmp_path: Path) -> None:
    key = QUESTIONS[0].answers[0].text.replace('"', '""')
    for when, name in (("before", "Bob"), ("after", "\x1b[2JEve")):
        rows = f'"Ada","{key}"\n"{name}","{key}"\n'
        (tmp_path / f"{when}.csv").write_text(f"Name,Response 1\n{rows}")
    done = compare(tmp_path / "before.csv", tmp_path / "after.csv")
    assert "Only after: \\x1b[2JEve.\n" in done.stdout
    (tmp_path / "after.csv").write_text('Name,Response 1\n"Eve","\x1b[2J"\n')
    assert "\x1b" not in compare(tmp_path / "before.csv", tmp_path / "after.csv").stderr
