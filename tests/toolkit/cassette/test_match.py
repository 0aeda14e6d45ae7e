"""
Which requests are equal, and in which order their answers are played.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.index import Index
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    FormBody,
    FormSpelling,
    JsonBody,
    Pairs,
    StoredRequest,
    TextBody,
)

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


FORM: Pairs = (("content-type", "application/x-www-form-urlencoded"),)


def form(text: str) -> StoredRequest:
    return asked(body_from_bytes(text.encode(), media_type=FORM[0][1]), headers=FORM)


def upload(
    *parts: str, kind: str = "form-data", boundary: str = "b1b2b3", line: str = "\r\n"
) -> StoredRequest:
    """
    A multipart request; of each part there is what stands between the boundaries.
    """
    lines = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    media_type = f"multipart/{kind}; boundary={boundary}"
    content = lines.replace("\n", line).encode()
    return asked(body_from_bytes(content, media_type=media_type), headers=(("content-type", media_type),))


def as_recorded_before(*parts: str) -> StoredRequest:
    """
    The same as cassettes of the first version of the format hold it.
    """
    lines = "".join(f"--other\r\n{part}\r\n" for part in parts).replace("\n\n", "\r\n\r\n") + "--other--\r\n"
    return asked(TextBody(lines), headers=(("content-type", "multipart/form-data; boundary=other"),))


A = 'Content-Disposition: form-data; name="a"\n\n1'
B = 'Content-Disposition: form-data; name="b"\n\n2'
FILE = (
    'Content-Disposition: form-data; name="f"; filename="f.json"\nContent-Type: application/json\n\n{"a":1}'
)


def graphql_upload(query: str) -> str:
    return f'Content-Disposition: form-data; name="operations"\n\n{{"query": "{query}"}}'


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
    (form("a=1&b=x+y"), form("b=x%20y&a=1")),
    (form("a=%3A"), form("a=:")),
    (form("a=1"), asked(TextBody("a=1"), headers=FORM)),
    (asked(FormBody((("a", "~"),), FormSpelling(escaped="~")), headers=FORM), form("a=~")),
    (form("query={a+b}"), form("query={a,b}")),
    (upload(A, B), upload(A, B, boundary="x9x9x9")),
    (upload(A, B), upload(B, A)),
    (upload(A, B), upload(A, B, line="\n")),
    (upload(A), upload(A.replace("Content-Disposition: form-data; ", "content-disposition:form-data;"))),
    (upload(FILE), upload(FILE.replace('{"a":1}', '{ "a": 1.0 }'))),
    (upload(FILE), upload(FILE.replace("application/json", "Application/JSON"))),
    (upload(A.replace('"a"', '"ü"')), upload(A.replace('"a"', "\"x\"; name*=utf-8''%C3%BC"))),
    (upload(A, kind="mixed"), upload(f"Content-Length: 1\n{A}", kind="mixed")),
    (
        upload("Content-Transfer-Encoding: base64\n\nMTIz", kind="mixed"),
        upload("\n123", kind="mixed"),
    ),
    (upload(A), as_recorded_before(A)),
    (upload(graphql_upload("{ a b }")), upload(graphql_upload("{a,b}"))),
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
    (form("a=1&a=2"), form("a=2&a=1")),
    (form("a=1"), form("a=1&b=")),
    (form("a=1+1"), form("a=1%2B1")),
    (asked(TextBody('{"a":"1+1"}'), headers=FORM), asked(TextBody('{"a":"1 1"}'), headers=FORM)),
    (upload(A, B), upload(A)),
    (upload(A), upload(A.replace("1", "2"))),
    (upload(A, A.replace("1", "2")), upload(A.replace("1", "2"), A)),
    (upload(A, B, kind="mixed"), upload(B, A, kind="mixed")),
    (upload(A, kind="mixed"), upload(A, kind="related")),
    (upload(FILE), upload(FILE.replace("f.json", "g.json"))),
    (upload(FILE), upload(FILE.replace("application/json", "text/plain"))),
    (upload(f"X-A: 1\n{A}"), upload(A)),
    (upload(A), as_recorded_before(B)),
    (asked(BinaryBody(bytes(70_000))), asked(BinaryBody(bytes(70_001)))),
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
    index = Index([first, second, first], fingerprint)

    taken = [index.take(fingerprint(request)) for request in (first, first, second, first, second)]

    assert taken == [0, 2, 1, None, None]


def test_of_an_address_the_next_unplayed_request_comes_first_whatever_its_body() -> None:
    """
    So VCR.py plays its cassettes: in recorded order by method and URL.
    """
    requests = [form("a=1"), form("a=2"), form("a=1")]
    index, wanted = Index(requests, fingerprint), fingerprint(form("a=3"))

    played = []
    for _ in requests:
        group = index.by_address(wanted)
        assert group is not None
        played.append(group.next())
        group.advance()

    assert played == [0, 1, 2]


def test_of_an_address_that_is_used_up_the_last_request_is_found() -> None:
    requests = [form("a=1"), form("a=2")]
    index = Index(requests, fingerprint)
    for request in requests:
        index.take(fingerprint(request))

    group = index.by_address(fingerprint(form("a=3")))

    assert group is not None
    assert group.next(repeats=True) == 1


def test_with_repeats_the_last_answer_is_never_used_up() -> None:
    first, second = asked(TextBody("1")), asked(TextBody("2"))
    index = Index([first, first], fingerprint)

    taken = [index.take(fingerprint(first), repeats=True) for _ in range(4)]

    assert (taken, index.take(fingerprint(second), repeats=True)) == ([0, 1, 1, 1], None)


def test_an_index_tells_how_often_what_is_used_up_was_recorded() -> None:
    first, second = asked(TextBody("1")), asked(TextBody("2"))
    index = Index([first, first], fingerprint)
    index.take(fingerprint(first))
    before = index.played(fingerprint(first))
    index.take(fingerprint(first))

    assert (before, index.played(fingerprint(first)), index.played(fingerprint(second))) == (0, 2, 0)


def test_a_request_is_found_among_many_at_once() -> None:
    """
    By an index, not a scan: twice as many requests do not take four times as long.
    """
    requests = [asked(JsonBody({"number": number})) for number in range(5000)]
    index = Index(requests, fingerprint)

    assert [index.take(fingerprint(request)) for request in reversed(requests)] == list(reversed(range(5000)))
