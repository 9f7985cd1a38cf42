"""The tables of a tournament: two as CSV, and a page to show to the class."""

from html import escape
from pathlib import Path
from statistics import median_low

from securedata.classroom.spreadsheet import to_csv
from securedata.classroom.tournament.flags import FLAGS
from securedata.classroom.tournament.scoring import Matches, Points, is_fair, points, taken
from securedata.lab.auditing.report import STYLE

WITHSTOOD, FELL, UNFAIR = "#009E73", "#D55E00", "#999999"
HONEST_USE_FAILED = "honest use failed"


def write_tables(matches: Matches, folder: Path) -> None:
    """Write points.csv, matches.csv and table.html.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as made:
    ...     write_tables({}, Path(made))
    ...     sorted(file.name for file in Path(made).iterdir())
    ['matches.csv', 'points.csv', 'table.html']
    """
    ranking = points(matches)
    points_csv = to_csv(
        ["player", "defence", "attack", "total"],
        ([it.player, _figure(it.defence), _figure(it.attack), _figure(it.total)] for it in ranking),
    )
    matches_csv = to_csv(
        ["vault", "attack", "repetition", "honest use", *FLAGS],
        (
            [vault, attack, number, it.unfair or "ok", *(int(flag in it.taken) for flag in FLAGS)]
            for (vault, attack), results in matches.items()
            for number, it in enumerate(results, 1)
        ),
    )
    for name, text in (
        ("points.csv", points_csv),
        ("matches.csv", matches_csv),
        ("table.html", _page(matches, ranking)),
    ):
        # A lone half of a surrogate pair, which JSON allows, becomes a question mark.
        (folder / name).write_text(text, encoding="utf-8", errors="replace")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _page(matches: Matches, ranking: list[Points]) -> str:
    figures = (
        _row("td", [it.player, _figure(it.defence), _figure(it.attack), _figure(it.total)])
        for it in ranking
    )
    vaults, attacks = (list(dict.fromkeys(key[place] for key in matches)) for place in (0, 1))
    rows = (
        f"<tr><th>{escape(vault)}</th>"
        + "".join(_cell(matches, vault, attack) for attack in attacks)
        + "</tr>"
        for vault in vaults
    )
    flags = "".join(f"<li><b>{name}</b>: {words}</li>" for name, words in FLAGS.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Tournament</title>"
        f"<style>{STYLE}td,th{{border:1px solid #ccc;text-align:left}}</style><h1>Tournament</h1>"
        f"<h2>Points</h2><table>{_row('th', ['player', 'defence', 'attack', 'total'])}"
        f"{''.join(figures)}</table><h2>Who took which flag</h2><p>A row is a vault, a column an "
        f"attack. A flag counts if it was taken in most repetitions.</p><ul>{flags}</ul>"
        f"<table>{_row('th', ['', *attacks])}{''.join(rows)}</table></html>\n"
    )


def _row(tag: str, contents: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(content)}</{tag}>' for content in contents)}</tr>"


def _cell(matches: Matches, vault: str, attack: str) -> str:
    """The flags of one pair; empty where a team would meet itself."""
    results = matches.get((vault, attack))
    if not results:
        return "<td></td>"
    if not is_fair(results):
        why = median_low([result.unfair for result in results if result.unfair])
        return f'<td style="background:{UNFAIR}" title="{escape(why)}">{HONEST_USE_FAILED}</td>'
    flags = [flag for flag in FLAGS if flag in taken(results)]
    colour = FELL if flags else WITHSTOOD
    return f'<td style="background:{colour};color:#000">{", ".join(flags) or "withstood"}</td>'
