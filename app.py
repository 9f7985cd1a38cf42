"""`python app.py` serves https://localhost:5000: the same as `securedata serve`."""

import signal

if __name__ == "__main__":  # Ctrl-C ends the imports without a traceback; `serve` takes it back
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import shlex
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Of `make lab`. Each system has its own folder of programs, and its own slash.
OURS = Path(".venv", "Scripts" if os.name == "nt" else "bin", "python")

if sys.version_info < (3, 10):  # noqa: UP036  # nobody has asked pip, which would refuse
    sys.exit(f"The kit needs Python 3.10 or newer, and this is {sys.version.split()[0]}.")


def typed(python: str, on_windows: bool) -> str:
    """This program's path, as a shell takes it."""
    if on_windows:  # PowerShell runs what is in quotes only after &
        return f'& "{python}"' if " " in python else python
    return shlex.quote(python)


try:
    from securedata.cli.serve_command import serve
except ModuleNotFoundError as missing:
    if (HERE / OURS.parent).exists() and Path(sys.prefix) != HERE / ".venv":
        command = f"{OURS} app.py"
    else:
        name = Path(sys.executable).name
        # As paths: Windows ignores their case.
        is_found = Path(shutil.which(name) or "") == Path(sys.executable)
        python = name if is_found else typed(sys.executable, os.name == "nt")
        command = f"{python} -m pip install -e ."
    sys.exit(
        f"The kit is not installed in this Python ({missing.name} is missing). "
        f"In {HERE}, run: {command}"
    )

if __name__ == "__main__":
    serve()
