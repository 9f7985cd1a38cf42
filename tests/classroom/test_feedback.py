"""Feedback: what a page says, and what Moodle's and Canvas's importers make of the zips.

The importers are played as their source has them. Nobody tried it in a running Moodle or Canvas.
"""

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import pytest

from securedata.errors import FormatError
from securedata_classroom.causes import ASK, NEXT
from securedata_classroom.feedback import (
    texts,
    to_canvas_zip,
    to_html,
    to_moodle_zip,
    verdicts_in,
)
from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.points import Total, totals
from securedata_classroom.tables import to_csv

HEAD = "student,id,2.1 check,2.1 sentence,2.3 check,2 own words,total,remark,note\n"
POSSIBLE = "points possible,,2,2,0,0,4,,\n"
MARKED = f'{HEAD}{POSSIBLE}ada,,2,"1,5",2,,,Well <seen>.,marked\nbob,,,,,,,,\nzoe,,,,,,,,\n'
HOSTILE = [
    "a_b_c",
    "_",
    "1_2_assignfeedback_file",
    "9_9_9_9_9",
    '"quoted" O\'Brien',
    "Jürgen Müßig",
    "a/b\\c",
    "../../etc/passwd",
    "~root",
    ".hidden",
    "é" * 300,
    "a" * 300,
    "山田_太郎",
    "x\u202egnp.exe",
    "<b>&amp;",
]


