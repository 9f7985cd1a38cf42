"""`make address URL=https://github.com/you/your-kit`: write the repository's address everywhere.

With an empty URL, every address is taken out again. The places: in README.md between
`<!-- badges -->` and `<!-- /badges -->` (also clone, open) and in its table of lessons, in
SECURITY.md likewise (report), in pyproject.toml between `# <address>` and `# </address>`, in each
notebook a badge under the title and RELEASE in the set-up cell.

`make release` also builds the wheel, and writes its hash to RELEASE: pip then takes no other one.
"""

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
NO_REPORT = (
    "Open a private security advisory on the page where you found this repository. "
    "If there is no such button, write to the owner of the repository."
)
REPORT = {  # Codeberg has nothing of the kind
    "github.com": "Open [a private security advisory]({repository}/security/advisories/new).",
    "gitlab.com": "Open [a confidential issue]"
    "({repository}/-/issues/new?issue[confidential]=true).",
    "codeberg.org": "Write to [the owner of the repository]({owner}).",
}
FIRST = "notebooks/00_start_here.ipynb"
NAME = r"\w(?:[\w.-]*[\w-])?"
URL = rf"https://(?:(?:github\.com|codeberg\.org)/{NAME}|gitlab\.com(?:/{NAME})+)/{NAME}(?<!\.git)"
USAGE = """usage: make address URL=https://github.com/owner/name
       make address URL=https://gitlab.com/group/name
       make address URL=https://codeberg.org/owner/name
       make address URL=        takes the address out again
       make release             later: the set-up cells check the hash of this version's wheel"""
COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"
# A lesson's link in a row of README's table, and what this program has written after it.
ROW = re.compile(
    r"^(\|.*?\]\(notebooks/(\w+)\.ipynb\))"
    r"(?: · \[read\]\([^)]*\) \[!\[Colab\]\([^)]*\)\]\([^)]*\))?",
    re.MULTILINE,
)
# A README on PyPI knows no folder: pictures need the raw file's URL, links that of its page.
PYPROJECT = r"""
[project.urls]
Repository = "{repository}"

[[tool.hatch.metadata.hooks.fancy-pypi-readme.substitutions]]
pattern = '(!\[[^\]]*\]\(|src(?:set)?=")(?!\w+:|#)'
replacement = '\1{raw}'

[[tool.hatch.metadata.hooks.fancy-pypi-readme.substitutions]]
pattern = '(\]\(|href=")(?!\w+:|#)'
replacement = '\1{page}'
"""


class Address(NamedTuple):
    """Where the repository is, and the URLs that its host makes of that."""

    repository: str
    wheel: str  # of the release
    raw: str  # the folder of the release's files, for pictures
    page: str  # the folder of their pages, for links
    binder: str
    issues: str  # where mistakes are reported
    colab: str  # the folder of the notebooks' folder on Colab, which knows GitHub only
    book: str  # where .github/workflows/pages.yml publishes it, on GitHub only


def address_of(repository: str, version: str) -> Address:
    """The URLs of a repository on one of the three hosts."""
    host, path = repository.removeprefix("https://").split("/", maxsplit=1)
    tag = f"v{version}"
    colab, book, issues = "", "", f"{repository}/issues"
    if host == "github.com":
        release, page, binder = f"releases/download/{tag}", f"blob/{tag}", f"gh/{path}"
        raw = f"https://raw.githubusercontent.com/{path}/{tag}/"
        colab = f"https://colab.research.google.com/github/{path}/blob/main/"
        book = "https://{}.github.io/{}/".format(*path.split("/"))
    elif host == "gitlab.com":
        release, page = f"-/releases/{tag}/downloads", f"-/blob/{tag}"
        binder = f"gl/{quote(path, safe='')}"
        issues = f"{repository}/-/issues"
        raw = f"{repository}/-/raw/{tag}/"
    else:
        release, page = f"releases/download/{tag}", f"src/tag/{tag}"
        binder = f"git/{quote(repository, safe='')}"
        raw = f"{repository}/raw/tag/{tag}/"
    return Address(
        repository=repository,
        wheel=f"{repository}/{release}/securedata_kit-{version}-py3-none-any.whl",
        raw=raw,
        page=f"{repository}/{page}/",
        binder=f"https://mybinder.org/v2/{binder}/HEAD?urlpath=lab/tree/{FIRST}",
        issues=issues,
        colab=colab,
        book=book,
    )


def in_readme(here: Address | None) -> dict[str, list[str]]:
    """The lines for each place in README.md; a link's URL stands once, beside the badges."""
    if here is None:
        return {"badges": [], "clone": [], "open": []}
    badges = [f"[![Binder]({BINDER_BADGE})][binder]"]
    targets = [f"[binder]: {here.binder}"]
    ways = ["* **Binder:** [open the lessons in a browser][binder]."]
    if here.colab:
        actions = f"{here.repository}/actions"
        ci = f"{actions}/workflows/ci.yml/badge.svg"
        badges = [f"[![CI]({ci})]({actions})", f"[![Colab]({COLAB_BADGE})][colab]", *badges]
        targets.append(f"[colab]: {here.colab}{FIRST}")
        lesson = "[open the first lesson][colab]. Its first cell installs the kit."
        ways.insert(0, f"* **Colab:** {lesson}")
    name = here.repository.split("/")[-1]
    clone = ["```sh", f"git clone {here.repository}", f"cd {name}", "```"]
    return {"badges": [*badges, "", *targets], "clone": clone, "open": ways}


