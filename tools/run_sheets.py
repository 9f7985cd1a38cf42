"""Run sheets to print: `make slides` writes a page of HTML for each lesson into build/run_sheets/.

Each is made of the lecturer's page: the clock, what to do, draw and ask, what to leave out if it
gets late, and the questions of good students. It is for the desk, on two sides of A4 at most.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from nbconvert.filters import markdown2html
from workshop import ROOT, TEACHING, masters, write

RUN_SHEETS = ROOT / "build" / "run_sheets"
TEMPLATE = Path(__file__).parent / "slides_template"
TEMPLATES = Environment(loader=FileSystemLoader(TEMPLATE), autoescape=False)  # noqa: S701
PRINTED = ("Before", "Run sheet", "Good students ask", "What people ask")
# Known before class, so not on the desk: a paragraph, and a list below it.
NOT_PRINTED = re.compile(
    r"^\*\*(?:For the lecturer only|What the audit|At home).*?(?=\n\n(?!\* )|\Z)", re.M | re.S
)
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


def parts(page: str) -> Iterator[str]:
    """What is printed of a lecturer's page: its head, and the sections of PRINTED."""
    head, *sections = re.split(r"^## ", page, flags=re.MULTILINE)
    # The head's links lead to the notebooks.
    yield re.sub(rf"{LINK.pattern} · ", "", head).replace(": the lecturer's page", "")
    for section in sections:
        if section.startswith(PRINTED):
            yield NOT_PRINTED.sub("", f"## {section}")


def render(page: str) -> str:
    """The run sheet of a lecturer's page. Paper has no links, so their words stand alone."""
    # In a table, `a \| b` is a | b. nbconvert leaves the backslash.
    shown = [markdown2html(LINK.sub(r"\1", it)).replace("\\|", "|") for it in parts(page)]
    title = page.partition("\n")[0].removeprefix("# ")
    return TEMPLATES.get_template("run_sheet.html.j2").render(parts=shown, title=title)


def build(folder: Path) -> list[Path]:
    """Write the run sheet of every lesson into a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [TEACHING / f"{master.stem}.md" for master in masters()]
    return [write(folder / f"{page.stem}.html", render(page.read_text("utf-8"))) for page in pages]
