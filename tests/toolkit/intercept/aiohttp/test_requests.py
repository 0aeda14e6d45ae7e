# ruff: noqa: SIM117 - a session and what it sends read better one below the other
"""
Requests of aiohttp are recorded as aiohttp sends them, and answered in a replay as they were by the service.

Each scenario is recorded against a service in another process, and replayed at an address where nobody
listens. What it gives must be the same; a second recording must be the same to the byte.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, compression_utils, hdrs

from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import NoMatch, RecordingRefused
from tests.toolkit.intercept.aiohttp.conftest import Scenario, Studio

Json = Any


async def seen(answer: aiohttp.ClientResponse) -> Json:
    """
    What a test can see of an answer.
    """
    return {
        "status": answer.status,
        "reason": answer.reason,
        "ok": answer.ok,
        "method": answer.method,
        "path": answer.url.path_qs,
        "real": (answer.real_url.path_qs, answer.real_url.fragment),
        "asked": (answer.request_info.method, answer.request_info.url.path_qs),
        "accept": answer.request_info.headers.get("Accept"),
        "type": answer.content_type,
        "charset": answer.charset,
        "etag": "ETag" in answer.headers,  # its value is of one recording
        "names": sorted(name.decode().lower() for name, _ in answer.raw_headers),
        "cookies": {name: morsel["path"] for name, morsel in answer.cookies.items()},  # values are secret
        "history": [(hop.status, hop.method, hop.url.path) for hop in answer.history],
        "body": await answer.read(),
        "closed": (answer.closed, answer.connection),
    }


NOISE = {"connection", "content-length", "date", "server", "transfer-encoding"}


def comparable(found: Json) -> Json:
    """
    *found* without the headers that no recording keeps.
    """
    if isinstance(found, dict) and "names" in found:
        return {**found, "names": [name for name in found["names"] if name not in NOISE]}
    return [comparable(each) for each in found] if isinstance(found, list) else found


async def get(url: str) -> Json:
    async with ClientSession() as session, session.get(f"{url}/echo?a=1&b=2&b=3#part") as answer:
        return await seen(answer)


async def params(url: str) -> Json:
    async with ClientSession() as session:
        async with session.get(f"{url}/echo?x=1", params={"q": "ü &", "n": 3}) as answer:
            return await answer.json()


async def json_body(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo", json={"a": [1, "ü"]}) as answer:
        return await seen(answer)


async def json_list(url: str) -> Json:
    async with ClientSession() as session, session.put(f"{url}/echo", json=[1, 2, None]) as answer:
        return await answer.json()


async def json_serialize(url: str) -> Json:
    def dumps(value: object) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    async with ClientSession(json_serialize=dumps) as session:
        async with session.post(f"{url}/echo", json={"b": 1, "a": 2}) as answer:
            return await answer.json()


async def form(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo", data={"a": "1", "b": "ü&"}) as answer:
        return await answer.json()


async def text(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo", data="grün") as answer:
        return await answer.json()


async def binary(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo", data=bytes(range(256))) as answer:
        return await answer.json()


async def nothing(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo") as answer:
        return await answer.json()


async def opened_file(url: str) -> Json:
    async with ClientSession() as session:
        async with session.post(f"{url}/echo", data=io.BytesIO(b"of a file")) as answer:
            return await answer.json()


async def pieces() -> AsyncIterator[bytes]:
    for word in (b"one ", b"two ", b"three"):
        await asyncio.sleep(0)
        yield word


async def generator(url: str) -> Json:
    async with ClientSession() as session, session.post(f"{url}/echo", data=pieces()) as answer:
        return await answer.json()


async def generator_of_known_length(url: str) -> Json:
    headers = {"Content-Length": "13", "Content-Type": "text/plain"}
    async with ClientSession() as session:
        async with session.post(f"{url}/echo", data=pieces(), headers=headers) as answer:
            return await answer.json()


async def chunked(url: str) -> Json:
    async with ClientSession() as session:
        async with session.post(f"{url}/echo", data=b"abc", chunked=True) as answer:
            return await answer.json()


async def compressed(url: str) -> Json:
    async with ClientSession() as session:
        async with session.post(f"{url}/echo", json={"a": "b" * 500}, compress="deflate") as answer:
            return await answer.json()


async def skipped_header(url: str) -> Json:
    async with ClientSession(skip_auto_headers=["Content-Type", "User-Agent"]) as session:
        async with session.post(f"{url}/echo", data=b"abc") as answer:
            return await answer.json()


async def base_url(url: str) -> Json:
    async with ClientSession(url + "/", headers={"X-Word": "default"}) as session:
        async with session.get("echo", params=[("a", "1")]) as answer:
            return await answer.json()


async def authorized(url: str) -> Json:
    headers = {"Authorization": "Bearer 0123456789abcdef0123456789abcdef"}
    async with ClientSession(headers=headers) as session, session.get(f"{url}/echo") as answer:
        return await answer.json()


async def cookies(url: str) -> Json:
    jar = aiohttp.CookieJar(unsafe=True)
    async with ClientSession(cookie_jar=jar, cookies={"own": "1"}) as session:
        async with session.get(f"{url}/cookies") as answer:
            first = await seen(answer)
        async with session.get(f"{url}/echo") as answer:
            second = await answer.json()
        return [first, second, sorted(cookie.key for cookie in jar)]


async def expects_continue(url: str) -> Json:
    async with ClientSession() as session:
        async with session.post(f"{url}/echo", data=b"abc", expect100=True) as answer:
            return await answer.json()


async def head(url: str) -> Json:
    async with ClientSession() as session, session.head(f"{url}/head") as answer:
        return [await seen(answer), answer.headers[hdrs.CONTENT_LENGTH]]


def with_status(number: int) -> Scenario[Json]:
    async def scenario(url: str) -> Json:
        async with ClientSession() as session, session.get(f"{url}/status/{number}") as answer:
            return await seen(answer)

    return scenario


async def strange_reason(url: str) -> Json:
    async with ClientSession() as session:
        async with session.get(f"{url}/status/299?reason=Very Special") as answer:
            return (answer.status, answer.reason, await answer.text())


def packed(coding: str) -> Scenario[Json]:
    async def scenario(url: str) -> Json:
        async with ClientSession() as session, session.get(f"{url}/packed/{coding}") as answer:
            return await answer.text()

    return scenario


async def not_unpacked(url: str) -> Json:
    async with ClientSession(auto_decompress=False) as session:
        async with session.get(f"{url}/packed/gzip") as answer:
            return [answer.headers["Content-Encoding"], gzip.decompress(await answer.read())]


async def latin(url: str) -> Json:
    async with ClientSession() as session, session.get(f"{url}/latin") as answer:
        return (answer.charset, await answer.text())


async def large(url: str) -> Json:
    async with ClientSession() as session, session.get(f"{url}/large") as answer:
        return len(await answer.read())


async def unread(url: str) -> Json:
    """
    Nothing but the status is looked at.
    """
    async with ClientSession() as session:
        async with session.get(f"{url}/latin") as answer:
            return answer.status


async def never_released(url: str) -> Json:
    async with ClientSession() as session:
        return (await session.get(f"{url}/latin")).status


def redirected(status: int, method: str = "POST", **options: Any) -> Scenario[Json]:  # noqa: ANN401 - of aiohttp
    async def scenario(url: str) -> Json:
        jar = aiohttp.CookieJar(unsafe=True)
        async with ClientSession(cookie_jar=jar) as session:
            path = f"{url}/redirect/{status}/redirect/302/echo"
            async with session.request(method, path, **options) as answer:
                return await seen(answer)

    return scenario


async def generator_redirected(url: str) -> Json:
    async with ClientSession() as session:
        try:
            async with session.post(f"{url}/redirect/307/echo", data=pieces()) as answer:
                return await answer.json()
        except aiohttp.ClientPayloadError as error:
            return str(error)


async def too_many_redirects(url: str) -> Json:
    async with ClientSession() as session:
        try:
            await session.get(f"{url}/loop", max_redirects=3)
        except aiohttp.TooManyRedirects as error:
            return ([hop.status for hop in error.history], error.request_info.url.path)


async def raises_for_status(url: str) -> Json:
    async with ClientSession(raise_for_status=True) as session:
        try:
            await session.get(f"{url}/status/404")
        except aiohttp.ClientResponseError as error:
            headers = error.headers or ()
            return (error.status, error.message, error.request_info.url.path, "ETag" in headers)


async def raises_as_asked(url: str) -> Json:
    async def check(answer: aiohttp.ClientResponse) -> None:
        if answer.status == 418:
            raise RuntimeError(await answer.text())

    async with ClientSession(raise_for_status=check) as session:
        try:
            await session.get(f"{url}/status/418")
        except RuntimeError as error:
            return str(error)


async def traced(url: str) -> Json:
    events: list[str] = []

    def noting(name: str) -> Any:  # noqa: ANN401 - a handler of aiohttp's
        async def note(_session: ClientSession, _context: object, params: Any) -> None:  # noqa: ANN401 - see above
            detail = getattr(params, "chunk", b"")
            events.append(f"{name} {len(detail)}" if detail else name)

        return note

    config = aiohttp.TraceConfig()
    for name in (
        "request_start",
        "request_end",
        "request_exception",
        "request_redirect",
        "request_headers_sent",
        "request_chunk_sent",
        "response_chunk_received",
        "connection_create_start",
        "connection_create_end",
        "connection_reuseconn",
    ):
        getattr(config, f"on_{name}").append(noting(name))
    async with ClientSession(trace_configs=[config]) as session:
        async with session.post(f"{url}/redirect/307/echo", data=b"abc") as answer:
            await answer.read()
        async with session.post(f"{url}/echo", data=pieces()) as answer:
            await answer.read()
    return events


async def middlewares(url: str) -> Json:
    async def word(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:  # noqa: ANN401 - of aiohttp
        request.headers["X-Word"] = "of the middleware"
        await request.update_body(b"changed")
        answer: aiohttp.ClientResponse = await handler(request)
        return answer

    async with ClientSession(middlewares=[word]) as session:
        async with session.post(f"{url}/echo", json={"a": 1}) as answer:
            return await answer.json()


async def broken_body(url: str) -> Json:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise KeyError("two")

    async with ClientSession() as session:
        try:
            await session.post(f"{url}/echo", data=broken())
        except aiohttp.ClientConnectionError as error:
            return type(error).__name__


async def gathered(url: str) -> Json:
    async with ClientSession() as session:

        async def ask(number: int) -> Json:
            async with session.get(f"{url}/slower/{number}") as answer:
                return (await answer.json())["number"]

        return await asyncio.gather(*map(ask, range(20)))


async def few_connections(url: str) -> Json:
    connector = aiohttp.TCPConnector(limit=2, force_close=True)
    async with ClientSession(connector=connector) as session:

        async def ask(number: int) -> Json:
            async with session.get(f"{url}/slower/{number}") as answer:
                return (await answer.json())["number"]

        return await asyncio.gather(*map(ask, range(6)))


async def shared_connector(url: str) -> Json:
    connector = aiohttp.TCPConnector()
    found = []
    for _ in range(2):
        async with ClientSession(connector=connector, connector_owner=False) as session:
            async with session.get(f"{url}/echo") as answer:
                found.append(answer.status)
    await connector.close()
    return found


async def not_json(url: str) -> Json:
    async with ClientSession() as session, session.get(f"{url}/latin") as answer:
        try:
            await answer.json()
        except aiohttp.ContentTypeError as error:
            return error.message


SCENARIOS: dict[str, Scenario[Json]] = {
    scenario.__name__: scenario
    for scenario in (
        get,
        params,
        json_body,
        json_list,
        json_serialize,
        form,
        text,
        binary,
        nothing,
        opened_file,
        generator,
        generator_of_known_length,
        chunked,
        compressed,
        skipped_header,
        base_url,
        authorized,
        cookies,
        expects_continue,
        head,
        strange_reason,
        not_unpacked,
        latin,
        large,
        unread,
        never_released,
        generator_redirected,
        too_many_redirects,
        raises_for_status,
        raises_as_asked,
        traced,
        broken_body,
        gathered,
        few_connections,
        shared_connector,
        not_json,
    )
}
SCENARIOS |= {f"status_{number}": with_status(number) for number in (200, 204, 304, 404, 503)}
SCENARIOS |= {f"packed_{coding}": packed(coding) for coding in ("gzip", "deflate", "br")}
if getattr(compression_utils, "HAS_ZSTD", False):  # since aiohttp 3.13
    SCENARIOS["packed_zstd"] = packed("zstd")
if hasattr(aiohttp, "ClientMiddlewareType"):  # since aiohttp 3.12
    SCENARIOS["middlewares"] = middlewares
SCENARIOS |= {f"redirect_{status}": redirected(status, data=b"abc") for status in (301, 302, 303, 307, 308)}
SCENARIOS["redirect_of_a_get"] = redirected(301, "GET")
SCENARIOS["redirect_not_followed"] = redirected(302, allow_redirects=False)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_replay_gives_what_the_service_gave(studio: Studio, name: str) -> None:
    scenario = SCENARIOS[name]

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)
    _, again = studio.record(scenario, cassette)

    assert comparable(replayed) == comparable(live)
    assert dump_cassette(again) == dump_cassette(cassette)


CHANGED: dict[str, Callable[[str], dict[str, Any]]] = {
    "json": lambda word: {"json": {"item": {"name": word}}},
    "json list": lambda word: {"json": [1, word]},
    "form": lambda word: {"data": {"a": "1", "word": word}},
    "text": lambda word: {"data": word},
    "binary": lambda word: {"data": b"\xff" + word.encode()},
    "file": lambda word: {"data": io.BytesIO(word.encode())},
    "generator": lambda word: {"data": _words(word)},
    "compressed": lambda word: {"json": {"word": word * 50}, "compress": True},
    "parameter": lambda word: {"params": {"word": word}},
}


async def _words(word: str) -> AsyncIterator[bytes]:
    yield b"a "
    yield word.encode()


@pytest.mark.parametrize("kind", CHANGED)
def test_a_request_that_is_not_what_was_recorded_is_refused(studio: Studio, kind: str) -> None:
    def sending(word: str) -> Scenario[int]:
        async def scenario(url: str) -> int:
            async with ClientSession() as session:
                async with session.post(f"{url}/echo", **CHANGED[kind](word)) as answer:
                    return answer.status

        return scenario

    _, cassette = studio.record(sending("first"))

    assert studio.replay(sending("first"), cassette) == 200
    with pytest.raises(NoMatch, match=r"cassettes/a.yaml has no answer to POST http://shop.test/echo"):
        studio.replay(sending("other"), cassette)
    assert len(studio.unmatched) == 1


def test_what_goes_on_in_another_protocol_is_refused_by_name(studio: Studio) -> None:
    async def scenario(url: str) -> int:
        async with ClientSession() as session:
            headers = {"Upgrade": "tcp", "Connection": "Upgrade"}
            async with session.get(f"{url}/upgrade", headers=headers) as answer:
                return answer.status

    with pytest.raises(
        RecordingRefused, match=r"GET http://127\.0\.0\.1:\d+/upgrade was answered with 101.*'tcp'"
    ):
        studio.record(scenario)


def test_requests_in_another_order_get_their_own_answers(studio: Studio) -> None:
    def asking(numbers: list[int]) -> Scenario[list[int]]:
        async def scenario(url: str) -> list[int]:
            found = []
            async with ClientSession() as session:
                for number in numbers:
                    async with session.post(f"{url}/echo", json={"n": 10**number}) as answer:
                        found.append((await answer.json())["length"])
            return found

        return scenario

    live, cassette = studio.record(asking([1, 2, 3]))

    assert studio.replay(asking([3, 1, 2]), cassette) == [live[2], live[0], live[1]]
