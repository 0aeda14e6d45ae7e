"""
What the gist of a message passes over in a recording or a replay holds no secret and nothing volatile.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

import pytest

from taketwo.cassette.body.gist import Gist, gist_of
from taketwo.cassette.model import JsonBody, JsonValue, Pairs, StoredRequest, StoredResponse, TextBody
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.visit import scalars_of
from taketwo.cassette.volatile.catalogue import catalogue_of
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.placeholders import PlaceholderType, Rule
from taketwo.config.volatile import VolatileConfig
from tests.benchmarks.secret_corpus import HARMLESS, NAMES, secrets

SEEDS = range(40)
NOW = 1_767_225_600.0
UNREAD = Gist((), "", (), 0, odd=True, whole=False)
PACKED = base64.b64encode(b'{"password": "hunter2hunter2"}').decode()
WORDS = ("id", "name", "note", "node_id", "created_at", "expires", "items", "value", "key", "X-Amz-Signature")
TEXTS = (
    "",
    "red",
    "some words: here",
    "password: hunter2hunter2",
    "note:plain",
    "a=1&api_key=Zk3hunter2hunter2",
    "https://shop.test/items/7",
    "https://ada:hunter2hunter2@shop.test/",
    "see https://a.test and mail ada@a.test",
    "https://b.test/x?X-Amz-Signature=0a1b2c3d4e&X-Amz-Credential=abc&X-Amz-Date=20260101T000000Z",
    '{"token": "k7Jq0Zk3hunter2hunter2"}',
    'query { a(password: "hunter2hunter2") { b } }',
    "query Item($id: Int!) { item(id: $id) { id } }",
    "Server=db;User Id=ada;Password=hunter2hunter2",
    "<password>hunter2hunter2</password>",
    "ghp_0123456789abcdefABCDEF0123456789abcd",
    "sk-0123456789abcdefABCDEF0123456789abcdefghij",
    "8f14e45f-ceea-467f-a8f0-abcdefabcdef",
    "2026-01-01T00:00:00Z",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "files/abc123def456ghi7",
    "X_kwDOABCD1234abcd",
    "Password",
    "lease k7Jq0Zk3w9",
    PACKED,
    f"prefix {PACKED}",
)
HEADERS: tuple[Pairs, ...] = (
    (),
    (("content-type", "application/json"),),
    (("authorization", "Bearer k7Jq0Zk3hunter2hunter2"), ("content-type", "application/json")),
    (("etag", '"abcdef0123456789"'),),
    (("x-note", "ghp_0123456789abcdefABCDEF0123456789abcd"),),
    (("cookie", "theme=dark; sid=k7Jq0Zk3hunter2hunter2"),),
    (("expires", "20260101T000000Z"), ("signature", "k7Jq0Zk3"), ("googleaccessid", "a")),
)


def messages(seed: int) -> Iterator[StoredRequest | StoredResponse]:
    """
    Messages of few names and texts, so that most of these come again.
    """
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    names = [*dice.sample(NAMES, 2), *dice.sample(list(HARMLESS), 3), *WORDS]
    texts = [*TEXTS, *dice.sample(list(secrets().values()), 2), *dice.sample(list(HARMLESS.values()), 3)]

    def value(depth: int) -> JsonValue:
        kind = dice.random()
        if depth and kind < 0.3:
            return {name: value(depth - 1) for name in dice.sample(names, dice.randrange(4))}
        if depth and kind < 0.45:
            return [value(depth - 1) for _ in range(dice.randrange(3))]
        return dice.choice([dice.choice(texts), dice.choice(texts), 7, 1_767_225_600, 1.5, True, None])

    for _ in range(60):
        body = dice.choice(
            [None, JsonBody(value(3)), JsonBody({"a": value(2)}), TextBody(dice.choice(texts))]
        )
        headers = dice.choice(HEADERS)
        if dice.random() < 0.5:
            query = tuple((dice.choice(names), dice.choice(texts)) for _ in range(dice.randrange(3)))
            url = dice.choice(
                ["https://a.test/items", "https://u:hunter2hunter2@a.test/", "https://a.test/a=1"]
            )
            yield StoredRequest(method="GET", url=url, query=query, headers=headers, body=body)
        else:
            reason = dice.choice(["", "", "password: hunter2hunter2"])
            yield StoredResponse(status=200, reason=reason, headers=headers, body=body)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_secrets_are_found_with_and_without_the_gists_of_messages(seed: int) -> None:
    found = list(messages(seed))
    redactor = Redactor({"KEY": "hunter2hunter2"}, ["lease"], ["theme"])

    reader, secret = redactor.having_read(found, map(gist_of, found))
    slow, wanted = redactor.having_read(found, [UNREAD] * len(found))

    assert secret == wanted
    for message in found:
        if isinstance(message, StoredRequest):
            assert reader.knowing(secret).request(message) == slow.knowing(wanted).request(message)
        else:
            assert reader.knowing(secret).response(message) == slow.knowing(wanted).response(message)


@pytest.mark.parametrize("listed", ["http", "some words", "/some wo/", "a.note"])
def test_what_the_project_lists_is_found_with_and_without_the_gists(listed: str) -> None:
    found = [message for seed in SEEDS for message in messages(seed)]
    redactor = Redactor({}, [listed])

    assert (
        redactor.having_read(found, map(gist_of, found))[1]
        == redactor.having_read(found, [UNREAD] * len(found))[1]
    )


@pytest.mark.parametrize("pattern", ["", r"(?<=lease )[A-Za-z0-9]{8,}$", r"(?<=lease )[a-z]\w{7,}(?!\s)"])
def test_what_is_passed_over_has_nothing_volatile(pattern: str) -> None:
    patterns = {"patterns": {pattern: PlaceholderType.ID}} if pattern else {}
    finder, fresh = (
        Detector(catalogue=catalogue_of(VolatileConfig(sections=patterns)), now=NOW) for _ in range(2)
    )
    passed = kept = 0

    for message in (message for seed in SEEDS for message in messages(seed)):
        found = any(fresh.find_all(scalars_of(message)))
        if finder.finds_nothing(message, gist_of(message)):
            passed += 1
            assert not found
        kept += found

    assert passed > kept // 10
    assert kept


def test_nothing_is_passed_over_where_a_rule_may_look() -> None:
    finder = Detector([Rule(type=PlaceholderType.COUNTER, path="response.json.n")], now=NOW)
    message = StoredResponse(status=200, body=JsonBody({"n": 7}))

    assert not finder.finds_nothing(message, gist_of(message))
