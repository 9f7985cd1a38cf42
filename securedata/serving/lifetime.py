"""What every server here shares: it runs inside a `with` block."""

from typing import TypeVar

Running = TypeVar("Running", bound="Lifetime")


class Lifetime:
    """Starts at the beginning of a `with` block, and stops at its end.

    >>> class Lamp(Lifetime):
    ...     def start(self): print("on")
    ...     def stop(self): print("off")
    >>> with Lamp():
    ...     print("reading")
    on
    reading
    off
    """

    def start(self) -> None:
        """Begin."""
        raise NotImplementedError

    def stop(self) -> None:
        """End."""
        raise NotImplementedError

    def __enter__(self: Running) -> Running:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
