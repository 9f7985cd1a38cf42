"""The questions of docs/teaching, as other people's readers read them, and as students get them."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from address import notebook_with
from click.testing import CliRunner
from quizzes import INVENTORY, STUDENTS, notebook, quizzes, write_quizzes
from vocabulary import ROOT

from securedata_classroom.gift import gift
from securedata_classroom.qti import qti_package
from securedata_classroom.questions import Answer, Question, as_html, read_questions, variants

GIFT_READER = ROOT / ".tools" / "npm"
READ_GIFT = """
const { parse } = require("gift-pegjs");
const text = require("fs").readFileSync(0, "utf8");
console.log(JSON.stringify(parse(text)));
"""
# Characters with a meaning in GIFT, XML or HTML, for both readers.
NASTY = r"""
**1.** If `a = {x: #1}` and 2 < 3 & "4" ~ 5\6, what is 50%?

- [ ] `a->b` = ~c *(e.g. `{}`: no)*
- [x] %50% is \= &amp; #1 // 2
- [ ] [html]::bold:: text
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quizzes")
    write_quizzes(folder, quizzes())
    return folder


@pytest.fixture
def nasty(tmp_path: Path) -> list[Question]:
    page = tmp_path / "nasty.md"
    page.write_text(NASTY)
    return read_questions(page)


def in_html(question: Question) -> tuple[str, list[str]]:
    return as_html(question.text), [as_html(answer.text) for answer in question.answers]


def right(question: Question) -> list[bool]:
    return [answer.is_right for answer in question.answers]


# GIFT, read by gift-pegjs


def read_gift(gift: str) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None or not (GIFT_READER / "node_modules" / "gift-pegjs").exists():
        pytest.skip("needs node, and gift-pegjs: tools/ci_tools.sh installs it")
    done = subprocess.run(
        [node, "-e", READ_GIFT], input=gift, cwd=GIFT_READER, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def assert_is(question: Question, item: dict[str, Any], title: str) -> None:
    assert (item["type"], item["title"]) == ("MC", f"{title} {question.label}")
    stem, choices = item["stem"], item["choices"]
    texts = [choice["text"] for choice in choices]
    assert {text["format"] for text in [stem, *texts]} == {"html"}
    assert (stem["text"], [text["text"] for text in texts]) == in_html(question)
    assert [choice["isCorrect"] for choice in choices] == right(question)
    reasons = [choice["feedback"] and choice["feedback"]["text"] for choice in choices]
    assert reasons == [as_html(answer.why) or None for answer in question.answers]


@pytest.mark.parametrize("title", quizzes())
def test_a_gift_file_holds_the_questions_of_its_page(files: Path, title: str) -> None:
    read = read_gift((files / f"{title}.gift.txt").read_text("utf-8"))
    items = iter(read)  # a GIFT reader skips the first line, a comment with the licence
    for group in variants(quizzes()[title]):
        if group[0].name == "1" or len(group) > 1:
            category = f"securedata/{title}" + (f"/{group[0].number}" if len(group) > 1 else "")
            assert next(items) == {"type": "Category", "title": category}
        for question in group:
            assert_is(question, next(items), title)
    assert list(items) == []


def test_no_character_of_a_question_has_a_meaning_in_gift(nasty: list[Question]) -> None:
    assert_is(nasty[0], read_gift(gift("nasty", nasty))[1], "nasty")


# QTI 1.2, read by qti2latex

Item = tuple[str, list[str], list[bool]]
BEGIN = "\\filbreak\n\\question[1] "
SAME_NUMBER = "\\addtocounter{question}{-1}\n"  # another variant of the question before
CHOICE = re.compile(r"\\(Correct)?[Cc]hoice (.+)")


@pytest.fixture
def read_qti(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[list[Item]]]:
    """Run the program, and read what it writes: the variants of a question together."""
    program = pytest.importorskip("qti2latex", reason="needs qti2latex, of the extra ci")
    monkeypatch.setattr(program, "html_to_latex", str)  # the real one needs pandoc
    monkeypatch.chdir(tmp_path)

    def read(package: Path) -> list[list[Item]]:
        done = CliRunner().invoke(program.main, [str(package), "--answer-key", "-o", "quiz.tex"])
        assert done.exit_code == 0, repr(done.exception)
        head, *parts = (tmp_path / "quiz-answerkey.tex").read_text("utf-8").split(BEGIN)
        title = package.name.partition(".")[0].replace("_", r"\_")
        assert rf"{{\Large {title}}}" in head
        groups = list[list[Item]]()
        for before, part in pairwise([head, *parts]):
            choices = CHOICE.findall(part)
            item = (
                part.partition("\n")[0],
                [it[1] for it in choices],
                [bool(it[0]) for it in choices],
            )
            if before.endswith(SAME_NUMBER):
                groups[-1].append(item)
            else:
                groups.append([item])
        return groups

    return read


def as_read(question: Question) -> Item:
    return *in_html(question), right(question)


@pytest.mark.parametrize("title", quizzes())
def test_a_qti_package_holds_the_questions_of_its_page(
    files: Path, title: str, read_qti: Callable[[Path], list[list[Item]]]
) -> None:
    expected = [[as_read(it) for it in group] for group in variants(quizzes()[title])]
    assert read_qti(files / f"{title}.qti.zip") == expected
    quiz = zipfile.ZipFile(files / f"{title}.qti.zip").read("quiz.xml").decode()
    marked = [f'ident="{title}-{it.name}" title="{title} {it.label}"' for it in quizzes()[title]]
    assert [it for it in marked if it not in quiz] == []


def test_no_character_of_a_question_has_a_meaning_in_qti(
    nasty: list[Question], tmp_path: Path, read_qti: Callable[[Path], list[list[Item]]]
) -> None:
    package = tmp_path / "nasty.zip"
    package.write_bytes(qti_package("nasty", nasty))
    assert read_qti(package) == [[as_read(nasty[0])]]


def test_the_manifest_of_a_package_names_its_files(files: Path) -> None:
    package = zipfile.ZipFile(files / "inventory.qti.zip")
    manifest = ET.fromstring(package.read("imsmanifest.xml"))
    named = {
        it.get("href") for it in manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}file")
    }
    assert {*package.namelist()} == {"imsmanifest.xml", *named}