def readme_with(readme: str, here: Address | None) -> str:
    """The README with all its places filled, or empty."""
    for name, lines in in_readme(here).items():
        inside = "\n".join(["", *lines, ""]) if lines else ""
        readme = filled(readme, f"<!-- {name} -->", inside, f"<!-- /{name} -->")
    if here is None or not here.colab:
        return ROW.sub(r"\1", readme)
    read, colab = rf"{here.book}notebooks/\2.html", rf"{here.colab}notebooks/\2.ipynb"
    return ROW.sub(rf"\1 · [read]({read}) [![Colab]({COLAB_BADGE})]({colab})", readme)


def security_with(page: str, here: Address | None) -> str:
    """SECURITY.md with the address for a report that nobody else reads."""
    words = NO_REPORT
    if here:
        owner = here.repository.rpartition("/")[0]
        host = owner.split("/")[2]
        words = REPORT[host].format(repository=here.repository, owner=owner)
    return filled(page, "<!-- report -->", f"\n{words}\n", "<!-- /report -->")


def project_with(project: str, here: Address | None) -> str:
    """The text of pyproject.toml with this address."""
    inside = PYPROJECT.format(**here._asdict()) if here else "\n"
    return filled(project, "# <address>", inside, "# </address>")


def filled(text: str, opening: str, inside: str, closing: str) -> str:
    """The text with something else between two marks."""
    place = f"({re.escape(opening)}).*?({re.escape(closing)})"
    return re.sub(place, lambda found: found[1] + inside + found[2], text, flags=re.DOTALL)


def notebook_with(text: str, path: str, here: Address | None) -> str:
    """The text of a notebook with its badge and the release's wheel, or without them."""
    notebook = json.loads(text)
    title = notebook["cells"][0]
    setup = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    source = re.sub(r"\[!\[Open in Colab\].*\n\n", "", "".join(title["source"]))
    if here and here.colab:
        badge = f"[![Open in Colab]({COLAB_BADGE})]({here.colab}{path})"
        source = source.replace("\n\n", f"\n\n{badge}\n\n", 1)
    title["source"] = source.splitlines(keepends=True)
    setup["source"] = with_release("".join(setup["source"]), here.wheel if here else "")
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def with_release(setup: str, url: str) -> list[str]:
    """The lines of a set-up cell that installs this wheel if it finds none beside it.

    The hash that `make release` has written for this URL stays.
    """
    another = rf'RELEASE = "(?!{re.escape(url)}#).*"'
    return re.sub(another, f'RELEASE = "{url}"', setup).splitlines(keepends=True)


def hash_of_the_wheel() -> str:
    """The SHA-256 of this tree's wheel. Built again, it has the same bytes."""
    packages = ["git", "status", "--porcelain", "--", ":/securedata*"]
    changed = subprocess.run(packages, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    if changed.stdout:
        sys.exit(f"The wheel would hold what is not committed:\n{changed.stdout}")
    folder = ROOT / "build" / "release"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603  # every word is ours
    (wheel,) = folder.glob("*.whl")
    return sha256(wheel.read_bytes()).hexdigest()


def write(texts: dict[Path, str]) -> None:
    """Write the files whose text is another one now."""
    for file, text in texts.items():
        if text != file.read_text(encoding="utf-8"):
            file.write_text(text, encoding="utf-8", newline="\n")
            print(f"changed {file.relative_to(ROOT)}")


def main(words: list[str]) -> None:
    """Write the address, or none, everywhere."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    is_release = words == ["--release"]
    if is_release:
        words = re.findall(r'^Repository = "(.+)"$', project, flags=re.MULTILINE)
    # As a browser or `git remote -v` shows it, too.
    url = "" if not words else words[0].removesuffix("/").removesuffix(".git")
    if is_release and not url:
        sys.exit("There is no address yet. First run: make address URL=…")
    if len(words) > 1 or (url and not re.fullmatch(URL, url, re.ASCII)):
        sys.exit(USAGE)
    (version,) = re.findall(r'^version = "(.+)"$', project, flags=re.MULTILINE)
    here = address_of(url, version) if url else None
    changed = {
        ROOT / "pyproject.toml": project_with(project, here),
        ROOT / "README.md": readme_with((ROOT / "README.md").read_text(encoding="utf-8"), here),
        ROOT / "SECURITY.md": security_with((ROOT / "SECURITY.md").read_text("utf-8"), here),
    }
    write(changed)
    if here and is_release:  # with the README that was just written, but without notebooks
        here = here._replace(wheel=f"{here.wheel}#sha256={hash_of_the_wheel()}")
    changed = {}
    for notebook in sorted(ROOT.glob("notebooks/**/*.ipynb")):
        path = notebook.relative_to(ROOT).as_posix()
        changed[notebook] = notebook_with(notebook.read_text(encoding="utf-8"), path, here)
    write(changed)


if __name__ == "__main__":
    main(sys.argv[1:])
