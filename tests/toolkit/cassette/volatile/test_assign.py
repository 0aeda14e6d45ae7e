"""
What a service mints becomes a placeholder, and what the test sent stays.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    Cassette,
    Exchange,
    Interaction,
    JsonBody,
    JsonValue,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.record import make_cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import (
    JSON,
    NO_BASES,
    NO_SECRETS,
    TEXT,
    answer,
    as_json,
    get,
    post,
    replay_of,
    take_of,
)

ONE = "11111111-aaaa-4bbb-8ccc-dddddddddddd"
TWO = "22222222-aaaa-4bbb-8ccc-dddddddddddd"
SENT = "33333333-aaaa-4bbb-8ccc-dddddddddddd"


def said(value: JsonValue, headers: Pairs = ()) -> LiveResponse:
    return answer(as_json(value), (*JSON, *headers))


def answers_of(cassette: Cassette) -> list[object]:
    """
    What the answers of *cassette* hold.
    """
    bodies = [item.response.body for item in cassette.interactions]
    return [
        body.value if isinstance(body, JsonBody) else body.text if isinstance(body, TextBody) else None
        for body in bodies
    ]


def answer_headers(cassette: Cassette) -> list[dict[str, str]]:
    return [
        {name: value for name, value in item.response.headers if name != "content-type"}
        for item in cassette.interactions
    ]


def test_values_are_numbered_by_first_appearance() -> None:
    cassette = take_of(
        (get("http://a.test/"), said([TWO, ONE])),
        (get("http://a.test/"), said({"a": ONE, "b": [TWO]})),
    )

    assert answers_of(cassette) == [["<uuid:1>", "<uuid:2>"], {"a": "<uuid:2>", "b": ["<uuid:1>"]}]


def test_what_the_test_sent_stays_wherever_it_comes_back() -> None:
    cassette = take_of(
        (get(f"http://a.test/{SENT}?at=2026-05-05T00:00:00Z"), said([SENT, ONE, "2026-05-05T00:00:00Z"])),
        (get("http://a.test/"), said([SENT.upper()])),
    )

    assert answers_of(cassette) == [[SENT, "<uuid:1>", "2026-05-05T00:00:00Z"], [SENT.upper()]]


@pytest.mark.parametrize(
    "echo",
    ["2026-05-05T00:00:00.000Z", "2026-05-05T02:00:00+02:00", "2026-05-05 00:00:00", "2026-05-05T00:00:00Z"],
)
def test_a_time_that_the_test_sent_stays_in_any_form(echo: str) -> None:
    """
    Services give a time back as their database writes it.
    """
    cassette = take_of((post("http://a.test/", as_json({"at": "2026-05-05T00:00:00Z"})), said({"at": echo})))

    assert answers_of(cassette) == [{"at": echo}]


def test_what_was_minted_is_a_placeholder_in_later_requests() -> None:
    """
    In path, query, headers and body alike.
    """
    cassette = take_of(
        (get("http://a.test/"), said({"id": ONE, "at": "2026-05-05T00:00:00.123Z"}, (("etag", '"abc"'),))),
        (
            LiveRequest(
                method="PUT",
                url=f"http://a.test/x/{ONE}/y?id={ONE}&after=2026-05-05T00%3A00%3A00.123Z",
                headers=(*JSON, ("if-match", 'W/"abc", "other"'), ("x-parent", f"id-{ONE}")),
                body=as_json({"parent": f"/x/{ONE}", ONE: [1]}),
            ),
            answer(),
        ),
    )

    assert cassette.interactions[1].request == StoredRequest(
        method="PUT",
        url="http://a.test/x/<uuid:1>/y",
        query=(("id", "<uuid:1>"), ("after", "<time:1>")),
        headers=(
            ("content-type", "application/json"),
            ("if-match", 'W/"<etag:1>", "other"'),
            ("x-parent", "id-<uuid:1>"),
        ),
        body=JsonBody({"parent": "/x/<uuid:1>", "<uuid:1>": [1]}),
    )


def test_a_time_that_a_client_writes_in_its_own_form_is_the_same_time() -> None:
    cassette = take_of(
        (get("http://a.test/"), said({"at": "2026-05-05T00:00:00.120Z"})),
        (get("http://a.test/?at=2026-05-05T00:00:00.120000%2B00:00"), said([])),
    )

    assert cassette.interactions[1].request.query == (("at", "<time:1:T6+00:00>"),)


def test_times_keep_their_order_and_their_form() -> None:
    times = [
        "2026-05-05T00:00:02.000Z",
        "2026-05-05T00:00:01.000Z",
        "2026-05-05T02:00:01.500+02:00",
        "2026-05-05 00:00:03",
        "2026-05-05T00:00:03.5Z",
        "2026-05-05T00:00:02.000Z",
        "2026-05-05T00:00:04.123456789Z",
        "2026-05-05T00:00:04.123456788Z",
        "2026-05-05T00:00:05+0000",
    ]

    cassette = take_of((get("http://a.test/"), said(times)))

    assert answers_of(cassette) == [
        [
            "<time:3>",
            "<time:1>",
            "<time:2:T3+02:00>",
            "<time:4:S0>",
            "<time:5:T1Z>",
            "<time:3>",
            "<time:7:T9Z>",
            "<time:6:T9Z>",
            "<time:8:T0+0000>",
        ]
    ]
    replayed = json.loads(whole(replay_of(cassette).response(0).body))
    assert replayed == [
        "2026-01-01T00:00:03.100Z",
        "2026-01-01T00:00:01.100Z",
        "2026-01-01T02:00:02.100+02:00",
        "2026-01-01 00:00:04",
        "2026-01-01T00:00:05.1Z",
        "2026-01-01T00:00:03.100Z",
        "2026-01-01T00:00:07.100000000Z",
        "2026-01-01T00:00:06.100000000Z",
        "2026-01-01T00:00:08+0000",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-05T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-05-05T24:61:00Z",
        "2026-05-05",
        "12:30:45",
        f"x{ONE}",
        f"{ONE}0",
        ONE.replace("-", ""),
        "11111111-aaaa-4bbb-8ccc",
    ],
)
def test_what_only_looks_like_a_minted_value_stays(text: str) -> None:
    cassette = take_of((get("http://a.test/"), answer(text.encode(), TEXT)))

    assert answers_of(cassette) == [text]


def test_values_inside_texts_are_found() -> None:
    text = f"/pages/{ONE}.html (made 2026-05-05T00:00:00.123Z), {{{TWO}}} _{ONE}_"

    cassette = take_of((get("http://a.test/"), answer(text.encode(), TEXT)))

    assert answers_of(cassette) == ["/pages/<uuid:1>.html (made <time:1>), {<uuid:2>} _<uuid:1>_"]


def test_entity_tags_and_request_ids_are_minted_too() -> None:
    cassette = take_of(
        (get("http://a.test/"), answer(headers=(("ETag", 'W/"33a64df5"'), ("X-Request-Id", "req-1234")))),
        (get("http://a.test/"), answer(headers=(("ETag", '"44b75e06"'), ("X-Trace-Id", "req-1234")))),
    )

    assert answer_headers(cassette) == [
        {"etag": 'W/"<etag:1>"', "x-request-id": "<id:1>"},
        {"etag": '"<etag:2>"', "x-trace-id": "<id:1>"},
    ]


def test_a_short_entity_tag_is_not_looked_for_in_other_headers() -> None:
    headers = (
        ("etag", '"1"'),
        ("x-total", "1"),
        ("x-page", "11"),
        ("x-request-id", "text"),
        ("x-kind", "text/1"),
    )

    cassette = take_of((get("http://a.test/", (("accept", "text/plain;q=0.1"),)), answer(headers=headers)))

    assert answer_headers(cassette) == [
        {"etag": '"<etag:1>"', "x-kind": "text/1", "x-page": "11", "x-request-id": "<id:1>", "x-total": "1"}
    ]
    assert cassette.interactions[0].request.headers == (("accept", "text/plain;q=0.1"),)


def test_a_long_request_id_is_found_in_other_headers() -> None:
    headers = (
        ("x-request-id", "req-12345678"),
        ("x-served-for", "req-12345678"),
        ("x-log", "req-12345678.9"),
    )

    cassette = take_of((get("http://a.test/"), answer(headers=headers)))

    assert answer_headers(cassette) == [
        {"x-log": "req-12345678.9", "x-request-id": "<id:1>", "x-served-for": "<id:1>"}
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [("x-request-id", "x-request-id"), ("x-correlation-id", "x-request-id"), ("if-none-match", "etag")],
)
def test_an_id_that_the_test_sent_stays(asked: str, told: str) -> None:
    cassette = take_of(
        (get("http://a.test/", ((asked, '"mine-1234"'),)), answer(headers=((told, '"mine-1234"'),)))
    )

    assert answer_headers(cassette) == [{told: '"mine-1234"'}]
    assert cassette.interactions[0].request.headers == ((asked, '"mine-1234"'),)


def test_what_a_client_could_not_have_known_is_its_own() -> None:
    """
    Two requests are under way at once: the second was sent before the answer to the first came, and so what
    it holds is the test's, though it stands in that answer.
    """
    first = Exchange(request=get("http://a.test/1"), response=said([SENT]), issued=1, answered=4)
    second = Exchange(request=get(f"http://a.test/{SENT}"), response=said([SENT]), issued=2, answered=3)

    cassette = make_cassette([second, first], test="a", services={}, redactor=NO_SECRETS, bases=NO_BASES)

    assert [item.request.url for item in cassette.interactions] == [
        "http://a.test/1",
        f"http://a.test/{SENT}",
    ]
    assert answers_of(cassette) == [[SENT], [SENT]]


def test_numbers_follow_the_order_of_issue_whatever_was_answered_first() -> None:
    first = Exchange(request=get("http://a.test/1"), response=said([ONE]), issued=1, answered=4)
    second = Exchange(request=get("http://a.test/2"), response=said([TWO]), issued=2, answered=3)
    third = Exchange(request=get(f"http://a.test/{TWO}"), response=said([]), issued=5, answered=6)

    cassette = make_cassette(
        [second, third, first], test="a", services={}, redactor=NO_SECRETS, bases=NO_BASES
    )

    assert answers_of(cassette) == [["<uuid:1>"], ["<uuid:2>"], []]
    assert cassette.interactions[2].request.url == "http://a.test/<uuid:2>"


EARLY, LATE = "2026-05-01T12:00:00.250Z", "2026-05-01T12:00:07.500Z"


@pytest.mark.parametrize(("first", "second"), [(EARLY, LATE), (LATE, EARLY)])
def test_times_of_requests_beside_each_other_follow_the_order_of_the_file(first: str, second: str) -> None:
    """
    Which of them the service answers first is chance; of requests behind each other it is not.
    """
    one = Exchange(request=get("http://a.test/1"), response=said([first]), issued=1, answered=4)
    two = Exchange(request=get("http://a.test/2"), response=said([second]), issued=2, answered=3)
    behind = [
        (get("http://a.test/1"), said([first])),
        (get("http://a.test/2"), said([second])),
    ]

    beside = make_cassette([one, two], test="a", services={}, redactor=NO_SECRETS, bases=NO_BASES)

    in_turn = [["<time:1>"], ["<time:2>"]]
    assert answers_of(beside) == in_turn
    assert answers_of(take_of(*behind)) == (in_turn if first < second else in_turn[::-1])


@pytest.mark.parametrize("kind", ["uuid", "time", "etag", "id", "secret"])
@pytest.mark.parametrize("backslashes", ["", "\\", "\\\\"])
def test_a_text_that_looks_like_a_placeholder_survives(kind: str, backslashes: str) -> None:
    text = f"a <{backslashes}{kind}:1> b"
    exchange = post("http://a.test/", as_json({text: text})), answer(text.encode(), TEXT)

    replay = replay_of(take_of(exchange))

    assert replay.response(0).body == text.encode()
    assert replay.live_request(0).body == exchange[0].body
    assert fingerprint(replay.incoming(exchange[0], NO_BASES)) == fingerprint(replay.requests()[0])


@pytest.mark.parametrize(
    "text",
    [
        "<uuid:>",
        "<uuid: 1>",
        "<time:one>",
        "<time:999999999999>",
        "<time:1:T3+99:99>",
        "<other:1>",
        "<time:1:TxZ>",
    ],
)
def test_a_placeholder_that_we_did_not_write_stays_or_is_filled(text: str) -> None:
    """
    A person who edits a cassette may mistype one; a replay does not fall over it.
    """
    request = StoredRequest(method="GET", url="http://a.test/")
    cassette = Cassette(
        test="a", interactions=(Interaction(request, StoredResponse(status=200, body=TextBody(text))),)
    )

    body = whole(replay_of(cassette).response(0).body).decode()

    assert body == text or body.startswith("2026-01-01T00:00:01")


def test_a_replay_mints_well_formed_values() -> None:
    exchange = (
        get("http://a.test/"),
        said([ONE, TWO, ONE, "2026-05-05T00:00:00.123Z"], (("etag", '"33a64df5"'),)),
    )

    response = replay_of(take_of(exchange)).response(0)

    first, second, again, time = json.loads(whole(response.body))
    assert (uuid.UUID(first).version, uuid.UUID(second).version) == (4, 4)
    assert (first == again, first == second) == (True, False)
    assert datetime.fromisoformat(time) == datetime.fromisoformat("2026-01-01T00:00:01.1Z")
    assert re.fullmatch('"[0-9a-f]{16}"', dict(response.headers)["etag"])


def test_a_replay_mints_the_same_values_every_time_and_others_for_another_test() -> None:
    exchange = get("http://a.test/"), said([ONE])

    bodies = [
        replay_of(take_of(exchange, test=test)).response(0).body
        for test in ("a::test_1", "a::test_1", "a::test_2")
    ]

    assert bodies == [
        b'["40d92483-865b-479f-b3d7-c208dd58b0ce"]',
        b'["40d92483-865b-479f-b3d7-c208dd58b0ce"]',
        b'["6e3bef33-1410-4ef1-86cd-a4bde206d0d7"]',
    ]


def test_a_replayed_value_matches_where_the_test_sends_it_back() -> None:
    exchanges = [
        (
            post("http://a.test/", as_json({"title": "x"})),
            said({"id": ONE, "at": "2026-05-05T00:00:00.123Z"}),
        ),
        (get(f"http://a.test/{ONE}?since=2026-05-05T00:00:00.123Z"), said({"id": ONE})),
    ]

    replay = replay_of(take_of(*exchanges))
    made = json.loads(whole(replay.response(0).body))
    sent = get(f"http://a.test/{made['id']}?since={made['at']}")

    assert fingerprint(replay.incoming(sent, NO_BASES)) == fingerprint(replay.requests()[1])


@pytest.mark.parametrize("seed", range(10))
def test_the_same_take_with_other_minted_values_is_the_same_to_the_byte(seed: int) -> None:
    """
    A session of several requests against a service that mints ids, times and tags: recorded twice.
    """
    one, other = (dump_cassette(session(Service(seed=2 * seed + offset), seed)) for offset in (0, 1))

    assert one == other


def test_a_take_replayed_and_taken_again_is_the_same_to_the_byte() -> None:
    """
    This is how a recording that adds interactions keeps those that are there.
    """
    cassette = session(Service(seed=1), 1)
    replay = replay_of(cassette)

    again = take_of(
        *(
            (replay.live_request(number), replay.response(number))
            for number in range(len(cassette.interactions))
        )
    )

    assert dump_cassette(again) == dump_cassette(cassette)


class Service:
    """
    Makes notes, and mints an id, two times and a tag for each.
    """

    def __init__(self, *, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a test repeats itself
        self._clock = datetime.fromisoformat("2026-05-05T00:00:00+00:00").timestamp() + seed * 1000
        self.ids: list[str] = []

    def answer(self, text: str) -> LiveResponse:
        self.ids.append(str(uuid.UUID(int=self._dice.getrandbits(128), version=4)))
        body = {
            "id": self.ids[-1],
            "text": text,
            "made": self._now(),
            "changed": self._now(),
            "all": self.ids[-3:],
        }
        return said(body, (("etag", f'"{self._dice.getrandbits(64):x}"'), ("date", str(self._dice.random()))))

    def _now(self) -> str:
        self._clock += self._dice.randint(1, 5000) / 1000
        return (
            datetime.fromtimestamp(self._clock)
            .astimezone()
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )


def session(service: Service, seed: int) -> Cassette:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    pairs: list[tuple[LiveRequest, LiveResponse]] = []
    for number in range(6):
        known: Sequence[str] = service.ids
        ask: list[Callable[[], LiveRequest]] = [
            lambda number=number: post("http://a.test/notes", as_json({"n": number})),  # type: ignore[misc]
            lambda known=known: get(
                f"http://a.test/notes/{dice.choice(known)}" if known else "http://a.test/"
            ),  # type: ignore[misc]
        ]
        pairs.append((dice.choice(ask)(), service.answer(f"note {SENT} {number}")))
    return take_of(*pairs)
