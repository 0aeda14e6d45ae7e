"""
Requests that differ in a header alone: each gets its own answer, in whatever order they come.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.cache.compile import compile_cassette
from taketwo.cassette.cache.compiled import load_compiled
from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, LiveRequest, LiveResponse, Pairs
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.cassette.vcrpy.read import load_vcrpy
from taketwo.config.playback import Playback
from taketwo.errors import NoMatch
from taketwo.playback.player import Player, play
from tests.toolkit.cassette.exchanges import answer, as_json, get, post, take_of

URL = "http://a.test/me"
FORMS = ["text", "compiled"]


def ask(headers: dict[str, str], url: str = URL) -> LiveRequest:
    return get(url, tuple(headers.items()))


def told(text: str, headers: Pairs = ()) -> LiveResponse:
    return answer(as_json({"is": text}), (("content-type", "application/json"), *headers))


def recorded(*pairs: tuple[LiveRequest, LiveResponse], secrets: dict[str, str] | None = None) -> Cassette:
    return take_of(*pairs, redactor=Redactor(secrets or {}))


def player_of(
    cassette: Cassette,
    form: str = "text",
    *,
    match_headers: tuple[str, ...] = (),
    repeats: bool = False,
    secrets: dict[str, str] | None = None,
) -> Player:
    text, files = dump_cassette(cassette), attachments(cassette)
    loaded = load_cassette(text, name="a.yaml", attached=lambda name, _: files.get(name))
    if form == "compiled":
        content = compile_cassette(load_yaml(text, name="a.yaml"), loaded)
        assert content is not None
        loaded = load_compiled(content, name="a.yaml", attached=None)
    return playing(loaded, Playback(match_headers=match_headers, repeats=repeats), secrets)


def playing(cassette: Cassette, playback: Playback, secrets: dict[str, str] | None = None) -> Player:
    return play(
        cassette,
        name="cassettes/a.yaml",
        test="tests/test_a.py::test_a",
        redactor=Redactor(secrets or {}),
        reveal=secrets or {},
        bases=BaseUrls({}),
        playback=playback,
    )


def taken(player: Player, requests: Sequence[LiveRequest]) -> list[int | None]:
    return [player.take(request) for request in requests]


def refusal(player: Player, request: LiveRequest) -> list[str]:
    assert player.take(request) is None
    error = player.refuse(request)
    assert isinstance(error, NoMatch)
    return str(error).splitlines()


DECIDING = [
    ("Range", ["bytes=0-1", "bytes=2-3"], ""),
    ("If-None-Match", ['"a"', '"b"'], ""),
    ("If-Modified-Since", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"], ""),
    ("Accept", ["text/csv", "application/json"], ""),
    ("Accept-Language", ["de", "en"], ""),
    ("Authorization", ["Bearer one-user-of-two", "Bearer two-user-of-two"], ""),
    ("Authorization", ["Basic b25lOnB3", "Basic dHdvOnB3"], ""),
    ("X-Tenant", ["t1", "t2"], "Accept-Encoding, X-Tenant"),
    ("X-Api-Key", ["key-of-one-user", "key-of-two-user"], "x-api-key"),
    ("Cookie", ["sid=one-session", "sid=two-session"], "Cookie"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "values", "vary"), DECIDING)
def test_each_gets_its_own_answer_in_any_order(name: str, values: list[str], vary: str, form: str) -> None:
    headers: Pairs = (("vary", vary),) if vary else ()
    requests = [ask({name: value}) for value in values]
    cassette = recorded(*((request, told(str(n), headers)) for n, request in enumerate(requests)))

    assert taken(player_of(cassette, form), requests) == [0, 1]
    assert taken(player_of(cassette, form), requests[::-1]) == [1, 0]
    for value in values:
        assert value not in dump_cassette(cassette) or not name.startswith(("Auth", "X-Api", "Cookie"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "values", "vary"), [*DECIDING[3:6], DECIDING[7]])
def test_who_was_recorded_once_is_answered_once(name: str, values: list[str], vary: str, form: str) -> None:
    """
    The answer of the other one is for the other one.
    """
    headers: Pairs = (("vary", vary),) if vary else ()
    requests = [ask({name: value}) for value in values]
    player = player_of(
        recorded(*((request, told(str(n), headers)) for n, request in enumerate(requests))), form
    )

    assert taken(player, [requests[0], requests[0], requests[1]]) == [0, None, 1]
    first, second, _ = refusal(player, requests[0])
    assert first.startswith(f"cassettes/a.yaml has no further answer to GET {URL} with {name.lower()}: ")
    assert second == "it was recorded once, and every recorded answer has been played"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("Range", "bytes=0-399", "bytes=0-398"),
        ("If-None-Match", '"v1"', '"v2"'),
        ("If-Match", '"v1"', '"v2"'),
        ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"),
        ("X-Amz-Target", "DynamoDB_20120810.ListTables", "DynamoDB_20120810.DescribeEndpoints"),
        ("SOAPAction", '"urn:a#Read"', '"urn:a#Write"'),
        ("X-HTTP-Method-Override", "PATCH", "DELETE"),
    ],
)
def test_another_condition_is_another_request(name: str, value: str, other: str, form: str) -> None:
    cassette = recorded((ask({name: value}), told("it")))
    low = name.lower()

    assert refusal(player_of(cassette, form), ask({name: other}))[2] == (
        f"  - headers.{low}: recorded {json.dumps(value)}, received {json.dumps(other)}"
    )
    assert refusal(player_of(cassette, form), ask({}))[2] == (
        f"  - headers.{low}: recorded {json.dumps(value)}, not received"
    )
    assert refusal(player_of(recorded((ask({}), told("it"))), form), ask({name: value}))[2] == (
        f"  - headers.{low}: not recorded, received {json.dumps(value)}"
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "Authorization", "X-Tenant", "X-Other"])
def test_a_header_that_told_nothing_apart_has_no_say(name: str, form: str) -> None:
    """
    What matched before matches still: the language of a machine, a credential of today.
    """
    cassette = recorded((ask({name: "Bearer recorded-12345"}), told("it", (("vary", name),))))

    assert taken(player_of(cassette, form), [ask({name: "Bearer another-12345"})]) == [0]
    assert taken(player_of(cassette, form), [ask({})]) == [0]


@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_was_never_recorded_gets_the_next_answer(form: str) -> None:
    cassette = recorded((ask({"Accept": "a/a"}), told("a")), (ask({"Accept": "b/b"}), told("b")))
    player = player_of(cassette, form)

    assert taken(player, [ask({"Accept": "b/b"}), ask({"Accept": "c/c"}), ask({"Accept": "c/c"})]) == [
        1,
        0,
        None,
    ]


@pytest.mark.parametrize("form", FORMS)
def test_equal_requests_with_equal_headers_are_answered_in_recorded_order(form: str) -> None:
    one, two = ask({"Accept": "a/a"}), ask({"Accept": "b/b"})
    cassette = recorded(*((request, told(str(n))) for n, request in enumerate([one, two, one, two, one])))

    assert taken(player_of(cassette, form), [two, one, one, two, one]) == [1, 0, 2, 3, 4]
    assert taken(player_of(cassette, form, repeats=True), [two, two, two]) == [1, 3, 3]


@pytest.mark.parametrize("form", FORMS)
def test_a_header_that_the_project_lists_counts(form: str) -> None:
    cassette = recorded(
        (ask({"X-Tenant": "t1", "X-Other": "1"}), told("t1")), (ask({"X-Tenant": "t2"}), told("t2"))
    )

    listed = player_of(cassette, form, match_headers=("x-tenant",))
    assert taken(listed, [ask({"X-Tenant": "t2"}), ask({"x-tenant": "t1", "X-Other": "2"})]) == [1, 0]
    lines = refusal(player_of(cassette, form, match_headers=("x-tenant",)), ask({"X-Tenant": "t3"}))
    assert lines[2] == '  - headers.x-tenant: recorded "t1", received "t3"'
    assert taken(player_of(cassette, form), [ask({"X-Tenant": "t3"})]) == [0]


@pytest.mark.parametrize("form", FORMS)
def test_users_who_log_in_are_told_apart_by_what_they_were_given(form: str) -> None:
    """
    In the cassette is no token; a replay gives each user another one, and knows it again.
    """
    tokens = ["t0ken-of-ada-1234", "t0ken-of-bob-1234"]
    logins = [post("http://a.test/login", as_json({"user": user})) for user in ("ada", "bob")]
    asks = [ask({"Authorization": f"Bearer {token}"}) for token in tokens]
    pairs = [
        (login, answer(as_json({"access_token": token}))) for login, token in zip(logins, tokens, strict=True)
    ]
    cassette = recorded(*pairs, (asks[0], told("ada")), (asks[1], told("bob")))
    text = dump_cassette(cassette)

    assert [text.count(f"<secret:{name}:") for name in ("access_token", "access_token#2")] == [1, 1]
    assert [text.count(f"Bearer <secret:{name}>") for name in ("authorization", "authorization#2")] == [1, 1]
    player = player_of(cassette, form)
    given = []
    for login in logins[::-1]:
        number = player.take(login)
        assert number is not None
        given.append(json.loads(whole(player.replay.response(number).body))["access_token"])
    assert len(set(given)) == 2
    assert taken(player, [ask({"Authorization": f"Bearer {token}"}) for token in given]) == [3, 2]


def test_credentials_of_the_environment_have_the_names_of_their_variables() -> None:
    secrets = {"ADA_TOKEN": "t0ken-of-ada-1234", "BOB_TOKEN": "t0ken-of-bob-1234"}
    requests = [ask({"Authorization": f"Bearer {token}"}) for token in secrets.values()]
    cassette = recorded(*((request, told(str(n))) for n, request in enumerate(requests)), secrets=secrets)
    today = {"ADA_TOKEN": "another-of-ada-12", "BOB_TOKEN": "another-of-bob-12"}

    assert "Bearer <secret:ADA_TOKEN>" in dump_cassette(cassette)
    player = player_of(cassette, secrets=today)
    assert taken(
        player, [ask({"Authorization": f"Bearer {token}"}) for token in (*list(today.values())[::-1],)]
    ) == [1, 0]


def test_credentials_that_the_test_draws_are_used_in_the_order_of_the_recording() -> None:
    def drawn() -> list[LiveRequest]:
        return [ask({"Authorization": f"Bearer {uuid.uuid4()}"}) for _ in range(3)]

    cassettes = [recorded(*((one, told(str(n))) for n, one in enumerate(drawn()))) for _ in range(2)]

    assert dump_cassette(cassettes[0]) == dump_cassette(cassettes[1])
    assert taken(player_of(cassettes[0]), drawn()) == [0, 1, 2]


def jwt(**claims: object) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (f"Bearer {jwt(sub='ada', iat=1)}", f"Bearer {jwt(sub='ada', iat=2)}"),
        (
            "AWS4-HMAC-SHA256 Credential=AK/20260101/eu/s3/aws4_request, SignedHeaders=host, Signature=abc",
            "AWS4-HMAC-SHA256 Credential=AK/20260102/eu/s3/aws4_request, SignedHeaders=host, Signature=def",
        ),
        (
            'Digest username="ada", nonce="1", response="abc"',
            'Digest username="ada", nonce="2", response="d"',
        ),
    ],
)
def test_a_credential_that_is_made_anew_for_each_request_is_one_and_the_same(first: str, again: str) -> None:
    """
    It gets no number, so that recording once more changes no byte.
    """
    cassette = recorded(
        (ask({"Authorization": first}), told("1")), (ask({"Authorization": again}), told("2"))
    )

    assert "<secret:authorization>" in dump_cassette(cassette)
    assert "#" not in dump_cassette(cassette)
    assert taken(player_of(cassette), [ask({"Authorization": again}), ask({"Authorization": first})]) == [
        0,
        1,
    ]


def test_a_single_credential_has_no_number() -> None:
    requests = [ask({"Authorization": "Bearer one-user-of-two"}) for _ in range(2)]
    other = ask({"Authorization": "Bearer two-user-of-two"}, "http://a.test/other")

    cassette = recorded(*((request, told("it")) for request in (*requests, other)))

    assert "#" not in dump_cassette(cassette)


def test_an_entity_tag_of_the_service_is_sent_back_and_matches() -> None:
    tagged = told("it", (("etag", '"v-9f8e7d6c"'),))
    cassette = recorded((ask({}), tagged), (ask({"If-None-Match": '"v-9f8e7d6c"'}), answer(status=304)))
    player = player_of(cassette)

    tag = dict(player.replay.response(0).headers)["etag"]
    assert taken(player, [ask({"If-None-Match": tag}), ask({})]) == [1, 0]


def test_a_date_that_is_sent_back_is_kept_and_matches() -> None:
    date = "Sun, 01 Mar 2026 08:49:37 GMT"
    dated = told("it", (("last-modified", date),))
    cassette = recorded((ask({}), dated), (ask({"If-Modified-Since": date}), answer(status=304)))
    player = player_of(cassette)

    played = dict(player.replay.response(0).headers)["last-modified"]
    assert taken(player, [ask({"If-Modified-Since": played}), ask({})]) == [1, 0]
    assert "last-modified" not in dump_cassette(recorded((ask({}), dated)))


def test_a_cassette_of_vcrpy_gives_each_its_own_answer_too() -> None:
    requests = [ask({"Range": "bytes=0-1"}), ask({"Range": "bytes=2-3"})]
    requests += [
        ask({"Authorization": f"Bearer {who}-user-of-two"}, "http://a.test/who") for who in ("b", "c")
    ]
    items = [
        {
            "request": {
                "method": one.method,
                "uri": one.url,
                "body": None,
                "headers": {name: [value] for name, value in one.headers},
            },
            "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": str(n)}},
        }
        for n, one in enumerate(requests)
    ]
    text = json.dumps({"version": 1, "interactions": items})

    player = playing(load_vcrpy(text, name="a.yaml"), Playback())

    assert taken(player, requests[::-1]) == [3, 2, 1, 0]
