"""`make address URL=https://github.com/you/your-fork`: write the repository's address everywhere.

It stands in pyproject.toml, [project.urls]; badges, set-up cells and docs repeat it.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
GITHUB = "https://github.com/"
PLACES = ("pyproject.toml", "*.md", "docs/**/*.md", "notebooks/**/*.ipynb")


def main(new: str) -> None:
    """Replace the old `owner/name` by the new one wherever it stands."""
    if not re.fullmatch(GITHUB + r"[\w.-]+/[\w.-]+", new):
        sys.exit(f"usage: make address URL={GITHUB}owner/name")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (old,) = re.findall(r'^Repository = "(.+)"$', project, flags=re.MULTILINE)
    for pattern in PLACES:
        for path in sorted(ROOT.glob(pattern)):
            before = path.read_text(encoding="utf-8")
            after = before.replace(old.removeprefix(GITHUB), new.removeprefix(GITHUB))
            if after != before:
                path.write_text(after, encoding="utf-8")
                print(f"changed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
