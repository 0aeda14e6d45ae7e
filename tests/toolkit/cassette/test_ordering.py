"""
Requests that are under way at once stand in a cassette in an order that chance has no part in.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence

import pytest

from taketwo.cassette.model import Exchange, LiveRequest, LiveResponse
from taketwo.cassette.record import make_cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import JSON, NO_BASES, NO_SECRETS, answer, as_json, get, post


def exchange(
    path: str,
    issued: int,
    answered: int,
    *,
    thread: int = 0,
    task: int = 0,
    born: int = 0,
    above: tuple[tuple[int, int], ...] = (),
    proxied_to: str = "",
    request: LiveRequest | None = None,
    response: LiveResponse | None = None,
) -> Exchange:
    return Exchange(
        request=request or get(f"http://a.test/{path}"),
        response=response or answer(b"{}"),
        issued=issued,
        answered=answered,
        thread=thread,
        task=task,
        born=born,
        above=above,
        proxied_to=proxied_to,
    )


def text_of(exchanges: Sequence[Exchange]) -> str:
    return dump_cassette(make_cassette(exchanges, test="t", services={}, redactor=NO_SECRETS, bases=NO_BASES))


def paths(*exchanges: Exchange) -> str:
    """
    The last sign of each URL, in the order of the file.
    """
    take = make_cassette(exchanges, test="t", services={}, redactor=NO_SECRETS, bases=NO_BASES)
    return "".join(item.request.url[-1] for item in take.interactions)


def test_what_comes_one_after_the_other_stays_so() -> None:
    assert paths(exchange("c", 1, 2), exchange("a", 3, 4), exchange("b", 5, 6)) == "cab"


def test_tasks_of_their_own_one_after_the_other_stay_so() -> None:
    """
    As where each call has a timeout of its own.
    """
    assert paths(exchange("b", 1, 2, task=1), exchange("a", 3, 4, task=2)) == "ba"


def test_what_overlaps_is_sorted_by_what_it_says_between_what_was_before_and_after() -> None:
    assert (
        paths(
            exchange("z", 1, 2),
            exchange("c", 3, 8, task=1),
            exchange("a", 4, 7, task=2),
            exchange("b", 5, 6, task=3),
            exchange("a", 9, 10),
        )
        == "zabca"
    )


def test_a_task_keeps_its_own_order_while_others_are_under_way() -> None:
    assert (
        paths(
            exchange("c", 1, 3, task=1),
            exchange("b", 2, 9, task=2),
            exchange("a", 4, 8, task=1),
        )
        == "bca"
    )


def test_threads_of_a_pool_are_concurrent_also_where_none_overlapped() -> None:
    parallel = [exchange("b", 1, 3, thread=1), exchange("a", 2, 4, thread=2), exchange("c", 5, 6, thread=1)]
    serial = [exchange("c", 1, 2, thread=1), exchange("b", 3, 4, thread=2), exchange("a", 5, 6, thread=2)]

    assert (paths(*parallel), paths(*serial)) == ("abc", "abc")


def test_one_thread_beside_the_tests_own_keeps_its_order() -> None:
    assert paths(exchange("b", 1, 2, thread=1), exchange("a", 3, 4, thread=1)) == "ba"


@pytest.mark.parametrize("seed", range(20))
def test_notes_made_at_once_and_read_by_their_ids_are_the_same_bytes_whatever_came_first(seed: int) -> None:
    """
    Each is read by who made it, with ids that are others in every run.
    """
    chance = random.Random(seed)  # noqa: S311 - an order to test with
    made, clock = [], 0
    for number in chance.sample(range(8), 8):
        note, worker = str(uuid.UUID(int=chance.getrandbits(128), version=4)), chance.randrange(1, 4)
        said = answer(as_json({"id": note}))
        text = post("http://a.test/notes", as_json({"text": f"{number % 3}"}), JSON)
        clock += 2
        made.append(exchange("", clock - 1, clock, thread=worker, request=text, response=said))
        clock += 2
        read = get(f"http://a.test/notes/{note}")
        made.append(exchange("", clock - 1, clock, thread=worker, request=read, response=said))

    told = text_of(made)

    assert told == text_of(in_order_of_number())
    assert told.index("method: GET") > told.index("method: POST")


def in_order_of_number() -> list[Exchange]:
    made = []
    for number in range(8):
        note = str(uuid.UUID(int=number + 1, version=4))
        said = answer(as_json({"id": note}))
        text = post("http://a.test/notes", as_json({"text": f"{number % 3}"}), JSON)
        made.append(
            exchange("", 4 * number + 1, 4 * number + 2, thread=1 + number % 2, request=text, response=said)
        )
        read = get(f"http://a.test/notes/{note}")
        made.append(
            exchange("", 4 * number + 3, 4 * number + 4, thread=1 + number % 2, request=read, response=said)
        )
    return made


def test_of_tasks_beside_each_other_chance_decides_nothing() -> None:
    """
    On a busy machine one of them may ask, and be answered, before another one begins.
    """

    def told(first: int, second: int) -> str:
        """
        One that is answered at *first*, and another one that is sent at *second*.
        """
        one = exchange("b", 2, first, task=1, born=1, above=((9, 0),))
        return paths(one, exchange("a", second, 5, task=2, born=1, above=((9, 0),)))

    together, in_turn = told(4, 3), told(3, 4)

    assert together == in_turn == "ab"


def test_a_task_that_is_made_after_an_answer_comes_after_it() -> None:
    assert paths(exchange("b", 2, 3, task=1, born=1), exchange("a", 5, 6, task=2, born=4)) == "ba"


def test_a_task_comes_after_the_tasks_that_it_has_made() -> None:
    """
    It has waited for them, as far as anybody knows.
    """
    children = [
        exchange("c", 3, 6, task=2, born=2, above=((1, 1),)),
        exchange("b", 4, 5, task=3, born=2, above=((1, 1),)),
    ]

    assert paths(*children, exchange("a", 7, 8, task=1, born=1)) == "bca"


def test_tasks_that_make_another_one_for_each_request_are_beside_each_other() -> None:
    """
    As with ``asyncio.wait_for``; that it was made after an answer to another task is chance.
    """
    one = exchange("b", 4, 5, task=3, born=3, above=((1, 1), (9, 0)))
    other = exchange("a", 7, 8, task=4, born=6, above=((2, 2), (9, 0)))

    assert paths(one, other) == "ab"


def test_tasks_that_one_task_makes_in_turn_stay_in_turn() -> None:
    one = exchange("b", 3, 4, task=2, born=2, above=((1, 1),))
    other = exchange("a", 6, 7, task=3, born=5, above=((1, 1),))

    assert paths(one, other) == "ba"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("a.test:80", "b.test:80", "ba", id="to one service after another"),
        pytest.param("a.test:80", "", "ba", id="and the test itself after it"),
        pytest.param("a.test:80", "a.test:80", "ab", id="over two connections to the same"),
    ],
)
def test_another_process_asks_at_once_only_over_connections_to_the_same_origin(
    one: str, other: str, expected: str
) -> None:
    """
    Connections that were open all the while say nothing else of the tasks of a client.
    """
    earlier = exchange("b", 3, 4, task=1, born=1, proxied_to=one)
    later = exchange("a", 5, 6, task=2, born=2, proxied_to=other)

    assert paths(earlier, later) == expected


def test_what_comes_after_all_tasks_stays_last() -> None:
    assert (
        paths(exchange("b", 1, 3, task=1), exchange("c", 2, 4, task=2), exchange("a", 5, 6, task=3)) == "bca"
    )
