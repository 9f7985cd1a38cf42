"""How long a program takes to start, beside the libraries that nearly every command needs."""

import subprocess
import sys
from collections.abc import Sequence

from bench.section import Section, Spread

LIBRARIES = "the libraries"
PROGRAMS = {
    "an empty program": ("-c", ""),
    LIBRARIES: ("-c", "import flask, Crypto.Cipher.AES, requests"),
    "import securedata": ("-c", "import securedata"),
    "import securedata_lab": ("-c", "import securedata_lab"),
    "securedata --version": ("-m", "securedata", "--version"),
    "securedata --help": ("-m", "securedata", "--help"),
    "securedata token --help": ("-m", "securedata", "token", "--help"),
}
# A small program starts the others: a new process is said to have held what its parent holds.
WATCH = """import os, sys
nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)
running = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[nowhere])
_, status, used = os.wait4(running, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def section(rounds: int) -> Section:
    """Run each program in turn, and note its processor time and its memory."""
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    memory: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            taken, held = _run(program)
            seconds[name].append(taken)
            memory[name].append(held)
    return Section(
        "Until a program has started",
        "Processor time of a new process, from its start to its end, and the most memory that it "
        f"held, {rounds} rounds in turn. The libraries are Flask, PyCryptodome's AES and "
        "Requests.",
        ("", "ms", "× the libraries", "MiB"),
        [
            [
                name,
                f"{Spread.of([1000 * second for second in seconds[name]]):.0f}",
                f"{Spread.of_ratios(seconds[name], seconds[LIBRARIES]):.2f}",
                f"{Spread.of(memory[name]):.1f}",
            ]
            for name in PROGRAMS
        ],
    )


def _run(program: Sequence[str]) -> tuple[float, float]:
    """Run Python so, and return seconds of processor time, and MiB."""
    command = [sys.executable, "-S", "-c", WATCH, sys.executable, *program]
    taken, held = subprocess.run(command, capture_output=True, check=True).stdout.split()
    return float(taken), float(held)
