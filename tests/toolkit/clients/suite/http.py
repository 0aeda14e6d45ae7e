"""
The things of the matrix that are plain HTTP.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from tests.toolkit.clients.server.exchange import FILE
from tests.toolkit.clients.suite.cell import SHORT, Cell, drive, spoken
from tests.toolkit.clients.suite.client import Answer, Call, Client, Part

THREADS, EACH = 8, 4
CROWD = 20
BINARY = bytes(range(256)) * 4


@asynccontextmanager
async def opened(client: type[Client], **options: Any) -> AsyncIterator[Client]:
    made = client(**options)
    try:
        yield made
    finally:
        await made.close()


def read(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, (answer.status, answer.body)
    told: dict[str, Any] = json.loads(answer.body)
    assert str(UUID(told["id"])) == told["id"]
    return told


async def get(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(path="/echo", query={"word": cell.word})))

    assert (told["method"], told["query"]) == ("GET", {"word": cell.word})


async def json_object(client: type[Client], cell: Cell) -> None:
    said = {"word": cell.word, "many": [1, 2.5, None, True], "text": "naïve ☃"}

    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(method="POST", path="/echo", json=said)))

    assert told["content"] == said


async def json_list(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(method="POST", path="/echo", json=[cell.word, 1])))

    assert told["content"] == [cell.word, 1]


async def form(client: type[Client], cell: Cell) -> None:
    said = {"word": cell.word, "kind": "fruit & more"}

    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(method="POST", path="/echo", form=said)))

    assert told["content"] == said


async def multipart_text(client: type[Client], cell: Cell) -> None:
    note = Part(name="note", content=cell.word.encode(), file="note.txt", media_type="text/plain")

    async with opened(client) as c:
        call = Call(method="POST", path="/echo", parts=[Part(name="kind", content=b"fruit"), note])
        told = read(await c.send(cell.url, call))

    assert told["content"] == [_kept("kind", None, b"fruit"), _kept("note", "note.txt", note.content)]


async def multipart_binary(client: type[Client], cell: Cell) -> None:
    content = BINARY + cell.word.encode()
    file = Part(name="file", content=content, file="raw.bin", media_type="application/octet-stream")

    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(method="POST", path="/echo", parts=[file])))

    assert told["content"] == [_kept("file", "raw.bin", content)]


def _kept(name: str, file: str | None, content: bytes) -> dict[str, str | None]:
    return {"name": name, "file": file, "sha256": sha256(content).hexdigest()}


async def generator_body(client: type[Client], cell: Cell) -> None:
    pieces = [b"an ", cell.word.encode(), b" a day"]
    headers = {"content-type": "text/plain"}

    async with opened(client) as c:
        call = Call(method="POST", path="/echo", pieces=pieces, headers=headers)
        told = read(await c.send(cell.url, call))

    assert told["content"] == f"an {cell.word} a day"


async def _redirect(client: type[Client], cell: Cell, *, status: int, method: str, after: str) -> None:
    query = {"word": cell.word}

    async with opened(client) as c:
        told = read(await c.send(cell.url, Call(method=method, path=f"/redirect/{status}", query=query)))

    assert (told["method"], told["query"]) == (after, query)


redirect_301 = partial(_redirect, status=301, method="GET", after="GET")
redirect_302 = partial(_redirect, status=302, method="GET", after="GET")
redirect_303 = partial(_redirect, status=303, method="POST", after="GET")
redirect_307 = partial(_redirect, status=307, method="GET", after="GET")
redirect_308 = partial(_redirect, status=308, method="GET", after="GET")


async def redirect_post(client: type[Client], cell: Cell) -> None:
    """
    A redirect that is followed with the body that was sent first.
    """
    async with opened(client) as c:
        call = Call(method="POST", path="/redirect/307", json={"word": cell.word})
        told = read(await c.send(cell.url, call))

    assert (told["method"], told["content"]) == ("POST", {"word": cell.word})


async def cookies(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        read(await c.send(cell.url, Call(path="/login", query={"word": cell.word})))
        told = read(await c.send(cell.url, Call(path="/me")))

    assert told["basket"] == cell.word


async def _packed(client: type[Client], cell: Cell, *, coding: str) -> None:
    async with opened(client) as c:
        answer = await c.send(cell.url, Call(path=f"/packed/{coding}", query={"word": cell.word}))

    assert answer.status == 200
    assert answer.headers["content-encoding"] == coding
    body = answer.body if coding in client.unpacks else _unpackers()[coding](answer.body)
    assert json.loads(body)["word"] == cell.word


def _unpackers() -> dict[str, Callable[[bytes], bytes]]:
    import brotli  # noqa: PLC0415 - of the extra `clients`, as the next
    from backports import zstd  # noqa: PLC0415

    return {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstd.decompress}


packed_gzip = partial(_packed, coding="gzip")
packed_br = partial(_packed, coding="br")
packed_zstd = partial(_packed, coding="zstd")


async def head(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        answer = await c.send(cell.url, Call(method="HEAD", path="/echo", query={"word": cell.word}))

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


async def no_content(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        answer = await c.send(cell.url, Call(method="DELETE", path="/nothing", query={"word": cell.word}))

    assert (answer.status, answer.body) == (204, b"")


async def not_modified(client: type[Client], cell: Cell) -> None:
    async with opened(client) as c:
        first = await c.send(cell.url, Call(path="/tagged"))
        tag = first.headers["etag"] if cell.word == "apple" else f'"{cell.word}"'
        second = await c.send(cell.url, Call(path="/tagged", headers={"If-None-Match": tag}))

    assert (first.status, second.status, second.body) == (200, 304, b"")
    assert second.headers["etag"] == first.headers["etag"]


async def ranges(client: type[Client], cell: Cell) -> None:
    last = {"apple": 99}.get(cell.word, 120)

    async with opened(client) as c:
        first = await c.send(cell.url, Call(path="/file", headers={"Range": "bytes=0-9"}))
        rest = await c.send(cell.url, Call(path="/file", headers={"Range": f"bytes=10-{last}"}))

    assert (first.status, rest.status) == (206, 206)
    assert first.body + rest.body == FILE[: last + 1]


async def streamed(client: type[Client], cell: Cell) -> None:
    """
    Each piece reaches the test before the service sends the next, and a replay has the same pieces.
    """
    async with opened(client) as c:
        pieces = await _pieces(c, cell, "/pieces")

    assert pieces == spoken(cell, 5)


async def early_close(client: type[Client], cell: Cell) -> None:
    """
    What the client left unread is not recorded.
    """
    async with opened(client) as c:
        pieces = await _pieces(c, cell, "/pieces", count=2)

    assert pieces == spoken(cell, 2)


async def broken(client: type[Client], cell: Cell) -> None:
    pieces: list[str] = []

    async with opened(client) as c:
        with pytest.raises(client.broken):
            await _pieces(c, cell, "/broken", into=pieces)

    assert pieces == spoken(cell, 1)


async def timeout(client: type[Client], cell: Cell) -> None:
    """
    The answer begins, and does not go on.
    """
    pieces: list[str] = []

    async with opened(client, timeout=SHORT) as c:
        with pytest.raises(client.timed_out):
            await _pieces(c, cell, "/stalled", into=pieces)

    assert pieces == spoken(cell, 1)


async def unanswered(client: type[Client], cell: Cell) -> None:
    """
    The answer never begins.
    """
    async with opened(client, timeout=SHORT) as c:
        with pytest.raises(client.timed_out):
            await c.send(cell.url, Call(path="/silent", query={"word": cell.word}))


async def _pieces(
    c: Client, cell: Cell, path: str, *, count: int = 0, into: list[str] | None = None
) -> list[str]:
    pieces = [] if into is None else into
    call = Call(method="POST", path=path, query={"word": cell.word})
    async with c.stream(cell.url, call) as came:
        async for piece in came:
            pieces.append(piece.decode().rstrip())
            if len(pieces) == count:
                break
            cell.received(len(pieces) - 1)
    return pieces


async def threads(client: type[Client], cell: Cell, *, many: int = THREADS, each: int = EACH) -> None:
    """
    Every thread gets its own answers, and none is missing from the recording.
    """
    shared = client() if client.is_shared_by_threads and not client.is_async else None

    def work(number: int) -> list[dict[str, Any]]:
        asking = _ask_often(client, cell, range(each * number, each * number + each), shared)
        return asyncio.run(asking) if client.is_async else drive(asking)

    with ThreadPoolExecutor(many) as pool:
        told = [one for several in pool.map(work, range(many)) for one in several]
    if shared is not None:
        await shared.close()

    _each_its_own(told, many * each)


async def _ask_often(
    client: type[Client], cell: Cell, numbers: Iterable[int], shared: Client | None
) -> list[dict[str, Any]]:
    c = shared or client()
    try:
        return [await _ask(c, cell, number) for number in numbers]
    finally:
        if shared is None:
            await c.close()


def _each_its_own(told: Sequence[dict[str, Any]], count: int) -> None:
    assert [one["content"]["number"] for one in told] == list(range(count))
    assert len({one["id"] for one in told}) == count


async def _ask(c: Client, cell: Cell, number: int) -> dict[str, Any]:
    said = {"word": cell.word, "number": number}
    return read(await c.send(cell.url, Call(method="POST", path="/echo", json=said)))


crowd = partial(threads, many=CROWD, each=CROWD)


async def gather(client: type[Client], cell: Cell, *, many: int = THREADS, each: int = EACH) -> None:
    async with opened(client) as c:
        asking = (
            _ask_often(client, cell, range(each * number, each * number + each), c) for number in range(many)
        )
        told = [one for several in await asyncio.gather(*asking) for one in several]

    _each_its_own(told, many * each)


crowd_of_tasks = partial(gather, many=CROWD, each=CROWD)


async def retries(client: type[Client], cell: Cell) -> None:
    """
    A service that is overloaded first: the client tries again, or its user does where it does not.
    """
    async with opened(client, retries=3) as c:
        call = Call(path="/flaky", query={"word": cell.word})
        answer = await c.send(cell.url, call)
        if answer.status == 503:
            answer = await c.send(cell.url, call)

    assert read(answer)["word"] == cell.word


async def tls(client: type[Client], cell: Cell) -> None:
    async with opened(client, authority=cell.authority) as c:
        told = read(await c.send(cell.secure_url, Call(path="/echo", query={"word": cell.word})))

    assert told["query"] == {"word": cell.word}


async def http2(client: type[Client], cell: Cell) -> None:
    async with opened(client, authority=cell.authority, http2=True) as c:
        answer = await c.send(cell.secure_url, Call(path="/echo", query={"word": cell.word}))

    assert read(answer)["query"] == {"word": cell.word}
    assert answer.version == "HTTP/2"


async def error(client: type[Client], cell: Cell) -> None:
    """
    An answer that is an error is an answer like any other.
    """
    async with opened(client) as c:
        answer = await c.send(cell.url, Call(path="/missing", query={"word": cell.word}))

    assert (answer.status, answer.body) == (404, b"Not Found")


async def headers(client: type[Client], cell: Cell) -> None:
    """
    Requests that differ in a header alone, in another order when they are replayed.
    """
    languages = ["de", "en"] if cell.is_turned else ["en", "de"]

    async with opened(client) as c:
        told = [read(await c.send(cell.url, _in_language(cell, language))) for language in languages]

    assert [one["language"] for one in told] == languages


def _in_language(cell: Cell, language: str) -> Call:
    return Call(path="/echo", query={"word": cell.word}, headers={"Accept-Language": language})
