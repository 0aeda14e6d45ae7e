"""
One conversation in three tools: ``python -m tests.benchmarks.conversations``

Asks each of taketwo, cassetter and nimax that is installed: who notices a changed message, who keeps a
message back until its question has been sent, who keeps the pace and the close. cassetter is asked with its
default rules and with ``match_on`` naming the body. Prints a table; needs ``pip install cassetter nimax``.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

TALKER = Path(__file__).parents[1] / "toolkit" / "talker.py"
_WORDS = '{"do":"words","count":2,"pause":0.2}'
_OTHER = '{"do":"words","count":3,"pause":0.2}'
_CLOSE = '{"do":"close","code":4004,"reason":"no such voice"}'
_LONGEST = 1.0


class Talk(Protocol):
    """
    A connection as all three know one.
    """

    async def send(self, message: str) -> None: ...
    async def recv(self) -> str: ...


@dataclass(slots=True)
class Heard:
    """
    What a client was told, and how it ended.
    """

    words: list[str] = field(default_factory=list)
    close: str = ""
    took: float = 0.0


async def converse(talk: Talk, *, ask: str = _WORDS, words: int = 2) -> Heard:
    heard = Heard()
    start = time.monotonic()
    await talk.recv()
    await talk.send(ask)
    for _ in range(words):
        heard.words.append(str(await talk.recv()))
    heard.took = time.monotonic() - start
    await talk.send(_CLOSE)
    try:
        await asyncio.wait_for(talk.recv(), _LONGEST)
    except Exception as error:  # noqa: BLE001 - the clients have errors of their own
        received = getattr(error, "rcvd", None)
        heard.close = f"{received.code} {received.reason}" if received else type(error).__name__
    return heard


async def listen_first(talk: Talk) -> Heard:
    """
    Ask for nothing, and listen: what comes is told too early.
    """
    heard = Heard()
    await talk.recv()
    heard.words.append(str(await asyncio.wait_for(talk.recv(), _LONGEST)))
    return heard


Conversation = Callable[[Talk], Awaitable[Heard]]


@dataclass(frozen=True, slots=True)
class Tool:
    """
    How a tool records *converse* over an address into a folder, and replays another conversation from there.
    """

    name: str
    record: Callable[[str, Path], Awaitable[Heard]]
    replay: Callable[[str, Path, Conversation], Awaitable[Heard]]


def with_taketwo(*, paced: bool) -> Tool:
    from taketwo.cassette.base_urls import BaseUrls  # noqa: PLC0415
    from taketwo.cassette.record import make_cassette  # noqa: PLC0415
    from taketwo.cassette.secrets.redact import Redactor  # noqa: PLC0415
    from taketwo.cassette.text.format import load_cassette  # noqa: PLC0415
    from taketwo.cassette.text.writer import dump_cassette  # noqa: PLC0415
    from taketwo.config.playback import Manner, Pace  # noqa: PLC0415 - see above
    from taketwo.intercept.registry import REGISTRY  # noqa: PLC0415
    from taketwo.playback.conversations.router import ConversationRouter  # noqa: PLC0415
    from taketwo.playback.conversations.routing import RoutedConversations  # noqa: PLC0415
    from taketwo.playback.player import play  # noqa: PLC0415
    from taketwo.playback.recorder import Recorder  # noqa: PLC0415

    nothing, same = Redactor({}), BaseUrls({})
    REGISTRY.acquire()  # for the life of the process

    def ws_router(cassette: Any, recorder: Recorder | None) -> ConversationRouter:  # noqa: ANN401 - a cassette, or None
        player = play(cassette, name="a.yaml", test="a", redactor=nothing, reveal={}, bases=same)
        return ConversationRouter(
            player, recorder, Manner(pace=Pace.RECORDED if paced else Pace.FAST, patience=_LONGEST / 2)
        )

    async def record(url: str, folder: Path) -> Heard:
        made = ws_router(None, Recorder())
        with RoutedConversations(lambda: made):
            heard = await _over_websockets(url, converse)
        take = make_cassette(
            [], test="a", services={}, redactor=nothing, bases=same, conversations=made.conversations
        )
        (folder / "a.yaml").write_text(dump_cassette(take), encoding="utf-8")
        return heard

    async def replay(url: str, folder: Path, talk: Conversation) -> Heard:
        cassette = load_cassette((folder / "a.yaml").read_text(encoding="utf-8"), name="a.yaml")
        replaying = ws_router(cassette, None)
        with RoutedConversations(lambda: replaying):
            return await _over_websockets(url, talk)

    return Tool("taketwo, recorded pace" if paced else "taketwo", record, replay)


def with_cassetter(*, by_body: bool) -> Tool:
    use_cassette: Any = import_module("cassetter").use_cassette

    def cassette(folder: Path, mode: str) -> Any:  # noqa: ANN401 - a context manager
        rules: dict[str, Any] = {"match_on": ["method", "uri", "body"]} if by_body else {}
        return use_cassette(folder / "a.yaml", record_mode=mode, intercept=["websockets"], **rules)

    async def record(url: str, folder: Path) -> Heard:
        with cassette(folder, "all"):
            return await _over_websockets(url, converse)

    async def replay(url: str, folder: Path, talk: Conversation) -> Heard:
        with cassette(folder, "none"):
            return await _over_websockets(url, talk)

    return Tool("cassetter, by body" if by_body else "cassetter", record, replay)


def with_nimax() -> Tool:
    niquests, nimax = import_module("niquests"), import_module("nimax")

    class Nimax:
        def __init__(self, extension: Any) -> None:  # noqa: ANN401 - the library's
            self._extension = extension

        async def send(self, message: str) -> None:
            await _aside(self._extension.send_payload, message)

        async def recv(self) -> str:
            payload = await _aside(self._extension.next_payload)
            if payload is None:
                raise EOFError
            return str(payload)

    async def run(url: str, folder: Path, mode: str, talk: Conversation) -> Heard:
        session = niquests.Session()
        recorder = nimax.NimaxRecorder(session)
        with recorder.use_cassette("a.json", cassette_dir=folder, record_mode=mode):
            answer = await _aside(session.get, url)
            return await talk(Nimax(answer.extension))

    async def record(url: str, folder: Path) -> Heard:
        return await run(url, folder, "all", converse)

    async def replay(url: str, folder: Path, talk: Conversation) -> Heard:
        return await run(url, folder, "none", talk)

    return Tool("nimax", record, replay)


async def _aside(act: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - whatever it gives
    """
    What *act* gives, from a thread that nobody waits for when it never ends.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def run() -> None:
        try:
            result, error = act(*arguments), None
        except Exception as raised:  # noqa: BLE001 - it is raised where it is waited for
            result, error = None, raised
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(_settle, done, result, error)

    threading.Thread(target=run, daemon=True).start()
    return await done


