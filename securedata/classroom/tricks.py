"""Finds known tricks in submissions. No trick wins a point; the lecturer is told of each.

A verdict is reached in another process, from plain values. What is below only finds who has tried.
"""

import ast
import builtins
import json
import sys
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

from securedata.lab.answers.saved_results import SOLVED
from securedata.lab.checks.engine import EXERCISES

PATCHED = "changes the kit or IPython: "
OWN_CHECK = "has a check of its own"
OWN_EQUAL = "an answer decides itself what it is equal to"
RESULTS = "writes the results file"
RESULTS_FILE = "the results file says correct: look why"
EDITED = "check line edited"
DELETED = "check line deleted"
NEIGHBOURS = "right for somebody else: "
TWICE = "handed in twice: "
OTHER_NAME = "the set-up cell has another name: "


def fingerprint() -> dict[str, int]:
    """What the functions and classes of the kit and of IPython's shell are now, by name.

    >>> changes(fingerprint(), fingerprint())
    []
    """
    found = {f"builtins.{name}": id(value) for name, value in vars(builtins).items()}
    found.pop("builtins._", None)  # IPython's last output
    found |= {f"exercise {number}": id(it.judge) for number, it in EXERCISES.items()}
    for module in [name for name in sys.modules if name.partition(".")[0] == "securedata"]:
        for name, value in list(vars(sys.modules[module]).items()):
            found.update(_parts(f"{module}.{name}", value))
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    for kind in type(shell).__mro__ if shell is not None else ():
        found.update(_parts(f"{kind.__module__}.{kind.__name__}", kind))
    for name, value in vars(shell).items() if shell is not None else ():
        if isinstance(value, (FunctionType, MethodType)):
            found[f"IPython's {name}"] = 0  # an instance has none of its own
    return found


def changes(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """What is not as it was, by name.

    >>> changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "IPython's c": 0, "d": 1})
    ["IPython's c", 'b']
    """
    new = {name for name in after.keys() - before.keys() if name.startswith("IPython's ")}
    return sorted(new | {name for name, value in before.items() if after.get(name) != value})


def _parts(name: str, value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, FunctionType):
        yield name, hash((id(value), id(value.__code__)))
    elif isinstance(value, type) and value.__module__.partition(".")[0] in (
        "securedata",
        "IPython",
    ):
        yield name, id(value)
        for part, function in list(vars(value).items()):
            if isinstance(function, FunctionType):
                yield f"{name}.{part}", hash((id(function), id(function.__code__)))
    elif type(value).__name__ == "Check":
        yield name, id(value)


def in_source(source: str) -> list[str]:
    """Which tricks stand in a cell.

    >>> in_source("def check(*answers): print('1.1 correct')")
    ['has a check of its own']
    >>> in_source("from securedata.lab import check")
    []
    """
    marks = [RESULTS] if ".results-" in source else []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # thousands of minus signs
        return marks
    return [OWN_CHECK, *marks] if any(map(_binds_check, ast.walk(tree))) else marks


def _binds_check(node: ast.AST) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return node.name == "check"
    if isinstance(node, ast.Name):
        return node.id == "check" and isinstance(node.ctx, (ast.Store, ast.Del))
    if isinstance(node, ast.alias):
        return node.asname == "check" and node.name != "check"
    return False


def in_results(content: bytes, states: dict[str, str]) -> list[str]:
    """The exercises that a results file calls correct, and the judge does not.

    >>> in_results(b'{"1.1": "correct", "1.2": "correct"}', {"1.1": "correct", "1.2": "not yet"})
    ['1.2']
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if not isinstance(said, dict):
        return []
    return [it for it, state in states.items() if said.get(it) == SOLVED != state]
