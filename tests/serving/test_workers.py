"""`--workers 2`: real processes at one port, killed, ended and left alone."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest
from crowd import (
    CLIENTS,
    acknowledged,
    load_on,
    processor_seconds_until,
    refused,
    retrieved,
    wait_until,
    wait_until_each_has,
)
from serving.raw import BODY, HEAD, HEALTH, WHOLE, after, get, is_free, plain
from vocabulary import APP, RunningService, a_token, ask, next_answer, tls_socket

from securedata import KeyFile, ServiceKeys

pytestmark = [
    pytest.mark.serial,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, and Windows cannot"),
]

END_SECONDS = 2.5  # and not 2, because what is imported has to be cleared away, too
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \S.*")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """`python app.py --workers 2` in an empty folder."""
    with RunningService(tmp_path, "--workers", "2") as running:
        wait_until(lambda: "Serving " in running.log.read_text())  # all of them
        yield running


def workers_of(service: RunningService) -> list[psutil.Process]:
    return psutil.Process(service.process.pid).children()


def two_workers_of(service: RunningService, *, without: int = 0) -> set[int]:
    """The process ids of its workers, once there are two and a certain one is not among them."""

    def pids() -> set[int]:
        return {process.pid for process in workers_of(service)} - {without}

    wait_until(lambda: len(pids()) == 2)
    return pids()


def owner_of(client: socket.socket, service: RunningService) -> int | None:
    """The process id of the worker who has this client's connection; none may have it yet."""
    port = client.getsockname()[1]
    for worker in workers_of(service):
        if any(its.raddr and its.raddr.port == port for its in worker.net_connections("tcp")):
            return worker.pid
    return None


# Answers


def test_both_answer_and_what_one_stores_the_other_retrieves(service: RunningService) -> None:
    before = {worker.pid: worker.cpu_times().user for worker in workers_of(service)}
    assert len(before) == 2
    with load_on(service) as clients:
        wait_until(  # both have been busy for 0.1 s
            lambda: all(
                worker.cpu_times().user - before[worker.pid] > 0.1 for worker in workers_of(service)
            )
        )
    texts = acknowledged(clients)
    assert not refused(clients)
    assert retrieved([service], texts) == texts
    assert psutil.Process(service.process.pid).cpu_percent(0.2) < 20  # it only watches


def test_no_connection_to_the_database_and_no_log_are_shared(service: RunningService) -> None:
    for process in (psutil.Process(service.process.pid), *workers_of(service)):
        assert "sqlite3" not in str(process.open_files())
    answer = ask(service, "GET", "/log")
    assert answer.status_code == 403
    assert answer.json()["error"].startswith("There is no one log to show: several processes ")


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one after the other"])
def test_clients_are_shared_out(service: RunningService, together: bool) -> None:
    # If they come at once, one worker could take all before the other wakes. If they come one after
    # the other, both have nothing to do, and the quicker one could take all.
    with ExitStack() as connections:
        clients: list[socket.socket] = []
        for _ in range(2 * CLIENTS):
            client = plain(service) if together else after(service, HEALTH, b"")
            clients.append(connections.enter_context(client))
        wait_until(lambda: None not in [owner_of(client, service) for client in clients])
        owners = [owner_of(client, service) for client in clients]
    shares = [owners.count(pid) for pid in two_workers_of(service)]
    assert min(shares) >= CLIENTS // 2, shares


def test_it_says_its_lines_once_and_every_line_of_the_log_is_whole(tmp_path: Path) -> None:
    # Into a pipe, as systemd and Docker have it; what is said goes to the same place.
    service = RunningService(tmp_path, "--workers", "3")
    command = [*APP, "--port", str(service.port), "--workers", "3"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        service.process = process
        assert process.stdout is not None
        assert process.stderr is not None
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr))
        reader.start()
        assert process.stdout.readline().startswith(f"Serving {service.url} until Ctrl-C.")
        with load_on(service):
            time.sleep(1)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read().splitlines()
        reader.join()
    assert len(said) == 5
    assert said[-1] == "Stopped."
    lines = [line.rstrip("\n") for line in log]
    assert len(lines) > CLIENTS
    assert all(re.fullmatch(LINE.pattern[:-4] + r"POST /store 200", line) for line in lines)


# A worker that dies


