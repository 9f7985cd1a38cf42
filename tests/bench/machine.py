"""What the figures were measured on and with."""

import os
import platform
import re
import sqlite3
import ssl
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("flask", "werkzeug", "uvicorn", "h11", "a2wsgi", "pycryptodome", "sqlalchemy")


def description() -> str:
    """One sentence: cores, processor, system, Python and libraries; no names of machines."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores of {_processor()}, {platform.system()}, Python "
        f"{platform.python_version()}, {ssl.OPENSSL_VERSION}, SQLite {sqlite3.sqlite_version}, "
        f"{libraries}."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return name[1] if name else platform.processor() or platform.machine()
