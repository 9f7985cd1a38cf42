"""docs/benchmarks.md: every part measured, and said how."""

import os
import platform
import re
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench import growth, startup, throughput
from bench.section import table
from vocabulary import ROOT

LIBRARIES = ("flask", "werkzeug", "tornado", "pycryptodome", "sqlalchemy")


def page(folder: Path, rounds: int, seconds: float, records: Sequence[int]) -> str:
    """Measure everything, with this folder for databases; return the page in Markdown.

    Each server is under load for so many seconds in each round.
    """
    sections = [
        throughput.section(folder, rounds, seconds),
        growth.section(folder, rounds, records),
        startup.section(rounds),
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Written by `make bench` on {time.strftime('%d %B %Y').lstrip('0')}, of commit "
            f"{_commit()}, on {_machine()}. Times differ from machine to machine: compare the "
            "ratios, each taken within one round. "
            "A figure with a range is the median of all rounds, with the least and the most.",
            "",
            *(line for section in sections for line in section.lines()),
            "## Versions",
            "",
            *table(("of", "version"), _versions()),
            "",
        ]
    )


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    processor = name[1] if name else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}"


def _versions() -> list[tuple[str, str]]:
    return [
        ("Python", platform.python_version()),
        ("OpenSSL", ssl.OPENSSL_VERSION.removeprefix("OpenSSL ")),
        ("SQLite", sqlite3.sqlite_version),
        *((name, version(name)) for name in LIBRARIES),
    ]
