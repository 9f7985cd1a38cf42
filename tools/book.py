"""The book: `make book` turns lessons and docs into pages, in build/book/.

With FOR=students it is build/book-students/: lessons and STUDENTS, and no page for lecturers.

A lesson stands there as a student gets it, with the outputs of its master, and without solutions.
What follows a prediction is folded: under a stub, what the solved cell printed. A link to a file
that is no page of the book leads to the repository; while that has no address, the link's words
stay. Formulas need no network: KaTeX comes from npm once, as for the slides.
"""

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

import nbformat
from address import FIRST, Address, address_of
from handout import SOLUTION, in_project, version
from slides import npm_folder
from workshop import ROOT, SOLUTIONS, cut, masters, write

BOOK = ROOT / "build" / "book"
TEMPLATE = Path(__file__).parent / "book_template"
ALL_DOCS = "docs/README.md"
# What students read besides the lessons.
STUDENTS = ("docs/glossary.md", "docs/troubleshooting.md", "docs/accessibility.md")
FRONT = """# Applied cryptography, live from a notebook

AES, DSA and TLS in a service that you start, attack and fix. Begin with lesson 00.

## The lessons

"""
LINK = re.compile(r"\[((?:[^][]|\[[^]]*\])*)\]\(([^()\s:#]+)(#[^()\s]*)?\)")
CODE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
PART = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BADGE = r"(?:\[!\[Open in Colab\].*\n\n)?"
# A drawing is a link to itself, large. No browser follows a link to `data:`, so it is a file here.
DRAWING = re.compile(r'(<img data-drawing="([^"]+)"[^>]* src=")data:[^"]*')
# The book loads nothing from elsewhere: of such a picture, its words stay.
FAR_PICTURE = re.compile(r"!\[([^]]*)\]\(https?://[^)]*\)")
# What `make address` writes into README and the book does not need: badges, links to the book.
NOT_HERE = re.compile(r"^\[!\[.*\n|\[read\]\([^)]*\) ", re.MULTILINE)
# What a stub prints while nothing is written in it; an output of nothing else is left out.
NOTHING_YET = re.compile(r"None\n|.*([Nn]othing was| still ).*\n")
ALL_BESIDE = "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"


def docs() -> dict[str, str]:
    """All pages of Markdown, by their paths in the repository."""
    files = [*ROOT.glob("*.md"), ROOT / "certs" / "README.md", *ROOT.glob("docs/**/*.md")]
    return {it.relative_to(ROOT).as_posix(): it.read_text(encoding="utf-8") for it in files}


def lesson(master: Path, launch: str) -> nbformat.NotebookNode:
    """A lesson to read. `launch` is Markdown: where to work in it."""
    solved = nbformat.read(master, as_version=4)
    solutions = {stub.id: it for stub, it in pairwise(solved.cells) if "solution" in tags(it)}
    solved.cells = [cell for cell in solved.cells if not {"solution", "answer"} & tags(cell)]
    page = cut(solved) if master.parent == SOLUTIONS else nbformat.from_dict(solved)
    asked = False
    for cell, executed in zip(page.cells, solved.cells, strict=True):
        if cell.cell_type == "markdown":
            asked = "**Before you run this:**" in cell.source
            cell.source = DRAWING.sub(r"\1drawings/\2.png", SOLUTION.sub("\n", cell.source))
            continue
        cell.outputs = [] if "results" in tags(cell) else executed.outputs
        if cell.source.startswith("# @title"):  # as Colab folds it
            fold(
                cell,
                "cell" if asked else "input",
                cell.source.splitlines()[0].removeprefix("# @title "),
            )
        elif cell.source.startswith("check("):
            fold(cell, "output", "What the check says to a right answer, and why")
        elif asked and executed.id in solutions:
            cell.outputs = solutions[executed.id].outputs
            fold(cell, "output", "Once it is solved: what comes out?")
        elif asked:
            fold(cell, "output", "Run it: what comes out?")
        elif "stub" in tags(cell):
            cell.outputs = [
                it for it in cell.outputs if NOTHING_YET.sub("", it.get("text", "more"))
            ]
    page.cells[0].source = re.sub(
        rf"\n\n{BADGE}", lambda _: f"\n\n{launch}\n\n", page.cells[0].source, count=1
    )
    return page


def tags(cell: nbformat.NotebookNode) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", []))


def fold(cell: nbformat.NotebookNode, part: str, words: str) -> None:
    """Show the input or the output of a cell after a click only."""
    cell.metadata.update(
        tags=[*tags(cell), f"hide-{part}"],
        mystnb={"code_prompt_show": words, "code_prompt_hide": words},
    )


def launch_line(path: str, here: Address | None, hub: str) -> str:
    """Where to work in a notebook. Colab, Binder and a JupyterHub need the repository's address."""
    ways = ["[by `make lab`, or as you were told](../docs/install.md#make-lab)"]
    if here:
        folder = f"lab/tree/{PurePosixPath(here.repository).name}"
        pull = urlencode({"repo": here.repository, "urlpath": f"{folder}/{path}"})
        urls = {
            "Colab": here.colab and here.colab + path,
            "Binder": here.binder.removesuffix(FIRST) + path,
            "JupyterHub": hub and f"{hub}/hub/user-redirect/git-pull?{pull}",
        }
        ways[:0] = [f"[{name}]({url})" for name, url in urls.items() if url]
    return "{.launch}\nThis page is to read. Work in the notebook: " + " ".join(ways)


