"""A person's way through a lesson: JupyterLab in a real browser, Run All, no error."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from vocabulary import CHROMIUM, CHROMIUM_FLAGS, ROOT

TOKEN = "for-this-test-alone"
# Lab shows only the cells in view; a test wants to see them all.
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


@pytest.fixture
def lab_url(tmp_path: Path) -> Iterator[str]:
    """JupyterLab on a folder that holds copies of the notebooks."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "overrides.json").write_text(json.dumps(SETTINGS))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}/notebooks"]
    command += [f"--LabApp.app_settings_dir={tmp_path}/settings", "--expose-app-in-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        yield _wait_for_url(tmp_path)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for_url(folder: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            content = file.read_text()
            if content.endswith("}"):
                return str(json.loads(content)["url"])
        time.sleep(0.1)
    raise AssertionError((folder / "lab.log").read_text())


@pytest.mark.serial
def test_run_all_in_a_browser_ends_without_an_error(lab_url: str, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    name = "00_start_here.ipynb"
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{lab_url}lab/tree/{name}?token={TOKEN}&reset")
        page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=60_000
        )
        finished = page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
                const finished =
                    await window.jupyterapp.commands.execute('notebook:run-all-cells');
                await panel.context.save();
                return finished;
            }"""
        )
        browser.close()
    outputs = [
        output
        for cell in nbformat.read(tmp_path / "notebooks" / name, as_version=4).cells
        for output in cell.get("outputs", [])
    ]
    assert finished is True
    assert len(outputs) >= 10
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