def _settle(done: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


async def _over_websockets(url: str, talk: Conversation) -> Heard:
    import websockets  # noqa: PLC0415 - cassetter replaces the name in this module

    async with websockets.connect(url) as connection:
        return await talk(connection)  # type: ignore[arg-type]  # it knows how to send more than text


async def examine(tool: Tool, url: str) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            recorded = await asyncio.wait_for(tool.record(url, folder), 5 * _LONGEST)
            again = await asyncio.wait_for(tool.replay(url, folder, converse), 5 * _LONGEST)
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is its answer
            return [tool.name, f"does not replay: {type(error).__name__}: {error}"[:60], "-", "-", "-", "-"]
        changed = await _outcome(tool, url, folder, lambda talk: converse(talk, ask=_OTHER))
        early = await _outcome(tool, url, folder, listen_first)
    return [
        tool.name,
        "yes" if again.words == recorded.words else "no",
        changed,
        "too early" if early == "unnoticed" else f"kept back ({early})",
        f"{again.took:.2f} of {recorded.took:.2f} s",
        f"{again.close or 'none'} (was {recorded.close})",
    ]


async def _outcome(tool: Tool, url: str, folder: Path, talk: Conversation) -> str:
    try:
        await asyncio.wait_for(tool.replay(url, folder, talk), 3 * _LONGEST)
    except TimeoutError:
        return "waits for ever"
    except Exception as error:  # noqa: BLE001 - see above
        return f"noticed: {type(error).__name__}"
    return "unnoticed"


def tools() -> list[Tool]:
    found = [with_taketwo(paced=False), with_taketwo(paced=True)]
    if find_spec("cassetter"):
        found += [with_cassetter(by_body=False), with_cassetter(by_body=True)]
    return [*found, *([with_nimax()] if find_spec("nimax") else [])]


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    service = subprocess.Popen([sys.executable, str(TALKER), str(port)])
    try:
        _await(port)
        rows = [asyncio.run(examine(tool, f"ws://127.0.0.1:{port}/")) for tool in tools()]
    finally:
        service.kill()
        service.wait()
    head = ["tool", "the same", "a changed message", "an answer before its question", "time", "close"]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


if __name__ == "__main__":
    main()
