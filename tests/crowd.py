"""Clients who store all the time, and connect again whenever they are cut off."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from vocabulary import RunningService

CLIENTS = 8


def wait_until(it_is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not it_is_so():
        assert time.monotonic() < deadline, "it did not come to it within 30 s"
        time.sleep(0.01)


def processor_seconds_until(it_is_so: Callable[[], bool]) -> float:
    """How long it took, by a clock that a busy machine slows down as it does all who work on it.

    We ask without a pause, and count the time that a processor had for us meanwhile: alone on the
    machine, these are the seconds of any clock.
    """
    began = time.thread_time()
    while not it_is_so():
        assert time.thread_time() - began < 30, "it did not come to it within 30 s"
    return time.thread_time() - began


class Storer:
    """Stores one text after the other on a kept connection; connects again when it is cut."""

    def __init__(self, service: RunningService, name: str) -> None:
        self.acknowledged: dict[str, str] = {}  # texts by record id
        self.refused: list[str] = []
        self.cut = 0
        self.stopping = False
        self._service = service
        self._session = requests.Session()
        self._thread = threading.Thread(target=self._store, args=(name,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.stopping = True
        self._thread.join(timeout=60)
        assert not self._thread.is_alive()

    def _store(self, name: str) -> None:
        number = 0
        while not self.stopping:
            text = f"{name}, text {number}"
            number += 1
            try:
                answer = self._session.post(
                    f"{self._service.url}/store",
                    json={"data": text},
                    verify=str(self._service.ca_file),
                    timeout=30,
                )
            except requests.RequestException:
                self.cut += 1
                time.sleep(0.01)
                continue
            if answer.status_code == 200:
                self.acknowledged[answer.json()["record_id"]] = text
            else:
                self.refused.append(answer.text)


@contextmanager
def load_on(service: RunningService) -> Iterator[list[Storer]]:
    """Clients who store all the time; all of them have stored something when this begins."""
    clients = [Storer(service, f"client {number}") for number in range(CLIENTS)]
    try:
        wait_until(lambda: all(client.acknowledged for client in clients))
        yield clients
    finally:
        for client in clients:
            client.stop()


def acknowledged(clients: list[Storer]) -> dict[str, str]:
    """What any of them was told is stored: texts by record id."""
    return {
        record_id: text for client in clients for record_id, text in client.acknowledged.items()
    }
