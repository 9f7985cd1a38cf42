"""`make refresh`: execute the notebooks in place, each in a fresh kernel, and tidy what is stored.

What is stored is the regression test (nbval compares it cell by cell), so review the diff.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def refresh(path: Path) -> None:
    """Execute one notebook and write it back, with nothing in it that depends on who did so."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=60, record_timing=False).execute(
        cwd=path.parent
    )
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {
            key: cell.metadata[key] for key in ("slideshow", "tags") if key in cell.metadata
        }
    nbformat.write(notebook, path)


def main(names: list[str]) -> None:
    """Refresh the notebooks that are named, or all that are executed."""
    paths = [Path(name) for name in names] or sorted((ROOT / "notebooks").glob("00_*.ipynb"))
    for path in paths:
        started = time.monotonic()
        refresh(path)
        print(f"{path.name}: {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
