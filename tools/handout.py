"""What students are given: the notebooks to work in, the kit's wheel, and a page on how to begin.

`make student` writes a zip into dist/, `make course DIR=…` a folder that may be a repository of its
own. Solved notebooks, lecturer pages and quizzes are not in it. It needs a clone.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

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
    "trial.py",
    "vault_to_fix.py",
    "audit-report.html",
]
README = """# Applied cryptography, live from a notebook

AES, DSA and TLS in a service that you start, attack and mend. Begin with `00_start_here.ipynb`.

You need Python 3.10 or newer. Open a terminal in this folder, and run these commands once:

```sh
python3 -m venv .venv
.venv/bin/pip install {options}"./{wheel}[lab]"
```

On Windows, write `py -m venv .venv`, and then `.venv\\Scripts\\pip` for `.venv/bin/pip`.

Then, each time:

```sh
.venv/bin/jupyter lab 00_start_here.ipynb
```

With conda, run `conda env create -f environment.yml` once. Then run `conda activate securedata`
and `jupyter lab`.

* **Run the set-up cell and the server cell first**, also after a restart of the kernel.
* Each exercise has a check. What you solved stands in `.results-*.json`, beside the notebooks.
* Attack nothing but the servers that the notebooks start on your own machine.
"""


def write_folder(folder: Path, *, solutions: bool, wheels: bool) -> list[Path]:
    """Write what students are given into a folder, and return the files.

    Files of other names are left alone. The wheel of an earlier version is deleted. Without
    `solutions`, the folded ones are cut out of the notebooks. With `wheels`, there is also every
    package that this Python needs, for machines without a network.
    """
    notebooks = [
        *sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")),
        *sorted((ROOT / "notebooks" / "inventory").glob("*.ipynb")),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("securedata_kit-*.whl"):
        old.unlink()
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    [wheel] = folder.glob("securedata_kit-*.whl")
    if wheels:
        pip("wheel", "--wheel-dir", str(folder / "wheels"), f"{wheel}[lab]")
    options = "--no-index --find-links wheels " if wheels else ""
    texts = {
        "README.md": README.format(wheel=wheel.name, options=options),
        "environment.yml": environment_yml(wheel.name, wheels),
        ".gitignore": "\n".join([*IGNORED, ".venv/", ""]),
        **{path.name: student_notebook(path, solutions) for path in notebooks},
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [*(folder / name for name in texts), wheel, *sorted(folder.glob("wheels/*.whl"))]


def write_zip(out: Path, *, solutions: bool, wheels: bool) -> Path:
    """Write `securedata-student-VERSION.zip` into the folder `out`. It holds one folder.

    Each option adds a word to the file's name, so that no zip takes another's place.
    """
    words = ("" if solutions else "-without-solutions") + ("-with-wheels" if wheels else "")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_folder(folder, solutions=solutions, wheels=wheels)
        [wheel] = folder.glob("securedata_kit-*.whl")
        name = f"securedata-student-{wheel.name.split('-')[1]}"
        out.mkdir(parents=True, exist_ok=True)
        with ZipFile(out / f"{name}{words}.zip", "w", ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, f"{name}/{file.relative_to(folder)}")
    return out / f"{name}{words}.zip"


def student_notebook(path: Path, solutions: bool) -> str:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = OUTWARDS.sub(r"\1", "".join(cell["source"]))
            text = text if solutions else SOLUTION.sub("\n", text)
            cell["source"] = text.splitlines(keepends=True)
        if cell["cell_type"] == "code":  # outputs, as of 00, give predictions away
            cell |= {"outputs": [], "execution_count": None}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def environment_yml(wheel: str, wheels: bool) -> str:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "nbval" not in line]
    index = next(number for number, line in enumerate(lines) if "-e .[lab]" in line)
    lines[index] = f'      - "./{wheel}[lab]"'
    if wheels:
        lines[index:index] = ["      - --no-index", "      - --find-links wheels"]
    return "\n".join([*lines, ""])


def pip(*arguments: str) -> None:
    """Run pip; end with its errors if it fails."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT).returncode:  # noqa: S603
        sys.exit(1)


def main() -> None:
    """Write the zip, or into the folder that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", help="without it, a zip in dist/")
    parser.add_argument("--solutions", choices=["yes", "no"], default="yes")
    parser.add_argument("--wheels", choices=["yes", "no"], default="no")
    given = parser.parse_args()
    choices = {"solutions": given.solutions == "yes", "wheels": given.wheels == "yes"}
    if given.folder is None:
        print(write_zip(ROOT / "dist", **choices).relative_to(ROOT))
    else:
        write_folder(given.folder, **choices)
        print(given.folder)


if __name__ == "__main__":
    main()
