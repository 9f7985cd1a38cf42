"""A stub, run as it stands in the notebook to work in, is no attempt: no hint is given away."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from vocabulary import ROOT

from securedata_lab.servers import starting


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb")), ids=lambda path: path.stem
)
def test_a_stub_is_not_attempted(
    path: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # lesson 08 writes files
    monkeypatch.setattr(starting, "_server", None)  # lesson 07 leaves tokens at its server
    notebook: dict[str, Any] = {"__name__": "__main__"}
    numbers = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and ("securedata" in cell.metadata or "server" in tags):
            exec(cell.source, notebook)
            numbers += re.findall(r'^check\("(\d\.\d+)"', cell.source, re.MULTILINE)
    said = re.findall(r"^\d\.\d+ .*", capsys.readouterr().out, re.MULTILINE)
    exec(cell.source, notebook)  # the last one stops the servers
    assert numbers
    assert said == [f"{number} not attempted yet" for number in numbers]
