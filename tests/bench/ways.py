"""Other ways to serve the same app, to be compared with ours: `python -m bench.ways WAY OPTIONS…`.

Each is our server but for one thing; the options are those of app.py.
"""

import sys
from collections.abc import Callable

from securedata.cli import serve, serve_command
from securedata.serving import gateway, server
from securedata.serving.gateway import Message, Receive, Send, WholeBody
from securedata.web import app


def threads(count: int) -> Callable[[], None]:
    """Flask in threads, so many, and never in the event loop's own."""

    def change() -> None:
        gateway.WORKERS = count
        app.MOMENT_SECONDS = 0

    return change


class _InTheLoop(WholeBody):
    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await self._read(scope, receive)
        for message in self._call(scope, body):
            await send(message)


def in_the_loop() -> None:
    """Flask in the event loop's own thread alone: whatever has to wait lets everyone wait."""
    server.WholeBody = _InTheLoop  # type: ignore[misc]


def naive_texts() -> None:
    """The baseline's app behind our TLS and HTTP: what is left is the difference of the work."""
    # Here, since importing it makes a key, which takes a second.
    from bench.baseline import app as naive

    naive.config["MOMENT_SECONDS"] = app.MOMENT_SECONDS  # it waits for nobody
    serve_command.create_app = lambda vault: naive


WAYS: dict[str, Callable[[], None]] = {
    "1 thread": threads(1),
    "2 threads": threads(2),
    "4 threads": threads(4),
    "8 threads": threads(8),
    "in the loop": in_the_loop,
    "naive app": naive_texts,
}
COMPARED = ("1 thread", "2 threads", "4 threads", "8 threads", "in the loop")

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)]()
    serve()
