"""Clients that store texts all at once and remember the answers; then a check that all is there."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.client import Connection, get, post
from vocabulary import RunningService

READERS = 8
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.05  # after a refusal; Retry-After says more, but we want to see many of them


class Load:
    """Clients of some servers, in threads. A text is acknowledged if the answer was 200."""

    def __init__(self, servers: Sequence[RunningService], *, clients: int) -> None:
        self.acknowledged: dict[str, str] = {}  # texts by record id
        self.sent: set[str] = set()
        self.refused: Counter[tuple[int, str, str]] = Counter()  # status, Retry-After, error
        self.longest_seconds = 0.0
        self._servers = servers
        self._answers: list[Counter[int]] = [Counter() for _ in range(clients)]  # by status
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """All clients store, without a pause, until the end of the block."""
        clients = range(len(self._answers))
        with ThreadPoolExecutor(len(clients)) as pool:
            running = [pool.submit(self._store, client) for client in clients]
            try:
                self.wait_until_each_has(200)
                yield self
            finally:
                self._stop.set()
        for client in running:
            client.result()

    def wait_until_each_has(self, status: int) -> None:
        """Return when every client was answered so, from now on."""
        before = [answers[status] for answers in self._answers]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(
            answers[status] == count for answers, count in zip(self._answers, before, strict=True)
        ):
            assert time.monotonic() < deadline, f"a client waits for a {status}: {self._answers}"
            time.sleep(0.02)

    def _store(self, client: int) -> None:
        server = self._servers[client % len(self._servers)]
        connection, number = Connection(server.port, server.ca_file), 0
        while not self._stop.is_set():
            text = f"client {client}, text {number}: {'x' * (number % 50)}"
            self.sent.add(text)
            began = time.monotonic()
            status, retry_after, body = _exchange(connection, post("/store", {"data": text}))
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
            if status == 200:
                self.acknowledged[body["record_id"]] = text
            else:
                self.refused[status, retry_after, body["error"]] += 1
                time.sleep(PAUSE_SECONDS)
            self._answers[client][status] += 1
            number += 1


class Heartbeat:
    """A client that asks for /health all the time. Any answer but 200 is an error."""

    def __init__(self, server: RunningService) -> None:
        self.beats = 0
        self.longest_seconds = 0.0
        self._server = server
        self._stop = threading.Event()

    @contextmanager
    def beating(self) -> Iterator["Heartbeat"]:
        with ThreadPoolExecutor(1) as pool:
            heart = pool.submit(self._beat)
            try:
                yield self
            finally:
                self._stop.set()
        heart.result()

    def _beat(self) -> None:
        connection = Connection(self._server.port, self._server.ca_file)
        while not self._stop.wait(0.02):
            began = time.monotonic()
            connection.ask(get("/health"))
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
            self.beats += 1


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
        for record_id in ids[reader::READERS]:
            question = post("/retrieve", {"record_id": record_id})
            status, retry_after, body = _exchange(connection, question)
            while status == 503 and time.monotonic() < deadline:
                time.sleep(int(retry_after))
                status, retry_after, body = _exchange(connection, question)
            found.append((record_id, body["decrypted_data"] if status == 200 else str(body)))
        return found

    with ThreadPoolExecutor(READERS) as pool:
        return dict(one for found in pool.map(retrieve, range(READERS)) for one in found)


def _exchange(connection: Connection, request: bytes) -> tuple[int, str, dict[str, str]]:
    """Status, Retry-After, and the JSON of an answer."""
    head, body = connection.exchange(request)
    lines = dict(line.partition(": ")[::2] for line in head.decode("ascii").split("\r\n"))
    headers = {name.lower(): value for name, value in lines.items()}
    return int(head.split()[1]), headers.get("retry-after", ""), json.loads(body)
