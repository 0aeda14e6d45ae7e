"""
Recording and replaying, apart from how HTTP is intercepted: order, threads, and what is said of no match.
"""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import httpx
import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, Exchange, LiveRequest, LiveResponse
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.playback import Playback
from taketwo.errors import CassetteNotFound, NoMatch
from taketwo.intercept.cassette import open_cassette
from taketwo.playback.existing import existing_in
from taketwo.playback.player import Player, play
from taketwo.playback.recorder import Recorder

BASES = BaseUrls({"http://127.0.0.1:54321": "http://mesh.test"})
JSON = (("content-type", "application/json"),)
NOTHING = LiveResponse(status=204)
SECRETS = {"MESH_SECRET": "s3cr3t-of-mesh"}


def get(path: str = "/") -> LiveRequest:
    return LiveRequest(method="GET", url=f"http://mesh.test{path}")


def post(value: object, path: str = "/") -> LiveRequest:
    return LiveRequest(
        method="POST", url=f"http://mesh.test{path}", headers=JSON, body=json.dumps(value).encode()
    )


def said(text: str) -> LiveResponse:
    return LiveResponse(status=200, headers=(("content-type", "text/plain"),), body=text.encode())


def take_of(recorder: Recorder, secrets: Mapping[str, str] = SECRETS) -> Cassette:
    return make_cassette(recorder.exchanges, test="t", services={}, redactor=Redactor(secrets), bases=BASES)


def player_of(*pairs: tuple[LiveRequest, LiveResponse], repeats: bool = False) -> Player:
    """
    A player of a cassette with these interactions, as its file says them.
    """
    recorder = Recorder()
    for request, response in pairs:
        recorder.answer(recorder.issue(), request, response)
    cassette = load_cassette(dump_cassette(take_of(recorder)), name="a.yaml")
    return playing(cassette, repeats=repeats)


def playing(cassette: Cassette | None, *, repeats: bool = False) -> Player:
    return play(
        cassette,
        name="cassettes/a.yaml",
        test="tests/test_a.py::test_a",
        redactor=Redactor(SECRETS),
        reveal=SECRETS,
        bases=BASES,
        playback=Playback(repeats=repeats),
    )


def refusal(player: Player, request: LiveRequest) -> str:
    """
    What is said of a request that finds no answer.
    """
    assert player.take(request) is None
    error = player.refuse(request)
    assert player.unmatched[-1] == str(error)
    return str(error)


def test_a_take_is_in_the_order_of_issue_whatever_is_answered_first() -> None:
    recorder = Recorder()
    first, second, third = recorder.issue(), recorder.issue(), recorder.issue()

    recorder.answer(third, get("/3"), NOTHING)
    recorder.answer(first, get("/1"), NOTHING)
    recorder.answer(second, get("/2"), NOTHING)

    assert [item.request.url for item in take_of(recorder).interactions] == [
        "http://mesh.test/1",
        "http://mesh.test/2",
        "http://mesh.test/3",
    ]


def test_a_recorder_tells_what_was_under_way_at_once() -> None:
    recorder = Recorder()
    first = recorder.issue()
    second = recorder.issue()
    recorder.answer(second, get("/2"), NOTHING)
    recorder.answer(first, get("/1"), NOTHING)

    assert [(item.request.url[-1], item.issued, item.answered) for item in recorder.exchanges] == [
        ("2", 2, 3),
        ("1", 1, 4),
    ]


def test_a_request_that_was_never_answered_leaves_no_trace() -> None:
    recorder = Recorder()
    recorder.issue()

    assert recorder.exchanges == []


def test_what_adds_to_a_cassette_comes_behind_what_it_holds() -> None:
    player = player_of((get("/1"), said("one")), (get("/2"), said("two")))
    assert player.cassette is not None
    recorder = Recorder(existing_in(player.cassette, player.replay))

    recorder.answer(recorder.issue(), get("/3"), said("three"))

    assert [(item.request.url[-1], item.issued, item.answered) for item in recorder.exchanges] == [
        ("1", 1, 2),
        ("2", 3, 4),
        ("3", 5, 6),
    ]


