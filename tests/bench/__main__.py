"""`make bench`: the figures, printed and written to docs/benchmarks.md."""

import tempfile
from pathlib import Path

from bench.effort import IN_FULL
from bench.page import page
from vocabulary import ROOT

with tempfile.TemporaryDirectory() as folder:
    figures = page(Path(folder), IN_FULL)
print(figures)
(ROOT / "docs" / "benchmarks.md").write_text(figures, encoding="utf-8")
