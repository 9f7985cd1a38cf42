"""`make bench`: the figures, printed and written to docs/benchmarks.md."""

import tempfile
from pathlib import Path

from bench.page import page
from vocabulary import ROOT

with tempfile.TemporaryDirectory() as folder:
    figures = page(Path(folder), rounds=9, seconds=0.8, records=(1_000, 100_000, 1_000_000))
print(figures)
(ROOT / "docs" / "benchmarks.md").write_text(figures, encoding="utf-8")
