"""Other ways to serve the same app, to be compared with ours: `python -m bench.ways WAY OPTIONS…`.

Each is our server but for one thing; the options are those of app.py.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from securedata.cli import serve, serve_command
from securedata.serving import gateway


class _Pool:
    """One pool of threads for all paths: each request wakes one, and each answer the loop."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._pool = ThreadPoolExecutor(8)

    async def run(self, path: str, work: Callable[[], object]) -> object:
        return await asyncio.wrap_future(self._pool.submit(work))

    def close(self) -> None:
        self._pool.shutdown(wait=False)


class _NoThreads(_Pool):
    """The event loop's own thread: what waits there lets everybody wait."""

    async def run(self, path: str, work: Callable[[], object]) -> object:
        return work()


def lanes(those: type[_Pool]) -> Callable[[], None]:
    """Our server with these in the place of lanes."""
    return lambda: setattr(gateway, "Lanes", those)


def naive_texts() -> None:
    """The baseline's app behind our TLS and HTTP: what is left is the difference of the work."""
    # Here, since importing it makes a key, which takes a second.
    from bench.baseline import app as naive

    serve_command.create_app = lambda vault: naive


WAYS: dict[str, Callable[[], None]] = {
    "8 threads": lanes(_Pool),
    "in the loop": lanes(_NoThreads),
    "naive app": naive_texts,
}
COMPARED = ("8 threads", "in the loop")

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)]()
    serve()
