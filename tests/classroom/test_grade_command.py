"""`securedata grade`, as docs/teaching/grading.md prints it."""

import codecs
import csv
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pexpect
import pytest
from classroom.handing_in import answered, handed_out, saved, solved
from click.testing import CliRunner
from crowd import wait_until
from vocabulary import ROOT, SECUREDATA

from securedata.cli import main

PAGE = (ROOT / "docs" / "teaching" / "grading.md").read_text(encoding="utf-8")


def grade(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["grade", *arguments])
    return done.exit_code, done.output


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")
def test_the_page_on_grading_works_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "submissions"
    saved(solved("02", {"2.3"}), folder / "Ada_7_assignsubmission_file_" / "02_aes_gcm.ipynb")
    saved(handed_out("02"), folder / "bob_12_77_02_aes_gcm.ipynb")
    command, adds_up = re.findall(r"^securedata grade (.*)$", PAGE, re.MULTILINE)
    code, printed = grade(*command.split())
    assert (code, printed.splitlines()[-1]) == (0, "2 hand-ins: grades-02_aes_gcm.csv")
    rows = sorted(it.split()[:2] for it in printed.splitlines() if " correct" in it)
    assert rows == [["Ada", "1"], ["bob", "0"]]
    code, printed = grade(*adds_up.split())
    assert (code, printed.split()[:2]) == (0, ["Ada", "1"])
    assert "2 students, 20 points possible: grades-02_aes_gcm-total.csv," in printed
    with open("grades-02_aes_gcm.csv", encoding="utf-8-sig") as file:
        right = [it["student"] for it in csv.DictReader(file) if it["state"] == "correct"]
    assert right == ["Ada"]
    assert not Path("grades-so-far.csv").exists()
    # Each file that the page promises is there.
    rows = re.findall(r"^\| (`(?:grades|feedback)-.*?) \|", PAGE, re.MULTILINE)
    promised = [name for row in rows for name in re.findall(r"`([^`]*)`", row)]
    assert len(promised) == 10
    for name in promised:
        file = Path(name.replace("STUDENT", "Ada").replace("LESSON", "02_aes_gcm"))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.thorough  # it grades a class twice
def test_parts_are_joined_into_the_tables_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["ada", "=bob\nb", "eve_LATE_12_77_02", "kim_13_78_02", os.fsdecode(b"mia\xff")]
    for name in names:
        saved(
            answered(handed_out("02"), "2.7", "# So.\n\n# It is."), Path("class", f"{name}.ipynb")
        )
    saved(handed_out("02"), Path("class", "two", "a.ipynb"))
    saved({"nbformat": 4, "cells": []}, Path("class", "two", "b.ipynb"))
    Path("people.csv").write_text("student,name\nada,ada\nzoe,zoe\n")
    same = ["class", "--trust", "--exercises", "2.7,2.1", "--class-list", "people.csv"]
    code, one_run = grade(*same, "--out", "one/g.csv")
    assert code == 0
    for part in (3, 1, 2):
        code, printed = grade(*same, "--part", f"{part}/3", "--out", "parts/g.csv")
        assert (code, f"part {part}/3, " in printed) == (0, True)
    join = ("parts", "--join", "--class-list", "people.csv", "--out", "joined/g.csv")
    code, printed = grade(*join)
    assert code == 0
    assert printed.splitlines()[-1].replace("joined", "one") == one_run.splitlines()[-1]
    files = [it.relative_to("one") for it in Path("one").rglob("*.*")]
    assert len(files) > 3
    assert [
        it for it in files if Path("one", it).read_bytes() != Path("joined", it).read_bytes()
    ] == []
    # A part that is missing, there twice, of another class, or damaged is refused by its number.
    second = Path("parts", "g-part-2-of-3.json")
    right = second.read_text()
    shutil.copy(second, second.with_stem(f"{second.stem} (1)"))
    Path("parts", "g-part-1-of-3.json").write_text("{}")
    assert "g-part-1-of-3.json: it is damaged" in grade(*join)[1]
    Path("parts", "g-part-1-of-3.json").unlink()
    words = "parts: part 1/3 is missing, part 2/3 is there 2 times"
    assert grade(*join) == (2, f"securedata: {words}\n")
    second.with_stem(f"{second.stem} (1)").write_text(right.replace('"2/3"', '"1/3"'))
    second.write_text(right.replace('"hand-ins": 7', '"hand-ins": 8'))
    assert "part 2/3 is of another class, or had other options" in grade(*join)[1]


NEITHER = "name either a FOLDER to grade, or --answers FILE to add up"


