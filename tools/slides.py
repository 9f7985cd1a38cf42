"""The lecturer's slides: `make tomorrow` turns lessons into reveal.js slides.

A slide shows a question and its code; the output comes next, and then the answer. The run sheet
of docs/teaching/ is in the speaker's view (key S). Set-up, hints, solutions and "At home" are left
out. deck.js lays a section out on as many slides as it takes. No network is needed: reveal.js and
KaTeX come from npm once.
"""

import filecmp
import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from workshop import ROOT, UNCOUNTED_CODE, Act, run_sheet, write

TEMPLATE = Path(__file__).parent / "slides_template"
TEMPLATES = Environment(loader=FileSystemLoader(TEMPLATE), autoescape=False)  # noqa: S701
NPM = Path(__file__).parent / "npm"
NPM_FOLDER = ROOT / ".tools" / "npm"
# Version 6 of reveal.js has no notes plugin, which opens the speaker's view.
PACKAGES = {
    "reveal.js": ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"),
    "katex": (
        "dist/katex.min.css",
        "dist/katex.min.js",
        "dist/contrib/auto-render.min.js",
        "dist/fonts",
    ),
}
BADGE = "[![Open in Colab]"
HEADING = re.compile(r"(#{1,3}) (.+)")
FOLDED = re.compile(r"<details><summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
NOT_SHOWN = {*UNCOUNTED_CODE, "solution", "answer"}


@dataclass(frozen=True)
class Piece:
    """A part of a section, as HTML. `kind` is text, code, output or answer."""

    kind: str
    html: str


@dataclass
class Section:
    """What stands under one heading, and what the lecturer's page says to it."""

    title: str
    notes: str = ""
    pieces: list[Piece] = field(default_factory=list)


def npm_folder() -> Path:
    """Where reveal.js and KaTeX lie. npm fetches them once, in the versions of its lock file."""
    modules, lock = NPM_FOLDER / "node_modules", "package-lock.json"
    has_ended = (modules / f".{lock}").exists()  # npm writes this last
    if not has_ended or not filecmp.cmp(NPM / lock, NPM_FOLDER / lock, shallow=False):
        _npm_install()
    return modules


def _npm_install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("The slides need npm, which comes with Node.js, to fetch reveal.js once.")
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NPM / name, NPM_FOLDER)
    # Without a network, npm would try for three minutes, and print ten lines.
    command = [npm, "ci", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline", "--silent"]
    command += ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    if subprocess.run(command, cwd=NPM_FOLDER).returncode:  # noqa: S603  # every word is ours
        raise SystemExit("npm could not fetch reveal.js and KaTeX: is there a network?")


def sections(master: Path) -> list[Section]:
    """The sections of a lesson's core, and "Next", in order."""
    found, acts, at_home = list[Section](), run_sheet(master), False
    for cell in nbformat.read(master, as_version=4).cells:
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            at_home = heading[2] == "At home" or (at_home and heading[1] == "###")
            title = heading[2] if found else "Title"
            notes = [_note(act) for act in acts if act.has(title)]
            found.append(Section(heading[2], "".join(notes)))
        if not at_home:
            found[-1].pieces += pieces(cell)
    return [section for section in found if section.pieces]


def _note(act: Act) -> str:
    asked = f"\n\n**Ask:** {act.question}" if act.question else ""
    return str(markdown2html(f"**{act.clock}, {act.minutes:g} min.** {act.to_do}{asked}"))


def pieces(cell: nbformat.NotebookNode) -> Iterator[Piece]:
    """What of a cell is shown: of an exercise neither hints nor solution, nor its outputs."""
    if NOT_SHOWN & set(cell.metadata.get("tags", [])):
        return
    exercise = "exercise" in cell.metadata.get("securedata", {})
    if cell.cell_type == "markdown":
        yield from _prose(cell.source, hints=exercise)
        return
    if not cell.source.startswith("# @title"):  # a form: its code is folded everywhere
        yield Piece("code", highlight(cell.source, PythonLexer(), HtmlFormatter()))
    if not exercise:
        yield from (Piece("output", _output(output)) for output in cell.outputs)


def _prose(markdown: str, hints: bool) -> Iterator[Piece]:
    """Markdown without its heading and badge. What is folded is an answer, or a hint."""
    lines = markdown.split("\n")
    shown = [line for line in lines if not line.startswith(BADGE) and not HEADING.match(line)]
    # Between the folded parts stands what is always seen.
    parts = FOLDED.split("\n".join(shown))
    for place, text in enumerate(parts):
        kind = ("text", "summary", "answer")[place % 3]
        if text.strip() and (kind == "text" or (kind == "answer" and not hints)):
            yield Piece(kind, markdown2html(text))


def _output(output: nbformat.NotebookNode) -> str:
    if "text" in output:
        return f"<pre>{html.escape(output.text)}</pre>"
    text = html.escape(output.data.get("text/plain", ""))
    return str(output.data.get("text/html", f"<pre>{text}</pre>"))


def render(master: Path) -> str:
    """One page of HTML that holds all slides of a lesson."""
    return TEMPLATES.get_template("deck.html.j2").render(
        sections=sections(master), code_css=HtmlFormatter().get_style_defs(".highlight")
    )


def build(folder: Path, lessons: list[Path]) -> list[Path]:
    """Write the slides of these lessons and what they need into a folder; return the slides."""
    modules = npm_folder()
    shutil.rmtree(folder, ignore_errors=True)
    for package, parts in PACKAGES.items():
        for part in (*parts, "LICENSE"):
            source, target = modules / package / part, folder / package / part
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for part in ("deck.css", "deck.js"):
        shutil.copy(TEMPLATE / part, folder)
    return [write(folder / f"{master.stem}.html", render(master)) for master in lessons]
