"""A program in a process of its own, as a notebook's kernel is one."""

import os
import subprocess
import sys
from pathlib import Path

from vocabulary import ROOT


def run_program(folder: Path, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it in this folder, which takes its temporary files too. A warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
