"""A whole tournament in which most teams mean harm: it ends, and the table is right."""

from pathlib import Path

import pytest
from classroom.boxed import needs_bwrap
from classroom.tournament.programs import (
    FIRST,
    HARM,
    MENDED,
    a_class,
    harmful_vault,
    read,
    tournament,
)

pytestmark = pytest.mark.soak


@needs_bwrap
def test_six_vaults_and_six_attacks_of_which_most_do_harm(tmp_path: Path) -> None:
    names = dict(zip(HARM, ("ada", "bob", "cem", "dan", "eve"), strict=True))
    teams = {name: (harmful_vault(HARM[harm]), HARM[harm]) for harm, name in names.items()}
    folder = a_class(tmp_path / "class", fay=(MENDED, FIRST), **teams)
    before = {file: file.read_text() for file in folder.rglob("*.py")}
    out = tmp_path / "out"
    done = tournament(folder, "--seeds", "1", "--out", out)
    assert done.exit_code == 0, done.output
    assert {file: file.read_text() for file in folder.rglob("*.py")} == before
    assert sorted(it.name for it in tmp_path.iterdir()) == ["class", "out"]
    for row in read(out / "matches.csv"):
        works = row["vault"] in ("fay", "flawed vault", "mended vault")
        assert (row["honest use"] == "ok") == works, row
        able = {"kit's attack": 5, "fay": 1}.get(row["attack"], 0)
        flags = sum(int(row[it]) for it in ("text", "statement", "gone", "customers", "password"))
        assert flags == (able if row["vault"] == "flawed vault" else 0), row
    figures = {row["player"]: (row["defence"], row["attack"]) for row in read(out / "points.csv")}
    assert figures["fay"] == ("1.000", "0.500")  # the text of the flawed vault, and the kit has it
    assert figures["kit's attack"] == ("", "4.500")
    assert {figures[name] for name in names.values()} == {("0.000", "0.000")}
