"""
Rules of the project find what looks do not tell: counters, opaque ids, times as numbers.
"""

from __future__ import annotations

import json

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, Exchange, JsonBody
from taketwo.cassette.record import make_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.placeholders import PlaceholderType, Rule
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

COUNTER, ID, TIME, UUID, ETAG = (
    PlaceholderType.COUNTER,
    PlaceholderType.ID,
    PlaceholderType.TIME,
    PlaceholderType.UUID,
    PlaceholderType.ETAG,
)
SEQ = Rule(COUNTER, "response.json.**.seq")
SESSION = Rule(ID, pattern="sess_[a-z0-9]{12}")


def answers_of(cassette: Cassette) -> list[object]:
    return [
        item.response.body.value for item in cassette.interactions if isinstance(item.response.body, JsonBody)
    ]


def replayed(cassette: Cassette, number: int = 0) -> object:
    return json.loads(whole(replay_of(cassette).response(number).body))


def urls_of(cassette: Cassette) -> list[str]:
    return [item.request.url for item in cassette.interactions]


def test_a_counter_stays_a_number_in_its_order() -> None:
    """
    Also where it stands as a text; equal where it was equal, and distinct where it was distinct.
    """
    told = {"items": [{"seq": 1042}, {"seq": 1040}, {"seq": "1041"}, {"seq": 1042}]}

    cassette = take_of((get("http://a.test/"), answer(as_json(told))), finder=Detector([SEQ]))

    assert answers_of(cassette) == [
        {
            "items": [
                {"seq": "<counter:3>"},
                {"seq": "<counter:1>"},
                {"seq": "<counter:2:text>"},
                {"seq": "<counter:3>"},
            ]
        }
    ]
    assert replayed(cassette) == {
        "items": [{"seq": 100003}, {"seq": 100001}, {"seq": "100002"}, {"seq": 100003}]
    }


@pytest.mark.parametrize("numbers", [(7, 8), (8, 7)])
def test_counters_of_requests_beside_each_other_follow_the_file(
    numbers: tuple[int, int],
) -> None:
    exchanges = [
        Exchange(
            request=get(f"http://a.test/{place}"),
            response=answer(as_json({"seq": number})),
            issued=place,
            answered=9 - place,
        )
        for place, number in enumerate(numbers, 1)
    ]

    cassette = make_cassette(
        exchanges, test="a", services={}, redactor=NO_SECRETS, bases=NO_BASES, finder=Detector([SEQ])
    )

    assert answers_of(cassette) == [{"seq": "<counter:1>"}, {"seq": "<counter:2>"}]


def test_a_long_counter_is_found_wherever_it_comes_later() -> None:
    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"seq": 1042}))),
        (
            post("http://a.test/notes/1042?after=1042", as_json({"of": 1042, "at": "/n/1042", "n": 10420})),
            answer(b"made 1042, 31042 and 1042.5", TEXT),
        ),
        finder=Detector([SEQ]),
    )

    request, response = cassette.interactions[1].request, cassette.interactions[1].response
    assert (request.url, request.query) == ("http://a.test/notes/<counter:1>", (("after", "<counter:1>"),))
    assert request.body == JsonBody({"of": "<counter:1>", "at": "/n/<counter:1>", "n": 10420})
    assert replay_of(cassette).response(1).body == b"made 100001, 31042 and 1042.5"
    assert "made <counter:1>, 31042" in dump_cassette(cassette)
    assert response.status == 200


def test_a_short_counter_is_found_under_its_name_and_as_a_step_of_a_url() -> None:
    """
    One says 1 of many things.
    """
    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"seq": 7}))),
        (post("http://a.test/notes/7?page=7&seq=7", as_json({"seq": 7, "limit": 7})), answer(as_json([7]))),
        finder=Detector([SEQ]),
    )

    request = cassette.interactions[1].request
    assert (request.url, request.query) == (
        "http://a.test/notes/<counter:1>",
        (("page", "7"), ("seq", "<counter:1>")),
    )
    assert request.body == JsonBody({"seq": "<counter:1>", "limit": 7})
    assert answers_of(cassette)[1] == [7]


