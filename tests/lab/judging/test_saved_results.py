"""Results survive the kernel, in a file that holds numbers and states only."""

import json
from pathlib import Path

import pytest

from securedata_lab.judging.saved_results import Results, results_folder


def test_another_kernel_knows_what_was_solved(tmp_path: Path) -> None:
    Results(tmp_path).note("1.2", "correct")
    other = Results(tmp_path)
    other.note("1.3", "not yet")
    other.note("2.1", "correct")
    assert [Results(tmp_path).state(it) for it in ("1.2", "1.3", "2.1", "2.2")] == [
        "correct",
        "not yet",
        "correct",
        None,
    ]
    files = {path.name: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert files == {
        ".results-01.json": {"1.2": "correct", "1.3": "not yet"},
        ".results-02.json": {"2.1": "correct"},
    }


def test_two_kernels_at_once_lose_nothing_that_was_solved(tmp_path: Path) -> None:
    one, other = Results(tmp_path), Results(tmp_path)
    one.note("1.1", "not yet")
    other.note("1.1", "correct")
    other.note("1.2", "correct")
    one.note("1.1", "not yet")
    one.note("1.3", "correct")
    assert [Results(tmp_path).state(it) for it in ("1.1", "1.2", "1.3")] == ["correct"] * 3


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'"correct"', b'{"1.1": 5, "1.2": "solved", "1.3": ["x"]}']
)
def test_a_damaged_file_is_ignored_and_written_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".results-01.json").write_bytes(content)
    results = Results(tmp_path)
    assert results.state("1.1") is None
    results.note("1.1", "correct")
    assert Results(tmp_path).state("1.1") == "correct"


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert results_folder() is None
    monkeypatch.delenv("SECUREDATA_RESULTS")
    assert results_folder() == Path()
