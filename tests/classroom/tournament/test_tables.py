"""The tables: what was played is in them, and a name is never code."""

import csv
from pathlib import Path

import pytest

from securedata.classroom.sandbox import Sandbox
from securedata.classroom.tournament import playing
from securedata.classroom.tournament.match import Result
from securedata.classroom.tournament.tables import write_tables
from securedata.classroom.tournament.teams import FLAWED, Team

TEXT = Result(frozenset({"text"}), "", ())
UNFAIR = Result(frozenset(), "the vault's process ended at /store", ())


def rows(file: Path) -> list[list[str]]:
    with open(file, encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))


def test_the_tables_say_who_took_what(tmp_path: Path) -> None:
    write_tables({(FLAWED, "eve"): [TEXT], ("ada", "eve"): [UNFAIR]}, tmp_path)
    assert rows(tmp_path / "points.csv")[1:] == [
        ["eve", "", "1.000", "1.000"],
        ["ada", "0.000", "", "0.000"],
        ["flawed vault", "0.000", "", "0.000"],
    ]
    assert rows(tmp_path / "matches.csv") == [
        [
            "vault",
            "attack",
            "repetition",
            "honest use",
            "text",
            "statement",
            "gone",
            "customers",
            "password",
        ],
        ["flawed vault", "eve", "1", "ok", "1", "0", "0", "0", "0"],
        ["ada", "eve", "1", "the vault's process ended at /store", "0", "0", "0", "0", "0"],
    ]
    page = (tmp_path / "table.html").read_text()
    assert ">text</td>" in page
    assert 'title="the vault&#x27;s process ended at /store">honest use failed</td>' in page


def test_a_name_is_neither_html_nor_a_formula(tmp_path: Path) -> None:
    write_tables({("<script>", "=1+1"): [TEXT]}, tmp_path)
    assert "<script>" not in (tmp_path / "table.html").read_text()
    assert rows(tmp_path / "points.csv")[1][0] == "'=1+1"


def test_what_no_file_can_hold_is_cut_or_becomes_a_question_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfair = Result(frozenset(), "it refused, “\ud800”", ("it refused, “\ud800”",))
    monkeypatch.setattr(playing, "play", lambda *_, **__: unfair)
    teams = [Team("💶" * 60, vault="…"), Team("é" * 120, attack="…")]
    assert len(list(playing.play_all(Sandbox(trust=True), teams, 1, tmp_path, is_open=False))) == 1
    (log,) = (tmp_path / "logs").iterdir()
    for file in (log, tmp_path / "matches.csv", tmp_path / "table.html"):
        assert "it refused, “?”" in file.read_text(encoding="utf-8")
