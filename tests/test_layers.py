"""The architecture: imports go down, every public thing explains itself."""

import ast
import doctest
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from vocabulary import ROOT

import securedata
import securedata_classroom
import securedata_lab
from securedata.crypto import signature

PACKAGE = Path(securedata.__file__).parent
THREE = (securedata, securedata_lab, securedata_classroom)
SOURCES = sorted(source for it in THREE for source in Path(it.__file__ or "").parent.rglob("*.py"))
MODULES = [
    import_module(module.name)
    for it in THREE
    for module in pkgutil.walk_packages(it.__path__, f"{it.__name__}.")
    if module.name != "securedata.lab"  # which says its new name
]
TRICK = re.compile(
    r"^import (ctypes|dis)\b|\bsys\.(set|get)(profile|trace)\b|\bsys\._getframe\b"
    r"|\.(walk_tb|tb_frame|f_code|f_globals|co_\w+)\b|\b__(code|globals)__\b",
    re.MULTILINE,
)
AUDITING = "lab/lesson08_break_it_fix_it/auditing"
TRICKS_STAND_IN = {  # and why each needs them
    "lab/judging/interpreter.py": "a check's: each function says its reason",
    f"{AUDITING}/student_file.py": "my_vault.py is made of what cells define: of which names?",
    f"{AUDITING}/vault_server.py": "an error in my_vault.py is told with its line and its method",
    "lab/servers/hidden.py": "no other process may read the judge's memory, or the keeper's",
}


CLOCKS = {"within"} | {
    f"time.{clock}{unit}"
    for clock in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
    for unit in ("", "_ns")
}


def public_names(module: ModuleType) -> list[str]:
    """What a file defines without a leading underscore; of lab, what lessons may import."""
    if module.__name__.startswith("securedata_lab"):
        return list(getattr(module, "__all__", []))
    return [
        name
        for name, thing in vars(module).items()
        if getattr(thing, "__module__", None) == module.__name__ and not name.startswith("_")
    ]


PUBLIC = {
    f"{module.__name__}.{name}": thing
    for module in MODULES
    for name in public_names(module)
    if isinstance(thing := getattr(module, name), (type, FunctionType))
}


def imports(source: Path) -> set[str]:
    """The full names that a file imports: `os`, `Crypto.PublicKey.DSA`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def doctests(module: str) -> str:
    """All that the doctests of a module run."""
    found = doctest.DocTestFinder().find(import_module(module))
    return "\n".join(example.source for test in found for example in test.examples)


def reads_a_clock(test_file: Path) -> list[str]:
    """The tests of a file that read a clock, and are neither serial nor soak."""
    tree, clocks, found = ast.parse(test_file.read_text(encoding="utf-8")), set(CLOCKS), []
    of_all = [ast.unparse(it) for it in tree.body if isinstance(it, ast.Assign)]
    for thing in tree.body:
        calls = {ast.unparse(it.func) for it in ast.walk(thing) if isinstance(it, ast.Call)}
        fixtures = {it.arg for it in ast.walk(thing) if isinstance(it, ast.arg)}
        if not isinstance(thing, ast.FunctionDef) or not clocks & (calls | fixtures):
            continue
        marks = " ".join([*map(ast.unparse, thing.decorator_list), *of_all])
        if not thing.name.startswith("test_"):
            clocks.add(thing.name)  # a helper: those that call it read a clock, too
        elif not re.search(r"\bmark\.(serial|soak)\b", marks):
            found.append(thing.name)
    return found


def test_every_layer_imports_only_from_those_below_it() -> None:
    # In a process of its own: import-linter sets up logging, and silences everybody else's.
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_crypto_knows_no_files_no_clock_no_network_and_no_sql() -> None:
    allowed = {
        "Crypto",
        "collections",
        "contextlib",
        "dataclasses",
        "functools",
        "hashlib",
        "os",
        "securedata",
        "typing",
    }
    for source in (PACKAGE / "crypto").glob("*.py"):
        assert {name.partition(".")[0] for name in imports(source)} <= allowed, source.name


def test_tricks_with_the_interpreter_stand_where_a_reason_is_written() -> None:
    having = {path for path in SOURCES if TRICK.search(path.read_text(encoding="utf-8"))}
    assert {str(path.relative_to(ROOT)).removeprefix("securedata_") for path in having} == {
        *TRICKS_STAND_IN
    }


@pytest.mark.parametrize("module", signature.MODULES.values(), ids=lambda it: it.SCHEME.name)
def test_only_one_file_knows_a_signature_scheme(module: ModuleType) -> None:
    # But for the lab, which takes DSA apart.
    sources = PACKAGE.rglob("*.py")
    knowing = [source for source in sources if module.Key.__module__ in imports(source)]
    assert [str(source) for source in knowing] == [module.__file__]


def test_a_test_that_reads_a_clock_is_serial() -> None:
    """On a busy machine, a limit in seconds says nothing. To wait, all may use `wait_until`."""
    found = {path.name: reads_a_clock(path) for path in (ROOT / "tests").rglob("test_*.py")}
    assert {name: tests for name, tests in found.items() if tests} == {}


def test_only_the_command_line_reads_the_environment() -> None:
    asking = re.compile(r"\bos\.(environ|getenv)\b")
    reading = [path for path in SOURCES if asking.search(path.read_text(encoding="utf-8"))]
    # Tests of notebooks must be able to switch results off.
    # error_hints.py only prints what a student may type. Outputs are compared under fixed secrets:
    # the plugin for nbval sets them. keeper.py hands on all but three variables.
    names = ("judging/saved_results.py", "servers/error_hints.py", "servers/keeper.py")
    names += ("basics/chance.py", "nbval_plugin/__init__.py")
    exceptions = {ROOT / "securedata_lab" / name for name in names}
    commands = {*(PACKAGE / "cli").glob("*.py")}
    commands |= {*(ROOT / "securedata_classroom").glob("*_command.py")}
    assert {*reading} <= exceptions | commands


def test_every_name_for_all_to_import_has_a_docstring() -> None:
    assert all(inspect.getdoc(getattr(securedata, name)) for name in securedata.__all__)


@pytest.mark.parametrize("thing", PUBLIC.values(), ids=PUBLIC.keys())
def test_every_public_function_and_class_has_a_doctest_or_is_used_in_one_of_its_file(
    thing: type | FunctionType,
) -> None:
    if isinstance(thing, type) and issubclass(thing, Exception):
        return  # an error is shown where it is raised
    has_one = ">>>" in (thing.__doc__ or "")
    assert has_one or re.search(rf"\b{thing.__name__}\b", doctests(thing.__module__))
