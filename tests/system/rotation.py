"""Keys rotated under running servers: `securedata rotate`, and clients that notice nothing."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from vocabulary import RunningService

from securedata import KeyRing, VerifyingKey, receipt_from_json, verify

# What is imported takes longer than what is to be killed: say when it begins.
ROTATE = """
import sys
from securedata.cli import key_commands, main
print("begins", flush=True)
main(["rotate", *sys.argv[1:]])
"""


def rotation(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """`securedata rotate` in a process of its own, at the moment when it begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", ROTATE, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begins\n"
    return process


def stored(servers: list[RunningService], records: int) -> list[dict[str, Any]]:
    """Receipts of so many records, stored through all the servers in turn."""

    def store(number: int) -> dict[str, Any]:
        server = servers[number % len(servers)]
        return dict(server.post("/store", {"data": f"text {number}"}).json())

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(store, range(records)))


class Readers:
    """Clients that store and retrieve all the time; whatever is not 200 is remembered."""

    def __init__(self, service: RunningService, receipts: list[dict[str, Any]]) -> None:
        self.refused: list[str] = []
        self.asked = 0
        self._service = service
        self._receipts = receipts
        self._stop = threading.Event()

    def _ask(self, number: int) -> None:
        chance, ca_file = random.Random(number), str(self._service.ca_file)
        with requests.Session() as session:

            def post(path: str, body: object) -> dict[str, Any]:
                url = self._service.url + path
                answer = session.post(url, json=body, verify=ca_file, timeout=30)
                self.asked += 1
                if answer.status_code != 200:
                    self.refused.append(answer.text)
                return dict(answer.json())

            while not self._stop.is_set():
                receipt = chance.choice(self._receipts)
                post("/retrieve", {"record_id": receipt["record_id"]})
                post("/retrieve", receipt["data"])
                self._receipts.append(post("/store", {"data": "meanwhile"}))

    @contextmanager
    def asking(self) -> Iterator["Readers"]:
        with ThreadPoolExecutor(2) as pool:
            clients = [pool.submit(self._ask, number) for number in range(2)]
            try:
                yield self
            finally:
                self._stop.set()
        for client in clients:
            client.result()


def assert_all_readable_and_valid(service: RunningService, receipts: list[dict[str, Any]]) -> None:
    """Every record comes back, and every receipt verifies with what the server publishes."""
    published: dict[str, VerifyingKey] = {}
    with requests.Session() as session:
        for receipt in receipts:
            signer_id = receipt["signer_id"]
            if signer_id not in published:
                url = f"{service.url}/public-key?signer_id={signer_id}"
                pem = session.get(url, verify=str(service.ca_file), timeout=30).text
                published[signer_id] = VerifyingKey.from_pem(pem)
            verify(receipt_from_json(receipt), signers=KeyRing(published[signer_id]))
            answer = session.post(
                f"{service.url}/retrieve",
                json=receipt["data"],
                verify=str(service.ca_file),
                timeout=30,
            )
            assert answer.status_code == 200, answer.text
