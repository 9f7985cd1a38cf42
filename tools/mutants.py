"""`make mutants`: how strong the tests are. Small mistakes are made in the code; tests must fail.

    mutants.py              try every mutant: about an hour; stopped, it goes on where it was
    mutants.py --minutes 3  try some, drawn at random; fail if clearly under 90 % are killed
    mutants.py --only TEXT  try those whose module or operator holds this text

A mutant is a copy of the code with one mistake, made by cosmic-ray (https://cosmic-ray.readthedocs.io).
It is killed when a test fails. Each is tried in a fork of this process, which has loaded the
libraries: this saves 2 s a mutant. The changed copy of the kit lies in a temporary folder.
It needs Linux.
"""

import argparse
import difflib
import hashlib
import importlib
import json
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
JUDGED = ROOT / "tools" / "equivalent_mutants.txt"
GOAL = 0.9
DOUBT = 0.01  # a sample fails if GOAL would give so few kills with a smaller probability than this

# After a module's own tests and doctests come these. tests/ mirrors securedata/.
NEIGHBOURS = {
    "crypto/aead": "crypto/test_sealing",
    "crypto/domain": "crypto/test_signature",
    "crypto/keyring": "crypto/test_sealing keys/test_service_keys",
    "crypto/sealing": "test_vault keys/test_rotation",
    "crypto/signature": "crypto/test_sealing keys/test_format",
    "record": "crypto/test_sealing web/test_receipt storage/test_records",
    "vault": "keys/test_rotation web/test_app",
    "storage/records": "test_vault keys/test_rotation",
    "storage/database": "storage/test_records",
    "storage/postgresql": "storage/test_database",
    "keys/file": "test_private_file test_vault",
    "keys/format": "keys/test_file test_old_data",
    "keys/passphrase": "keys/test_format keys/test_file",
    "keys/rotation": "test_vault",
    "keys/service_keys": "keys/test_format test_vault",
    "web/body": "web/test_contract web/test_app",
    "web/receipt": "web/test_app web/test_client",
}
PYTEST = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:nbval", "-p", "no:xdist"]
PYTEST += ["--override-ini=addopts=--import-mode=importlib", "-m", "not serial and not soak"]
WITHOUT_POSTGRESQL = ("-k", "not postgresql")
LIBRARIES = ["hypothesis", "flask", "werkzeug.serving", "requests", "click.testing", "psycopg"]
LIBRARIES += ["sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "cryptography.x509"]
LIBRARIES += ["uvicorn", "a2wsgi", "filelock", "jsonschema", "Crypto.Cipher.AES", "nbval.plugin"]
LIBRARIES += ["Crypto.PublicKey.DSA", "Crypto.Signature.DSS", "Crypto.IO.PKCS8", "_pytest.doctest"]

# What may become of a mutant. The first needed no test to be noticed, and does not count.
BEFORE, KILLED, HUNG, SURVIVED = "before any test", "killed", "hung", "survived"
EQUIVALENT = "equivalent"
EXIT_NO_IMPORT = 99

Stage = tuple[str, ...]  # pytest's arguments
Result = dict[str, str]  # of a mutant: its three parts, the line with the mistake, the outcome


class Mutant(NamedTuple):
    """One mistake: cosmic-ray's name for its kind, and which of these places of a module."""

    module: str
    operator: str
    occurrence: int


class Workshop:
    """A copy of the kit in which one module at a time is changed. A class: it holds a folder."""

    def __init__(self, folder: Path) -> None:
        self.kit, self._tmp = folder / "kit", folder / "t"  # short: sockets lie in t
        self._limits: dict[Stage, float] = {}
        folder.chmod(0o755)  # PostgreSQL runs as another user
        others = shutil.ignore_patterns(".*", "__pycache__", "build", "notebooks")
        shutil.copytree(ROOT, self.kit, ignore=others)

    def path(self, module: str) -> Path:
        return self.kit / "securedata" / f"{module}.py"

    def mutants(self, only: str) -> Iterator[Mutant]:
        """The mutants whose module or operator holds this text, as `cosmic-ray init` lists them."""
        kinds = {name.removeprefix("core/"): get_operator(name) for name in operator_names()}
        for module in NEIGHBOURS:
            nodes = list(ast_nodes(get_ast_from_path(self.path(module))))
            for name, operator in sorted(kinds.items()):
                if only in f"{module} {name}" and not operator.arguments():
                    places = sum(len(list(operator().mutation_positions(it))) for it in nodes)
                    yield from (Mutant(module, name, number) for number in range(places))

    def result(self, mutant: Mutant) -> Result:
        """What becomes of a mutant, and the line with the mistake (or the one that is gone)."""
        source = self.path(mutant.module).read_text(encoding="utf-8")
        operator = get_operator(f"core/{mutant.operator}")()
        try:
            code = mutate_code(source, operator, mutant.occurrence)
        except Exception:  # cosmic-ray lists a few mutants that it cannot make
            code = "("
        diff = list(difflib.ndiff(source.splitlines(), code.splitlines()))
        new, old = ([it[2:].strip() for it in diff if it.startswith(sign)] for sign in "+-")
        line = (" / ".join(filter(None, new)) or " / ".join(old)).partition("  # ")[0]
        outcome = self._outcome(mutant.module, code)
        print(outcome, *mutant, line, sep="  ", flush=True)
        return {**mutant._asdict(), "line": line, "outcome": outcome}

    def _outcome(self, module: str, code: str) -> str:
        """Try a mutant: its own tests first, then others, until one fails."""
        try:
            compile(code, module, "exec")
        except SyntaxError:
            return BEFORE
        path = self.path(module)
        source = path.read_text(encoding="utf-8")
        for stage in _stages(module):
            limit = self._limit(module, stage)
            path.write_text(code, encoding="utf-8")
            try:
                exit_code = self._run(module, stage, limit)
            finally:
                path.write_text(source, encoding="utf-8")
            if exit_code != 0:
                return {None: HUNG, EXIT_NO_IMPORT: BEFORE}.get(exit_code, KILLED)
        return SURVIVED

    def _limit(self, module: str, stage: Stage) -> float:
        """Seconds for a stage: measured once on the code without a mistake, which must pass."""
        if stage not in self._limits:
            began = time.monotonic()
            if self._run(module, stage, 600, compiled=True) != 0:
                raise SystemExit(f"without any mistake this fails: pytest {' '.join(stage)}")
            self._limits[stage] = 4 * (time.monotonic() - began) + 5
            # Compiled tests may stay, but no compiled file may hide a mutant.
            for cache in (self.kit / "securedata").rglob("__pycache__"):
                shutil.rmtree(cache)
        return self._limits[stage]

    def _run(self, module: str, stage: Stage, limit: float, compiled: bool = False) -> int | None:
        """Pytest's exit code, in a fork; None if it did not end in time."""
        shutil.rmtree(self._tmp, ignore_errors=True)
        self._tmp.mkdir(mode=0o755)
        pid = os.fork()
        if pid == 0:
            try:
                self._be_pytest(module, stage, compiled)
            finally:
                os._exit(70)
        deadline = time.monotonic() + limit
        try:
            while time.monotonic() < deadline:
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    return abs(os.waitstatus_to_exitcode(status))
                time.sleep(0.01)
            return None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # and what its tests have left running

    def _be_pytest(self, module: str, stage: Stage, compiled: bool) -> None:
        os.setsid()
        os.chdir(self.kit)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        sys.dont_write_bytecode = not compiled
        os.environ.update(TMPDIR=str(self._tmp), PYTHONPATH=str(self.kit), CI="")
        os.environ["PYTHONDONTWRITEBYTECODE"] = "" if compiled else "1"  # for child processes
        tempfile.tempdir = None
        sys.path.insert(0, str(self.kit))
        try:
            importlib.import_module("securedata." + module.replace("/", "."))
        except Exception:
            os._exit(EXIT_NO_IMPORT)
        os._exit(pytest.main([*PYTEST, *stage]))


def _stages(module: str) -> Iterator[Stage]:
    folder, _, name = module.rpartition("/")
    neighbours = [f"tests/{it}.py" for it in NEIGHBOURS[module].split()]
    own = ["--doctest-modules", f"securedata/{module}.py", f"tests/{folder}/test_{name}.py"]
    yield (*own, *([] if name == "postgresql" else WITHOUT_POSTGRESQL))
    yield (*neighbours, *WITHOUT_POSTGRESQL)
    if folder == "storage":  # cases of one test for both databases
        yield ("tests/storage", "-k", "[PostgreSQL")


def equivalents() -> set[tuple[str, ...]]:
    """Module, operator and line of each mutant that no caller can tell from the code."""
    lines = JUDGED.read_text(encoding="utf-8").splitlines()
    return {tuple(line.split(maxsplit=2)) for line in lines if line and line[0] not in "#="}


def report(results: Iterable[Result]) -> tuple[int, int]:
    """Print a table and the survivors; return how many were killed, of how many that count."""
    counts: dict[str, Counter[str]] = {}
    survivors = []
    known = equivalents()
    for result in results:
        identity = (result["module"], result["operator"], result["line"])
        is_equivalent = result["outcome"] == SURVIVED and identity in known
        outcome = EQUIVALENT if is_equivalent else result["outcome"]
        survivors += ["  ".join(identity)] if outcome == SURVIVED else []
        counts.setdefault(result["module"], Counter())[outcome] += 1
    counts["**all**"] = sum(counts.values(), Counter())
    print("Survivors: module, operator, the line with the mistake", *survivors, "", sep="\n")
    print(f"| module | mutants | {BEFORE} | killed | {EQUIVALENT} | survived | share killed |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for module, count in counts.items():
        killed, survived = count[KILLED] + count[HUNG], count[SURVIVED]
        row = [count.total(), count[BEFORE], killed, count[EQUIVALENT], survived]
        share = killed / max(killed + survived, 1)
        print(f"| {module} | {' | '.join(map(str, row))} | {share:.1%} |")
    return killed, killed + survived


def is_clearly_under_goal(killed: int, tried: int) -> bool:
    """Whether a suite that kills GOAL of all would very seldom kill so few.

    >>> is_clearly_under_goal(80, 100), is_clearly_under_goal(85, 100)
    (True, False)
    """
    chance = (math.comb(tried, n) * GOAL**n * (1 - GOAL) ** (tried - n) for n in range(killed + 1))
    return sum(chance) < DOUBT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, help="how long a sample may take")
    parser.add_argument("--only", default="", help="a part of a module's or operator's name")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshop = Workshop(Path(folder))
        mutants = list(workshop.mutants(options.only))
        if options.minutes is None:
            report(try_all(workshop, mutants))
        else:
            print(f"A sample: --seed {options.seed}", flush=True)
            random.Random(options.seed).shuffle(mutants)  # noqa: S311  # no secret
            killed, tried = report(try_some(workshop, mutants, 60 * options.minutes))
            if is_clearly_under_goal(killed, tried):
                raise SystemExit(f"Only {killed} of {tried} were killed, and {GOAL:.0%} should be.")


def try_all(workshop: Workshop, mutants: Iterable[Mutant]) -> Iterator[Result]:
    """Try all, and note the results in build/mutants/ under a hash of code and tests."""
    contents = [it.read_bytes() for it in sorted(workshop.kit.rglob("*.*")) if it.is_file()]
    digest = hashlib.sha256(b"".join(contents)).hexdigest()[:16]
    noted = ROOT / "build" / "mutants" / f"{digest}.jsonl"
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.touch()
    entries = map(json.loads, noted.read_text(encoding="utf-8").splitlines())
    known = {(it["module"], it["operator"], it["occurrence"]): it for it in entries}
    for mutant in mutants:
        result = known.get(mutant) or workshop.result(mutant)
        if mutant not in known:
            with noted.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
        yield result


def try_some(workshop: Workshop, mutants: Iterable[Mutant], seconds: float) -> Iterator[Result]:
    """Try one after the other until the time is over."""
    end = time.monotonic() + seconds
    for mutant in mutants:
        if time.monotonic() > end:
            return
        yield workshop.result(mutant)


if __name__ == "__main__":
    main()
