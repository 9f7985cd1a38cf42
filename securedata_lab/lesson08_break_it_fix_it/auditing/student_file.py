"""my_vault.py, as a student writes it: cells of a notebook put methods into its class."""

import ast
import inspect
import re
import shutil
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from textwrap import dedent, indent
from types import CodeType, FunctionType
from typing import TypeVar

from securedata_lab.basics.one_sentence import OneSentence
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson08_break_it_fix_it.auditing import vault_to_fix
from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGUN, VAULT_TO_FIX
from securedata_lab.servers.error_hints import NOTES

Method = TypeVar("Method", bound=Callable[..., object])
# The file and the method of each `@fix` in a cell, also in one that Python cannot read.
FIXED = re.compile(r"""^@.*\bfix\W+([^"'\n)]+).*\n\s*(?:def[ ]+(\w+))?""", re.MULTILINE)

_decorated = set[CodeType]()  # all that `fix` was given
_kept = set[tuple[str, str]]()  # by the cell that runs now: the file and the method
_not_taken = dict[tuple[str, str], str]()  # and why


class FolderError(OneSentence, OSError):
    """Nothing can be written here. A notebook shows this sentence alone, without a traceback."""


def begin_vault(path: str | Path) -> None:
    """Begin my_vault.py, with vault_to_fix.py beside it. A file that is there stays as it is.

    Raises:
        FolderError: the folder cannot be written to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     begin_vault(Path(folder) / "my_vault.py")
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['my_vault.py', 'vault_to_fix.py']
    """
    path = Path(path)
    try:
        with path.open("a", encoding="utf-8") as file:  # it may be there, and be read-only
            file.write("" if file.tell() else BEGUN)
        shutil.copyfile(VAULT_TO_FIX, path.with_name(VAULT_TO_FIX.name))
    except OSError as error:
        raise FolderError(
            f"{path.name} cannot be written here ({error.strerror}): copy the notebook into a "
            "folder of your own, and open it there."
        ) from None
    # So that `from vault_to_fix import …` needs no folder on sys.path, and finds no other file.
    sys.modules.setdefault(vault_to_fix.__name__.rpartition(".")[2], vault_to_fix)


def fix(path: str | Path = "") -> Callable[[Method], Method]:
    """Put the function below into my_vault.py, as a method. It replaces one of the same name.

    A decorator and no `%%writefile -a`: a mistake in a cell never gets into the file, and a cell
    that is run twice leaves one method. A stub leaves the file as it is.

    >>> @fix("my_vault.py")
    ... def nonce(self, receipt): ...
    nonce() is still empty: my_vault.py stays as it is
    """
    if not isinstance(path, (str, Path)) or Path(path).name in ("", VAULT_TO_FIX.name):
        print('Write the name of your own file: @lab.fix("my_vault.py")')
        return path if callable(path) else lambda method: method
    path = Path(path)

    def keep(method: Method) -> Method:
        if not isinstance(method, FunctionType):
            print("@lab.fix takes one method, from its def on: no class.")
            return method
        name = method.__name__
        _decorated.add(method.__code__)
        _kept.add((path.name, name))
        for taken in (name, ""):
            _not_taken.pop((path.name, taken), None)
        if is_stub(method):
            print(f"{name}() is still empty: {path.name} stays as it is")
            return method
        begin_vault(path)
        before = path.read_text(encoding="utf-8")
        try:
            after = _with_method(before, name, _source(method))
        except SyntaxError as error:
            print(f"{path.name} cannot be read: {error.msg} (line {error.lineno}).")
            print("Correct it there, or delete the file.")
            return method
        path.write_text(after, encoding="utf-8")
        print(f"{name}() is in {path.name}")
        if name not in (known := vars(vault_to_fix.Vault)):
            for like in get_close_matches(name, known, n=1):
                print(f"The consultant's vault has no {name}(), only {like}(): is the name right?")
        return method

    return keep


def note_cell(source: str, error: BaseException | None) -> list[str]:
    """After each cell: sentences about the methods that it should have put into a file.

    >>> note_cell('@fix("a.py")\\ndef f(self)', SyntaxError("expected ':'", ("", 2, 0, "")))
    ["Your last f() is not in a.py: expected ':' (line 2 of its cell)."]
    >>> not_taken("a.py")
    ["Your last f() is not in a.py: expected ':' (line 2 of its cell)."]
    """
    here = {(Path(file).name, name) for file, name in FIXED.findall(source)} - _kept
    _kept.clear()
    if error is None:
        return []
    why = str(error)
    if isinstance(error, SyntaxError):
        why = f"{error.msg} (line {error.lineno} of its cell)"
    _not_taken.update(dict.fromkeys(sorted(here), why))
    return [_sentence(*it) for it in sorted(here)]


NOTES.append(note_cell)


def not_taken(path: str | Path) -> list[str]:
    """Sentences about the newest methods for this file that are not in it."""
    return [_sentence(file, name) for file, name in _not_taken if file == Path(path).name]


def _sentence(file: str, name: str) -> str:
    what = f"{name}()" if name else "code"
    return f"Your last {what} is not in {file}: {_not_taken[file, name]}."


def lacks_decorator(method: object) -> bool:
    """Whether this is a function that `fix` was never given, and no stub."""
    return (
        isinstance(method, FunctionType)
        and method.__code__ not in _decorated
        and not is_stub(method)
    )


def methods_in(path: str | Path) -> set[str] | None:
    """The names of MyVault's own methods; None if the file is no Python, or has no MyVault."""
    try:
        body = _class(ast.parse(Path(path).read_text(encoding="utf-8"))).body
    except (OSError, ValueError, SyntaxError):
        return None
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


def lines_of(method: str, source: str) -> str:
    """The method as it stands in this file, or else in vault_to_fix.py.

    >>> lines_of("admit", "").splitlines()[0]
    'def admit(self, name: str, receipt: Receipt) -> bool:'
    """
    for text, name in ((source, "MyVault"), (VAULT_TO_FIX.read_text("utf-8"), "Vault")):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.name == name:
                for it in node.body:
                    if isinstance(it, ast.FunctionDef) and it.name == method:
                        return dedent("\n".join(text.splitlines()[it.lineno - 1 : it.end_lineno]))
    return ""


def _source(method: Callable[..., object]) -> str:
    """Its lines, without the decorator.

    Raises:
        SyntaxError: it was written where nothing keeps its lines.
    """
    try:
        source = dedent(inspect.getsource(method))
    except OSError:
        raise SyntaxError("this method's lines are nowhere: write it in a notebook") from None
    lines, function = source.splitlines(), ast.parse(source).body[0]
    return "\n".join(lines[function.lineno - 1 :])


def _class(module: ast.Module) -> ast.ClassDef:
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == "MyVault":
            return node
    raise SyntaxError("there is no class MyVault", ("", 1, 0, ""))


def _with_method(file: str, name: str, source: str) -> str:
    """The file with this method at the end of its class, and no other of this name.

    Raises:
        SyntaxError: the file is no Python, or has no class MyVault.
    """
    found, lines = _class(ast.parse(file)), file.splitlines()
    end = found.end_lineno or len(lines)
    lines.insert(end, f"\n{indent(source, '    ')}")
    for node in reversed(found.body):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(it.lineno for it in node.decorator_list)])
            blank = first > 1 and not lines[first - 2].strip()
            del lines[first - 1 - blank : node.end_lineno]
    return "\n".join(lines) + "\n"