def target(page: str, link: re.Match[str], pages: set[str]) -> str:
    """What a link of a page leads to, by its path in the repository."""
    path = os.path.normpath(PurePosixPath(page).parent / link[2])
    return f"{path}/README.md" if f"{path}/README.md" in pages else path


def in_book(path: str, page: str = ".") -> str:
    """The way to a page, from the book's root or another page. README is its folder's index."""
    return re.sub(r"README\.md$", "index.md", os.path.relpath(path, PurePosixPath(page).parent))


def relinked(text: str, page: str, pages: set[str], here: Address | None) -> str:
    """The Markdown of a page, with links that lead somewhere."""

    def led(link: re.Match[str]) -> str:
        path, anchor = target(page, link, pages), link[3] or ""
        if path in pages:
            return f"[{link[1]}]({in_book(path, page)}{anchor})"
        if re.match(r"docs/.*(?<!\.md)$", path) and (ROOT / path).is_file():
            return link[0]  # a picture, or a file to download
        return f"[{link[1]}]({here.page}{path}{anchor})" if here else link[1]

    parts = CODE.split(FAR_PICTURE.sub(r"\1", NOT_HERE.sub("", text)))
    parts[::2] = [LINK.sub(led, part) for part in parts[::2]]
    return "".join(parts)


def contents(texts: dict[str, str], lessons: list[str]) -> dict[str, str]:
    """What to add to README pages: the lists of pages that Sphinx makes its sidebar of.

    The parts of the book are those of docs/README.md. What is not in them comes last. README names
    the lessons.
    """
    pages = {*texts, *lessons}
    in_folders = {it for it in texts if it.count("/") > 1}  # those of docs/
    indexes = {it for it in in_folders if it.endswith("/README.md")}
    placed = {"README.md", *lessons, *(in_folders - indexes)}
    names = {it[2]: it[1] for it in LINK.finditer(texts["README.md"])}
    numbered = [f"{re.sub(r'[^0-9]', '', it)} {names[it]} </{it}>".strip() for it in lessons]
    lists = [toctree("Lessons", numbered)]
    for title, part in PART.findall(texts.get(ALL_DOCS, "")):
        found = dict.fromkeys(target(ALL_DOCS, link, pages) for link in LINK.finditer(part))
        new = [it for it in found if it in pages - placed]
        lists.append(toctree(title, [f"/{in_book(it)}" for it in new]))
        placed.update(new)
    lists.append(toctree("More", [f"/{in_book(it)}" for it in sorted(pages - placed)]))
    return dict.fromkeys(indexes, ALL_BESIDE) | {"README.md": "".join(lists)}


def toctree(caption: str, lines: list[str]) -> str:
    """One of Sphinx's lists of pages."""
    return "\n".join(["\n```{toctree}", ":hidden:", f":caption: {caption}", "", *lines, "```\n"])


def for_students(texts: dict[str, str]) -> dict[str, str]:
    """The pages of the students' book. README's table names the lessons: not the run-through."""
    table = re.findall(r"^\|.*\n", texts["README.md"], re.MULTILINE)
    return {"README.md": FRONT + "".join(table)} | {it: texts[it] for it in STUDENTS}


def prepare(source: Path, here: Address | None, hub: str, students: bool) -> None:
    """Write into a new folder what Sphinx is to read."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(TEMPLATE, source)
    shutil.copytree(npm_folder() / "katex" / "dist", source / "static" / "katex")
    shutil.copy(npm_folder() / "katex" / "LICENSE", source / "static" / "katex")
    shutil.copy(ROOT / "securedata" / "web" / "page" / "icon.svg", source)
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("*.md"))
    shutil.copytree(ROOT / "notebooks" / "drawings", source / "notebooks" / "drawings")
    texts = for_students(docs()) if students else docs()
    named = sorted(masters(), key=lambda it: it.name)
    lessons = {path: it for it in named if (path := f"notebooks/{it.name}") in texts["README.md"]}
    elsewhere = None if students else here
    added, pages = contents(texts, list(lessons)), {*texts, *lessons}
    (source / "certs").mkdir()
    for path, text in texts.items():
        write(source / in_book(path), relinked(text, path, pages, elsewhere) + added.get(path, ""))
    for path, master in lessons.items():
        page = lesson(master, launch_line(path, here, hub))
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = relinked(cell.source, path, pages, elsewhere)
        nbformat.write(page, source / path)


def build(
    book: Path, source: Path, here: Address | None = None, hub: str = "", students: bool = False
) -> None:
    """Write the book into a folder. `source` is a folder for what it is made of.

    Raises:
        SystemExit: Sphinx warns of something, such as a link that leads nowhere.
    """
    prepare(source, here, hub, students)
    shutil.rmtree(book, ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", "doctrees"]
    if subprocess.run([*sphinx, source, book], cwd=source).returncode:  # noqa: S603
        raise SystemExit("Sphinx found the mistakes above.")
    shutil.rmtree(book.parent / "jupyter_execute", ignore_errors=True)  # myst-nb's copies


if __name__ == "__main__":
    addresses = [address_of(it, version()) for it in in_project("Repository")]
    readers, hub = os.environ.get("FOR", ""), os.environ.get("HUB", "")
    if readers not in ("", "students"):
        sys.exit(f"There is no book FOR={readers}: FOR=students is possible, or no FOR.")
    book = BOOK.with_name("book-students") if readers else BOOK
    build(
        book, BOOK.with_name("book_source"), addresses[0] if addresses else None, hub, bool(readers)
    )
    print((book / "index.html").relative_to(ROOT))
