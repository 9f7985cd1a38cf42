"""Faults by the thousand leave nothing behind: no open file, no memory, no secret in the log."""

import json
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator

import psutil
import pytest
from bench.client import Connection, post
from soak.rounds import rounds
from vocabulary import RunningService, a_token, by_hand

pytestmark = pytest.mark.serial

TEXT = "the treasure lies under the old oak"
MIB = 1024 * 1024
MAY_GROW_BYTES = 8 * MIB  # pools and caches fill; 1 KiB for each of 6,000 requests would be 6 MiB


class Trouble:
    """A client with a right token that sends wrong requests again and again."""

    def __init__(self, service: RunningService, token: str) -> None:
        self.answers: Counter[int] = Counter()
        self._service = service
        self._header = b"\r\nAuthorization: Bearer " + token.encode() + b"\r\n"
        self._connection = Connection(service.port, service.ca_file)
        self._receipt = self._ask("/store", {"data": TEXT})

    def make(self) -> None:
        for path, body in self._questions():
            self._ask(path, body)

    def break_off(self) -> None:
        for noise in (b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.0\r\n\r\n"):  # this is not TLS
            with socket.create_connection(("localhost", self._service.port), timeout=30) as plain:
                plain.sendall(noise)

    def _questions(self) -> Iterator[tuple[str, object]]:
        fields = self._receipt["data"]
        yield "/store", {"data": TEXT}
        yield "/store", {"text": TEXT}
        yield "/store", [TEXT]
        yield "/retrieve", {"record_id": self._receipt["record_id"]}
        yield "/retrieve", {"record_id": "0" * 32}
        yield "/retrieve", fields
        yield "/retrieve", fields | {"tag": "0" * 32}
        yield "/retrieve", fields | {"nonce": TEXT}
        yield "/nowhere", {"data": TEXT}

    def _ask(self, path: str, body: object) -> dict[str, dict[str, str]]:
        request = post(path, body).replace(b"\r\n", self._header, 1)
        head, answer = self._connection.exchange(request)
        self.answers[int(head.split()[1])] += 1
        return dict(json.loads(answer))


@pytest.mark.skipif(os.name != "posix", reason="counts open files as POSIX has them")
@rounds("turns", test=60, soak=700)
def test_thousands_of_faults_leave_no_open_file_no_memory_and_no_secret_behind(
    service: RunningService, turns: int, record_property: Callable[[str, object], None]
) -> None:
    token = a_token(service)
    process = psutil.Process(service.process.pid)
    keys, database = service.folder / "data" / "keys.json", service.folder / "data/records.sqlite3"
    intact = keys.read_bytes()
    trouble = Trouble(service, token)

    def a_turn(number: int) -> None:
        trouble.make()
        if number % 10 == 0:  # and the disk makes trouble too
            trouble.break_off()
            keys.write_bytes(intact[:500])
            trouble.make()
            keys.write_bytes(intact)
            by_hand(database, "ALTER TABLE records RENAME TO away")
            trouble.make()
            by_hand(database, "ALTER TABLE away RENAME TO records")

    for number in range(turns // 3):
        a_turn(number)
    files, memory = process.num_fds(), process.memory_info().rss
    for number in range(turns):
        a_turn(number)
    grown = process.memory_info().rss - memory
    for status, count in sorted(trouble.answers.items()):
        record_property(f"answers {status}", count)
    record_property("more open files", process.num_fds() - files)
    record_property("more memory, MiB", round(grown / MIB, 1))
    assert set(trouble.answers) == {200, 400, 404, 503}
    assert process.num_fds() <= files + 2  # sockets that are being closed
    assert grown < MAY_GROW_BYTES

    said = service.log.read_text() + " ".join(process.cmdline())
    assert "Traceback" not in said
    service_keys = json.loads(intact)
    pem_lines = service_keys["signers"][0]["private_key"].splitlines()[1:-1]
    for secret in (TEXT, token, service_keys["keys"][0]["secret"], *pem_lines):
        assert secret not in said
