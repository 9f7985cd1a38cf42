"""The open task, 8.12: what is judged is who reads what, and a story says it in few steps."""

import random
from pathlib import Path

import pytest

from securedata_lab.lesson08_break_it_fix_it.sharing import cell, stories
from securedata_lab.lesson08_break_it_fix_it.sharing.store import Notes, Rows, Safe, Store
from securedata_lab.lesson08_break_it_fix_it.sharing.world import STEPS


class MyStore(Store):  # as a cell has it
    def share(self, caller: str, record_id: str, to: str) -> None:
        raise ValueError("here")


def test_all_stories_are_of_known_steps_and_put_one_old_note_back_at_most() -> None:
    names = [[it for it, _ in story] for story in stories.all_stories(random.Random(1))]
    assert {it for steps in names for it in steps} == {*STEPS} - {"put all back"}
    assert max(steps.count("put back") for steps in names) == 1
    assert (len(stories.PLAIN), stories.DRAWN) == (16, 15)  # as the cell says


def test_the_file_has_the_class_alone_and_each_line_in_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "my_store.py"
    cell.kept_in(str(file))(MyStore)
    lines = file.read_text("utf-8").splitlines()
    here = Path(__file__).read_text("utf-8").splitlines()
    assert [it for it in lines if it] == here[len(lines) - 3 : len(lines)]
    cell.play_stories(str(file))
    place = f"ada is refused, with ValueError: here (line {len(lines)} of my_store.py)"
    assert place in capsys.readouterr().out


@pytest.mark.thorough  # it waits
def test_a_store_that_never_answers_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stories, "STORY_SECONDS", 3)
    file = tmp_path / "my_store.py"
    file.write_text("class MyStore(Store):\n    def share(self, *_):\n        while True: ...\n")
    cell.play_stories(str(file))
    assert capsys.readouterr().out.startswith("The stories came to no end: its process has ended")


def test_rows_overwrite_no_id_and_notes_are_texts() -> None:
    store = Store(Rows(), Notes(), Safe())
    store.rows.put(record := store.sealed("a text", "ada"))
    with pytest.raises(Exception, match="overwrites no id"):
        store.rows.put(store.sealed("another", "eve", record.record_id))
    assert store.text(record.record_id, owner="ada") == "a text"
    with pytest.raises(TypeError, match=r"json\.dumps of a list"):
        store.notes.update({"names": ["bob"]})  # type: ignore[dict-item]
