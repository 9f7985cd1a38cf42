"""What a class hands in: folders of nbgrader and Moodle, zips, and zips that mean harm."""

import io
import zipfile
from pathlib import Path

import pytest

from securedata_classroom.grading import ClassList
from securedata_classroom.submissions import MIB, MOST_FILE_MIB, submissions_in

STEMS = ["01_aes_modes", "02_aes_gcm"]
MOODLE = "Ada Lovelace_12345_assignsubmission_file_"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def in_folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "class"


def found(path: Path) -> dict[str, str]:
    """By student: the file's name."""
    return {it.student: it.name for it in submissions_in(path, STEMS)}


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ada/02_aes_gcm.ipynb", "bob/02_aes_gcm.ipynb"], ["ada", "bob"]),
        (["02_aes_gcm_ada.ipynb", "bob-02_aes_gcm.ipynb", "eve.ipynb"], ["ada", "bob", "eve"]),
        ([f"{MOODLE}/02_aes_gcm.ipynb"], ["Ada Lovelace"]),
        (
            [f"{MOODLE}02_aes_gcm.ipynb", "Bob_7_assignsubmission_file/x.ipynb"],
            ["Ada Lovelace", "Bob"],
        ),
        (["submitted/ada/02_aes_gcm/02_aes_gcm.ipynb", "source/02_aes_gcm/x.ipynb"], ["ada"]),
        (["week 2/ada/02.ipynb", "week 2/bob/02.ipynb"], ["ada", "bob"]),
        (["foxfay_LATE_12_77_02_aes_gcm-1.ipynb", "oakoli_13_78_a.ipynb"], ["foxfay", "oakoli"]),
        (["week 2/foxfay_12_77_a.ipynb", "week 2/oakoli_13_78_a.ipynb"], ["foxfay", "oakoli"]),
        (["LATE_anon_Ab1_77_02.ipynb", "anon_Cd2_78_02.ipynb"], ["anon_Ab1", "anon_Cd2"]),
        (["Participant_7_assignsubmission_file_/a.ipynb"], ["Participant 7"]),
        (  # two students of one name
            ["Ada_1_assignsubmission_file_/a.ipynb", "Ada_2_assignsubmission_file_/a.ipynb"],
            ["Ada", "Ada (2)"],
        ),
        (["ada/02.ipynb", "ada/.ipynb_checkpoints/02.ipynb", "__MACOSX/ada/02.ipynb"], ["ada"]),
    ],
)
def test_each_layout_says_whose_a_notebook_is(
    tmp_path: Path, names: list[str], students: list[str]
) -> None:
    files = dict.fromkeys(names, b"{}")
    archive = tmp_path / "all.zip"
    archive.write_bytes(zipped(files))
    assert list(found(in_folder(tmp_path, files))) == students
    assert list(found(archive)) == students


@pytest.mark.parametrize(
    ("eves", "harm"),
    [
        ("eve.zip", "submitted/ada/x/02.ipynb"),
        ("eve.zip", "ada_7_assignsubmission_file_/02.ipynb"),
        ("eve.zip", "ada_7_assignsubmission_file_02.ipynb"),
        ("Eve_2_assignsubmission_file_/eve.zip", "submitted/x/02.ipynb"),
        ("Eve_2_assignsubmission_file_/submitted.zip", "x/02.ipynb"),
        ("submitted.zip", "ada/02.ipynb"),
        ("Eve_2_assignsubmission_file_/submitted/x/02.ipynb", ""),
    ],
)
def test_no_student_names_a_folder_of_the_class(tmp_path: Path, eves: str, harm: str) -> None:
    files = {"ada/02.ipynb": b"{}", "bob/02.ipynb": b"{}"}
    files[eves] = zipped({harm: b"{}"}) if harm else b"{}"
    archive = tmp_path / "all.zip"
    archive.write_bytes(zipped(files))
    nested = in_folder(tmp_path / "nested", {"all.zip": archive.read_bytes()})
    for path in (archive, in_folder(tmp_path, files), nested):
        ada, bob, eve = submissions_in(path, STEMS)
        assert (ada.student, bob.student) == ("ada", "bob")
        assert eve.student in ("Eve", "eve", "submitted")


def test_nbgraders_folder_itself_is_taken(tmp_path: Path) -> None:
    folder = in_folder(tmp_path, {"submitted/ada/02_aes_gcm/02_aes_gcm.ipynb": b"{}"})
    assert list(found(folder / "submitted")) == ["ada"]


def test_small_files_beside_a_notebook_come_along(tmp_path: Path) -> None:
    files = {"ada/02.ipynb": b"{}", "ada/helper.py": b"x = 1", "ada/.results-02.json": b"{}"}
    (one,) = submissions_in(in_folder(tmp_path, files), STEMS)
    assert one.beside == {"helper.py": b"x = 1", ".results-02.json": b"{}"}


BOMB = zipped({"02.ipynb": bytes((MOST_FILE_MIB + 1) * MIB)})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped({"../02.ipynb": b"{}"}), "a name that leads out of it: '../02.ipynb'"),
        (zipped({"/etc/02.ipynb": b"{}"}), "a name that leads out of it"),
        (zipped({"C:\\02.ipynb": b"{}"}), "a name that leads out of it"),
        (zipped({"a\\..\\..\\02.ipynb": b"{}"}), "a name that leads out of it"),
        (BOMB, "a zip that unpacks to too much"),
        (b"PK, but no zip", "it is no zip"),
        (zipped({"02.ipynb": b"{}"})[:-30], "it is no zip, or a damaged one"),
        (zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({})})})}), "zips inside zips"),
    ],
    ids=["..", "absolute", "drive", "backslash", "bomb", "no zip", "cut", "deep"],
)
def test_a_harmful_zip_is_one_students_and_the_others_go_on(
    tmp_path: Path, content: bytes, why: str
) -> None:
    folder = in_folder(tmp_path, {"eve.zip": content, "ada/02.ipynb": b"{}"})
    ada, eve = submissions_in(folder, STEMS)
    assert (ada.student, ada.problem) == ("ada", "")
    assert eve.student == "eve"
    assert why in eve.problem


