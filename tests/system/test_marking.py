"""The page to mark on in a real browser, opened from a file: forty students by keyboard alone."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from classroom.handing_in import NOTEBOOKS
from click.testing import CliRunner
from system.axe import axe
from vocabulary import troubles_of

from securedata.cli import main
from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.lessons import lessons_in, questions
from securedata_classroom.marking import models, to_marking
from securedata_classroom.points import columns
from securedata_classroom.tables import to_csv

pytestmark = pytest.mark.serial

THREE = lessons_in(NOTEBOOKS)[2]
TABLE = "grades-03_dsa_signatures-points.csv"
HOSTILE = [
    "</script><script>document.title = 'x'</script>",
    '"quoted", O\'Brien; <img src=x onerror="document.title = 1">',
    "=HYPERLINK(1)",
    "w" * 90,  # with others, as its answer is that of every third
    "x\u202egnp.exe",
    "שלום",
]
STUDENTS = [*HOSTILE, *(f"student {n}" for n in range(len(HOSTILE), 40))]
NUMPY = "numpy is missing here"
KEPT = "What you type is kept in this browser."
LOST = "This browser keeps nothing: save the table before you close the page."


def a_class(students: list[str] = STUDENTS) -> list[Graded]:
    """Each student has four sentences; every third one has the same. One check was not graded."""
    grades = []
    for n, student in enumerate(students):
        verdicts = tuple(Verdict(it, "correct", f"so, {student}") for it in THREE.exercises)
        if n == 7:
            verdicts = (replace(verdicts[0], state=UNGRADED, words=NUMPY), *verdicts[1:])
        said = student * (n % 3 > 0) or "Because  it is <b>so</b>."
        answers = dict.fromkeys(questions(THREE), said)
        grades.append(Graded(student, THREE.stem, "", verdicts, answers, id=f"Participant {n}"))
    return grades


class Lecturer:
    """Somebody who marks by keyboard alone."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def says(self, where: str) -> str:
        return str(self.page.locator(f"#{where}").inner_text())

    @property
    def current(self) -> Any:
        return self.page.locator("article[aria-current]")

    def saved(self, folder: Path) -> list[dict[str, str]]:
        with self.page.expect_download() as coming:
            self.press("s")
        assert coming.value.suggested_filename == TABLE
        coming.value.save_as(folder / TABLE)
        text = (folder / TABLE).read_text("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def marking(tmp_path: Path) -> Path:
    path = tmp_path / "grades-03_dsa_signatures-marking.html"
    page = to_marking(TABLE, THREE, a_class(), ["zoe"], models(NOTEBOOKS, THREE))
    path.write_text(page, "utf-8")
    return path


@pytest.fixture(params=["light", "dark"])
def lecturer(browser: Any, marking: Path, request: pytest.FixtureRequest) -> Iterator[Lecturer]:
    screen = {"width": 1280, "height": 720} if request.param == "light" else PHONE
    context = browser.new_context(viewport=screen, color_scheme=request.param)
    page = context.new_page()
    troubles = troubles_of(page, marking.as_uri())
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.goto(marking.as_uri())
    yield Lecturer(page)
    assert troubles == []
    context.close()


PHONE = {"width": 400, "height": 800}


def test_forty_students_are_marked_by_keyboard_alone_and_added_up(
    lecturer: Lecturer, tmp_path: Path
) -> None:
    left = 40 * 4 + 1
    assert lecturer.says("left") == f"{left} of {left} left"
    assert lecturer.says("question") == "Its check was not graded. How many points?"
    assert NUMPY in lecturer.current.inner_text()
    lecturer.press("0")
    for _ in range(left - 1):
        lecturer.press("1")
    assert lecturer.says("left") == "nothing is left"
    assert lecturer.says("said").endswith("1. All are marked.")
    lecturer.press("Enter", "r")  # the first one again
    lecturer.page.keyboard.type('=1+1; -2 is no "reason"')
    lecturer.press("Enter", "Shift+ArrowRight", ".", "1")
    rows = {it["student"]: it for it in lecturer.saved(tmp_path)}
    assert rows.pop("points possible")["3 own words"] == "3"
    assert rows["student 7"]["3.1 check"] == "0"
    assert rows["student 7"]["remark"] == ' =1+1; -2 is no "reason"'
    assert rows["zoe"]["3.1 sentence"] == ""
    headings = [it.heading for it in columns(THREE) if not it.is_check]
    marked = [row[it] for row in rows.values() for it in headings if row["3.1 check"]]
    assert sorted(marked) == ["1"] * 159 + ["1.5"]

    (tmp_path / "grades-03_dsa_signatures.csv").write_text(to_csv(a_class()), "utf-8")
    done = CliRunner().invoke(main, ["grade", "--answers", str(tmp_path / TABLE)])
    assert done.exit_code == 0, done.output
    total = (tmp_path / "grades-03_dsa_signatures-total.csv").read_text("utf-8-sig")
    sums = [it["total"] for it in csv.DictReader(io.StringIO(total))]
    assert sorted(sums) == ["", "11", *["14"] * 38, "14.5"]
    pages = {it.stem: it.read_text("utf-8") for it in tmp_path.glob("feedback-*/*.html")}
    assert len(pages) == 40
    assert "=1+1; -2 is no &quot;reason&quot;</blockquote>" in pages["student-7"]
    for page in pages.values():
        assert len({*re.findall(r"so, [^<]*", page)}) == 1  # nothing of others


def test_axe_finds_nothing_and_nothing_leaves_the_screen(lecturer: Lecturer) -> None:
    for keys in ("", "0 1 .", "r"):
        lecturer.press(*keys.split())
        assert axe(lecturer.page) == []
        wide = lecturer.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= lecturer.page.viewport_size["width"]


def test_names_and_answers_are_text_and_equal_ones_stand_side_by_side(lecturer: Lecturer) -> None:
    lecturer.press("Shift+ArrowRight")
    equal = [it for n, it in enumerate(STUDENTS) if n % 3 == 0]
    cards = lecturer.page.locator("article")
    seen = set[str]()
    while lecturer.says("heading").startswith("3.1 sentence"):
        seen |= {*lecturer.page.locator("article .who b").all_inner_texts()}
        is_equal = "<b>so</b>" in lecturer.current.inner_text()
        assert cards.count() == (len(equal) if is_equal else 1)
        assert lecturer.page.locator("#same").is_visible() == is_equal
        lecturer.press("ArrowRight")
    assert seen == {it.replace("\u202e", "\\u202e").replace("=H", "'=H") for it in STUDENTS}
    assert lecturer.page.title() == "Mark 03_dsa_signatures"
    assert lecturer.page.locator("img, article script").count() == 0


def test_no_key_gives_too_much_or_to_two_at_once_and_each_can_be_taken_back(
    lecturer: Lecturer,
) -> None:
    lecturer.press("9")
    assert lecturer.says("said") == "3.1 check: at most 3 points."
    lecturer.press(".", "3")
    assert lecturer.says("left").startswith("161 ")
    lecturer.page.keyboard.down("1")
    lecturer.page.keyboard.down("1")  # the keyboard repeats it
    lecturer.page.keyboard.up("1")
    assert lecturer.says("left").startswith("160 ")
    lecturer.press("ArrowLeft", "Backspace", "Control+1", "r", "1", "Escape")
    assert lecturer.says("left").startswith("161 ")
    assert lecturer.says("said").endswith(": no points. 161 left.")
    lecturer.page.locator("article button").nth(1).click()
    assert lecturer.says("said").startswith("student 7: 0.5.")


def test_all_that_is_left_of_one_hand_in_is_0_by_one_key(
    lecturer: Lecturer, tmp_path: Path
) -> None:
    assert "Its file: " in lecturer.current.inner_text()
    name = lecturer.current.get_attribute("aria-label")
    lecturer.press("z")
    headings = [it.heading for it in columns(THREE) if not it.is_check]
    rows = {it["student"]: [it[one] for one in headings] for it in lecturer.saved(tmp_path)}
    assert set(rows.pop(name)) == {"0"}
    rows.pop("points possible")
    assert {cell for row in rows.values() for cell in row} == {""}


def test_what_was_typed_is_there_again_and_holds_no_name_and_no_answer(
    lecturer: Lecturer, marking: Path
) -> None:
    assert lecturer.says("kept") == KEPT
    lecturer.press("2", "1", "r", "h", "i")
    kept = lecturer.page.evaluate("localStorage.getItem(localStorage.key(0))")
    assert sorted(json.loads(kept)["points"].values()) == [1, 2]
    assert [it for it in (*STUDENTS, "Because") if it in kept] == []
    for changed, left in ((STUDENTS[0], 159), (STUDENTS[1], 160)):  # the class is graded again
        others = [replace(it, answers={}) if it.student == changed else it for it in a_class()]
        marking.write_text(to_marking(TABLE, THREE, others), "utf-8")
        lecturer.page.reload()
        assert lecturer.says("left").startswith(f"{left} ")
    assert STUDENTS[1] in lecturer.current.inner_text()
    lecturer.press("ArrowRight")
    assert lecturer.page.locator("#remark").input_value() == "hi"


def test_a_browser_that_keeps_nothing_is_said_to(browser: Any, marking: Path) -> None:
    """A sandboxed frame has no storage."""
    outside = marking.with_name("frame.html")
    outside.write_text(f'<iframe sandbox="allow-scripts" src="{marking.name}"></iframe>')
    page = browser.new_page()
    page.goto(outside.as_uri())
    frame = page.frame_locator("iframe")
    assert frame.locator("#kept").inner_text() == LOST
    assert frame.locator("#left").inner_text() == "161 of 161 left"
    page.close()
