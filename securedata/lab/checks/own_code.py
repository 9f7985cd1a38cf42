"""Which names a student's function uses: so that a shortcut through a library can be named."""

from types import CodeType


def names_in(function: object) -> set[str]:
    """The names of globals and attributes in a function, and in those that it defines.

    >>> sorted(names_in(lambda a: len(a.real)))
    ['len', 'real']
    >>> names_in("no function")
    set()
    """
    code = getattr(function, "__code__", None)
    return _names(code) if isinstance(code, CodeType) else set()


def _names(code: CodeType) -> set[str]:
    inner = [_names(it) for it in code.co_consts if isinstance(it, CodeType)]
    return set(code.co_names).union(*inner)
