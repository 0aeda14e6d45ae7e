"""
What every client of HTTP can do, each in the way of its own documentation.

The things of the matrix are written once, as coroutines. A synchronous client does its work without ever
awaiting anything, so it runs without an event loop, as it does in the tests of its users.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from tests.toolkit.clients.suite.cell import LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    A part of a form that is sent as multipart; one with a file name is a file.
    """

    name: str
    content: bytes
    file: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    A request as a user of a client says it; at most one of the bodies is there.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    form: Mapping[str, str] | None = None
    parts: Sequence[Part] = ()
    pieces: Sequence[bytes] = ()

    def generated(self) -> Iterator[bytes]:
        yield from self.pieces

    async def generated_async(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    An answer as the client gives it; *headers* by their names in small letters.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    version: str = ""


Open: TypeAlias = Callable[[], "Client"]


class Client(ABC):
    """
    One session of a client. *broken* and *timed_out* are what it raises when an answer ends early, or does
    not come; *retries* is how often it tries again by itself when a service is overloaded.
    """

    is_async: ClassVar[bool] = False
    # Whether one session may be used by several threads at once.
    is_shared_by_threads: ClassVar[bool] = True
    # Codings of bodies that the client unpacks by itself.
    unpacks: ClassVar[frozenset[str]] = frozenset({"gzip", "br", "zstd"})
    broken: ClassVar[type[Exception]]
    timed_out: ClassVar[type[Exception]]

    def __init__(
        self, *, authority: str = "", http2: bool = False, retries: int = 0, timeout: float = LONG
    ) -> None:
        self.authority = authority
        self.http2 = http2
        self.retries = retries
        self.timeout = timeout

    @abstractmethod
    async def send(self, url: str, call: Call) -> Answer: ...

    @abstractmethod
    def stream(self, url: str, call: Call) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """
        Pieces of an answer as they come; the answer is closed at the end of the context.
        """

    @abstractmethod
    async def close(self) -> None: ...
