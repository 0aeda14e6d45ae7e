"""
What is passed over in a recording, since a look at all of it at once finds nothing, is what nothing would
change.
"""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.model import (
    Interaction,
    JsonBody,
    JsonValue,
    LiveRequest,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.normalize import are_in, normalize_request
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.visit import (
    Path,
    Scalar,
    map_request,
    map_response,
    map_scalars,
    plain_texts,
    request_texts,
    response_texts,
    scalars_of,
)
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.placeholders import PlaceholderType, Rule
from tests.toolkit.cassette.text.test_writer import Messages

SEEDS = range(60)
SECRET = 'k3y "of" \\ours/+'
DISGUISES = (
    SECRET,
    quote(SECRET),
    json.dumps(SECRET)[1:-1],
    base64.b64encode(SECRET.encode()).decode(),
    base64.b64encode(b"user:" + SECRET.encode() + b"!").decode(),
    SECRET.encode().hex(),
)


def messages(seed: int) -> Iterator[StoredRequest | StoredResponse]:
    for item in Messages(seed=seed).interactions():
        yield from (item.request, item.response)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_seen_of_a_message_are_the_texts_that_would_be_changed(seed: int) -> None:
    for message in messages(seed):
        changed: list[str] = []

        def note(text: str, changed: list[str] = changed) -> str:
            changed.append(text)
            return text

        if isinstance(message, StoredRequest):
            map_request(message, note)
        else:
            map_response(message, note)

        assert sorted(plain_texts(message)) == sorted(changed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_text_in_which_a_secret_may_be_left_is_overlooked(seed: int) -> None:
    for message in messages(seed):
        texts = request_texts(message) if isinstance(message, StoredRequest) else response_texts(message)
        method = [message.method] if isinstance(message, StoredRequest) else []

        seen = Counter(plain_texts(message, whole=True))

        assert Counter([*method, *(text for _, text in texts)]) <= seen


@pytest.mark.parametrize("seed", SEEDS)
def test_scalars_are_listed_in_the_order_in_which_they_are_visited(seed: int) -> None:
    for message in messages(seed):
        visited: list[tuple[Path, Scalar]] = []

        def note(path: Path, value: Scalar, visited: list[tuple[Path, Scalar]] = visited) -> Scalar:
            visited.append((path, value))
            return value

        # Of each kind by itself, as its type says.
        if isinstance(message, StoredRequest):
            assert map_scalars(message, note) == message
        else:
            assert map_scalars(message, note) == message

        assert repr(scalars_of(message)) == repr(visited)


def alone(text: str, redactor: Redactor) -> JsonValue:
    """
    What an answer keeps of *text* when nothing stands beside it.
    """
    body = redactor.response(StoredResponse(status=200, body=JsonBody([text]))).body
    assert isinstance(body, JsonBody)
    assert isinstance(body.value, list)
    kept: JsonValue = body.value[0]
    return kept


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("beside", ["", "abcDEF0123", "a%2", "\\", "&#", "=", "-_"])
def test_a_secret_is_found_wherever_texts_begin_and_end(disguise: str, beside: str) -> None:
    """
    What stands in the texts before and behind it may be of the signs that secrets are written in.
    """
    redactor = Redactor({"KEY": SECRET})
    for number in range(3):
        texts = [beside, beside, beside]
        texts[number] = disguise
        response = StoredResponse(status=200, body=JsonBody(texts))

        redacted = redactor.response(response)

        assert redacted.body == JsonBody([alone(text, redactor) for text in texts])
        assert redacted != response
        assert redactor.leaks([Interaction(StoredRequest(method="GET", url=""), redacted)], ["it"]) == []


@pytest.mark.parametrize("header", ["etag", "x-request-id", "if-none-match", "content-type"])
def test_all_that_is_found_in_one_value_is_found_among_many(header: str) -> None:
    dice = random.Random(7)  # noqa: S311 - a test repeats itself
    looks = (
        "8f14e45f-ceea-467f-a8f0-abcdefabcdef",
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00.123+02:00",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "no-thing",
        "12",
    )
    texts = [f"{dice.choice(['', 'at '])}{look}{dice.choice(['', '.', '/x'])}" for look in looks]
    response = StoredResponse(
        status=200,
        headers=tuple((header, text) for text in texts),
        body=JsonBody({"texts": texts, "number": 1_700_000_000, "nothing": None}),
    )
    scalars = scalars_of(response)

    found = Detector().find_all(scalars)

    assert [list(one) for one in found] == [Detector().find(path, value) for path, value in scalars]
    assert sum(map(len, found)) >= 2 * (len(looks) - 2)


@pytest.mark.parametrize(("path", "places"), [("response.json.*.n", 3), ("response.json.1.n", 1)])
def test_a_rule_is_about_one_item_of_a_list_where_it_says_so(path: str, places: int) -> None:
    rows: list[JsonValue] = [{"n": number} for number in range(3)]
    finder = Detector([Rule(type=PlaceholderType.COUNTER, path=path)])

    found = finder.find_all(scalars_of(StoredResponse(status=200, body=JsonBody(rows))))

    assert sum(map(len, found)) == places


@pytest.mark.parametrize("seed", SEEDS)
def test_a_query_is_what_the_standard_library_finds_in_it(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    for _ in range(40):
        query = "".join(dice.choices(["a", "b", "=", "&", ";", "%", "%2B", "+", "é", " ", "?"], k=8))
        request = LiveRequest(method="GET", url=f"http://a.test/?{query}", headers=(), body=b"")

        stored = normalize_request(request, BaseUrls({}))

        assert stored.query == tuple(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize(
    "body",
    [
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        f"[1{'0' * 400}.0]",
        '["\\ud800"]',
        f"{'[' * 101}{']' * 101}",
        '{"a":1,"a":1}',
    ],
)
def test_json_that_no_structure_gives_back_stays_text(body: str) -> None:
    assert body_from_bytes(body.encode(), media_type="application/json") == TextBody(body)


@pytest.mark.parametrize("body", ['["NaN"]', '{"Infinity":[1.5]}', f"{'[' * 100}{']' * 100}", '["é"]'])
def test_json_that_only_looks_so_is_structure(body: str) -> None:
    found = body_from_bytes(body.encode(), media_type="application/json")

    assert found == JsonBody(json.loads(body))


def test_an_address_is_made_stable_wherever_it_stands() -> None:
    bases = BaseUrls({"http://127.0.0.1:8000": "http://shop.test"})
    there = StoredResponse(status=200, body=TextBody("at 127.0.0.1:8000/items"))
    elsewhere = StoredResponse(status=200, body=TextBody("at 127.0.0.1 or :8000"))

    assert (are_in(bases, there), are_in(bases, elsewhere)) == (True, False)
    assert map_response(elsewhere, bases.stable) == elsewhere
