"""What a student's cell uses: its class goes into a file, and the stories are played there."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path

from securedata.errors import RefusedError, UnavailableError
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson08_break_it_fix_it.sharing.stories import played


def kept_in(path: str) -> Callable[[type], type]:
    """Write the class below into a file, each line in its place: so errors name the cell's lines.

    >>> class MyStore:
    ...     def share(self, caller, record_id, to): ...
    >>> _ = kept_in("my_store.py")(MyStore)
    MyStore is still empty: my_store.py stays as it is
    """

    def keep(store: type) -> type:
        methods = [it for it in vars(store).values() if inspect.isfunction(it)]
        if all(map(is_stub, methods)):
            print(f"{store.__name__} is still empty: {path} stays as it is")
            return store
        cell = "".join(inspect.findsource(methods[0])[0])
        nodes = {it.name: it for it in ast.parse(cell).body if isinstance(it, ast.ClassDef)}
        lines, node = cell.splitlines(keepends=True), nodes[store.__name__]
        above = "\n" * (node.lineno - 1)
        source = above + "".join(lines[node.lineno - 1 : node.end_lineno])
        Path(path).write_text(source, encoding="utf-8")
        print(f"{store.__name__} is in {path}")
        return store

    return keep


def play_stories(path: str) -> None:
    """Play the stories at the store in this file, and print the first that ends badly.

    >>> play_stories("nowhere.py")
    There is no nowhere.py yet: fill in the class above.
    """
    if not Path(path).exists():
        print(f"There is no {path} yet: fill in the class above.")
        return
    try:
        ending, read = played(Path(path).read_text(encoding="utf-8"))
    except (RefusedError, UnavailableError) as error:
        print(f"The stories came to no end: {error}")
        return
    if ending:
        print(*ending[0], sep="\n")
    else:
        print("No story ended badly: 16 plain ones, 15 drawn ones.")
        print("Not judged, yesterday's whole table put back:", "READ" if read else "refused")
