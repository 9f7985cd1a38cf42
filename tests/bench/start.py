"""From `python app.py` to its first answer, and what importing its dependencies takes alone.

The certificates and keys are there, as at every start but the first.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.client import Connection, get
from bench.effort import Effort
from bench.figures import Spread
from bench.section import Goal, Section
from bench.service import ENVIRONMENT, Service, ours
from vocabulary import a_server, a_vault

from securedata import BackgroundServer, create_app

# What securedata imports of each of its dependencies (pyproject.toml), and nothing of securedata.
IMPORTS = """
import a2wsgi.wsgi, click, flask, requests, sqlalchemy, uvicorn
import Crypto.Cipher.AES, Crypto.PublicKey.DSA, Crypto.Signature.DSS
import cryptography.x509
"""


def section(folder: Path, effort: Effort) -> Section:
    service = ours(folder / "start")
    _first_answer(service)  # makes the keys
    pairs = [(_first_answer(service), _bare_imports()) for _ in range(effort.rounds)]
    server = a_server(create_app(a_vault(folder)), folder)
    answers, imports = zip(*pairs, strict=True)
    in_a_notebook = [_in_a_notebook(server) for _ in range(effort.rounds)]
    return Section(
        "The first answer",
        "From `python app.py` in a new process to its answer to GET /health, keys and certificates "
        "being there; against a process that imports the same libraries and ends; in turn. In a "
        "notebook, where all is imported already, from `start()` to the first answer.",
        ("", "ms"),
        [
            ["`python app.py`", _in_ms(answers)],
            ["imports alone", _in_ms(imports)],
            ["in a notebook", _in_ms(in_a_notebook)],
        ],
        [
            Goal(
                "first answer of `python app.py`, against its imports alone",
                1.5,
                Spread.of_ratios(answers, imports),
                at_least=False,
            )
        ],
    )


def _first_answer(service: Service) -> float:
    """Seconds from a new process to its answer to GET /health."""
    began = time.perf_counter()
    with service:
        service.connection().ask(get("/health"))
        return time.perf_counter() - began


def _bare_imports() -> float:
    """Seconds of a new process that imports what the service imports, and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def _in_a_notebook(server: BackgroundServer) -> float:
    began = time.perf_counter()
    with server:
        assert server.ca_file is not None
        Connection(server.port, server.ca_file).ask(get("/health"))
        return time.perf_counter() - began


def _in_ms(seconds: Sequence[float]) -> str:
    return f"{Spread.of([1000 * second for second in seconds]):.0f}"
