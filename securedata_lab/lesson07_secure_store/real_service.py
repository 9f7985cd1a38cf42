"""The real service and Ada, as the notebook sees them. Both run beside the kernel: ada.py."""

from pathlib import Path
from typing import Any

from securedata.errors import RefusedError
from securedata_lab.lesson07_secure_store.ada import open_kept
from securedata_lab.servers.clients import Served
from securedata_lab.servers.keeper import Kept, keep
from securedata_lab.servers.starting import counts_as_started
from securedata_lab.servers.token_client import TokenClient

UNSAID = "Nothing was said:"


class Ada:
    """A customer. She does what a cell tells her, and shows nobody her token or her texts."""

    name = "ada"

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def store(self, text: str) -> Any:
        """Store a text at the real service: her receipt."""
        return self._kept.ask("store", text=text)

    def retrieve(self, body: dict[str, str]) -> Any:
        """What the real service gives her; of her letter she says no word."""
        return self._kept.ask("retrieve", body=body)

    def writes_diary(self, store: Served, token: str) -> Any:
        """Post her diary to another store, where this is her token: her receipt.

        Raises:
            RefusedError: that store says no, and why.
        """
        place = {"url": store.url, "ca_file": str(store.ca_file)}
        return self._kept.ask("writes_diary", **place, token=token)

    def wrote(self, said: str) -> Any:
        """Whether this is a text of hers, whole: the diary, or the letter."""
        return self._kept.ask("wrote", said=said)


class RealService:
    """The real service. Eve can reach its database, and none of its keys.

    `letter` is the receipt of what Ada has stored there. `eve` has a token of her own.
    """

    def __init__(self) -> None:
        self._kept = keep(open_kept)
        told = self._kept.told
        self.url, self.letter = told["url"], told["letter"]
        self.ca_file, self.database = Path(told["ca_file"]), Path(told["database"])
        self.ada, self.eve = Ada(self._kept), TokenClient(self, "eve", told["token"])
        self._answers = False

    @property
    def is_running(self) -> bool:
        """Whether it answers: it was not stopped, and its process has not ended."""
        return self._answers and self._kept.runs

    def start(self) -> None:
        """Answer requests. Calling it twice is harmless."""
        self._kept.ask("start")
        self._answers = True

    def stop(self) -> None:
        """Answer no more. `start` goes on with the same records."""
        if self.is_running:
            self._kept.ask("stop")
        self._answers = False

    def log_tail(self, lines: int = 10) -> list[str]:
        """The last lines of its log."""
        return [*self._kept.ask("log_tail", lines=lines)]

    def help_desk(self, word: object) -> TokenClient | None:
        """Say a code word: its owner gets a token, as after a loss. None: it is nobody's."""
        try:
            client = TokenClient(self, "ada", self.token_for(word))
        except RefusedError as error:
            print(error)
            return None
        print("The help desk: welcome back, Ada. Here is your token.")
        return client

    def token_for(self, word: object) -> str:
        """The token of whose code word this is.

        Raises:
            RefusedError: nobody has it, or it is no text.
        """
        if not isinstance(word, str):
            still = "the code word is still `...`" if word is ... else "a code word is a text"
            raise RefusedError(f"{UNSAID} {still}: type what you read, in quotes.")
        return str(self._kept.ask("help_desk", said=word))


def open_service() -> RealService:
    """Start the real service; or give back the one that runs: a cell may be run twice.

    >>> server = open_service()
    >>> open_service() is server
    True
    >>> server.help_desk("island-timber-32")
    The help desk: nobody here has this code word (a new kernel has a new one).
    >>> server.stop()
    """
    global running
    if running is None or not running._kept.runs:
        running = RealService()
        counts_as_started(running)
    running.start()
    return running


running: RealService | None = None  # one for the whole kernel, so that a cell may be run twice
