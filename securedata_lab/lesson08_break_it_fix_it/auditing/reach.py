"""Looks at the text of my_vault.py before it runs: does it reach for the interpreter?

It tells the student, and finds tricks for the lecturer. It protects nothing: a text can be written
in many ways. What protects a verdict stands in docs/decisions/vaults-apart.md.
"""

import ast
import re
import sys
from collections.abc import Iterator

from securedata_lab.lesson08_break_it_fix_it.auditing import vault_to_fix

# Names, attributes and texts that lead to the interpreter's own things, or to other processes.
REFUSED = {
    *("sys", "gc", "inspect", "ctypes", "cffi", "builtins", "importlib", "imp", "pkgutil", "runpy"),
    *("signal", "multiprocessing", "faulthandler", "tracemalloc", "marshal", "pickle", "pydoc"),
    *("codeop", "timeit", "bdb", "pdb", "unittest", "doctest", "socketserver"),
    *("kill", "killpg", "pidfd_send_signal", "getframe", "current_frames", "attrgetter"),
    *("tb_frame", "gi_frame", "cr_frame", "ag_frame", "methodcaller"),
    *("securedata", "securedata_lab", "securedata_classroom"),
    *("f_back", "f_globals", "f_locals", "f_builtins", "f_code"),
}
FUNCTIONS = {"exec", "eval", "compile", "globals", "locals", "vars", "setattr", "delattr"}
ONLY_WITH_A_TEXT = {"getattr", "__import__"}
DUNDER = re.compile(r"__\w+__")
# A number's own operators are ordinary, such as `int.__eq__`. These reach for any name.
ORDINARY = {*dir(int), "__name__", "__file__", "__future__", "__enter__", "__exit__"}
ORDINARY -= {"__getattribute__", "__setattr__", "__delattr__", "__reduce__", "__reduce_ex__"}
LIBRARIES = {"Crypto", "cryptography", "vault_to_fix", *sys.stdlib_module_names}
LIBRARIES -= {"code", "trace"}  # a variable may have such a name, but no vault needs these


def reach_of(source: str) -> str | None:
    """A sentence about the first line that reaches too far; None if there is none.

    >>> reach_of("import hashlib\\nimport __main__")
    'line 2 reaches for `__main__`: a vault needs nothing of the interpreter'
    >>> reach_of("import helper")
    'line 1 imports `helper`: a vault is one file, and needs no other module'
    >>> reach_of("import os, uuid\\nprint(os.urandom(12), getattr(os, 'name'))")
    """
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except (SyntaxError, ValueError):
        return None  # it will not run, either
    except (RecursionError, MemoryError):
        return "it is nested too deep to be looked at"
    imported = {*vars(vault_to_fix)}
    imported |= {it.asname or it.name for it in nodes if isinstance(it, ast.alias)}
    called = {id(it.func) for it in nodes if isinstance(it, ast.Call) and _has_text(it)}
    reached = [
        (node.lineno, f"reaches for `{word}`: a vault needs nothing of the interpreter")
        for node in nodes
        if isinstance(node, (ast.expr, ast.alias, ast.ImportFrom, ast.pattern))
        for word in _reached(node, imported, is_called=id(node) in called)
    ]
    reached += [
        (node.lineno, f"imports `{name}`: a vault is one file, and needs no other module")
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in _modules(node)
        if name not in LIBRARIES and not _is_refused(name)
    ]
    line, words = min(reached, default=(0, ""))
    return f"line {line} {words}" if line else None


def _reached(node: ast.AST, imported: set[str], *, is_called: bool) -> Iterator[str]:
    """Words of this node that are refused."""
    match node:
        case ast.Name(id=name) if name in ONLY_WITH_A_TEXT:
            yield from [] if is_called else [name]
        case ast.Name(id=name) if name in FUNCTIONS:
            yield name
        case ast.Name(id=word) | ast.Attribute(attr=word) if _is_refused(word):
            yield word
        case ast.Attribute(ctx=ast.Store() | ast.Del()) if (root := _root(node)) in imported:
            yield f"{root}.{node.attr}"
        case ast.Constant(value=str(text)):
            yield from filter(_is_refused, [text, *DUNDER.findall(text)])
        case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
            yield from filter(_is_refused, name.split("."))
        case ast.MatchClass(kwd_attrs=words):
            yield from filter(_is_refused, words)


def _is_refused(word: str) -> bool:
    return word.strip("_") in REFUSED or bool(DUNDER.fullmatch(word) and word not in ORDINARY)


def _root(node: ast.expr) -> str:
    """`json` of `json.decoder.scanstring`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _has_text(call: ast.Call) -> bool:
    """Whether `getattr` and `__import__` are told what to look for by a text that stands here."""
    asked = call.args[isinstance(call.func, ast.Name) and call.func.id == "getattr" :][:1]
    return any(isinstance(it, ast.Constant) for it in asked)


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    names = [it.name for it in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    return [it.partition(".")[0] for it in names]
