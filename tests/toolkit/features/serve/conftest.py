"""
Cassettes that are served in this process, and a client that shows what comes over the wire.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from taketwo.cassette.model import (
    Cassette,
    Conversation,
    Interaction,
    JsonBody,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.features.serve.catalog import Catalog
from taketwo.features.serve.server import Listening, Server
from taketwo.features.serve.sessions import Report, Rules

TEST = "tests/test_shop.py::test_order"
SHOP = "http://shop.test"


def interaction(
    method: str, url: str, answer: StoredResponse | object, *, body: JsonBody | None = None
) -> Interaction:
    """
    A recorded request, and its answer or the JSON of it.
    """
    headers = (("content-type", "application/json"),)
    response = (
        answer
        if isinstance(answer, StoredResponse)
        else StoredResponse(status=200, headers=headers, body=JsonBody(answer))  # type: ignore[arg-type]
    )
    request = StoredRequest(method=method, url=url, headers=headers if body else (), body=body)
    return Interaction(request, response)


@dataclass(frozen=True)
class Reply:
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it holds
        return json.loads(self.body)


@dataclass
class Serving:
    """
    A server in a thread of its own; what it logs is in ``log``.
    """

    folder: Path
    rules: Rules
    listening: Listening = field(default_factory=Listening)
    watch: bool = False
    log: list[str] = field(default_factory=list)
    url: str = ""
    server: Server = field(init=False)

    def __enter__(self) -> Self:
        catalog = Catalog([str(self.folder)])
        catalog.read()
        self.server = Server(catalog, self.rules, environment=lambda _: {}, log=self.log.append)
        is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(is_up)))
        self._thread.start()
        assert is_up.wait(20)
        self.url = self.server.addresses.url
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _run(self, is_up: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await self.server.start(self.listening)
        watching = asyncio.create_task(self.server.watch()) if self.watch else None
        is_up.set()
        await self._ended.wait()
        if watching is not None:
            watching.cancel()
        await self.server.close()

    @property
    def reports(self) -> list[Report]:
        return self.server.reports()

    def ask(
        self, method: str, path: str, body: object = None, headers: Pairs = (), *, url: str | None = None
    ) -> Reply:
        """
        What *path* of this server answers, or of the base *url*; a *body* that is no bytes is sent as JSON.
        """
        base = urlsplit(url or self.url)
        connection = http.client.HTTPConnection(base.hostname or "", base.port, timeout=20)
        try:
            sent = dict(headers)
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body).encode()
                sent.setdefault("content-type", "application/json")
            connection.request(method, f"{base.path}{path}", body=body, headers=sent)
            response = connection.getresponse()
            return Reply(response.status, response.reason, dict(response.headers), response.read())
        finally:
            connection.close()

    def session(self, **wanted: object) -> dict[str, Any]:
        reply = self.ask("POST", "/__taketwo/sessions", wanted)
        assert reply.status == 201, reply.text
        found: dict[str, Any] = reply.json
        return found


class Shelf:
    """
    A folder of cassettes to be served.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self,
        name: str,
        *interactions: Interaction,
        test: str = TEST,
        conversations: tuple[Conversation, ...] = (),
    ) -> Cassette:
        cassette = Cassette(test=test, interactions=interactions, conversations=conversations)
        (self.folder / f"{name}.yaml").write_text(dump_cassette(cassette), encoding="utf-8")
        return cassette

    def serve(self, *, listening: Listening | None = None, watch: bool = False, **rules: Any) -> Serving:  # noqa: ANN401 - of Rules
        how = Rules(redactor=Redactor({}), reveal={}, **rules)
        return Serving(self.folder, how, listening=listening or Listening(), watch=watch)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cassettes"
    folder.mkdir()
    return Shelf(folder)