def test_a_step_that_a_url_had_before_stays() -> None:
    """
    The 2 of a version is no note.
    """
    cassette = take_of(
        (get("http://a.test/2/notes"), answer(as_json({"seq": 2}))),
        (get("http://a.test/2/notes/2"), answer()),
        finder=Detector([SEQ]),
    )

    assert urls_of(cassette) == ["http://a.test/2/notes", "http://a.test/2/notes/2"]


@pytest.mark.parametrize("sent", [{"seq": 1042}, {"of": 1042}, {"of": "/x/1042"}])
def test_what_the_test_sent_stays_though_a_rule_finds_it(sent: object) -> None:
    cassette = take_of(
        (post("http://a.test/", as_json(sent)), answer(as_json({"seq": 1042}))), finder=Detector([SEQ])
    )

    assert answers_of(cassette) == [{"seq": 1042}]


def test_a_pattern_finds_ids_in_any_text_and_a_replay_makes_ones_like_them() -> None:
    cassette = take_of(
        (
            get("http://a.test/"),
            answer(as_json({"say": "as sess_abcdef123456", "other": "sess_zzzzzz000000"})),
        ),
        (get("http://a.test/s/sess_abcdef123456"), answer(b"sess_abcdef123456", TEXT)),
        finder=Detector([SESSION]),
    )

    assert answers_of(cassette) == [
        {"say": "as <id:1:sess_[a-z0-9]{12}>", "other": "<id:2:sess_[a-z0-9]{12}>"}
    ]
    text = whole(replay_of(cassette).response(1).body).decode()
    assert SESSION.regex is not None
    assert SESSION.regex.fullmatch(text)
    assert replay_of(cassette).requests()[1].url == f"http://a.test/s/{text}"
    assert dict(replayed(cassette).items())["other"] != text  # type: ignore[attr-defined]  # an object of JSON


def test_a_path_with_a_pattern_looks_for_it_only_there() -> None:
    rule = Rule(ID, "response.json.log", "[0-9]{4}-[a-z]{3}")

    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"log": "job 1234-abc done", "name": "5678-xyz"}))),
        finder=Detector([rule]),
    )

    assert answers_of(cassette) == [{"log": "job <id:1:[0-9]{4}-[a-z]{3}> done", "name": "5678-xyz"}]


@pytest.mark.parametrize(
    ("value", "placeholder", "again"),
    [
        (1777939201, "<time:1:seconds>", 1767225601),
        (1777939201123, "<time:1:milliseconds>", 1767225601100),
        (1777939201123456, "<time:1:microseconds>", 1767225601100000),
        (1777939201123456789, "<time:1:nanoseconds>", 1767225601100000000),
        (1777939201.25, "<time:1:fractional>", 1767225601.1),
        ("1777939201", "<time:1:seconds-text>", "1767225601"),
        ("2026-05-05T00:00:01+02:00", "<time:1:T0+02:00>", "2026-01-01T02:00:01+02:00"),
        ("Tue, 05 May 2026 00:00:01 GMT", "<time:1:http>", "Thu, 01 Jan 2026 00:00:01 GMT"),
    ],
)
def test_a_time_keeps_its_form_whatever_that_is(value: object, placeholder: str, again: object) -> None:
    rule = Rule(TIME, "response.json.at")

    cassette = take_of((get("http://a.test/"), answer(as_json({"at": value}))), finder=Detector([rule]))

    assert answers_of(cassette) == [{"at": placeholder}]
    assert replayed(cassette) == {"at": again}


def test_a_date_of_http_is_found_without_a_rule() -> None:
    cassette = take_of(
        (
            get("http://a.test/"),
            answer(
                as_json({"at": "Tue, 05 May 2026 00:00:01 GMT"}),
                (*JSON, ("x-at", "Tue, 05 May 2026 00:00:02 GMT")),
            ),
        ),
    )

    assert answers_of(cassette) == [{"at": "<time:1:http>"}]
    assert dict(cassette.interactions[0].response.headers)["x-at"] == "<time:2:http>"