@pytest.mark.whole
@pytest.mark.parametrize(
    ("arguments", "file", "why"),
    [
        ("nowhere", None, "nowhere: there is no such folder or zip"),
        ("empty", None, "there is no notebook (.ipynb) in it"),
        ("file", b"x", "file: it is no zip"),
        ("empty --notebooks nowhere", None, "nowhere: there are no lessons in it"),
        ("", None, NEITHER),
        ("class --answers file", None, NEITHER),
        ("class --trust --with numpy", None, "leave out --trust"),
        ("class --trust --exercises 2.1,9.7", None, "there is no exercise 9.7\n"),
        ("class --trust --part 9/8", None, "--part 9/8: write a part and how many there are"),
        ("class --join", None, "class: there is no file of a part in it"),
        ("--answers file", None, "file: it cannot be read"),
        ("--answers file", b"\xe4", "file: it is not UTF-8"),
        ("class --trust --class-list file", None, "cannot be read"),
        ("class --trust --class-list file", b"a,b\n", "no column name and student; found: a, b"),
        ("class --trust --class-list file", b"student,name\nJ\xfcrgen,j\n", "is not UTF-8"),
    ],
)
def test_what_cannot_be_graded_or_added_up_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, file: bytes | None, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    saved({"nbformat": 4, "cells": []}, Path("class", "ada.ipynb"))
    if file is not None:
        Path("file").write_bytes(file)
    code, printed = grade(*arguments.split())
    assert code == 2
    assert why in printed
    assert "Usage" in printed or (printed.startswith("securedata: ") and printed.count("\n") == 1)


def test_who_handed_in_nothing_and_who_is_a_stranger_is_said(tmp_path: Path) -> None:
    saved({"nbformat": 4, "cells": []}, tmp_path / "class" / "ada.ipynb")
    saved({"nbformat": 4, "cells": []}, tmp_path / "class" / "eve.ipynb")
    people = tmp_path / "people.csv"
    people.write_text("student;name\nada;ada@uni.example\nbob;bob@uni.example\n")
    out = ("--trust", "--out", str(tmp_path / "g.csv"))
    code, printed = grade(str(tmp_path / "class"), "--class-list", str(people), *out)
    assert (code, "nothing could be graded" in printed) == (2, True)
    assert "securedata: nothing was handed in by: bob\n" in printed
    assert "securedata: not on the class list: eve\n" in printed
    assert (tmp_path / "g.csv").read_bytes().startswith(codecs.BOM_UTF8)  # for Excel


def test_typed_points_are_never_written_over(tmp_path: Path) -> None:
    saved(handed_out("02"), tmp_path / "class" / "ada.ipynb")
    arguments = (str(tmp_path / "class"), "--trust", "--out", str(tmp_path / "g.csv"))
    table = tmp_path / "g-02_aes_gcm-points.csv"
    table.write_text("typed")
    _, printed = grade(*arguments)
    assert table.read_text() == "typed"
    beside = tmp_path / "g-02_aes_gcm-points-2.csv"
    assert f"{table} stays as it is; the new points are in {beside}\n" in printed
    assert "ada,," in beside.read_text("utf-8-sig")


@pytest.mark.thorough
def test_no_warning_of_python_quotes_a_students_code(tmp_path: Path) -> None:
    notebook = handed_out("02")
    answered(notebook, "2.1", "def my_answer(): return '\\\x1b'")
    saved(notebook, tmp_path / "class" / "ada.ipynb")
    shown = {**os.environ, "PYTHONWARNINGS": "default"}  # before 3.12 they are hidden
    said = pexpect.run(f"{SECUREDATA} grade --trust class", cwd=tmp_path, timeout=120, env=shown)
    assert b"escape sequence" not in said


