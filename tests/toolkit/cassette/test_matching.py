"""
Which requests are equal, and in which order their answers are played.
"""

from __future__ import annotations

import pytest

from taketwo.cassette import BinaryBody, Body, Index, JsonBody, StoredRequest, TextBody, fingerprint
from taketwo.cassette.model import Pairs

JSON: Pairs = (("content-type", "application/json"),)


def asked(
    body: Body = None,
    *,
    method: str = "POST",
    url: str = "http://a.test/",
    query: Pairs = (),
    headers: Pairs = JSON,
) -> StoredRequest:
    return StoredRequest(method=method, url=url, query=query, headers=headers, body=body)


def graphql(query: str, **rest: object) -> StoredRequest:
    return asked(JsonBody({"query": query, **rest}))  # type: ignore[dict-item]  # tests hand in JSON


EQUAL = [
    (asked(query=(("a", "1"), ("b", "2"))), asked(query=(("b", "2"), ("a", "1")))),
    (asked(headers=(("x-a", "1"),)), asked(headers=(("x-a", "2"),))),
    (asked(JsonBody({"a": 1, "b": [1.0]})), asked(JsonBody({"b": [1], "a": 1.0}))),
    (asked(JsonBody({"a": 1})), asked(TextBody('{ "a" : 1 }'))),
    (asked(JsonBody(10**22)), asked(JsonBody(1e22))),
    (asked(None), asked(TextBody(""))),
    (graphql("{ a b }"), graphql("{\n  a # the first\n  b,\n}\n")),
    (graphql("{ a }"), graphql("query { a }")),
    (graphql("{ a }", variables=None), graphql("{ a }")),
    (
        graphql("query A($x: Int) { a(x: $x) }", variables={"x": 1}),
        graphql("query A($x:Int){a(x:$x)}", variables={"x": 1.0}),
    ),
    (graphql("{ a }", operationName=None), graphql("{ a }")),
]

DIFFERENT = [
    (asked(method="GET"), asked(method="POST")),
    (asked(url="http://a.test/1"), asked(url="http://a.test/2")),
    (asked(query=(("a", "1"), ("a", "2"))), asked(query=(("a", "2"), ("a", "1")))),
    (asked(query=(("a", ""),)), asked()),
    (asked(JsonBody({"a": 1})), asked(JsonBody({"a": True}))),
    (asked(JsonBody({"a": 1})), asked(JsonBody({"a": "1"}))),
    (asked(JsonBody({"a": None})), asked(JsonBody({}))),
    (asked(JsonBody([1, 2])), asked(JsonBody([2, 1]))),
    (asked(JsonBody(None)), asked(None)),
    (asked(TextBody('{"a":1}'), headers=()), asked(TextBody('{"a": 1}'), headers=())),
    (asked(TextBody("a")), asked(TextBody("a "))),
    (asked(BinaryBody(b"\xff")), asked(BinaryBody(b"\xfe"))),
    (graphql("{ a b }"), graphql("{ b a }")),
    (graphql("{ a }", variables={"x": 1}), graphql("{ a }", variables={"x": 2})),
    (
        graphql("query A { a } query B { b }", operationName="A"),
        graphql("query A { a } query B { b }", operationName="B"),
    ),
    (graphql("shoes & socks"), graphql("shoes  & socks")),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_requests_that_mean_the_same_are_equal(one: StoredRequest, other: StoredRequest) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_requests_that_mean_something_else_are_not(one: StoredRequest, other: StoredRequest) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("depth", [400, 900, 5000])
def test_a_body_nested_deeper_than_python_looks_is_compared_by_its_bytes(depth: int) -> None:
    text = "[" * depth + "]" * depth

    assert fingerprint(asked(TextBody(text))) == fingerprint(asked(TextBody(text)))


def test_a_query_nested_deeper_than_python_looks_is_compared_by_its_text() -> None:
    query = "{a" * 3000 + "}" * 3000

    assert fingerprint(graphql(query)) == fingerprint(graphql(query))


def test_equal_requests_get_their_answers_in_recorded_order() -> None:
    first, second = asked(TextBody("1")), asked(TextBody("2"))
    index = Index([first, second, first])

    taken = [index.take(fingerprint(request)) for request in (first, first, second, first, second)]

    assert taken == [0, 2, 1, None, None]


def test_with_repeats_the_last_answer_is_never_used_up() -> None:
    first, second = asked(TextBody("1")), asked(TextBody("2"))
    index = Index([first, first])

    taken = [index.take(fingerprint(first), repeats=True) for _ in range(4)]

    assert (taken, index.take(fingerprint(second), repeats=True)) == ([0, 1, 1, 1], None)


def test_an_index_tells_how_often_what_is_used_up_was_recorded() -> None:
    first, second = asked(TextBody("1")), asked(TextBody("2"))
    index = Index([first, first])
    index.take(fingerprint(first))
    before = index.played(fingerprint(first))
    index.take(fingerprint(first))

    assert (before, index.played(fingerprint(first)), index.played(fingerprint(second))) == (0, 2, 0)


def test_a_request_is_found_among_many_at_once() -> None:
    """
    By an index, not a scan: twice as many requests do not take four times as long.
    """
    requests = [asked(JsonBody({"number": number})) for number in range(5000)]
    index = Index(requests)

    assert [index.take(fingerprint(request)) for request in reversed(requests)] == list(reversed(range(5000)))
