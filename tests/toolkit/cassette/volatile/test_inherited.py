"""
What a fixture's recording generated, in the recordings that come after it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, Exchange, JsonValue, LiveRequest, LiveResponse
from taketwo.cassette.record import NewRecording, make_cassette_after
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.generate import seed_of
from taketwo.cassette.volatile.inherited import Inherited
from taketwo.config.placeholders import PlaceholderType, Rule
from tests.toolkit.cassette.exchanges import (
    JSON,
    NO_BASES,
    NO_SECRETS,
    answer,
    as_json,
    get,
    in_turn,
    post,
    replay_of,
)

FIXTURE = "tests/test_a.py::user (module fixture)"
COUNTERS = 30_000
RULES = (Rule(type=PlaceholderType.COUNTER, path="response.json.id"),)


class Service:
    """
    Generates what a service generates: other values in each recording.
    """

    def __init__(self) -> None:
        self.id = str(uuid.uuid4())
        self.now = datetime.now(UTC).replace(microsecond=125_000) + timedelta(days=1)
        self._numbers = count(uuid.uuid4().int % 10**6 + 1000)

    def time(self, seconds: int) -> str:
        return (self.now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")[:-6] + "Z"

    def number(self) -> int:
        return next(self._numbers)


def said(value: JsonValue) -> LiveResponse:
    return answer(as_json(value), JSON)


def record(
    exchanges: Sequence[Exchange], *, name: str = FIXTURE, inherited: Sequence[Inherited] = ()
) -> NewRecording:
    head = Cassette(test=name, seed=seed_of(name), counters=COUNTERS if name == FIXTURE else 0)
    return make_cassette_after(
        exchanges,
        head=head,
        redactor=NO_SECRETS,
        bases=NO_BASES,
        conversations=(),
        finder=Detector(RULES),
        audio=(),
        inherited=inherited,
    )


def fixture_of(service: Service) -> NewRecording:
    """
    A user that a fixture creates.
    """
    user: JsonValue = {"id": 7_000_000 + service.number(), "key": service.id, "created": service.time(0)}
    return record(in_turn((post("http://api.test/users", b"{}"), said(user))))


def values(take: NewRecording, number: int = 0) -> JsonValue:
    """
    What an answer of the replay of *take* holds.
    """
    found: JsonValue = json.loads(whole(replay_of(take.cassette).response(number).body))
    return found


def after(service: Service, *pairs: tuple[LiveRequest, LiveResponse]) -> tuple[NewRecording, NewRecording]:
    """
    The fixture's recording, and that of a test with *pairs*.
    """
    fixture = fixture_of(service)
    return fixture, record(in_turn(*pairs), name="tests/test_a.py::test_a", inherited=[fixture.inherited])


def test_a_test_holds_what_the_replay_of_its_fixture_gives() -> None:
    service = Service()

    fixture, test = after(
        service,
        (get(f"http://api.test/users/{service.id}"), said({"key": service.id, "created": service.time(0)})),
    )

    user = values(fixture)
    assert isinstance(user, dict)
    assert test.cassette.interactions[0].request.url == f"http://api.test/users/{user['key']}"
    assert values(test) == {"key": user["key"], "created": user["created"]}


def test_what_an_answer_holds_first_is_the_fixtures_all_the_same() -> None:
    """
    A list of users has the fixture's user in it before any request of the test named that one.
    """
    service, other = Service(), str(uuid.uuid4())

    fixture, test = after(service, (get("http://api.test/users"), said([service.id, other])))

    user, found = values(fixture), values(test)
    assert isinstance(user, dict)
    assert isinstance(found, list)
    assert found[0] == user["key"] != found[1]
    assert "<uuid:1>" in dump_cassette(test.cassette)


def test_each_recording_is_the_same_whatever_the_service_generates() -> None:
    def both() -> list[str]:
        service = Service()
        texts = after(
            service,
            (post("http://api.test/notes", as_json({"by": service.id})), said({"id": str(uuid.uuid4())})),
            (
                get(f"http://api.test/users/{service.id}"),
                said({"at": service.time(0), "now": service.time(5)}),
            ),
        )
        return [dump_cassette(take.cassette) for take in texts]

    assert both() == both()


def test_counters_of_a_fixture_and_of_its_test_stay_apart() -> None:
    service = Service()
    fixture = record(
        in_turn((post("http://api.test/users", b"{}"), said({"id": (user := service.number())})))
    )

    test = record(
        in_turn(
            (post("http://api.test/notes", b"{}"), said({"id": service.number()})),
            (get(f"http://api.test/users/{user}"), said({"id": user})),
        ),
        name="tests/test_a.py::test_a",
        inherited=[fixture.inherited],
    )

    assert values(fixture) == {"id": COUNTERS + 1}
    assert [values(test, 0), values(test, 1)] == [{"id": 100_001}, {"id": COUNTERS + 1}]
    assert test.cassette.interactions[1].request.url == f"http://api.test/users/{COUNTERS + 1}"


def test_a_fixture_without_anything_volatile_changes_nothing() -> None:
    fixture = record(in_turn((get("http://api.test/health"), said({"ok": True}))))
    pairs = in_turn((get("http://api.test/users"), said({"id": str(uuid.uuid4())})))

    test = record(pairs, name="tests/test_a.py::test_a", inherited=[fixture.inherited])

    assert test.cassette == record(pairs, name="tests/test_a.py::test_a").cassette