def test_one_notebook_that_is_too_large_does_not_end_the_class(tmp_path: Path) -> None:
    large = bytes((MOST_FILE_MIB + 1) * MIB)
    (tmp_path / "all.zip").write_bytes(zipped({"eve/02.ipynb": large, "zoe/02.ipynb": b"{}"}))
    eve, zoe = submissions_in(tmp_path / "all.zip", STEMS)
    assert "unpacks to too much" in eve.problem
    assert (zoe.student, zoe.problem) == ("zoe", "")


def test_zips_inside_a_zip_share_what_it_may_take(tmp_path: Path) -> None:
    inner = zipped({f"{n}.py": bytes(15 * MIB) for n in range(4)})
    bomb = zipped({f"{n}.zip": inner for n in range(8)} | {"02.ipynb": b"{}"})
    folder = in_folder(tmp_path, {"eve.zip": bomb, "zoe.zip": zipped({"02.ipynb": b"{}"})})
    *eves, zoe = submissions_in(folder, STEMS)
    assert any("unpacks to too much" in it.problem for it in eves)
    assert (zoe.student, zoe.problem) == ("zoe", "")


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("oli/report.pdf", "report.pdf"),
        ("oli.pdf", "oli.pdf"),
        ("oli/02_aes_gcm.py", "02_aes_gcm.py"),
        ("Oli_7_assignsubmission_file_/report.pdf", "report.pdf"),
        ("oli_12_link.html", "oli_12_link.html"),
        ("oli_12_77_report.pdf", "report.pdf"),
        ("oli/", "an empty folder"),
        ("oli.zip", "an empty folder"),
    ],
)
def test_who_handed_in_no_notebook_does_not_vanish(tmp_path: Path, name: str, there: str) -> None:
    content = zipped({}) if name.endswith(".zip") else b"x"
    archive = tmp_path / "all.zip"
    archive.write_bytes(zipped({name: content, "ada/02.ipynb": b"{}"}))
    folder = in_folder(tmp_path, {"ada/02.ipynb": b"{}"})
    if name.endswith("/"):
        (folder / name).mkdir()
    else:
        in_folder(tmp_path, {name: content})
    for path in (archive, folder):
        _, oli = submissions_in(path, STEMS)
        assert oli.student.lower() == "oli"
        assert oli.problem == f"no notebook in what was handed in: {there}"


def test_a_link_is_not_followed_and_is_named(tmp_path: Path) -> None:
    folder = in_folder(tmp_path, {"ada/02.ipynb": b"{}", "ada/data.csv": b"x"})
    (tmp_path / "mine.ipynb").write_bytes(b"{}")
    (folder / "eve.ipynb").symlink_to(tmp_path / "mine.ipynb")
    (folder / "ada" / "more.csv").symlink_to(tmp_path / "mine.ipynb")
    ada, eve = submissions_in(folder, STEMS)
    assert (ada.problem, eve.content) == ("", b"")
    assert eve.problem.endswith("eve.ipynb (a link)")


def test_a_list_of_the_lecturer_makes_nobody_vanish(tmp_path: Path) -> None:
    handed_in = {"ada/02.ipynb": b"{}", "oli/02.ipynb": b"{}"}
    folder = in_folder(tmp_path, {"all.zip": zipped(handed_in), "class.csv": b"student,name"})
    assert list(found(folder)) == ["ada", "class", "oli"]


def test_ids_and_who_is_late_are_kept_also_without_a_notebook(tmp_path: Path) -> None:
    names = [f"{MOODLE}/02.ipynb", "foxfay_LATE_12_77_02.ipynb", "LATE_anon_Ab1_78_02.ipynb"]
    names += ["guskim_LATE_13_79_report.pdf", "oakoli_14_80_02.ipynb"]
    found = submissions_in(in_folder(tmp_path, dict.fromkeys(names, b"{}")), STEMS)
    assert [(it.student, it.id, it.late) for it in found] == [
        ("Ada Lovelace", "Participant 12345", ""),
        ("anon_Ab1", "", "late"),
        ("foxfay", "Canvas 12", "late"),
        ("guskim", "Canvas 13", "late"),
        ("oakoli", "Canvas 14", ""),
    ]


def test_what_canvas_puts_side_by_side_belongs_together(tmp_path: Path) -> None:
    files = {"foxfay_12_77_08.ipynb": b"{}", "foxfay_12_78_my_vault.py": b"x = 1"}
    files["oakoli_13_79_my_vault.py"] = b"x = 2"
    fay, oli = submissions_in(in_folder(tmp_path, files), STEMS)
    assert (fay.content, fay.beside) == (b"{}", {"my_vault.py": b"x = 1"})
    assert (oli.content, oli.beside) == (b"x = 2", {"my_vault.py": b"x = 2"})


def test_a_folder_from_macos_is_found_in_the_class_list(tmp_path: Path) -> None:
    composed, decomposed = "J\u00fcrgen", "Ju\u0308rgen"
    files = {f"{decomposed}/02.ipynb": b"{}", "zoe/02.ipynb": b"{}"}
    student, _ = found(in_folder(tmp_path, files))
    for name in (composed, decomposed):
        assert student in ClassList.read(f"student,name\n{name},j@uni.example\n").people
