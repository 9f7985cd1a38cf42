"""A JupyterHub with three users of this machine, who run lesson 02 at the same time."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from crowd import wait_until
from vocabulary import ROOT, free_port

PROXY = ROOT / ".tools" / "npm" / "node_modules" / ".bin" / "configurable-http-proxy"
USERS = ("kit-ada", "kit-bob", "kit-eve")
SYSTEM_PYTHON = Path("/usr/bin/python3")
PASSWORD = "for-this-test-alone"
LESSON = "02_aes_gcm.ipynb"
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.cleanup_servers = True
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allowed_users = {users}
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    "--LabApp.expose_app_in_browser=True", "--LabApp.app_settings_dir={folder}/settings"
]
c.Spawner.environment = {{"PATH": "{path}"}}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
"""
# Lab shows only the cells in view; a test wants to see them all.
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady"
RUN_ALL = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    window.finished = null;
    window.jupyterapp.commands.execute('notebook:run-all-cells').then(async finished => {
        await panel.context.save();
        window.finished = finished;
    });
}"""
pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can add users"
    ),
    pytest.mark.skipif(not PROXY.exists(), reason="tools/ci_tools.sh installs the hub's proxy"),
]


@pytest.fixture
def homes() -> Iterator[Path]:
    """A folder with a home for each of three users, who have a copy of the solved lesson."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    folder.chmod(0o755)
    try:
        for user in USERS:
            added = ["useradd", "--create-home", "--base-dir", str(folder), user]
            subprocess.run(added, check=True, capture_output=True)
            copy = folder / user / LESSON
            shutil.copyfile(ROOT / "notebooks" / "solutions" / LESSON, copy)
            shutil.chown(copy, user, user)
        yield folder
    finally:
        for process in psutil.process_iter(["username"]):
            with suppress(psutil.NoSuchProcess):  # a keeper ends with its kernel
                if process.info["username"] in USERS:
                    process.kill()
        for user in USERS:
            subprocess.run(["userdel", "--remove", user], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(homes: Path) -> Path:
    """JupyterHub, JupyterLab and the kit, with a Python that every user of this machine may run."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None or not SYSTEM_PYTHON.exists():
        pytest.skip("uv comes with CI's packages, and the hub needs a Python for all users")
    folder = homes / "environment"
    subprocess.run([uv, "venv", "-q", "--python", SYSTEM_PYTHON, folder], check=True)
    install = [uv, "pip", "install", "-q", "--python", folder / "bin" / "python"]
    subprocess.run([*install, "jupyterhub>=5", f"{ROOT}[lab]"], check=True)
    return folder / "bin"


@pytest.fixture
def hub(homes: Path, environment: Path) -> Iterator[str]:
    """The address of a JupyterHub for these users."""
    (homes / "settings").mkdir()
    (homes / "settings" / "overrides.json").write_text(json.dumps(SETTINGS))
    port = free_port()
    config = CONFIG.format(
        port=port,
        hub_port=free_port(),
        api_port=free_port(),
        password=PASSWORD,
        users=set(USERS),
        proxy=PROXY,
        python=environment / "python",
        folder=homes,
        path=f"{environment}:{os.environ['PATH']}",
    )
    own = homes / "hub"
    own.mkdir(mode=0o700)
    (own / "config.py").write_text(config)
    command = [environment / "python", "-m", "jupyterhub", "--config", "config.py"]
    with (own / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=own, stdout=log, stderr=log)
    try:
        wait_until(lambda: "JupyterHub is now running" in (own / "log").read_text(), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def open_lesson(browser: Any, hub: str, user: str) -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{hub}/hub/login?next=%2Fhub%2Fhome")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hub/home")
    page.goto(f"{hub}/hub/spawn/{user}?next=%2Fuser%2F{user}%2Flab%2Ftree%2F{LESSON}")
    page.wait_for_function(READY, timeout=180_000)
    return page


def errors(notebook: Path) -> list[object]:
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert len(outputs) >= 10
    return [it for it in outputs if it.output_type == "error" or it.get("name") == "stderr"]


def test_three_users_run_a_lesson_at_the_same_time(browser: Any, hub: str, homes: Path) -> None:
    pages = [open_lesson(browser, hub, user) for user in USERS]
    for page in pages:
        page.evaluate(RUN_ALL)
    for page in pages:
        page.wait_for_function("() => window.finished !== null", timeout=180_000)
        assert page.evaluate("() => window.finished") is True
    assert [errors(homes / user / LESSON) for user in USERS] == [[], [], []]