def test_a_killed_worker_is_replaced_and_hurts_its_own_clients_only(
    service: RunningService,
) -> None:
    one, _ = two_workers_of(service)
    with ExitStack() as connections:
        idle = [connections.enter_context(tls_socket(service)) for _ in range(CLIENTS)]
        theirs = [it for it in idle if owner_of(it, service) != one]
        with load_on(service) as clients:
            os.kill(one, signal.SIGKILL)
            two_workers_of(service, without=one)
            time.sleep(0.5)
        assert theirs
        for client in theirs:
            client.sendall(HEALTH)
            assert next_answer(client).status == 200
    assert not refused(clients)
    cuts = [client.cut for client in clients]
    assert max(cuts) <= 1, cuts
    assert 0 in cuts
    texts = acknowledged(clients)
    assert retrieved([service], texts) == texts
    said = [line[24:] for line in service.log.read_text().splitlines() if "worker" in line]
    assert said == [f"worker {one} was ended by signal 9: it is replaced"]


def test_a_worker_that_is_asked_to_end_ends_what_is_under_way_and_is_replaced(
    service: RunningService,
) -> None:
    with load_on(service) as clients:
        for pid in two_workers_of(service):
            os.kill(pid, signal.SIGTERM)
            two_workers_of(service, without=pid)
    assert not refused(clients)
    assert "ended with exit code 0: it is replaced" in service.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process: Linux only")
@pytest.mark.parametrize("spare_files", [0, 4], ids=["to fork", "for an event loop"])
def test_without_files_for_another_worker_all_end_with_the_reason(
    service: RunningService, spare_files: int
) -> None:
    parent = psutil.Process(service.process.pid)
    limit = parent.num_fds() + spare_files
    parent.rlimit(psutil.RLIMIT_NOFILE, (limit, limit))
    one, other = two_workers_of(service)
    began = time.monotonic()
    os.kill(one, signal.SIGKILL)
    assert service.process.wait(timeout=30) == 2
    assert time.monotonic() - began > 1  # it was tried again, but not without a pause
    log = service.log.read_text()
    assert log.splitlines()[-1].startswith("securedata: a worker does not start: ")
    assert "Too many open files" in log
    assert spare_files or "Traceback" not in log
    assert not psutil.pid_exists(other)
    assert is_free(service.port)


# A worker that hangs

# `app.py`, but a worker hangs as soon as the file `hang` is there: stopped in the middle of a
# transaction, or with a blocked event loop. 4 looks in the place of 20 save the test's time.
HANGS = """
import os, signal, sys, time
from contextlib import suppress
from pathlib import Path
from sqlalchemy import Engine, event
from securedata.cli import serve
from securedata.serving import workers
from securedata.serving.connections import Reception

workers.SILENT_LOOKS = int(os.environ["LOOKS"])

def only_once(hang):
    def perhaps(*_):
        with suppress(FileNotFoundError):
            Path("hang").unlink()
            hang()
    return perhaps

if sys.argv.pop(1) == "stopped":
    event.listen(Engine, "commit", only_once(lambda: os.kill(os.getpid(), signal.SIGSTOP)))
else:
    perhaps_block = only_once(lambda: time.sleep(3600))
    tick = Reception.on_tick
    Reception.on_tick = lambda *them: perhaps_block() or tick(*them)
serve()
"""


@contextmanager
def that_hangs(folder: Path, kind: str, looks: int) -> Iterator[RunningService]:
    command = [sys.executable, "-c", HANGS, kind]
    service = RunningService(folder, "--workers", "2", command=command, LOOKS=str(looks))
    service.begin()
    try:
        wait_until(lambda: "Serving " in service.log.read_text())
        yield service
    finally:
        os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait()


@pytest.mark.parametrize(("kind", "looks"), [("stopped", 20), ("blocked", 4)])
def test_a_worker_that_hangs_is_replaced_and_stores_go_on(
    tmp_path: Path, kind: str, looks: int
) -> None:
    with that_hangs(tmp_path, kind, looks) as service:
        before = two_workers_of(service)
        with load_on(service) as clients:
            began = time.monotonic()
            (tmp_path / "hang").touch()
            wait_until(lambda: "it is replaced" in service.log.read_text())
            two_workers_of(service, without=(before - two_workers_of(service)).pop())
            assert time.monotonic() - began < 15
            wait_until_each_has(200, clients)
        texts = acknowledged(clients)
        assert retrieved([service], texts) == texts
        (hung,) = before - two_workers_of(service)
        said = [line[24:] for line in service.log.read_text().splitlines() if "worker " in line]
        assert said == [
            f"worker {hung} does not answer: it is killed",
            f"worker {hung} was ended by signal 9: it is replaced",
        ]


def test_nobody_is_late_when_ctrl_z_has_stopped_everybody(tmp_path: Path) -> None:
    with that_hangs(tmp_path, "blocked", looks=2) as service:
        before = two_workers_of(service)
        os.killpg(service.process.pid, signal.SIGSTOP)
        time.sleep(3)
        os.killpg(service.process.pid, signal.SIGCONT)
        time.sleep(3)
        assert two_workers_of(service) == before
        assert "killed" not in service.log.read_text()
        assert service.post("/store", {"data": "hello"}).status_code == 200


