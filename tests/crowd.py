"""Clients who store all the time, and a check that all that was acknowledged is there."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.client import Connection, post
from vocabulary import RunningService

CLIENTS = 8
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.05  # after a refusal; Retry-After says more, but we want to see many of them


def wait_until(it_is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not it_is_so():
        assert time.monotonic() < deadline, f"it did not come to it within {seconds} s"
        time.sleep(0.01)


class Storer:
    """Stores one text after the other on a kept connection; connects again when it is cut."""

    def __init__(self, server: RunningService, name: str) -> None:
        self.acknowledged: dict[str, str] = {}  # texts by record id
        self.sent: set[str] = set()
        self.answers: Counter[int] = Counter()  # by status
        self.refused: Counter[tuple[int, str, str]] = Counter()  # status, Retry-After, error
        self.longest_seconds = 0.0
        self.cut = 0
        self.stopping = False
        self._connection = Connection(server.port, server.ca_file)
        self._name = name
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.stopping = True
        self._thread.join(timeout=PATIENCE_SECONDS)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        number = 0
        while not self.stopping:
            began = time.monotonic()
            try:
                self._store(f"{self._name}, text {number}: {'x' * (number % 50)}")
            except OSError:
                self._connection.close()
                self.cut += 1
                time.sleep(0.01)
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
            number += 1

    def _store(self, text: str) -> None:
        self.sent.add(text)
        status, retry_after, body = _exchange(self._connection, post("/store", {"data": text}))
        if status == 200:
            self.acknowledged[body["record_id"]] = text
        else:
            self.refused[status, retry_after, body["error"]] += 1
            time.sleep(PAUSE_SECONDS)
        self.answers[status] += 1


@contextmanager
def load_on(*servers: RunningService, clients: int = CLIENTS) -> Iterator[list[Storer]]:
    """Clients who store all the time; all of them have stored something when this begins."""
    storers = [
        Storer(servers[number % len(servers)], f"client {number}") for number in range(clients)
    ]
    try:
        wait_until_each_has(200, storers)
        yield storers
    finally:
        for storer in storers:
            storer.stopping = True
        for storer in storers:
            storer.stop()


def wait_until_each_has(status: int, storers: Sequence[Storer]) -> None:
    """Return when every client was answered so, from now on."""
    before = {storer: storer.answers[status] for storer in storers}
    wait_until(
        lambda: all(storer.answers[status] > count for storer, count in before.items()),
        PATIENCE_SECONDS,
    )


def acknowledged(storers: Sequence[Storer]) -> dict[str, str]:
    """What any of them was told is stored: texts by record id."""
    return {record_id: text for it in storers for record_id, text in it.acknowledged.items()}


def refused(storers: Sequence[Storer]) -> Counter[tuple[int, str, str]]:
    """What all of them were told instead of 200."""
    return sum((storer.refused for storer in storers), Counter())


def retrieved(servers: Sequence[RunningService], record_ids: Iterable[str]) -> dict[str, str]:
    """What the servers in turn answer for each id: its text, or an error.

    A 503 is asked again after Retry-After, as docs/api.md tells clients.
    """
    ids = list(record_ids)

    def retrieve(reader: int) -> list[tuple[str, str]]:
        server = servers[reader % len(servers)]
        connection = Connection(server.port, server.ca_file)
        deadline = time.monotonic() + PATIENCE_SECONDS
        found = []
        for record_id in ids[reader::CLIENTS]:
            question = post("/retrieve", {"record_id": record_id})
            status, retry_after, body = _exchange(connection, question)
            while status == 503 and time.monotonic() < deadline:
                time.sleep(int(retry_after))
                status, retry_after, body = _exchange(connection, question)
            found.append((record_id, body["decrypted_data"] if status == 200 else str(body)))
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return dict(one for found in pool.map(retrieve, range(CLIENTS)) for one in found)


def _exchange(connection: Connection, request: bytes) -> tuple[int, str, dict[str, str]]:
    """Status, Retry-After, and the JSON of an answer."""
    head, body = connection.exchange(request)
    lines = dict(line.partition(": ")[::2] for line in head.decode("ascii").split("\r\n"))
    headers = {name.lower(): value for name, value in lines.items()}
    return int(head.split()[1]), headers.get("retry-after", ""), json.loads(body)
