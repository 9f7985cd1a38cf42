"""What students are given: the notebooks to work in, the kit's wheel, and a page on how to begin.

`make student` writes a zip into dist/, `make course DIR=…` a folder that may be a repository of its
own, and overwrites nothing there that was edited. Solved notebooks, lecturer pages and quizzes are
not in it. It needs a clone.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from address import address_of

ROOT = Path(__file__).resolve().parent.parent
SOLUTION = re.compile(
    r"\n*<details><summary>The solution, explained</summary>.*?</details>\n*", re.DOTALL
)
# Links out of notebooks/ lead to pages of the repository, which students may not have.
OUTWARDS = re.compile(r"\[([^]]*)\]\(\.\./[^)]*\)")
IGNORED = [
    "# What the lessons write.",
    ".results-*.json",
    ".ipynb_checkpoints/",
    "my_vault.py",
    "my_store.py",
    "trial.py",
    "vault_to_fix.py",
]
README = """# Applied cryptography, live from a notebook

AES, DSA and TLS in a service that you start, attack and fix. Begin with `00_start_here.ipynb`.

You need Python 3.10 or newer. Open a terminal in this folder, and run these commands once:

```sh
python3 -m venv .venv
.venv/bin/pip install {options}"./{wheel}[lab]"
```

On Windows, write `py -m venv .venv`, and then `.venv\\Scripts\\` for `.venv/bin/`.

Then, each time:

```sh
.venv/bin/jupyter lab 00_start_here.ipynb
```

With conda, run `conda env create -f environment.yml` once. Then run `conda activate securedata`
and `jupyter lab`.

* **Run the set-up cell and the server cell first**, also after a restart of the kernel.
* Each exercise has a check. What you solved stands in `.results-*.json`, beside the notebooks.
* Attack nothing but the servers that the notebooks start on your own machine.
* `glossary.md` has the terms of the lessons, one sentence each.

## Hand in

After a lesson, save its notebook, and hand in this one file, under its own name: for example
`02_aes_gcm.ipynb`. Of `inventory_1_before.ipynb`, hand in the file `answers-before.json` that it
writes. {hand_in}

## Mistakes and licence

You found a mistake, or read a sentence twice? Tell {whom}.
Texts and drawings are under CC BY 4.0: you may copy and change them if you name the source. Code is
under the MIT licence. `LICENSE-CC-BY-4.0.txt` says which is which, `LICENSE` has the other text.
"""
# The last cell of each notebook.
A_LESSON = (
    "## Hand in\n\nSave this notebook. Then hand in the file `{file}`, under this name. {words}"
)
QUESTIONS = "Hand in the file `answers-{when}.json`, under this name. {words}"
NOTHING = "## Hand in\n\nThere is nothing to hand in here, unless your lecturer says so."
ASK = "Your lecturer says where, and until when."
WRITTEN = ".kit-files"  # in a course: the SHA-256 and name of each file, as it was written
EDITED = """{folder}: these files are not as this command wrote them:
{names}
It would overwrite them, so it wrote nothing. To keep your changes, let a branch hold what the kit
writes. In {folder}:
    git add -A && git commit -m "our changes"
    git switch -c kit $(git log -1 --format=%h -- {written})
(The next time, `git switch kit`.) Run this command again. Then, in {folder}:
    git add -A && git commit -m "a new version of the kit"
    git switch - && git merge kit
