"""`securedata tournament`: a class's folder in, tables and logs out."""

from pathlib import Path

import pytest
from classroom.boxed import needs_bwrap
from classroom.tournament.programs import FIRST, MENDED, NOTHING, a_class, read, tournament

from securedata.lab.auditing.student_file import BEGINNING


def test_without_bubblewrap_it_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    done = tournament(a_class(tmp_path / "class", ada=(MENDED, FIRST)))
    assert done.exit_code == 2
    assert "sudo apt install bubblewrap" in done.stderr
    assert not (tmp_path / "tournament").exists()


@pytest.mark.thorough
@needs_bwrap
def test_two_teams_play(tmp_path: Path) -> None:
    folder = a_class(tmp_path / "class", ada=(MENDED, NOTHING), bob=(BEGINNING, FIRST))
    out = tmp_path / "out"
    done = tournament(folder, "--seeds", "1", "--out", out)
    assert done.exit_code == 0, done.output
    taken = {(row["vault"], row["attack"]): row["text"] for row in read(out / "matches.csv")}
    assert (taken["ada", "bob"], taken["bob", "ada"], taken["flawed vault", "bob"]) == (
        "0",
        "0",
        "1",
    )
    assert "10 matches" in done.output
    assert len(list((out / "logs").iterdir())) == 10
    assert "the attack took: text" in (out / "logs" / "flawed vault -- bob -- 1.txt").read_text()