class Said(HTMLParser):
    """The words of a page, and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.names = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += f" {data.strip()}"


def grades(*students: str) -> list[Graded]:
    right = Verdict("2.1", "correct", "the moved row <is> refused", ("copied?",))
    wrong = Verdict("2.3", "not yet", "expected 49, got 50")
    return [Graded(it, "02", f"{it}.ipynb", (right, wrong), marks=("odd",)) for it in students]


def files_in(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {it: archive.read(it).decode() for it in archive.namelist()}


# The page.


def test_a_page_has_verdicts_sentences_points_and_the_remark_and_nothing_of_others() -> None:
    report = Graded("bob", "", "", (Verdict("", UNGRADED, f"no notebook: report.pdf. {ASK}"),))
    found = texts(MARKED, verdicts_in(to_csv([*grades("ada"), report]), MARKED))
    assert [*found] == ["ada", "bob"]  # zoe handed in nothing
    page = Said(to_html("02", found["ada"]))
    for part in (
        "ada : 3.5 of 4 points",
        "Well <seen>.",
        "Exercise 2.1 correct the moved row <is> refused check 2 of 2, sentence 1,5 of 2",
        "Exercise 2.3 not yet expected 49, got 50",
    ):
        assert part in page.words
    assert [it for it in ("bob", "odd", "copied", "marked", "of 0") if it in page.words] == []
    assert "script" not in page.names
    bob = Said(to_html("02", found["bob"])).words
    assert "Your file not graded no notebook: report.pdf" in bob
    assert "check – of 2, sentence – of 2" in bob
    assert NEXT not in bob  # what a lecturer does next is nothing to a student


def test_a_table_of_another_kit_is_refused_in_a_sentence() -> None:
    with pytest.raises(FormatError, match="it has no column file"):
        verdicts_in("student,exercise,state,message\n", MARKED)


# Moodle.


def cleaned(path: str) -> str:
    """moodle/moodle, lib/moodlelib.php, clean_param(): PARAM_PATH, each part as PARAM_FILE."""
    parts = path.replace("\\", "/").split("/")
    bad = re.compile(r"[\x00-\x1f\x7f]|[&<>\"`|':\\/]")
    return "/".join(re.sub(r"\.\.+", "", bad.sub("", it)) for it in parts)


def as_moodle_reads(path: str, participants: set[int]) -> tuple[int, str, str] | None:
    """importziplib.php, is_valid_filename_for_import(): participant, plugin, name of the file."""
    name = path.rpartition("/")[2]
    if name.startswith((".", "~")):
        return None
    parts = f"/import/{path}".split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not re.fullmatch(r"\d+", info[1]) or int(info[1]) not in participants:
            continue
        rest = "/".join([*info[4:], *parts] if len(info) == 5 else ["", *parts])
        return int(info[1]), f"{info[2]}_{info[3]}", rest
    return None


def test_moodle_gives_each_page_to_its_student_whatever_the_names() -> None:
    everybody = [Total(it, f"Participant {n}", 1, ()) for n, it in enumerate(HOSTILE, 7)]
    said = {it.student: f"<p>{it.id}</p>" for it in everybody}
    found = files_in(to_moodle_zip("02_aes_gcm", everybody, said))
    participants = {*range(100)}  # 9, too, which is in a name
    reached = {}
    for path, page in found.items():
        assert len(f"/import/{path}") < 255
        read = as_moodle_reads(cleaned(path), participants)
        assert read is not None, path
        number, plugin, name = read
        assert (plugin, name) == ("assignfeedback_file", "/feedback-02_aes_gcm.html")
        reached[number] = f"<p>Participant {number}</p>" in page
    assert reached == dict.fromkeys(range(7, 7 + len(HOSTILE)), True)


def test_who_is_not_moodles_or_canvass_is_in_no_zip() -> None:
    assert to_moodle_zip("02", [Total("ada", "Canvas 7", 1, ())], {"ada": ""}) == b""
    assert to_canvas_zip("02", {"ada": [{"file": "02_ada.ipynb"}]}, {"ada": ""}) == b""


# Canvas.


def as_canvas_reads(path: str) -> tuple[str, str] | None:
    """abstract_assignment.rb, infer_comment_context_from_filename(): the user, and the file."""
    name = path.rpartition("/")[2]
    pieces = [it for it in name.split("_") if it != "LATE"]
    if pieces[0] == "anon":
        who, file = pieces[1:3]
    else:
        who, file = [it for it in pieces if re.fullmatch(r"\d+", it)][:2]
    return None if pieces[-1].startswith("link") or name.startswith("._") else (who, file)


HANDED_IN = [
    ("lovelaceada_12_77_02_aes_gcm-1.ipynb", ("12", "77")),
    ("obrienbob_LATE_13_78_9_9_9.ipynb", ("13", "78")),
    ("anon_Ab1_79_x.ipynb", ("Ab1", "79")),
    ("LATE_anon_Ab3_81_x.ipynb", ("Ab3", "81")),
    ("müßigjürgen_14_82_a_b_link.html.IPYNB", ("14", "82")),
    ("kim_15_83_work/02_aes_gcm.ipynb", ("15", "83")),  # in a zip
    ("kim_16_text.html", None),  # it has no file: Canvas would ignore it
    ("Ada_17_assignsubmission_file_/02.ipynb", None),
]


@pytest.mark.parametrize(("file", "expected"), HANDED_IN)
def test_canvas_gives_each_file_to_its_student(file: str, expected: tuple[str, str] | None) -> None:
    found = files_in(to_canvas_zip("02", {"a": [{"file": file}]}, {"a": "<p>$x$ 5</p>"}) or EMPTY)
    assert [as_canvas_reads(it) for it in found] == ([expected] if expected else [])
    for name, content in found.items():
        assert content.startswith("<!doctype html>") == name.endswith(".html") == ("/" in file)
        if name.endswith(".ipynb"):  # Canvas gives it the name of the student's notebook
            nbformat = pytest.importorskip("nbformat")
            nbformat.validate(nbformat.from_dict(json.loads(content)))
            (cell,) = json.loads(content)["cells"]
            assert cell["source"] == "<h1>02</h1><p>&#36;x&#36; 5</p>"


EMPTY = b"PK\x05\x06" + bytes(18)


def test_a_students_page_is_the_same_in_all_forms() -> None:
    marked = f"{HEAD}{POSSIBLE}kim_15,Canvas 15,2,,,,,,\n"
    one = Graded("kim_15", "02", "kim_15_83_x.ipynb", (Verdict("2.1", "correct", "so"),))
    verdicts = verdicts_in(to_csv([one]), marked)
    said = texts(marked, verdicts)
    (notebook,) = files_in(to_canvas_zip("02", verdicts, said)).values()
    assert said["kim_15"] in json.loads(notebook)["cells"][0]["source"]
    assert "\n" not in said["kim_15"]  # a blank line would end the HTML in Markdown
    assert totals(marked)[1][0].id == "Canvas 15"
