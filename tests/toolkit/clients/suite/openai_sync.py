"""
openai's client, on httpx2.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import openai
import pytest

from tests.toolkit.clients.suite.cell import LONG, SHORT, Cell
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model

KEY = "sk-proj-of-the-matrix-0123456789"


def options(cell: Cell, **wanted: Any) -> dict[str, Any]:
    return {
        "api_key": KEY,
        "base_url": f"{cell.url}/openai/v1",
        "max_retries": 0,
        "timeout": LONG,
        **wanted,
    }


def client(cell: Cell, **wanted: Any) -> openai.OpenAI:
    return openai.OpenAI(**options(cell, **wanted))


def asked(word: str, model: str = "gpt-small") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": word}]}


def get(cell: Cell) -> None:
    with client(cell) as c:
        models = c.models.list(extra_query={"word": cell.word})

    assert [model.id for model in models] == ["gpt-small", "gpt-large"]


def json_object(cell: Cell) -> None:
    with client(cell) as c:
        answer = c.chat.completions.create(**asked(cell.word))

    assert answer.choices[0].message.content == f"You said {cell.word}."
    assert answer.id.startswith("chatcmpl-")


def json_list(cell: Cell) -> None:
    with client(cell) as c:
        answer = c.embeddings.create(model="text-small", input=[cell.word, "plum"])

    assert [[round(256 * value) for value in one.embedding] for one in answer.data] == [
        list(cell.word.encode()),
        list(b"plum"),
    ]


def multipart_text(cell: Cell) -> None:
    with client(cell) as c:
        made = c.files.create(file=("note.txt", cell.word.encode(), "text/plain"), purpose="user_data")
        content = c.files.content(made.id)

    assert (made.filename, len(content.text)) == ("note.txt", 64)


def multipart_binary(cell: Cell) -> None:
    with client(cell) as c:
        made = c.files.create(file=("file.bin", bytes(range(256)) + cell.word.encode()), purpose="user_data")
        content = c.files.content(made.id)

    assert (made.filename, len(content.content)) == ("file.bin", 64)


def streamed(cell: Cell) -> None:
    with client(cell) as c:
        heard = _listen(cell, c.chat.completions.create(**asked(cell.word), stream=True))

    assert heard == spoken_by_model(cell)


def streamed_named(cell: Cell) -> None:
    """
    Events that have names: the API of responses.
    """
    heard = []

    with client(cell) as c:
        for event in c.responses.create(model="gpt-small", input=cell.word, stream=True):
            if event.type == "response.output_text.delta":
                heard.append(event.delta)
                cell.received(len(heard) - 1)

    assert sentences(heard) == spoken_by_model(cell)
    assert event.type == "response.completed"


def early_close(cell: Cell) -> None:
    with client(cell) as c, c.chat.completions.create(**asked(cell.word), stream=True) as stream:
        heard = _listen(cell, stream, count=2)

    assert heard == spoken_by_model(cell, 2)


def broken(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell) as c, pytest.raises((httpx2.RemoteProtocolError, openai.APIConnectionError)):
        _listen(cell, c.chat.completions.create(**asked(cell.word, "broken"), stream=True), into=heard)

    assert heard == spoken_by_model(cell, 1)


def timeout(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell, timeout=SHORT) as c, pytest.raises((httpx2.ReadTimeout, openai.APITimeoutError)):
        _listen(cell, c.chat.completions.create(**asked(cell.word, "stalled"), stream=True), into=heard)

    assert heard == spoken_by_model(cell, 1)


def _listen(cell: Cell, stream: Iterable[Any], *, count: int = 0, into: list[str] | None = None) -> list[str]:
    heard = [] if into is None else into
    for chunk in stream:
        if said := chunk.choices[0].delta.content:
            heard += sentences([said])
            if len(heard) == count:
                break
            cell.received(len(heard) - 1)
    return heard


def error(cell: Cell) -> None:
    with client(cell) as c, pytest.raises(openai.NotFoundError, match="model_not_found"):
        c.chat.completions.create(**asked(cell.word, "unknown"))


def retries(cell: Cell) -> None:
    with client(cell, max_retries=2) as c:
        answer = c.chat.completions.create(**asked(cell.word, "busy"))

    assert answer.choices[0].message.content == f"You said {cell.word}."


def threads(cell: Cell) -> None:
    def ask(number: int) -> tuple[str, str | None]:
        answer = c.chat.completions.create(**asked(f"{cell.word} {number}"))
        return answer.id, answer.choices[0].message.content

    with client(cell) as c, ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(COUNT)))

    assert [text for _, text in told] == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({name for name, _ in told}) == COUNT


def tls(cell: Cell) -> None:
    http = openai.DefaultHttpxClient(verify=cell.context())

    with client(cell, base_url=f"{cell.secure_url}/openai/v1", http_client=http) as c:
        answer = c.chat.completions.create(**asked(cell.word))

    assert answer.choices[0].message.content == f"You said {cell.word}."