# The questions themselves


def test_the_inventory_has_fifteen_questions_and_two_of_each_lesson() -> None:
    inventory = read_questions(INVENTORY)
    assert [question.name for question in inventory] == [str(number) for number in range(1, 16)]
    lessons = [lesson for question in inventory for lesson in question.lessons]
    assert {lesson: min(lessons.count(lesson), 2) for lesson in lessons} == {
        f"{number:02d}": 2 for number in range(1, 9)
    }


def test_each_place_of_the_inventory_is_right_three_or_four_times() -> None:
    places = Counter(right(question).index(True) for question in read_questions(INVENTORY))
    assert sorted(places.values()) == [3, 4, 4, 4]


def in_alphabetical_order(question: Question) -> bool:
    return [*question.answers] == sorted(question.answers, key=lambda it: it.text.casefold())


def test_each_wrong_answer_of_the_inventory_has_its_misconception_and_no_place_a_meaning() -> None:
    for question in read_questions(INVENTORY):
        answers = question.answers
        assert len(answers) == 4
        assert [bool(answer.why) for answer in answers] == [not it for it in right(question)]
        assert in_alphabetical_order(question), question.name


@pytest.mark.parametrize("title", [it for it in quizzes() if it != "inventory"])
def test_a_quiz_has_six_questions_in_two_variants(title: str) -> None:
    quiz = quizzes()[title]
    assert [it.name for it in quiz] == [f"{number}{it}" for number in range(1, 7) for it in "ab"]
    assert [it.name for it in quiz if not in_alphabetical_order(it)] == []
    assert max(Counter(right(question).index(True) for question in quiz).values()) <= 6


def headings(lesson: str) -> dict[str, list[str]]:
    """The headings of a lesson's notebook: in class, and at home."""
    cells = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4).cells
    texts = [it.source for it in cells if it.cell_type == "markdown"]
    found = [line for text in texts for line in re.findall(r"^#+ (.+)", text, re.M)]
    border = found.index("At home")
    return {"class": found[:border], "home": found[border:]}


@pytest.mark.parametrize("title", [it for it in quizzes() if it != "inventory"])
def test_each_question_says_class_or_home_and_its_section_stands_there(title: str) -> None:
    found = headings(title)
    wrong = [it.label for it in quizzes()[title] if it.section not in " ".join(found[it.place])]
    assert wrong == []
    groups = [{it.place for it in group} for group in variants(quizzes()[title])]
    assert [len(places) for places in groups] == [1] * 6  # a neighbour's question is no harder
    assert groups.count({"class"}) >= 3, "a class is asked what it was taught"


# What students get


@pytest.mark.parametrize("when", STUDENTS)
def test_the_students_notebook_is_made_of_the_inventory(when: str) -> None:
    path = STUDENTS[when].relative_to(ROOT).as_posix()
    stored = notebook_with(STUDENTS[when].read_text("utf-8"), path, None)
    made = nbformat.writes(notebook(read_questions(INVENTORY), when))
    assert json.loads(stored) == json.loads(notebook_with(made, path, None)), "make quizzes"
    assert f'lab.Questionnaire(\\"{when}\\", 15)' in made  # each time has a file of its own


def test_the_students_notebook_would_be_the_same_with_another_key() -> None:
    inventory = read_questions(INVENTORY)
    others = [
        replace(
            question,
            concept="another",
            answers=tuple(Answer(it.text, not it.is_right) for it in question.answers),
        )
        for question in inventory
    ]
    assert notebook(others, "after") == notebook(inventory, "after")