# What cannot work


@pytest.mark.parametrize(
    ("options", "program", "sentence"),
    [
        ("--port {taken}", "", r"port \d+ of localhost is in use: .*"),
        ("--database sqlite://", "", "a database in memory is for one process: .*--database"),
        ("", "del os.fork", "this system cannot fork, so .* one process only: --workers 1"),
    ],
)
def test_a_start_that_is_refused_is_one_sentence(
    tmp_path: Path, options: str, program: str, sentence: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        words = options.format(taken=other.getsockname()[1]).split()
        code = f"import os; from securedata.cli import serve\n{program}\nserve()"
        command = [sys.executable, "-c", code, "--workers", "2", "--port", "0", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(f"securedata: {sentence}\n", done.stderr)


# The end


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
@pytest.mark.parametrize("to_all", [False, True], ids=["to the parent", "to all"])
def test_it_ends_within_two_seconds_with_clients_connected(
    service: RunningService, by: signal.Signals, to_all: bool
) -> None:
    with ExitStack() as connections:
        processes = [psutil.Process(service.process.pid), *workers_of(service)]
        for _ in range(CLIENTS):
            connections.enter_context(tls_socket(service))
            connections.enter_context(plain(service))
        for process in processes if to_all else processes[:1]:  # a terminal and systemd tell all
            process.send_signal(by)
        assert processor_seconds_until(lambda: service.process.poll() is not None) < END_SECONDS
        assert service.process.returncode == 0
        assert not any(process.is_running() for process in processes[1:])
        assert is_free(service.port)
    assert service.log.read_text().splitlines()[-1] == "Stopped."
    assert "Traceback" not in service.log.read_text()
    assert "replaced" not in service.log.read_text() or to_all


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
@pytest.mark.parametrize("count", [1, 2])
def test_what_is_under_way_when_all_are_told_to_end_is_answered(
    tmp_path: Path, by: signal.Signals, count: int
) -> None:
    with (
        RunningService(tmp_path, "--workers", str(count)) as service,
        closing(sqlite3.connect(tmp_path / "data" / "records.sqlite3")) as database,
    ):
        wait_until(lambda: "Serving " in service.log.read_text())
        processes = [psutil.Process(service.process.pid), *workers_of(service)]
        database.execute("BEGIN IMMEDIATE")  # a store now waits
        expect = HEAD + b"Content-Length: 17\r\nExpect: 100-continue\r\n\r\n"
        with after(service, expect) as client:
            assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"  # now it is under way
            client.sendall(BODY)
            time.sleep(0.5)
            for process in processes:
                process.send_signal(by)
            wait_until(lambda: is_free(service.port))  # all of them have heard it
            time.sleep(0.1)  # and wait
            database.execute("ROLLBACK")
            assert next_answer(client).status == 200
        assert service.process.wait(timeout=30) == 0


def test_a_worker_that_does_not_end_is_killed(service: RunningService) -> None:
    hanging, other = workers_of(service)
    hanging.suspend()
    service.process.send_signal(signal.SIGINT)
    for _ in range(5):  # more of them do not disturb
        time.sleep(0.1)
        service.process.send_signal(signal.SIGTERM)
    assert processor_seconds_until(lambda: service.process.poll() is not None) < END_SECONDS
    assert service.process.returncode == 0
    assert not hanging.is_running()
    assert not other.is_running()


def test_workers_do_not_outlive_a_parent_that_is_killed(service: RunningService) -> None:
    workers = workers_of(service)
    with closing(tls_socket(service)):
        service.kill()
        psutil.wait_procs(workers, timeout=30)
        assert not any(worker.is_running() for worker in workers)
    assert is_free(service.port)


# Keys


def test_a_token_and_a_rotation_are_noticed_by_every_worker(service: RunningService) -> None:
    keys = KeyFile.load(service.folder / "data" / "keys.json")
    rotated = keys.update(ServiceKeys.promote_signer)
    token = a_token(service).encode()
    with ExitStack() as connections:
        seen = {}
        while len(seen) < 2:
            client = connections.enter_context(tls_socket(service))
            seen[owner_of(client, service)] = client
        for client in seen.values():
            for header, status in ((b"X: y", 401), (b"Authorization: Bearer " + token, 200)):
                client.sendall(WHOLE.replace(b"\r\n", b"\r\n" + header + b"\r\n", 1))
                assert next_answer(client).status == status
            client.sendall(get("/public-key"))
            assert next_answer(client).body.decode() == rotated.signer.verifying_key.to_pem()
