"""Explorers in JupyterLab, in Notebook 7 and in exported HTML: by mouse, by touch and by keys."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from crowd import wait_until
from front_ends import small_targets, work_with
from nbformat.sign import NotebookNotary
from system.test_explorers import EXPLORERS
from vocabulary import ROOT, free_port

NOTEBOOK_7 = ROOT / ".tools" / "notebook" / "bin" / "python"
FRONT_ENDS = {
    "JupyterLab": (Path(sys.executable), "lab", "lab/tree"),
    "Notebook 7": (NOTEBOOK_7, "notebook", "notebooks"),
}
SCREENS = {
    "mouse": {"viewport": {"width": 1280, "height": 900}},
    "touch": {"viewport": {"width": 1024, "height": 768}, "has_touch": True},
}
NARROW = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}

pytestmark = pytest.mark.serial


def lesson() -> Any:
    """A notebook with a cell for each explorer, and one of text before and after them."""
    nb = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    nb.cells.append(nbformat.v4.new_markdown_cell("A lesson"))
    for name, explorer in EXPLORERS.items():
        data = {"text/html": explorer()._repr_html_(), "text/plain": name}
        output = nbformat.v4.new_output("display_data", data)
        nb.cells.append(nbformat.v4.new_code_cell(f"explore_{name}()", outputs=[output]))
    nb.cells.append(nbformat.v4.new_markdown_cell("Its end"))
    return nb


@pytest.fixture(scope="module", params=FRONT_ENDS)
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a front end shows the lesson, whose outputs it trusts as if it had just run them."""
    python, app, place = FRONT_ENDS[request.param]
    if not python.exists():
        pytest.skip("tools/ci_tools.sh installs it")
    pytest.importorskip("jupyterlab")
    folder = tmp_path_factory.mktemp("front_end")
    file, data = folder / "lesson.ipynb", folder / "data"
    nbformat.write(lesson(), file)
    data.mkdir()
    NotebookNotary(data_dir=str(data)).sign(nbformat.read(file, as_version=4))
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Else only the cells in view are in the page.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    port = free_port()
    places = {f"JUPYTER_{it}_DIR": str(data) for it in ("DATA", "CONFIG", "RUNTIME")}
    server = subprocess.Popen(
        [
            *(python, "-m", "jupyter", app, "--no-browser", "--allow-root", f"--port={port}"),
            *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"),
        ],
        env={**os.environ, **places, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: is_listening(port), 60)
    yield f"http://127.0.0.1:{port}/{place}/lesson.ipynb"
    server.terminate()
    server.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def cells_of(page: Any) -> list[str]:
    return list(page.locator(".jp-Notebook .jp-Cell .cm-content").all_inner_texts())


@pytest.mark.parametrize("by", SCREENS)
def test_no_key_in_an_explorer_reaches_the_lesson(browser: Any, address: str, by: str) -> None:
    """Keys and letters are shortcuts there: they move cells, delete them, or write into them."""
    with browser.new_context(**SCREENS[by]) as context:
        page = context.new_page()
        page.goto(address)
        explorers = page.locator(".jp-Notebook .sd-explorer")
        explorers.nth(len(EXPLORERS) - 1).wait_for(timeout=60_000)
        page.wait_for_function("document.querySelectorAll('.sd-explorer button').length > 50")
        before = cells_of(page)
        assert len(before) == len(EXPLORERS) + 2
        for explorer in explorers.all():
            work_with(explorer, by_touch=by == "touch")
        assert cells_of(page) == before
        assert page.locator(".jp-Notebook.jp-mod-editMode, .jp-Dialog").count() == 0


def test_an_exported_lesson_works_on_a_narrow_phone(browser: Any, tmp_path: Path) -> None:
    """Nothing is wider than the screen, and each target is 24 px at least (WCAG 2.2, 2.5.8)."""
    exporter = pytest.importorskip("nbconvert").HTMLExporter()
    (tmp_path / "lesson.html").write_text(exporter.from_notebook_node(lesson())[0], "utf-8")
    with browser.new_context(**NARROW) as context:
        page = context.new_page()
        page.goto((tmp_path / "lesson.html").as_uri())
        for explorer in page.locator(".sd-explorer").all():
            work_with(explorer, by_touch=True)
            assert explorer.evaluate("it => it.scrollWidth <= it.clientWidth")
            assert small_targets(explorer) == []
