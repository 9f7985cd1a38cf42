"""`make lab`: JupyterLab on the first lesson. Jupyter itself prints its address.

The Python of .venv runs this, and becomes Jupyter.
"""

import argparse
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Jupyter would ask whether it may fetch news, on top of the first lesson.
SETTINGS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}


def main(host: str | None, port: int) -> None:
    """Become JupyterLab, in the kit's folder."""
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    SETTINGS.write_text(json.dumps(NO_NEWS), encoding="utf-8")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of .venv, and not one in the home
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"  # for !securedata
    print("Starting JupyterLab. Ctrl-C stops it.")
    print(f"The command line: {os.path.relpath(BIN, ROOT)}/securedata --help", flush=True)
    os.chdir(ROOT)
    command = [sys.executable, "-m", "jupyterlab", *options(host, port)]
    os.execv(sys.executable, command)  # noqa: S606  # every word is ours


def options(host: str | None, port: int) -> list[str]:
    """What Jupyter is told. On this machine it takes the next port if this one is taken."""
    chosen = [
        "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
        "--ServerApp.answer_yes=True",  # Ctrl-C asks no question
        "--Application.log_level=ERROR",  # and what is critical: the address
        f"--ServerApp.port={port}",
    ]
    if host:  # a container publishes this port and no other
        chosen += [f"--ServerApp.ip={host}", "--ServerApp.port_retries=0"]
        chosen.append("--ServerApp.allow_remote_access=True")
    if not (sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ}):
        chosen.append("--no-browser")  # one in the terminal would hide the address
    if os.geteuid() == 0:
        chosen.append("--allow-root")
    return chosen


if __name__ == "__main__":
    parser = argparse.ArgumentParser("make lab", "make lab [HOST=0.0.0.0] [PORT=8888]")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=8888)
    given = parser.parse_args()
    main(given.host, given.port)