def test_many_threads_record_at_once_and_nothing_is_lost() -> None:
    recorder = Recorder()

    def record(number: int) -> None:
        recorder.answer(recorder.issue(), get(f"/{number}"), said(str(number)))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(record, range(400)))

    exchanges = recorder.exchanges
    events = [event for item in exchanges for event in (item.issued, item.answered)]
    assert sorted(events) == list(range(1, 801))
    assert {item.request.url[17:]: whole(item.response.body).decode() for item in exchanges} == {
        str(number): str(number) for number in range(400)
    }


class Forgotten:
    """
    An answer that was not read to its end, and that nobody holds but itself.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.itself = self
        self.recorder = recorder
        self.ticket = recorder.issue()

    def __del__(self) -> None:
        self.recorder.answer(self.ticket, get("/forgotten"), said("cut"))


def test_a_stream_that_is_collected_in_the_midst_of_a_call_keeps_nobody_waiting() -> None:
    """
    Python collects what nobody holds whenever something is made: also while the recorder notes a request.
    """
    recorder = Recorder()

    def note() -> None:
        for number in range(200):
            Forgotten(recorder)
            recorder.answer(recorder.issue(), get(f"/{number}"), said("whole"))

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        thread = Thread(target=note, daemon=True)
        thread.start()
        thread.join(timeout=30)
    finally:
        gc.set_threshold(*before)

    assert not thread.is_alive()
    gc.collect()
    moments = [moment for one in recorder.exchanges for moment in (one.issued, one.answered)]
    assert (len(moments), len(set(moments))) == (800, 800)


def test_many_threads_replay_at_once_and_each_gets_its_own_answer() -> None:
    """
    Distinct requests get theirs; equal ones share theirs out, each once.
    """
    distinct = [(get(f"/{number}"), said(str(number))) for number in range(100)]
    equal = [(get("/same"), said(f"same {number}")) for number in range(100)]
    player = player_of(*distinct, *equal)

    def replay(request: LiveRequest) -> str:
        number = player.take(request)
        assert number is not None
        return whole(player.replay.response(number).body).decode()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(replay, [request for request, _ in [*distinct, *equal]]))

    assert answers[:100] == [str(number) for number in range(100)]
    assert sorted(answers[100:]) == sorted(f"same {number}" for number in range(100))
    assert player.unplayed == 0


def test_what_was_not_played_is_counted() -> None:
    player = player_of((get("/1"), NOTHING), (get("/1"), NOTHING), (get("/2"), NOTHING))

    counts = [
        player.unplayed,
        player.take(get("/1")),
        player.unplayed,
        player.take(get("/2")),
        player.unplayed,
    ]

    assert counts == [3, 0, 2, 2, 1]


def test_with_repeats_an_answer_is_played_again() -> None:
    player = player_of((get("/1"), NOTHING), (get("/1"), NOTHING), repeats=True)

    assert [player.take(get("/1")) for _ in range(4)] == [0, 1, 1, 1]
    assert (player.unplayed, player.take(get("/2"))) == (0, None)


def test_a_missing_cassette_is_named() -> None:
    player = playing(None)

    assert refusal(player, get("/1?a=b")) == (
        "there is no cassette cassettes/a.yaml, and the test sent GET http://mesh.test/1?a=b\n"
        "if the test is right to send it now, record again: "
        "pytest --record-mode=rewrite tests/test_a.py::test_a"
    )
    assert isinstance(player.refuse(get("/1")), CassetteNotFound)


def test_an_empty_cassette_says_so() -> None:
    player = player_of()

    assert refusal(player, get("/1")) == (
        "cassettes/a.yaml holds no interaction, and the test sent GET http://mesh.test/1\n"
        "if the test is right to send it now, record again: "
        "pytest --record-mode=rewrite tests/test_a.py::test_a"
    )
    assert isinstance(player.refuse(get("/1")), NoMatch)


@pytest.mark.parametrize(("count", "times"), [(1, "once"), (2, "2 times")])
def test_a_request_that_comes_too_often_is_told_how_often_it_was_recorded(count: int, times: str) -> None:
    player = player_of(*[(get("/1"), NOTHING)] * count)
    for _ in range(count):
        player.take(get("/1"))

    assert refusal(player, get("/1")) == (
        "cassettes/a.yaml has no further answer to GET http://mesh.test/1\n"
        f"it was recorded {times}, and every recorded answer has been played\n"
        "if the test is right to send it more often, "
        "record again: pytest --record-mode=rewrite tests/test_a.py::test_a"
    )


def test_the_nearest_request_is_shown_with_what_differs() -> None:
    player = player_of(
        (get("/notes"), NOTHING),
        (post({"title": "x"}, "/notes"), NOTHING),
        (post({"title": "a", "tags": ["x", "y"], "old": 1}, "/notes?tenant=1"), NOTHING),
        (post({"title": "a", "tags": ["x", "y"]}, "/pages?tenant=1"), NOTHING),
    )

    told = refusal(player, post({"title": "b", "tags": ["y"], "new": {"a": 1}}, "/notes?tenant=1"))

    assert told == (
        "cassettes/a.yaml has no answer to POST http://mesh.test/notes?tenant=1\n"
        "nearest is POST http://mesh.test/notes?tenant=1, which differs in:\n"
        '  - json.title: recorded "a", received "b"\n'
        '  - json.tags[0]: recorded "x", not received\n'
        "  - json.old: recorded 1, not received\n"
        '  - json.new: not recorded, received {"a": 1}\n'
        "if the test is right to send it like this, "
        "record again: pytest --record-mode=rewrite tests/test_a.py::test_a"
    )


@pytest.mark.parametrize(
    ("differing", "nearest"),
    [([3, 2, 1, 0], 3), ([2, 3, 2], 0), ([1, 1, 0], 2), ([3, 1, 2, 1], 1)],
)
def test_of_one_address_the_first_that_differs_in_the_fewest_places_is_nearest(
    differing: list[int], nearest: int
) -> None:
    """
    *differing* tells in how many places beside its own number each differs from what the test sends.
    """
    bodies = [
        {"number": number, **{f"k{place}": place < count for place in range(4)}}
        for number, count in enumerate(differing)
    ]
    player = player_of(*[(post(body), NOTHING) for body in bodies])

    told = refusal(player, post({"number": None, **{f"k{place}": False for place in range(4)}}))

    assert f"json.number: recorded {nearest}, received null" in told


def test_another_method_or_url_is_told_too() -> None:
    player = player_of((get("/notes?limit=1"), NOTHING))

    assert refusal(player, LiveRequest(method="DELETE", url="http://mesh.test/note")) == (
        "cassettes/a.yaml has no answer to DELETE http://mesh.test/note\n"
        "nearest is GET http://mesh.test/notes?limit=1, which differs in:\n"
        '  - method: recorded "GET", received "DELETE"\n'
        '  - url: recorded "http://mesh.test/notes", received "http://mesh.test/note"\n'
        '  - query: recorded {"limit": "1"}, not received\n'
        "if the test is right to send it like this, "
        "record again: pytest --record-mode=rewrite tests/test_a.py::test_a"
    )


def test_a_long_message_is_cut_where_nobody_reads_on() -> None:
    player = player_of((post({f"k{number:02}": "x" * 200 for number in range(20)}), NOTHING))

    told = refusal(player, post({f"k{number:02}": "y" for number in range(20)}, f"/?q={'z' * 300}"))

    lines = told.splitlines()
    cut = f"POST http://mesh.test/?q={'z' * 175}…"
    assert lines[:4] == [
        f"cassettes/a.yaml has no answer to {cut}",
        "nearest is POST http://mesh.test/, which differs in:",
        f'  - query: not recorded, received {{"q": "{"z" * 93}…',
        f'  - json.k00: recorded "{"x" * 100}"…, received "y"',
    ]
    assert (len(lines), lines[-2]) == (16, "  - and 9 more")


def test_no_message_holds_a_secret() -> None:
    """
    Neither one in force, nor one whose place gives it away.
    """
    secret = SECRETS["MESH_SECRET"]
    player = player_of((post({"key": secret, "n": 1, "password": "recorded-123"}), NOTHING))
    request = LiveRequest(
        method="POST",
        url=f"http://me:hunter2-hunter2@mesh.test/{secret}?token=abcdef-123456&again=abcdef-123456",
        headers=(*JSON, ("authorization", "Bearer abcdef-123456")),
        body=json.dumps(
            {"key": f"a {secret}", "n": 2, "password": "hunter2-hunter2", "p": "hunter2-hunter2"}
        ).encode(),
    )

    told = [refusal(player, request), refusal(playing(None), request), refusal(player_of(), request)]

    assert told[0] == (
        "cassettes/a.yaml has no answer to POST http://me:<secret:password>@mesh.test/<secret:MESH_SECRET>"
        "?token=<secret:token>&again=<secret:token>\n"
        "nearest is POST http://mesh.test/, which differs in:\n"
        '  - url: recorded "http://mesh.test/", '
        'received "http://me:<secret:password>@mesh.test/<secret:MESH_SECRET>"\n'
        '  - query: not recorded, received {"token": "<secret:token>", "again": "<secret:token>"}\n'
        '  - json.key: recorded "<secret:MESH_SECRET>", received "a <secret:MESH_SECRET>"\n'
        "  - json.n: recorded 1, received 2\n"
        '  - json.p: not recorded, received "<secret:password>"\n'
        "if the test is right to send it like this, "
        "record again: pytest --record-mode=rewrite tests/test_a.py::test_a"
    )
    for word in (secret, "hunter2", "abcdef", "recorded-123"):
        assert word not in "\n".join(told)


def test_every_refusal_is_kept_for_the_end_of_the_test() -> None:
    player = player_of((get("/1"), NOTHING))

    told = [refusal(player, get("/2")), refusal(player, get("/3"))]

    assert player.unmatched == told


def test_what_is_replayed_can_be_taken_again() -> None:
    exchange = Exchange(request=get("/1"), response=said("one"), issued=1, answered=2)

    player = player_of((exchange.request, exchange.response))

    length = (("content-length", "3"),)
    again = LiveResponse(status=200, headers=(("content-type", "text/plain"), *length), body=b"one")
    assert player.cassette is not None
    earlier = existing_in(player.cassette, player.replay)
    assert earlier.exchanges == (Exchange(request=get("/1"), response=again, issued=1, answered=2),)


def asked_by_a_client() -> httpx.Response:
    with httpx.Client() as client:
        return client.get("http://mesh.test/")


def asked_by_an_asynchronous_client() -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get("http://mesh.test/")

    return asyncio.run(ask())


@pytest.fixture
def uncollected() -> Iterator[None]:
    """
    Nothing is freed but what nobody refers to.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("ask", [asked_by_a_client, asked_by_an_asynchronous_client])
def test_a_replay_leaves_nothing_to_the_garbage_collector(ask: Callable[[], httpx.Response]) -> None:
    player = player_of((get(), said("a")))
    with open_cassette("a.yaml", {}, player=player, recorder=None, configure=None):
        answer = ask()
    assert (answer.text, answer.elapsed.total_seconds() >= 0) == ("a", True)
    left: list[Callable[[], object]] = [weakref.ref(each) for each in (player, player.replay, answer)]

    del player, answer

    assert [one() for one in left] == [None, None, None]
