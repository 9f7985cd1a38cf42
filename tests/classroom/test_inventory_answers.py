"""What a class answered: tables of platforms are read, and a bad line is named with its reason."""

import json
from pathlib import Path

import pytest

from securedata.errors import FormatError
from securedata_classroom.inventory_answers import Answered, read_class
from securedata_classroom.questions import Answer, Question

BYTE = Question(
    "1",
    "A byte?",
    tuple(Answer(it, it == "8 `bits`") for it in ("4", "7", "8 `bits`", "9")),
    "Bytes",
)
KEY = Question(
    "2", "A key?", tuple(Answer(it, it == "c, or d") for it in ("a", "b", "c, or d", "e")), "Keys"
)
# As Moodle's responses report is downloaded; the names of the columns are in the user's language.
MOODLE = """\
Last name,First name,Email address,Status,Started,Completed,Time,Grade/2.00,Response 1,Response 2
Lovelace,Ada,ada@example.org,Finished,"2 October 2026, 9:00 AM",later,4 mins,1.00,8 bits,-
Byron,Ann,ann@example.org,Finished,now,later,4 mins,1.00,9,"c, or d"
Hopper,Grace,grace@example.org,-,-,-,-,-,-,-
"""


def read(source: Path) -> dict[str, Answered]:
    return read_class(source, "before", [BYTE, KEY])


def texts(known: dict[str, Answered]) -> dict[str, dict[str, str]]:
    return {who: {name: it.text for name, it in said.items()} for who, said in known.items()}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "before.csv"


def refusal(source: Path) -> str:
    with pytest.raises(FormatError) as refused:
        read(source)
    return str(refused.value).replace(str(source), "FILE")


def test_a_download_of_moodle_is_read(table: Path) -> None:
    table.write_text(MOODLE)
    assert texts(read(table)) == {
        "ada@example.org": {"1": "8 `bits`"},
        "ann@example.org": {"1": "9", "2": "c, or d"},
    }


@pytest.mark.parametrize(
    "content",
    [
        "who,one,two\nAda,8 bits,a\n",
        '\ufeff"who";zwei;eins\r\n\r\nAda;A;8\u00a0BITS\r\n',
        "who\tone\ttwo\nAda\t8   bits\t a ",
    ],
)
def test_order_spaces_capitals_and_delimiters_do_not_matter(table: Path, content: str) -> None:
    table.write_bytes(content.encode())
    assert texts(read(table)) == {"Ada": {"1": "8 `bits`", "2": "a"}}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "FILE: the file is empty"),
        ("name,one\nAda,ten\n", "FILE: no cell is an answer of the inventory: download"),
        ("name,one\nAda,9\nBob,ten\n", 'FILE, line 3: "ten" in the column "one" is no answer of'),
        ("name,one,two\nAda,9,8 bits\n", "FILE, line 2: question 1 is answered twice: leave the"),
        (
            "name,one\nAda,9\n\nAda,7\n",
            "FILE, line 4: Ada is there twice, also in FILE, line 2: keep one attempt of each",
        ),
        ("name,one\nAda,9\nBob\n", "FILE, line 3: 1 cells, and 2 in the first line: is a comma"),
        ('name,one\n"A\nda",9\nBob,"7', "FILE, line 4: this is no CSV: unexpected end of data"),
        ("name,one\nAda,9\nZo\u00eb,9\n", "FILE, line 3: not UTF-8: save the file as CSV UTF-8"),
    ],
)
def test_a_bad_table_gets_a_sentence_with_line_and_reason(
    table: Path, content: str, sentence: str
) -> None:
    table.write_bytes(content.encode("latin-1"))
    assert refusal(table).startswith(sentence)


# What students handed in


def hand_in(file: Path, answers: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers))


def test_files_with_an_answer_are_found_under_the_names_that_platforms_give_them(
    tmp_path: Path,
) -> None:
    hand_in(tmp_path / "ada" / "inventory" / "answers-before.json", {"1": "c"})
    hand_in(tmp_path / "Bob_17_assignsubmission_file" / "answers-before.json", {"1": "a"})
    hand_in(tmp_path / "Eve_3_assignsubmission_file_answers-before (1).json", {"1": "b"})
    hand_in(tmp_path / "cy" / "answers-before.json", {})
    hand_in(tmp_path / "grace-answers-before.json", {"2": "d"})
    hand_in(tmp_path / "ada" / "answers-after.json", {"1": "d"})
    assert texts(read(tmp_path)) == {
        "ada": {"1": "8 `bits`"},
        "Bob": {"1": "4"},
        "Eve": {"1": "7"},
        "grace": {"2": "e"},
    }


@pytest.mark.parametrize(
    ("file", "answers", "sentence"),
    [
        ("ada/other.json", {"1": "a"}, "FILE: no file answers-before.json with an answer is in"),
        ("ada/answers-before.json", {}, "FILE: no file answers-before.json with an answer is in"),
        ("answers-before.json", {"1": "a"}, "FILE/answers-before.json: whose is it? Put it into"),
        ("ada/answers-before.json", {"1": "e"}, "FILE/ada/answers-before.json: the notebook did"),
        ("ada/answers-before.json", {"9": "a"}, "FILE/ada/answers-before.json: the notebook did"),
        ("ada/answers-before.json", ["1"], "FILE/ada/answers-before.json: the notebook did"),
        ("ada/answers-before.json", {"1": ["a"]}, "FILE/ada/answers-before.json: the notebook did"),
    ],
)
def test_a_bad_file_gets_a_sentence(
    tmp_path: Path, file: str, answers: object, sentence: str
) -> None:
    hand_in(tmp_path / file, answers)
    assert refusal(tmp_path).startswith(sentence)


def test_what_jupyter_and_macos_leave_behind_is_not_read(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada" / "answers-before.json", {"1": "a"})
    checkpoint = tmp_path / "ada" / ".ipynb_checkpoints" / "answers-before-checkpoint.json"
    hand_in(checkpoint, {"1": "b"})
    hand_in(tmp_path / "__MACOSX" / "ada" / "answers-before.json", {"1": "b"})
    (tmp_path / "ada" / "._answers-before.json").write_bytes(b"\0\x05\x16\x07")
    assert texts(read(tmp_path)) == {"ada": {"1": "4"}}


def test_a_name_is_the_same_with_other_capitals_of_an_address_or_a_split_letter(
    tmp_path: Path,
) -> None:
    for name in ("Ada@Example.org", "Zoe\u0308", "Ann"):
        hand_in(tmp_path / name / "answers-before.json", {"1": "a"})
    assert sorted(read(tmp_path)) == ["Ann", "Zo\u00eb", "ada@example.org"]
