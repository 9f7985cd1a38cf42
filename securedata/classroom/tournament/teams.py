"""Who plays: a folder for each team, and the kit's own players."""

from dataclasses import dataclass
from pathlib import Path

from securedata.errors import FormatError
from securedata.lab.auditing.student_file import AS_GIVEN

VAULT_FILE, ATTACK_FILE = "my_vault.py", "my_attack.py"
MOST_BYTES = 256 << 10
PLAYERS = Path(__file__).with_name("players")
FLAWED, MENDED, KIT = "flawed vault", "mended vault", "kit's attack"


@dataclass(frozen=True)
class Team:
    """A name and two programs, as text. Either may be missing.

    >>> Team("ada", vault="class MyVault: ...").attack is None
    True
    """

    name: str
    vault: str | None = None
    attack: str | None = None


def kit_players() -> list[Team]:
    """What everybody is compared with: a flawed vault, a mended one, and an attack.

    >>> [team.name for team in kit_players()]
    ['flawed vault', 'mended vault', "kit's attack"]
    """
    mended, attack = (
        (PLAYERS / name).read_text(encoding="utf-8")
        for name in ("mended_vault.py", "kit_attack.py")
    )
    return [Team(FLAWED, vault=AS_GIVEN), Team(MENDED, vault=mended), Team(KIT, attack=attack)]


def teams_in(folder: Path) -> list[Team]:
    """One team for each subfolder, by name.

    Raises:
        FormatError: no team is there, or a file cannot be used.

    >>> teams_in(Path("nowhere"))
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: there is no folder nowhere
    """
    if not folder.is_dir():
        raise FormatError(f"there is no folder {folder}")
    folders = sorted(it for it in folder.iterdir() if it.is_dir() and not it.name.startswith("."))
    teams = [Team(it.name, _text(it / VAULT_FILE), _text(it / ATTACK_FILE)) for it in folders]
    playing = [team for team in teams if team.vault is not None or team.attack is not None]
    if not playing:
        raise FormatError(
            f"{folder} has no team: make a folder for each, with {VAULT_FILE} and {ATTACK_FILE}"
        )
    for team in playing:
        if team.name in (FLAWED, MENDED, KIT):
            raise FormatError(f"“{team.name}” is a player of the kit: rename this team's folder")
    return playing


def _text(file: Path) -> str | None:
    """What a file holds. A link could lead to a file of the lecturer."""
    if file.is_symlink() or file.parent.is_symlink():
        raise FormatError(f"{file} is a link: a team hands in files")
    if not file.is_file():
        return None
    try:
        data = file.read_bytes() if file.stat().st_size <= MOST_BYTES else None
        text = data.decode() if data is not None else None
    except (OSError, ValueError):
        raise FormatError(f"{file} is no text in UTF-8 that can be read") from None
    if text is None:
        raise FormatError(f"{file} is longer than {MOST_BYTES >> 10} KiB")
    return text
