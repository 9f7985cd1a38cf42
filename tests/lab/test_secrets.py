"""No public name of a student's notebook leads to what is to be stolen."""

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat
import pytest
import requests
from lab.walking import leaks
from vocabulary import ROOT

from securedata_lab.lesson03_dsa_signatures import shop_client
from securedata_lab.lesson05_tls_certificates import cafe
from securedata_lab.lesson07_secure_store import real_service
from securedata_lab.lesson08_break_it_fix_it.auditing import live_vault
from securedata_lab.servers import starting

# What a kernel keeps, and its value in a new one.
KEPT = [(shop_client, "_shops", {}), (cafe, "_cafe", None), (live_vault, "_vault", None)]
KEPT += [(starting, "_server", None), (real_service, "running", None)]
# The end of the class part. In lesson 08, audits follow, which take long. In lesson 02, lines of 01
# read Kim's order.
END = re.compile(r"## At home|## The same at 128 bits|report = lab\.audit")


@pytest.mark.whole
@pytest.mark.parametrize(
    ("notebook", "least"),
    [
        ("01_*", 2),
        ("02_*", 1),
        ("03_*", 4),
        pytest.param("04_*", 258, marks=pytest.mark.thorough),
        ("05_*", 1),
        ("06_*", 3),
        ("07_*", 4),
        ("08_*", 1),
    ],
)
def test_no_name_of_a_notebook_leads_to_a_secret(
    notebook: str,
    least: int,
    drawn: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The class part, run as it is handed out."""
    monkeypatch.chdir(tmp_path)  # lesson 08 writes files
    for module, name, value in KEPT:
        monkeypatch.setattr(module, name, value)
    (path,) = (ROOT / "notebooks").glob(f"{notebook}.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in takewhile(lambda it: not END.match(it.source), cells):
        if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", []):
            exec(cell.source, names)
    printed = capsys.readouterr().out
    hiding = requests.Session()  # its repr shows nothing
    hiding.auth = drawn[0]
    try:
        assert len({*drawn}) >= least
        assert leaks(names, drawn) == []
        assert leaks(names | {"won": hiding}, drawn) == ["won.auth"]
        assert [it for it in drawn if str(it) in printed] == []
    finally:
        exec(cells[-1].source, names)
