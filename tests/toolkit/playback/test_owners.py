"""
Whose a request is: that of the test that started its thread or its task.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import LiveRequest
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.playback import Manner
from taketwo.errors import LateRequest, NoMatch
from taketwo.intercept.registry import REGISTRY
from taketwo.playback.active import (
    Activation,
    ActiveCassette,
    Owner,
    belonging_to,
    current,
    owner,
    without_cassette,
)
from taketwo.playback.conversations import routing
from taketwo.playback.conversations.routing import ConversationsOfTest, RoutedConversations
from taketwo.playback.player import incoming_request, play
from taketwo.playback.recorder import Recorder

ASKED = incoming_request(LiveRequest(method="GET", url="http://shop.test/late?token=abc-12345"))


@pytest.fixture(autouse=True)
def _patched() -> Iterator[None]:
    with REGISTRY:
        yield


def cassette(test: str, told: list[str] | None = None) -> ActiveCassette:
    player = play(None, name="a.yaml", test=test, redactor=Redactor({}), reveal={}, bases=BaseUrls({}))
    active = ActiveCassette(player, Recorder())
    active.report = told.append if told is not None else None
    return active


def in_thread(act: Callable[[], object]) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_is_of_the_test_that_started_it_and_so_are_its_threads() -> None:
    with Activation(cassette("a")) as active:
        assert in_thread(current) is active
        assert in_thread(lambda: in_thread(current)) is active


def test_a_call_in_a_pool_is_of_the_test_that_submitted_it() -> None:
    with ThreadPoolExecutor(1) as executor, ThreadPool(1) as pool:
        for name in ("a", "b"):
            with Activation(cassette(name)) as active:
                assert executor.submit(current).result() is active
                assert pool.apply(current) is active
                assert pool.map(lambda _: current(), [1]) == [active]
                assert list(pool.imap(lambda _: current(), [1])) == [active]
                assert asyncio.run(_through(executor)) == [active, active]
        assert executor.submit(owner).result() is None


def _unanswered(_: object = None) -> None:
    raise NoMatch("no answer")


@pytest.mark.parametrize(
    "ask",
    [
        lambda pool: pool.apply(_unanswered),
        lambda pool: pool.apply_async(_unanswered).get(),
        lambda pool: pool.map(_unanswered, range(5)),
        lambda pool: pool.map_async(_unanswered, range(5), chunksize=2).get(),
        lambda pool: pool.starmap(_unanswered, [(1,), (2,)]),
        lambda pool: list(pool.imap(_unanswered, range(3))),
        lambda pool: list(pool.imap_unordered(_unanswered, range(3), chunksize=2)),
    ],
)
def test_a_missing_answer_in_a_pool_reaches_the_test_that_waits_for_it(
    ask: Callable[[ThreadPool], object],
) -> None:
    """
    A thread of such a pool hands over exceptions alone, and the test waits for what never comes.
    """
    with ThreadPool(2) as pool, pytest.raises(NoMatch, match="no answer"):
        ask(pool)


def test_a_pool_hands_over_what_fails_by_itself_as_it_is() -> None:
    with ThreadPool(1) as pool, pytest.raises(ZeroDivisionError):
        pool.map(lambda number: 1 // number, [0])


async def _through(executor: ThreadPoolExecutor) -> list[ActiveCassette | None]:
    loop = asyncio.get_running_loop()
    return [await loop.run_in_executor(executor, current), await asyncio.to_thread(current)]


def test_a_thread_of_before_gets_the_cassette_that_is_open() -> None:
    started, found = threading.Event(), queue.Queue[ActiveCassette | None]()

    def wait() -> None:
        started.wait()
        found.put(current())

    thread = threading.Thread(target=wait)
    thread.start()

    with Activation(cassette("a")) as active:
        started.set()
        thread.join()

    assert found.get() is active


def test_what_comes_after_the_end_of_its_test_is_refused_and_told() -> None:
    told: list[str] = []
    late = cassette("tests/test_a.py::test_a", told)
    with Activation(late):
        pass

    with Activation(cassette("b")), belonging_to(late):
        found = current()
        assert found is late
        with pytest.raises(LateRequest) as caught:
            found.find(ASKED)

    assert str(caught.value) == (
        "the main thread of tests/test_a.py::test_a sent GET http://shop.test/late?token=<secret:token> "
        "after the test had ended, and was refused\n"
        "wait for it before the test ends: join the thread, await the task, close the client"
    )
    assert told == [str(caught.value).partition(", and was")[0]]


def test_so_is_what_a_test_without_a_cassette_left_behind() -> None:
    told: list[str] = []
    plain = Owner("test_plain", report=told.append)
    with without_cassette(plain):
        assert current() is None

    with Activation(cassette("b")), belonging_to(plain):
        found = current()
        assert found is not None
        with pytest.raises(LateRequest):
            found.find(ASKED)

    assert told == ["the main thread of test_plain sent GET http://shop.test/late after the test had ended"]


def test_what_a_fixture_shares_belongs_to_the_test_that_runs() -> None:
    """
    A server that a fixture of the session started asks for what a test made it ask for.
    """
    shared = cassette("fixture")
    shared.is_shared = True

    with Activation(shared):
        assert current() is shared
    with belonging_to(shared):
        assert current() is None
        with Activation(cassette("b")) as active, belonging_to(shared):
            assert current() is active


def test_a_late_connection_of_a_websocket_is_refused_too() -> None:
    late, running = cassette("a"), cassette("b")
    with Activation(late):
        pass

    with (
        RoutedConversations(ConversationsOfTest(running.player, running.recorder, Manner())),
        belonging_to(late),
    ):
        found = routing.current()
        assert found is not None
        with pytest.raises(LateRequest, match=r"of a sent GET ws://shop.test/socket after"):
            found.connect("ws://shop.test/socket?token=abc-12345", lambda: 0.0)
