"""
anthropic's client, on httpx2.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import httpx2
import pytest

from tests.toolkit.clients.suite.cell import LONG, SHORT, Cell
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model

KEY = "sk-ant-of-the-matrix-0123456789"


def options(cell: Cell, **wanted: Any) -> dict[str, Any]:
    return {"api_key": KEY, "base_url": f"{cell.url}/anthropic", "max_retries": 0, "timeout": LONG, **wanted}


def client(cell: Cell, **wanted: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(**options(cell, **wanted))


def asked(word: str, model: str = "claude-small") -> dict[str, Any]:
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": word}]}


def get(cell: Cell) -> None:
    with client(cell) as c:
        models = c.models.list(extra_query={"word": cell.word})

    assert [model.id for model in models] == ["claude-small", "claude-large"]


def json_object(cell: Cell) -> None:
    with client(cell) as c:
        answer = c.messages.create(**asked(cell.word))

    assert [block.text for block in answer.content if block.type == "text"] == [f"You said {cell.word}."]
    assert answer.id.startswith("msg_")


def streamed(cell: Cell) -> None:
    with client(cell) as c:
        heard, last = _listen(cell, c)

    assert (heard, last) == (spoken_by_model(cell), "end_turn")


def streamed_named(cell: Cell) -> None:
    """
    The events themselves, as ``stream=True`` gives them.
    """
    heard, kinds = [], set()

    with client(cell) as c:
        for event in c.messages.create(**asked(cell.word), stream=True):
            kinds.add(event.type)
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                heard.append(event.delta.text)
                cell.received(len(heard) - 1)

    assert sentences(heard) == spoken_by_model(cell)
    assert {"message_start", "message_stop"} <= kinds


def early_close(cell: Cell) -> None:
    with client(cell) as c:
        heard, _ = _listen(cell, c, count=2)

    assert heard == spoken_by_model(cell, 2)


def broken(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell) as c, pytest.raises(httpx2.RemoteProtocolError):
        _listen(cell, c, model="broken", into=heard)

    assert heard == spoken_by_model(cell, 1)


def timeout(cell: Cell) -> None:
    heard: list[str] = []

    with client(cell, timeout=SHORT) as c, pytest.raises(httpx2.ReadTimeout):
        _listen(cell, c, model="stalled", into=heard)

    assert heard == spoken_by_model(cell, 1)


def _listen(
    cell: Cell,
    c: anthropic.Anthropic,
    *,
    model: str = "claude-small",
    count: int = 0,
    into: list[str] | None = None,
) -> tuple[list[str], str | None]:
    heard = [] if into is None else into
    with c.messages.stream(**asked(cell.word, model)) as stream:
        for text in stream.text_stream:
            heard += sentences([text])
            if len(heard) == count:
                return heard, None
            cell.received(len(heard) - 1)
        return heard, stream.get_final_message().stop_reason


def error(cell: Cell) -> None:
    with client(cell) as c, pytest.raises(anthropic.NotFoundError, match="not_found_error"):
        c.messages.create(**asked(cell.word, "unknown"))


def retries(cell: Cell) -> None:
    with client(cell, max_retries=2) as c:
        answer = c.messages.create(**asked(cell.word, "busy"))

    assert answer.stop_reason == "end_turn"


def threads(cell: Cell) -> None:
    def ask(number: int) -> tuple[str, str]:
        answer = c.messages.create(**asked(f"{cell.word} {number}"))
        return answer.id, "".join(block.text for block in answer.content if block.type == "text")

    with client(cell) as c, ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(COUNT)))

    assert [text for _, text in told] == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({name for name, _ in told}) == COUNT


def tls(cell: Cell) -> None:
    http = anthropic.DefaultHttpxClient(verify=cell.context())

    with client(cell, base_url=f"{cell.secure_url}/anthropic", http_client=http) as c:
        answer = c.messages.create(**asked(cell.word))

    assert answer.stop_reason == "end_turn"
