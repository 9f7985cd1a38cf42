"""Finds known tricks in submissions. No trick wins a point; the lecturer is told of each.

A verdict is reached in another process, from plain values. So nobody looks for changes of the kit
or of IPython in the student's: they win nothing. What is below only finds who has tried.
"""

import ast
import json

from securedata_classroom.notebook import parsed
from securedata_lab.judging.saved_results import SOLVED

OWN_CHECK = "has a check of its own"
OWN_EQUAL = "an answer decides itself what it is equal to"
REACHES = "my_vault.py reaches for more than a vault needs"
RESULTS = "writes the results file"
RESULTS_FILE = "the results file says correct: look why"
EDITED = "check line edited"
DELETED = "check line deleted"
OTHER_TRY = "another try, not counted: "
DEEPER = "deeper in the same zip, not counted: "
OTHER_LESSON = "the file's name is of another lesson: "
ONLY_VAULT = "only my_vault.py was handed in"
OTHER_NAME = "the set-up cell has another name: "


def in_source(source: str) -> list[str]:
    """Which tricks stand in a cell.

    >>> in_source("def check(*answers): print('1.1 correct')")
    ['has a check of its own']
    >>> in_source("from securedata_lab import check")
    []
    """
    marks = [RESULTS] if ".results-" in source else []
    try:
        tree = parsed(source)
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
