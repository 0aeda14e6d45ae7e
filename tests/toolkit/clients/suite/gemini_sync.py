"""
google-genai's client, on httpx2.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import errors, types

from tests.toolkit.clients.suite.cell import LONG, SHORT, Cell
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model

KEY = "AIza-of-the-matrix-0123456789012345"
_MILLISECONDS = 1000
_TRIES = types.HttpRetryOptions(attempts=3, initial_delay=0.01, max_delay=0.02, http_status_codes=[503])


def client(
    cell: Cell, *, timeout: float = LONG, secure: bool = False, retries: bool = False, **options: Any
) -> genai.Client:
    return genai.Client(
        api_key=KEY,
        http_options=types.HttpOptions(
            base_url=f"{cell.secure_url if secure else cell.url}/gemini",
            timeout=round(timeout * _MILLISECONDS),
            retry_options=_TRIES if retries else types.HttpRetryOptions(attempts=1),
            **options,
        ),
    )


def get(cell: Cell) -> None:
    with client(cell) as c:
        models = [model.name for model in c.models.list(config={"query_base": True, "filter": cell.word})]

    assert models == ["models/gemini-small", "models/gemini-large"]


def json_object(cell: Cell) -> None:
    with client(cell) as c:
        answer = c.models.generate_content(model="gemini-small", contents=cell.word)

    assert answer.text == f"You said {cell.word}."


def json_list(cell: Cell) -> None:
    with client(cell) as c:
        answer = c.models.embed_content(model="embedding-small", contents=[cell.word, "plum"])

    said = [[round(256 * value) for value in one.values or []] for one in answer.embeddings or []]
    assert said == [list(cell.word.encode()), list(b"plum")]


def upload(cell: Cell) -> None:
    """
    A file goes to an address that the service names in its first answer.
    """
    content = io.BytesIO(bytes(range(256)) + cell.word.encode())

    with client(cell) as c:
        file = c.files.upload(file=content, config={"mime_type": "application/octet-stream"})

    assert file.size_bytes == 256 + len(cell.word)


def streamed(cell: Cell) -> None:
    with client(cell) as c:
        heard = _listen(cell, c.models.generate_content_stream(model="gemini-small", contents=cell.word))

    assert heard == spoken_by_model(cell)


def early_close(cell: Cell) -> None:
    with client(cell) as c:
        stream: Any = c.models.generate_content_stream(model="gemini-small", contents=cell.word)
        heard = _listen(cell, stream, count=2)
        stream.close()

    assert heard == spoken_by_model(cell, 2)


def broken(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell) as c, pytest.raises(httpx2.RemoteProtocolError):
        _listen(cell, c.models.generate_content_stream(model="broken", contents=cell.word), into=heard)

    assert heard == spoken_by_model(cell, 1)


def timeout(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell, timeout=SHORT) as c, pytest.raises(httpx2.ReadTimeout):
        _listen(cell, c.models.generate_content_stream(model="stalled", contents=cell.word), into=heard)

    assert heard == spoken_by_model(cell, 1)


def _listen(cell: Cell, stream: Iterable[Any], *, count: int = 0, into: list[str] | None = None) -> list[str]:
    heard = [] if into is None else into
    for chunk in stream:
        if chunk.text:
            heard += sentences([chunk.text])
            if len(heard) == count:
                break
            cell.received(len(heard) - 1)
    return heard


def error(cell: Cell) -> None:
    with client(cell) as c, pytest.raises(errors.ClientError, match="NOT_FOUND"):
        c.models.generate_content(model="unknown", contents=cell.word)


def retries(cell: Cell) -> None:
    with client(cell, retries=True) as c:
        answer = c.models.generate_content(model="busy", contents=cell.word)

    assert answer.text == f"You said {cell.word}."


def threads(cell: Cell) -> None:
    def ask(number: int) -> tuple[str | None, str | None]:
        answer = c.models.generate_content(model="gemini-small", contents=f"{cell.word} {number}")
        return answer.response_id, answer.text

    with client(cell) as c, ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(COUNT)))

    assert [text for _, text in told] == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({name for name, _ in told}) == COUNT


def tls(cell: Cell) -> None:
    with client(cell, secure=True, client_args={"verify": cell.context()}) as c:
        answer = c.models.generate_content(model="gemini-small", contents=cell.word)

    assert answer.text == f"You said {cell.word}."