def test_a_fraction_that_was_none_is_none_in_a_replay() -> None:
    """
    A client that writes the seconds it was given with a fraction of zeros sends the same when it is replayed.
    """
    cassette = take_of(
        (get("http://a.test/"), answer(as_json(["2026-05-05T00:00:01Z"]))),
        (get("http://a.test/2026-05-05T00:00:01.000000+00:00"), answer()),
    )

    assert urls_of(cassette)[1] == "http://a.test/<time:1:T60+00:00>"
    assert replay_of(cassette).requests()[1].url == "http://a.test/2026-01-01T00:00:01.000000+00:00"


def test_a_uuid_without_hyphens_is_the_same_uuid() -> None:
    bare = "11111111aaaa4bbb8cccdddddddddddd"
    whole = "11111111-AAAA-4BBB-8CCC-DDDDDDDDDDDD"

    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"id": bare, "long": whole}))),
        (get(f"http://a.test/{bare}"), answer()),
        finder=Detector([Rule(UUID, "response.json.id")]),
    )

    assert answers_of(cassette) == [{"id": "<uuid:1:hex>", "long": "<uuid:1:upper>"}]
    assert urls_of(cassette)[1] == "http://a.test/<uuid:1:hex>"
    told = replayed(cassette)
    assert told["id"] == told["long"].replace("-", "").lower()  # type: ignore[index]  # an object of JSON


def test_an_entity_tag_is_found_in_bodies_too() -> None:
    cassette = take_of(
        (
            get("http://a.test/"),
            answer(as_json({"version": "33a64df5", "of": '"33a64df5"'}), (*JSON, ("etag", '"33a64df5"'))),
        ),
    )

    assert answers_of(cassette) == [{"version": "<etag:1>", "of": '"<etag:1>"'}]


def test_what_is_not_of_the_type_stays_and_is_reported() -> None:
    finder = Detector([SEQ, Rule(TIME, "response.json.never")])

    cassette = take_of(
        (get("http://a.test/"), answer(as_json([{"seq": "first"}, {"seq": 1.5}, {"seq": None}, {"seq": 9}]))),
        finder=finder,
    )

    assert answers_of(cassette) == [[{"seq": "first"}, {"seq": 1.5}, {"seq": None}, {"seq": "<counter:1>"}]]
    assert finder.report() == [
        {
            "rule": 'path = "response.json.**.seq", type = "counter"',
            "type": "counter",
            "uses": 4,
            "mistyped": ["response.json.0.seq is a text", "response.json.1.seq is a fraction"],
        },
        {"rule": 'path = "response.json.never", type = "time"', "type": "time", "uses": 0, "mistyped": []},
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("response.json.seq", False),
        ("response.json.*.seq", True),
        ("response.json.0.seq", True),
        ("response.json.1.seq", False),
        ("**.seq", True),
        ("*.json.**", True),
        ('response.json.0."seq"', True),
        ("request.json.0.seq", False),
    ],
)
def test_a_path_names_steps(path: str, *, found: bool) -> None:
    cassette = take_of(
        (get("http://a.test/"), answer(as_json([{"seq": 1042}]))), finder=Detector([Rule(COUNTER, path)])
    )

    assert answers_of(cassette) == [[{"seq": "<counter:1>" if found else 1042}]]


def test_a_take_replayed_and_taken_again_is_the_same_to_the_byte() -> None:
    rules = [SEQ, SESSION, Rule(TIME, "response.json.at"), Rule(UUID, "response.json.bare")]
    told = {
        "seq": 1042,
        "say": "sess_abcdef123456",
        "at": 1777939201123,
        "bare": "11111111aaaa4bbb8cccdddddddddddd",
        "of": "Tue, 05 May 2026 00:00:01 GMT",
    }
    first = take_of(
        (get("http://a.test/"), answer(as_json(told))),
        (post("http://a.test/1042", as_json(told)), answer(as_json([1042]))),
        finder=Detector(rules),
    )
    replay = replay_of(first)

    again = take_of(
        *((replay.live_request(number), replay.response(number)) for number in range(2)),
        finder=Detector(rules),
    )

    assert dump_cassette(again) == dump_cassette(first)
