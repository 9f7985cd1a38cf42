"""What a class hands in: folders, of which some cannot be used."""

from pathlib import Path

import pytest

from securedata.classroom.tournament.playing import pairs
from securedata.classroom.tournament.teams import FLAWED, KIT, MENDED, kit_players, teams_in
from securedata.errors import FormatError


def hand_in(folder: Path, team: str, **files: str) -> Path:
    (folder / team).mkdir()
    for name, text in files.items():
        (folder / team / f"my_{name}.py").write_text(text)
    return folder / team


def test_a_team_may_have_a_vault_or_an_attack_or_both(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada", vault="v", attack="a")
    hand_in(tmp_path, "bob", attack="a")
    hand_in(tmp_path, "eve", notes="")
    (tmp_path / "notes.txt").touch()
    assert [(it.name, it.vault, it.attack) for it in teams_in(tmp_path)] == [
        ("ada", "v", "a"),
        ("bob", None, "a"),
    ]


def test_everybody_meets_everybody_else_and_the_kits_players(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada", vault="v", attack="a")
    hand_in(tmp_path, "bob", vault="v", attack="a")
    met = {
        (vault.name, attack.name) for vault, attack in pairs([*kit_players(), *teams_in(tmp_path)])
    }
    vaults, attacks = (FLAWED, MENDED, "ada", "bob"), (KIT, "ada", "bob")
    assert met == {(v, a) for v in vaults for a in attacks if v != a}


def test_a_link_to_a_file_of_the_lecturer_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "my_vault.py").write_text("key")
    classroom = tmp_path / "class"
    classroom.mkdir()
    (classroom / "eve").symlink_to(secret)
    with pytest.raises(FormatError, match=r"my_vault\.py is a link: a team hands in files"):
        teams_in(classroom)
    (classroom / "eve").unlink()
    hand_in(classroom, "eve")
    (classroom / "eve" / "my_vault.py").symlink_to(secret / "my_vault.py")
    with pytest.raises(FormatError, match="is a link"):
        teams_in(classroom)


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"\xff", "is no text in UTF-8"), (b"x" * 300_000, "is longer than 256 KiB")],
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, data: bytes, why: str) -> None:
    hand_in(tmp_path, "ada")
    (tmp_path / "ada" / "my_attack.py").write_bytes(data)
    with pytest.raises(FormatError, match=why):
        teams_in(tmp_path)


def test_a_team_may_not_have_the_name_of_a_player_of_the_kit(tmp_path: Path) -> None:
    hand_in(tmp_path, MENDED, vault="v")
    with pytest.raises(FormatError, match="rename this team's folder"):
        teams_in(tmp_path)


def test_a_folder_without_teams_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"my_vault\.py and my_attack\.py"):
        teams_in(tmp_path)
