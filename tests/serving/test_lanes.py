"""Where requests run: one lane for each path, and more threads for a lane that waits."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from serving.raw import within
from vocabulary import a_server, a_vault, ask, locked

from securedata import create_app
from securedata.serving import lanes as lanes_module
from securedata.serving.lanes import MOST_THREADS, BusyError, Lanes
from securedata.storage import database

SOON = 20  # seconds; it takes milliseconds, but a machine may be busy


def threads_of(path: str) -> int:
    return [thread.name for thread in threading.enumerate()].count(f"lane {path}")


async def until(it_is_so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not it_is_so():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), timeout=10)


@pytest.fixture
def hang() -> Iterator[Callable[[], str]]:
    """Work that hangs until the test is over, or until `hang.end` is set."""
    end = threading.Event()

    def work() -> str:
        assert end.wait(timeout=30)
        return "late"

    work.end = end  # type: ignore[attr-defined]
    yield work
    end.set()


def play(test: Callable[[Lanes], Awaitable[None]]) -> None:
    """Run a test in an event loop, with lanes for /a and /b."""

    async def run() -> None:
        lanes = Lanes(["/a", "/b"])
        try:
            await test(lanes)
        finally:
            lanes.close()

    asyncio.run(run())


def test_an_answer_goes_out_although_the_next_request_in_line_hangs(
    hang: Callable[[], str],
) -> None:
    async def test(lanes: Lanes) -> None:
        first = asyncio.ensure_future(lanes.run("/a", lambda: "answer"))
        second = asyncio.ensure_future(lanes.run("/a", hang))
        assert await asyncio.wait_for(first, SOON) == "answer"
        assert not second.done()

    play(test)


def test_strangers_make_no_threads_by_asking_for_new_paths() -> None:
    async def test(lanes: Lanes) -> None:
        before = threading.active_count()
        await asyncio.gather(*(lanes.run(f"/{number}", lambda: None) for number in range(200)))
        assert threading.active_count() <= before + MOST_THREADS
        assert threads_of("/7") == 0

    play(test)


def test_a_lane_without_answers_gets_more_threads_until_it_gives_answers_again() -> None:
    async def test(lanes: Lanes) -> None:
        waiting = [lanes.run("/a", lambda: time.sleep(0.1)) for _ in range(40)]
        answered = asyncio.gather(*waiting)
        await until(lambda: threads_of("/a") > 2)
        await answered
        await until(lambda: threads_of("/a") == 1)

    play(test)


@pytest.mark.serial
def test_a_lane_that_gives_answers_gets_no_more_threads_however_many_wait() -> None:
    async def test(lanes: Lanes) -> None:
        most, waiting = 0, [lanes.run("/a", lambda: time.sleep(0.005)) for _ in range(100)]
        answered = asyncio.gather(*waiting)
        while not answered.done():
            most = max(most, threads_of("/a"))
            await asyncio.sleep(0.001)
        assert most <= 3  # one, on an idle machine

    play(test)


@pytest.mark.serial
def test_a_lane_is_looked_at_every_ten_milliseconds_however_often_it_was_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look, looks = lanes_module._Lane._look, list[float]()

    def counted(lane: lanes_module._Lane, loop: asyncio.AbstractEventLoop) -> None:
        looks.append(time.monotonic())
        look(lane, loop)

    monkeypatch.setattr(lanes_module._Lane, "_look", counted)

    async def test(lanes: Lanes) -> None:
        started = time.monotonic()
        for _ in range(200):
            await lanes.run("/a", lambda: time.sleep(0.001))
        assert len(looks) <= (time.monotonic() - started) / lanes_module.LOOK_SECONDS + 1

    play(test)


def test_a_request_that_waits_too_long_is_refused_and_never_begun(
    hang: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "QUEUE_SECONDS", 1)
    begun: list[int] = []

    async def test(lanes: Lanes) -> None:
        hanging = [asyncio.ensure_future(lanes.run("/a", hang)) for _ in range(MOST_THREADS)]
        await until(lambda: threads_of("/a") == MOST_THREADS)
        with pytest.raises(BusyError):
            await asyncio.wait_for(lanes.run("/a", lambda: begun.append(1)), 1 + SOON)
        hang.end.set()  # type: ignore[attr-defined]
        assert await asyncio.gather(*hanging) == ["late"] * MOST_THREADS

    play(test)
    assert begun == []


@pytest.mark.parametrize(
    ("error", "raised"), [(KeyError, KeyError), (SystemExit, RuntimeError)], ids=["error", "exit"]
)
def test_what_work_raises_is_raised_and_the_lane_lives_on(
    error: type[BaseException], raised: type[Exception]
) -> None:
    def fail() -> None:
        raise error

    async def test(lanes: Lanes) -> None:
        with pytest.raises(raised):
            await lanes.run("/a", fail)
        assert await asyncio.wait_for(lanes.run("/a", lambda: "answer"), SOON) == "answer"

    play(test)


# The same through a server.


@pytest.mark.serial
def test_others_are_answered_while_the_database_is_locked(tmp_path: Path) -> None:
    with (
        a_server(create_app(a_vault(tmp_path)), tmp_path) as server,
        ThreadPoolExecutor(2 * MOST_THREADS) as clients,
    ):
        receipt = ask(server, "POST", "/store", json={"data": "hello"}).json()["data"]
        with locked(tmp_path / "records.sqlite3"):
            stores = [
                clients.submit(ask, server, "POST", "/store", json={"data": "hello"})
                for _ in range(2 * MOST_THREADS)
            ]
            time.sleep(0.5)  # all of them have arrived
            with within(2):
                for method, path, body in [
                    ("GET", "/health", None),
                    ("POST", "/retrieve", receipt),
                ]:
                    assert ask(server, method, path, json=body).ok
            assert not any(store.done() for store in stores)
        assert {store.result().status_code for store in stores} == {200}


@pytest.mark.serial
def test_a_store_that_waits_in_vain_is_503_within_one_limit_however_many_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    monkeypatch.setattr(lanes_module, "QUEUE_SECONDS", 1)
    monkeypatch.setattr(lanes_module, "MOST_THREADS", 1)
    waiting = 24  # seconds, if each waited its turn in the one thread; it takes two
    with (
        a_server(create_app(a_vault(tmp_path)), tmp_path) as server,
        locked(tmp_path / "records.sqlite3"),
        ThreadPoolExecutor(waiting) as clients,
        within(waiting / 2),
    ):
        stores = [
            clients.submit(ask, server, "POST", "/store", json={"data": "hello"})
            for _ in range(waiting)
        ]
        answers = [store.result() for store in stores]
    assert {(it.status_code, it.headers["Retry-After"]) for it in answers} == {(503, "5")}
