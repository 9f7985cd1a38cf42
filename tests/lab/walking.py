"""What a student reaches from a notebook's names, without private ones: does it hold a secret?"""

import types
from collections.abc import Iterator
from typing import Any

DEEPEST = 6
PLAIN = (str, bytes, bytearray, int, float, bool, type(None))


def leaks(names: dict[str, Any], secrets: list[Any]) -> list[str]:
    """The ways to a secret: by public attributes and items, in a value, its repr or its str.

    A secret is a text or a large number. Modules and classes are looked at if they are the kit's.
    """
    texts = [str(secret) for secret in secrets]
    texts += [text.encode().hex() for text in texts]
    texts += [hex(secret)[2:] for secret in secrets if isinstance(secret, int)]
    found, seen = list[str](), set[int]()
    waiting = [(name, value, 0) for name, value in names.items() if not name.startswith("__")]
    kept = []  # so that no id is used twice
    while waiting:
        way, value, depth = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kept.append(value)
        if any(text in shown for shown in _shown(value) for text in texts):
            found.append(way)
        if depth < DEEPEST and not isinstance(value, PLAIN):
            waiting += [(f"{way}{step}", part, depth + 1) for step, part in _parts(value)]
    return found


def _shown(value: Any) -> list[str]:
    if isinstance(value, (bytes, bytearray)):
        return [value.decode("latin-1"), value.hex()]
    try:
        return [repr(value), str(value)]
    except Exception:
        return []


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", part) for key, part in list(value.items()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from ((f"[{place}]", part) for place, part in enumerate(value))
    elif isinstance(value, (types.ModuleType, type)) and not _is_ours(value):
        return
    for name in dir(value):
        if not name.startswith("_"):
            try:
                yield f".{name}", getattr(value, name)
            except Exception:  # a property that needs more than is there
                continue


def _is_ours(value: Any) -> bool:
    name = value.__name__ if isinstance(value, types.ModuleType) else value.__module__
    return str(name).split(".")[0] in ("securedata", "securedata_lab", "__main__")
