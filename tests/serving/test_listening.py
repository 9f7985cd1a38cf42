"""Sockets that several processes accept at."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from securedata.serving import listening
from securedata.serving.listening import LastTakers, SharedListener, listen


@pytest.fixture
def pid(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes what follows happen in another process, as far as anyone can tell."""
    return lambda number: monkeypatch.setattr(os, "getpid", lambda: number)


@pytest.fixture
def listener() -> Iterator[SharedListener]:
    (plain,) = listen("127.0.0.1", 0, loopback_only=True)
    with SharedListener.of(plain, LastTakers(processes=3)) as shared:
        shared.setblocking(False)
        yield shared


@contextmanager
def clients_of(listener: SharedListener, count: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection(listener.getsockname()))
        yield


def test_processes_take_clients_in_turn(
    listener: SharedListener, pid: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEAVE_SECONDS", 60)
    with clients_of(listener, 9):
        for _ in range(3):
            for number in (1, 2, 3):
                pid(number)
                listener.accept()[0].close()
                for _ in range(3):
                    with pytest.raises(BlockingIOError):
                        listener.accept()
        pid(4)
        with pytest.raises(BlockingIOError):  # because there is none left
            listener.accept()


def test_a_client_whom_the_others_leave_for_a_moment_is_taken_all_the_same(
    listener: SharedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEAVE_SECONDS", 0.05)
    with clients_of(listener, 2):
        listener.accept()[0].close()
        for _ in range(4):  # the time is counted anew for each
            began = time.monotonic()
            while True:
                with suppress(BlockingIOError):
                    listener.accept()[0].close()
                    break
            assert time.monotonic() - began >= 0.05
            with socket.create_connection(listener.getsockname()):
                pass


def test_who_is_looked_after_rarely_is_taken_all_the_same(
    listener: SharedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEAVE_SECONDS", 0.01)
    monkeypatch.setattr(listening, "GLANCE_SECONDS", 0.05)  # on a busy machine
    with clients_of(listener, 2):
        listener.accept()[0].close()
        with pytest.raises(BlockingIOError):
            listener.accept()
        time.sleep(0.1)  # answers to others take so long
        listener.accept()[0].close()


def test_who_comes_after_one_that_another_took_is_left_to_the_others_for_as_long(
    listener: SharedListener, pid: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEAVE_SECONDS", 0.1)
    with clients_of(listener, 3):
        for number in (1, 2):
            pid(number)
            listener.accept()[0].close()
            with pytest.raises(BlockingIOError):
                listener.accept()
        time.sleep(0.2)
        pid(3)
        listener.accept()[0].close()
        with clients_of(listener, 1):
            pid(2)
            with pytest.raises(BlockingIOError):
                listener.accept()


def test_who_comes_when_nobody_has_come_for_a_while_is_left_to_the_others(
    listener: SharedListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEAVE_SECONDS", 0.02)
    with clients_of(listener, 1):
        listener.accept()[0].close()
        with pytest.raises(BlockingIOError):  # none waits
            listener.accept()
        time.sleep(0.03)
        with clients_of(listener, 1), pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")
def test_who_took_the_last_is_known_to_processes_that_were_forked() -> None:
    last = LastTakers(processes=2)
    last.add()
    if (child := os.fork()) == 0:
        last.add()
        os._exit(0)
    os.waitpid(child, 0)
    assert not last.among_them()


def test_a_socket_that_is_shared_still_sends_at_once() -> None:
    # asyncio sets TCP_NODELAY on clients of a socket that says it is TCP, and on no others.
    (plain,) = listen("127.0.0.1", 0, loopback_only=True)
    with SharedListener.of(plain, LastTakers(processes=2)) as ours:
        assert ours.proto == socket.IPPROTO_TCP
