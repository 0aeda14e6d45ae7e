"""
Recordings of every kind at any size: each function takes a size and returns the exchanges of one recording.

A size is what grows: kilobytes of a body, or the number of fields, headers, ids, interactions.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from taketwo.cassette.model import Exchange, JsonValue, LiveRequest, LiveResponse, Pairs

Exchanges: TypeAlias = Sequence[Exchange]

_URL = "http://shop.test/items"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PRINTABLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def _exchange(
    *,
    number: int = 0,
    method: str = "GET",
    url: str = _URL,
    sent: bytes = b"",
    sent_headers: Pairs = (),
    answer: bytes = b"",
    media_type: str = _JSON,
    headers: Pairs = (),
    chunks: tuple[int, ...] = (),
) -> Exchange:
    return Exchange(
        request=LiveRequest(method=method, url=url, headers=(("accept", "*/*"), *sent_headers), body=sent),
        response=LiveResponse(
            status=200,
            reason="OK",
            headers=(("content-type", media_type), *headers),
            body=answer,
            chunks=chunks,
        ),
        issued=2 * number + 1,
        answered=2 * number + 2,
    )


def _answer(text: str, media_type: str = _JSON) -> Exchanges:
    return [_exchange(answer=text.encode(), media_type=media_type)]


def _post(body: bytes, media_type: str) -> Exchanges:
    sent_headers = (("content-type", media_type),)
    return [_exchange(method="POST", sent=body, sent_headers=sent_headers, answer=b"{}")]


def _dumped(value: JsonValue, *, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, separators=(",", ":") if indent is None else None)


def _rows(kilobytes: int) -> list[JsonValue]:
    return [
        {
            "id": number,
            "url": f"https://shop.test/items/{number}",
            "title": f"Item {number} & more",
            "tags": ["a", "b"],
        }
        for number in range(10 * kilobytes)
    ]


def _dice(size: int) -> random.Random:
    return random.Random(size)  # noqa: S311 - the same bytes every time


def _ids(count: int, *, seed: int = 7) -> list[str]:
    dice = _dice(seed)
    return [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(count)]


def json_of_go(size: int) -> Exchanges:
    return _answer(_dumped(_rows(size)).replace("&", "\\u0026"))


def json_of_php(size: int) -> Exchanges:
    return _answer(_dumped(_rows(size)).replace("/", "\\/"))


def json_of_java(size: int) -> Exchanges:
    """
    Floating-point numbers as Java writes them, and letters in upper-case escapes now and then.
    """
    rows = ",".join(f'{{"price":{number}.50,"n":1.{number}E10,"t":"\\u00E9"}}' for number in range(20 * size))
    return _answer(f"[{rows}]")


def json_with_mixed_escapes(size: int) -> Exchanges:
    """
    Each third text has an escape that no rule explains.
    """
    rows = ",".join(f'{{"t":"a\\/b/{number}","u":"\\u0041b&\\u0026"}}' for number in range(20 * size))
    return _answer(f"[{rows}]")


def json_in_other_gaps(size: int) -> Exchanges:
    """
    A layout that changes from line to line, so that no rule describes it.
    """
    rows = ",\n".join(f'{{"a" :{" " * (number % 5)}{number}}}' for number in range(20 * size))
    return _answer(f"[{rows}]")


def json_wide(size: int) -> Exchanges:
    return _answer(_dumped({f"member_{number}": number for number in range(40 * size)}))


def json_deep(size: int) -> Exchanges:
    """
    Many branches, each some twenty levels deep.
    """
    leaf: JsonValue = "leaf"
    for level in range(20):
        leaf = {f"level_{level}": leaf}
    return _answer(_dumped([leaf] * (3 * size)))


def json_indented(size: int) -> Exchanges:
    return _answer(_dumped(_rows(size), indent=2))


def json_of_one_long_text(size: int) -> Exchanges:
    return _answer(_dumped({"text": "some words, and more; " * (47 * size)}))


def json_of_other_letters(size: int) -> Exchanges:
    return _answer(_dumped([f"größer als Ümläute ひらがな {number}" for number in range(10 * size)]))


def json_of_numbers(size: int) -> Exchanges:
    dice = _dice(size)
    return _answer(_dumped([dice.random() for _ in range(50 * size)]))


def json_within_json(size: int) -> Exchanges:
    return _answer(_dumped({"arguments": _dumped(_rows(size))}))


def json_sent(size: int) -> Exchanges:
    return _post(_dumped(_rows(size)).encode(), _JSON)


def ids(size: int) -> Exchanges:
    """
    Ids and times, each another one.
    """
    rows: list[JsonValue] = [
        {"id": found, "created_at": (_START + timedelta(seconds=7 * number)).isoformat()}
        for number, found in enumerate(_ids(10 * size))
    ]
    return _answer(_dumped(rows))


def ids_sent_back(size: int) -> Exchanges:
    """
    One interaction makes an id, the next one asks for it.
    """
    found: list[Exchange] = []
    for number, one in enumerate(_ids(2 * size)):
        answer = _dumped({"id": one, "name": "item"}).encode()
        found.append(_exchange(number=2 * number, method="POST", answer=answer))
        found.append(_exchange(number=2 * number + 1, url=f"{_URL}/{one}", answer=answer))
    return found


def ids_in_text(size: int) -> Exchanges:
    return _answer("\n".join(f"made {one} just now" for one in _ids(20 * size)), "text/plain")


def secrets(size: int) -> Exchanges:
    """
    Tokens that are known by their names, each another one, and each sent back.
    """
    found: list[Exchange] = []
    dice = _dice(size)
    for number in range(2 * size):
        token = "".join(dice.choices(_PRINTABLE, k=40))
        answer = _dumped({"access_token": token, "expires_in": 3600}).encode()
        found.append(_exchange(number=2 * number, method="POST", url=f"{_URL}/{number}/token", answer=answer))
        sent = (("authorization", f"Bearer {token}"),)
        found.append(
            _exchange(number=2 * number + 1, url=f"{_URL}/{number}", sent_headers=sent, answer=b"{}")
        )
    return found


def secrets_in_one_answer(size: int) -> Exchanges:
    dice = _dice(size)
    rows: list[JsonValue] = [{"api_key": "".join(dice.choices(_PRINTABLE, k=40))} for _ in range(10 * size)]
    return _answer(_dumped(rows))


def tokens_of_one_kind(size: int) -> Exchanges:
    """
    Tokens that are known by their form: each begins as all others do, and has their length.
    """
    dice = _dice(size)
    tokens = ("".join(dice.choices(_PRINTABLE, k=60)) for _ in range(4 * size))
    return _answer(_dumped([f"sk-ant-api03-{token}" for token in tokens]))


def token_sent(size: int) -> Exchanges:
    """
    One long token, as a session that is kept in a cookie is.
    """
    token = "eyJ" * (40 * size)
    return [_exchange(url=_URL, sent_headers=(("cookie", f"session={token}"),), answer=b"{}")]


def form(size: int) -> Exchanges:
    return _post("&".join(f"field_{n}=some+words+{n}%21" for n in range(30 * size)).encode(), _FORM)


def query(size: int) -> Exchanges:
    fields = "&".join(f"field_{n}=some+words+{n}%21" for n in range(30 * size))
    return [_exchange(url=f"{_URL}?{fields}", answer=b"{}")]


def multipart(size: int) -> Exchanges:
    parts = "".join(
        f'--xxBOUNDARYxx\r\nContent-Disposition: form-data; name="field{n}"\r\n\r\nsome words {n}\r\n'
        for n in range(10 * size)
    )
    return _post(f"{parts}--xxBOUNDARYxx--\r\n".encode(), "multipart/form-data; boundary=xxBOUNDARYxx")


def multipart_of_one_file(size: int) -> Exchanges:
    head = 'Content-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    content = _dice(size).randbytes(1024 * size)
    body = f"--xxBOUNDARYxx\r\n{head}\r\n".encode() + content + b"\r\n--xxBOUNDARYxx--\r\n"
    return _post(body, "multipart/form-data; boundary=xxBOUNDARYxx")


def events(size: int) -> Exchanges:
    """
    Server-sent events, in the pieces in which a model's answer comes.
    """
    rows = ({"id": "chatcmpl-1", "choices": [{"delta": {"content": f"word {n} "}}]} for n in range(10 * size))
    pieces = [f"data: {json.dumps(row)}\n\n".encode() for row in rows]
    return [
        _exchange(answer=b"".join(pieces), media_type="text/event-stream", chunks=tuple(map(len, pieces)))
    ]


def lines_of_json(size: int) -> Exchanges:
    rows = [f"{_dumped({'n': n, 'text': f'word {n} & more'})}\n".encode() for n in range(20 * size)]
    return [_exchange(answer=b"".join(rows), media_type="application/x-ndjson", chunks=tuple(map(len, rows)))]


def xml(size: int) -> Exchanges:
    rows = "".join(f'<item id="{n}"><name>Item {n}</name><on/></item>\n' for n in range(20 * size))
    return _answer(f'<?xml version="1.0"?>\n<items>\n{rows}</items>\n', "application/xml")


def html(size: int) -> Exchanges:
    rows = "".join(
        f'<li class="item"><a href="/items/{n}?a=1&amp;b=2">Item {n}</a>\n' for n in range(15 * size)
    )
    return _answer(f"<!doctype html><ul>\n{rows}</ul>", "text/html; charset=utf-8")


def base64_in_json(size: int) -> Exchanges:
    content = base64.b64encode(_dice(size).randbytes(768 * size)).decode()
    return _answer(_dumped({"data": [{"b64_json": content}]}))


def base64_texts(size: int) -> Exchanges:
    """
    Many short ones.
    """
    dice = _dice(size)
    rows: list[JsonValue] = [base64.b64encode(dice.randbytes(90)).decode() for _ in range(32 * size)]
    return _answer(_dumped({"data": rows}))


def text_of_base64(size: int) -> Exchanges:
    return _answer(base64.b64encode(_dice(size).randbytes(768 * size)).decode(), "text/plain")


def text_without_spaces(size: int) -> Exchanges:
    return _answer("".join(_dice(size).choices(_PRINTABLE, k=1024 * size)), "text/plain")


def text_of_one_letter(size: int) -> Exchanges:
    return _answer("a" * (1024 * size), "text/plain")


def text_of_digits(size: int) -> Exchanges:
    return _answer("1" * (1024 * size), "text/plain")


def text_of_dashes(size: int) -> Exchanges:
    return _answer("-" * (1024 * size), "text/plain")


def text_of_dots(size: int) -> Exchanges:
    return _answer("a.b-c_d." * (128 * size), "text/plain")


def text_of_spaces(size: int) -> Exchanges:
    return _answer(" " * (1024 * size) + "x", "text/plain")


def text_of_brackets(size: int) -> Exchanges:
    return _answer("<{[" * (341 * size), "text/plain")


def text_of_percents(size: int) -> Exchanges:
    return _answer("%41" * (341 * size), "text/plain")


def text_of_quotes(size: int) -> Exchanges:
    return _answer('"\\' * (512 * size), "text/plain")


def one_long_line(size: int) -> Exchanges:
    return _answer("some words, and more; " * (47 * size), "text/plain")


def many_lines(size: int) -> Exchanges:
    return _answer("".join(f"line {n} of the log: all is well\n" for n in range(30 * size)), "text/plain")


def csv(size: int) -> Exchanges:
    return _answer("".join(f"{n},Item {n},{n * 1.5},2026-03-04\n" for n in range(35 * size)), "text/csv")


def binary(size: int) -> Exchanges:
    return [_exchange(answer=_dice(size).randbytes(1024 * size), media_type="application/octet-stream")]


def headers(size: int) -> Exchanges:
    many = tuple((f"x-header-{n}", f"some words {n}") for n in range(10 * size))
    return [_exchange(sent_headers=many, headers=many, answer=b"{}")]


def cookies(size: int) -> Exchanges:
    set_cookies = tuple(("set-cookie", f"name{n}=value{n}; Path=/; HttpOnly") for n in range(10 * size))
    sent = (("cookie", "; ".join(f"name{n}=value{n}" for n in range(10 * size))),)
    return [
        _exchange(headers=set_cookies, answer=b"{}"),
        _exchange(number=1, url=f"{_URL}/2", sent_headers=sent, answer=b"{}"),
    ]


def interactions(size: int) -> Exchanges:
    return [
        _exchange(
            number=n, url=f"{_URL}/{n}?page={n}", answer=_dumped({"id": n, "name": f"Item {n}"}).encode()
        )
        for n in range(10 * size)
    ]


def interactions_at_one_address(size: int) -> Exchanges:
    """
    Bodies tell the requests apart.
    """
    sent_headers = (("content-type", _JSON),)
    return [
        _exchange(
            number=n,
            method="POST",
            sent=_dumped({"words": f"item {n}", "limit": 10}).encode(),
            sent_headers=sent_headers,
            answer=_dumped({"id": n}).encode(),
        )
        for n in range(10 * size)
    ]


def equal_interactions(size: int) -> Exchanges:
    """
    The same request again and again, with another answer each time.
    """
    return [_exchange(number=n, answer=_dumped({"state": f"step {n}"}).encode()) for n in range(10 * size)]


def concurrent_interactions(size: int) -> Exchanges:
    """
    All are under way before the first answer comes.
    """
    count = 4 * size
    return [
        Exchange(request=one.request, response=one.response, issued=n + 1, answered=count + n + 1, task=n + 1)
        for n, one in enumerate(interactions(size)[:count])
    ]


def equal_concurrent_interactions(size: int) -> Exchanges:
    count = 4 * size
    return [
        Exchange(request=one.request, response=one.response, issued=n + 1, answered=count + n + 1, task=n + 1)
        for n, one in enumerate(equal_interactions(size)[:count])
    ]


def streams(size: int) -> Exchanges:
    """
    Many short ones.
    """
    pieces = [b'data: {"word":"%d"}\n\n' % n for n in range(5)]
    return [
        _exchange(
            number=n,
            url=f"{_URL}/{n}",
            answer=b"".join(pieces),
            media_type="text/event-stream",
            chunks=tuple(map(len, pieces)),
        )
        for n in range(4 * size)
    ]


KINDS: Mapping[str, Callable[[int], Exchanges]] = {
    make.__name__.replace("_", " "): make
    for make in (
        json_of_go,
        json_of_php,
        json_of_java,
        json_with_mixed_escapes,
        json_in_other_gaps,
        json_wide,
        json_deep,
        json_indented,
        json_of_one_long_text,
        json_of_other_letters,
        json_of_numbers,
        json_within_json,
        json_sent,
        ids,
        ids_sent_back,
        ids_in_text,
        secrets,
        secrets_in_one_answer,
        tokens_of_one_kind,
        token_sent,
        form,
        query,
        multipart,
        multipart_of_one_file,
        events,
        lines_of_json,
        xml,
        html,
        base64_in_json,
        base64_texts,
        text_of_base64,
        text_without_spaces,
        text_of_one_letter,
        text_of_digits,
        text_of_dashes,
        text_of_dots,
        text_of_spaces,
        text_of_brackets,
        text_of_percents,
        text_of_quotes,
        one_long_line,
        many_lines,
        csv,
        binary,
        headers,
        cookies,
        interactions,
        interactions_at_one_address,
        equal_interactions,
        concurrent_interactions,
        equal_concurrent_interactions,
        streams,
    )
}
"""Every kind of recording, by its name in words."""
