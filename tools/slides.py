"""The lecturer's slides: `make slides` turns every master into reveal.js slides in build/slides/.

They need no network: reveal.js comes from npm once, and lies beside the slides. An exercise shows
its stub and neither its solution nor what the solution printed.
"""

import shutil
import subprocess
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from workshop import ROOT, masters

SLIDES = ROOT / "build" / "slides"
NPM_FOLDER = ROOT / ".tools" / "slides"
# Version 6 has no notes plugin, which opens the speaker's view.
REVEAL = "reveal.js@5"
REVEAL_PARTS = ("dist", "plugin/notes")
BADGE = "[![Open in Colab]"


def reveal_folder() -> Path:
    """Where reveal.js lies, after npm has fetched it if it was not there."""
    folder = NPM_FOLDER / "node_modules" / "reveal.js"
    if not (folder / "dist" / "reveal.js").exists():
        _install_reveal()
    return folder


def _install_reveal() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("The slides need npm, which comes with Node.js, to fetch reveal.js once.")
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    # With a package.json there: npm would look for one further up.
    (NPM_FOLDER / "package.json").write_text("{}\n", encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", REVEAL]
    if subprocess.run(command, cwd=NPM_FOLDER).returncode:  # noqa: S603  # every word is ours
        raise SystemExit(f"npm could not fetch {REVEAL}: is there a network?")


def for_lecture(master: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The master as it is shown: no Colab badge, no solutions, and no verdict on them."""
    shown = nbformat.from_dict(master)
    cells, shown.cells = shown.cells, []
    solved = False
    for cell in cells:
        if solved and cell.cell_type == "code":
            cell.outputs = []
        solved = "solution" in cell.metadata.get("tags", [])
        if not solved:
            cell.source = without_badge(cell.source)
            shown.cells.append(cell)
    return shown


def without_badge(markdown: str) -> str:
    """The text without the badge, a picture that a browser would fetch from outside."""
    return "\n".join(line for line in markdown.split("\n") if not line.startswith(BADGE))


def render(master: Path) -> str:
    """One page of HTML that holds all slides of a master."""
    exporter = SlidesExporter(
        extra_template_basedirs=[str(Path(__file__).parent)],
        template_name="slides_template",
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    notebook = for_lecture(nbformat.read(master, as_version=4))
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": master.stem}})
    return str(page)


def build(folder: Path) -> list[Path]:
    """Write reveal.js and the slides of every master into a folder, and return the slides."""
    reveal = reveal_folder()
    shutil.rmtree(folder, ignore_errors=True)
    for part in REVEAL_PARTS:
        shutil.copytree(reveal / part, folder / "reveal.js" / part)
    shutil.copy(reveal / "LICENSE", folder / "reveal.js")
    return [_write(folder / f"{master.stem}.html", render(master)) for master in masters()]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    for deck in build(SLIDES):
        print(deck.relative_to(ROOT))
