"""Sockets that several processes accept at."""

import socket

import pytest

from securedata.web import listening
from securedata.web.listening import SharedListener, listen


def test_one_client_at_a_time_and_the_next_is_left_to_others_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "YIELD_SECONDS", 60)
    (listener,) = listen("127.0.0.1", 0, loopback_only=True)
    ours = SharedListener.of(listener)
    theirs = SharedListener.of(ours.dup())  # as another process has it
    with ours, theirs:
        ours.setblocking(False)
        address = ours.getsockname()
        with socket.create_connection(address) as first, socket.create_connection(address) as next_:
            taken, _ = ours.accept()
            assert taken.getpeername() == first.getsockname()
            taken.close()
            for _ in range(3):
                with pytest.raises(BlockingIOError):
                    ours.accept()
            taken, _ = theirs.accept()
            assert taken.getpeername() == next_.getsockname()
            taken.close()


def test_when_the_moment_is_over_it_takes_the_next_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "YIELD_SECONDS", 0)
    (listener,) = listen("127.0.0.1", 0, loopback_only=True)
    with SharedListener.of(listener) as ours:
        address = ours.getsockname()
        with socket.create_connection(address), socket.create_connection(address):
            for _ in range(2):
                ours.accept()[0].close()


def test_a_socket_that_is_shared_still_sends_at_once() -> None:
    # asyncio sets TCP_NODELAY on clients of a socket that says it is TCP, and on no others.
    (listener,) = listen("127.0.0.1", 0, loopback_only=True)
    with SharedListener.of(listener) as ours:
        assert ours.proto == socket.IPPROTO_TCP