Without Git, make the course in a new folder, and change it there again."""


def write_folder(
    folder: Path, *, solutions: bool, wheels: bool, after: bool, hand_in: str
) -> list[Path]:
    """Write what students are given into a folder, and return the files.

    Files of other names are left alone. The wheel of an earlier version is deleted. Without
    `solutions`, the folded ones are cut out of the notebooks. With `wheels`, there is also every
    package that this Python needs, for machines without a network. With `after`, there are also
    the questions after the course. `hand_in` are the lecturer's words: where, and until when.

    Raises:
        SystemExit: a file is not as it was written here. Then nothing is changed.
    """
    before, afterwards = sorted((ROOT / "notebooks" / "inventory").glob("*.ipynb"))
    lessons = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    notebooks = [*lessons, before, *([afterwards] if after else [])]
    wheel = f"securedata_kit-{version()}-py3-none-any.whl"
    texts = {
        "README.md": README.format(
            wheel=wheel,
            options="--no-index --find-links wheels " if wheels else "",
            hand_in=hand_in or ASK,
            whom=whom_to_tell(),
        ),
        "environment.yml": environment_yml(wheel, wheels),
        ".gitignore": "\n".join([*IGNORED, ".venv/", ""]),
        "glossary.md": (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"),
        **{it.name: it.read_text(encoding="utf-8") for it in sorted(ROOT.glob("LICENSE*"))},
        **{path.name: student_notebook(path, solutions, hand_in) for path in notebooks},
    }
    refuse_edited(folder, texts)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("securedata_kit-*.whl"):
        old.unlink()
    # With the build tools of .venv, it needs no network.
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    if wheels:
        pip("wheel", "--wheel-dir", str(folder / "wheels"), f"{folder / wheel}[lab]")
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    remember(folder, texts)
    return [*(folder / name for name in (*texts, wheel)), *sorted(folder.glob("wheels/*.whl"))]


def write_zip(out: Path, *, solutions: bool, wheels: bool, after: bool, hand_in: str) -> Path:
    """Write `securedata-student-VERSION.zip` into the folder `out`. It holds one folder.

    Each option adds a word to the file's name, so that no zip takes another's place. What is said
    about handing in adds none: the last words count.
    """
    words = {"-without-solutions": not solutions, "-with-wheels": wheels, "-after": after}
    name = f"securedata-student-{version()}"
    file = out / f"{name}{''.join(word for word, given in words.items() if given)}.zip"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_folder(
            folder, solutions=solutions, wheels=wheels, after=after, hand_in=hand_in
        )
        out.mkdir(parents=True, exist_ok=True)
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, f"{name}/{path.relative_to(folder)}")
    return file


def refuse_edited(folder: Path, names: Iterable[str]) -> None:
    """End if a file of these names is not as `remember` saw it last: edited, deleted or new."""
    wrote = remembered(folder)
    edited = [name for name in names if digest(folder / name) != wrote.get(name, "")]
    if edited:
        listed = "\n".join(f"    {name}" for name in edited)
        sys.exit(EDITED.format(folder=folder, names=listed, written=WRITTEN))


def remember(folder: Path, names: Iterable[str]) -> None:
    """Write down how these files are now, as sha256sum would. Others are still remembered."""
    digests = remembered(folder) | {name: digest(folder / name) for name in names}
    lines = [f"{digests[name]}  {name}\n" for name in sorted(digests)]
    (folder / WRITTEN).write_text("".join(lines), encoding="utf-8")


def remembered(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that was written here, by its name."""
    file = folder / WRITTEN
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def digest(path: Path) -> str:
    """The SHA-256 of a file, or "" if there is none."""
    if not path.exists():
        return ""
    # On Windows, Git changes the ends of lines.
    return sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def version() -> str:
    return in_project("version")[0]


def whom_to_tell() -> str:
    """Who hears of mistakes: also the project, once `make address` has said where it is."""
    pages = [address_of(it, version()).issues for it in in_project("Repository")]
    return " or ".join(["your lecturer", *(f"the project, at <{page}>" for page in pages)])


def in_project(key: str) -> list[str]:
    """The values of a key in pyproject.toml. Python 3.10 has no reader for this format."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(rf'^{key} = "(.+)"$', text, re.MULTILINE)


def student_notebook(path: Path, solutions: bool, hand_in: str) -> str:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = OUTWARDS.sub(r"\1", "".join(cell["source"]))
            text = text if solutions else SOLUTION.sub("\n", text)
            cell["source"] = text.splitlines(keepends=True)
        if cell["cell_type"] == "code":  # outputs, as of 00, give predictions away
            cell |= {"outputs": [], "execution_count": None}
    text = what_to_hand_in(path, notebook["cells"], hand_in or ASK)
    last = {"cell_type": "markdown", "id": "hand-in", "metadata": {}}
    notebook["cells"].append(last | {"source": text.splitlines(keepends=True)})
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def what_to_hand_in(path: Path, cells: list[dict[str, Any]], words: str) -> str:
    """What stands at the end of a notebook. Where nothing has a check, nothing can be judged."""
    if path.parent.name == "inventory":
        return QUESTIONS.format(when=path.stem.rpartition("_")[2], words=words)
    is_judged = any("results" in cell["metadata"].get("tags", []) for cell in cells)
    return A_LESSON.format(file=path.name, words=words) if is_judged else NOTHING


def environment_yml(wheel: str, wheels: bool) -> str:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "nbval" not in line]
    index = next(number for number, line in enumerate(lines) if "-e .[lab" in line)
    lines[index] = f'      - "./{wheel}[lab]"'
    if wheels:
        lines[index:index] = ["      - --no-index", "      - --find-links wheels"]
    return "\n".join([*lines, ""])


def pip(*arguments: str) -> None:
    """Run pip; end with its errors if it fails."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT).returncode:  # noqa: S603
        sys.exit(1)


def choices(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, dict[str, Any]]:
    """What is given on the command line, and what of it `write_folder` takes."""
    parser.add_argument("--solutions", choices=["yes", "no"], default="yes")
    parser.add_argument("--wheels", choices=["yes", "no"], default="no")
    parser.add_argument("--after", choices=["yes", "no"], default="no")
    parser.add_argument("--hand-in", default="", help="a sentence: where, and until when")
    given = parser.parse_args()
    return given, {
        "solutions": given.solutions == "yes",
        "wheels": given.wheels == "yes",
        "after": given.after == "yes",
        "hand_in": " ".join(given.hand_in.split()),
    }


def main() -> None:
    """Write the zip, or into the folder that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", help="without it, a zip in dist/")
    given, chosen = choices(parser)
    if given.folder is None:
        print(write_zip(ROOT / "dist", **chosen).relative_to(ROOT))
    else:
        write_folder(given.folder, **chosen)
        print(given.folder)


if __name__ == "__main__":
    main()