WAITS = """
import os, time
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])  # one at a time
from pathlib import Path
from securedata_classroom import grading
from securedata.cli import main
graded = grading.graded
def slow(submission, *others):
    while submission.student != "a" and not Path("go").exists():
        Path("waits").touch()
        time.sleep(0.02)
    return graded(submission, *others)
grading.graded = slow
main(["grade", "class", "--trust", "--class-list", "people.csv", "--out", "g.csv"])
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="keeps to one processor, as taskset does")
@pytest.mark.parametrize("times", [1, 2])
def test_after_ctrl_c_what_runs_is_named_and_what_is_done_is_kept(
    tmp_path: Path, times: int
) -> None:
    r"""Of a, b\n and c, the second runs. The first is in a table, and nobody is called absent."""
    for student in ("a", "b\n", "c"):
        saved(handed_out("02"), tmp_path / "class" / student / "02_aes_gcm.ipynb")
    (tmp_path / "people.csv").write_text('student,name\na,a\n"b\n",b\nc,c\nd,d\n')
    with subprocess.Popen(
        [sys.executable, "-c", WAITS], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert (
            process.stderr.readline()
            == b"securedata: grading 3 files; g-so-far.csv grows row by row\n"
        )
        wait_until((tmp_path / "waits").exists)
        table = tmp_path / "g-so-far.csv"
        wait_until(lambda: "\na,02_aes_gcm,2.1," in table.read_text("utf-8-sig"))
        so_far = table.read_text("utf-8-sig")
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == b"\n"
        waits = b"securedata: waiting for b\\n. Ctrl-C again does not wait\n"
        assert process.stderr.readline() == waits
        if times == 2:
            process.send_signal(signal.SIGINT)
        else:
            (tmp_path / "go").touch()
        said, errors = process.communicate()
    assert process.returncode == 130
    if times == 2:
        assert errors == b""
        assert table.read_text("utf-8-sig") == so_far
        return
    assert [it.split()[:2] for it in said.decode().splitlines()] == [
        ["a", "0"],
        ["b\\n", "0"],
        ["2", "hand-ins:"],
    ]
    assert b"nothing was handed in by: d\n" in errors
    assert b"securedata: stopped; not graded yet: c\n" in errors
    assert not table.exists()
    page = (tmp_path / "g.html").read_text()
    assert page.count("nothing was handed in") == 1
    assert "\nc," not in (tmp_path / "g-02_aes_gcm-points.csv").read_text("utf-8-sig")


def test_who_is_in_no_gradebook_file_is_said(tmp_path: Path) -> None:
    table = tmp_path / "g-points.csv"
    rows = "points possible,,2,2\nada,Canvas 7,1,\nanon_Ab1,,2,\noli,,,\n"
    table.write_text(f"student,id,2.1 check,total\n{rows}")
    code, printed = grade("--answers", str(table))
    assert code == 0
    assert "securedata: 1 without an id are in no gradebook file: anon_Ab1\n" in printed
    assert "securedata: no feedback was written: put g.csv, which was written" in printed


@pytest.mark.parametrize("table", ["g-02_aes_gcm.csv", "g.csv"])
@pytest.mark.parametrize("points", ["g-02_aes_gcm-points-2.csv", "g-02_aes_gcm-points (1).csv"])
def test_feedback_finds_the_table_of_the_grader_beside_the_points(
    tmp_path: Path, table: str, points: str
) -> None:
    head = "student,lesson,exercise,state,points,marks,message,file\n"
    rows = "ada,02_aes_gcm,2.1,correct,1,,mine,a\nada,03_dsa_signatures,3.1,correct,1,,other,a\n"
    (tmp_path / table).write_text(head + rows)
    marked = "student,id,2.1 check,total\npoints possible,,2,2\nada,,2,\neve,,1,\nzoe,,,\n"
    (tmp_path / points).write_text(marked)
    code, printed = grade("--answers", str(tmp_path / points))
    assert (code, printed.splitlines()[-2:]) == (
        0,
        [
            f"feedback for 1: {tmp_path / 'feedback-g-02_aes_gcm'}",
            f"securedata: no feedback for eve: {tmp_path / table} does not name them",
        ],
    )
    page = (tmp_path / "feedback-g-02_aes_gcm" / "ada.html").read_text("utf-8")
    assert ("mine" in page, "other" in page) == (True, False)
    assert (tmp_path / "g-02_aes_gcm-total.csv").is_file()


def test_no_page_of_another_class_is_among_the_feedback(tmp_path: Path) -> None:
    for student in ("ada", "eve"):
        head = "student,lesson,exercise,state,points,marks,message,file\n"
        (tmp_path / "grades-2.csv").write_text(f"{head}{student},02,2.1,correct,1,,,\n")
        table = f"student,id,2.1 check,total\npoints possible,,2,2\n{student},,2,\n"
        (tmp_path / "grades-2-points.csv").write_text(table)
        _, printed = grade("--answers", str(tmp_path / "grades-2-points.csv"))
    assert f"files of other students; see {tmp_path / 'feedback-2-2'}\n" in printed
    assert [it.name for it in (tmp_path / "feedback-2-2").iterdir()] == ["eve.html"]


@pytest.mark.skipif(sys.platform != "linux", reason="other disks refuse such names")
def test_each_hand_in_has_one_row_of_printable_letters_whatever_its_name(tmp_path: Path) -> None:
    names = [
        "a\x1b[2J\x1b[H",
        "b\nkim                      6 of 6",
        "c\rkim\b\b\x07\x9b2J",
        "d\u202e6 fo 6\u2028kim",
        os.fsdecode(b"e\xff"),
        f"f{150 * ' '}kim",
    ]
    for name in names:
        saved({"nbformat": 4, "cells": []}, tmp_path / "class" / name / "a.ipynb")
    with zipfile.ZipFile(tmp_path / "class" / "g.zip", "w") as archive:
        archive.writestr("\x1b[2J" + 5000 * "g" + ".pdf", b"")
    command = f"{SECUREDATA} grade class --trust --out g.csv"
    said, code = pexpect.run(command, cwd=tmp_path, encoding="utf-8", withexitstatus=True)
    _, *rows, error = said.strip().split("\r\n")
    assert (code, error) == (2, "securedata: nothing could be graded: g.csv says why")
    assert [it for it in rows if not it.isprintable() or len(it) > 1100] == []
    assert sorted(it.partition("  ")[0] for it in rows) == [
        r"a\x1b[2J\x1b[H",
        r"b\nkim",
        r"c\rkim\x08\x08\x07\x9b2J",
        r"d\u202e6 fo 6\u2028kim",
        r"e\udcff",
        "f",
        "g",
    ]
    with open(tmp_path / "g.csv", encoding="utf-8-sig") as table:
        assert table.read().count("\n") == 1 + len(rows)
