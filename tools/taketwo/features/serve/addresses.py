"""
Which recorded host a request is for, and under which address clients reach it here.

One port serves every recorded host. A client names the host by the path of its base URL
(``/__taketwo/host/api.example.com``), by the header ``Host`` or, as to a proxy, with the whole URL in the
request line; where it names none, every recorded host may answer. A session is named by the path
(``/__taketwo/session/ID``, before the host) or by the header ``X-Taketwo-Session``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from taketwo.cassette.model import Pairs

OWN = "/__taketwo"
SESSION_HEADER = "x-taketwo-session"
DEFAULT = "default"
"""The session of clients that name none."""

_SESSION, _HOST = f"{OWN}/session/", f"{OWN}/host/"
_WEB = {"ws": "http", "wss": "https"}
_SOCKETS = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Where a request goes: the *session*, the recorded *host* that it names, and the *path* with its query.

    ``host`` is a host with its port, or a whole origin, or empty. ``is_by_address`` says that the client was
    given a base URL of this server, and takes its host for that of the service.
    """

    session: str
    host: str
    path: str
    is_by_address: bool = True


def target_of(line: str, headers: Pairs) -> Target:
    """
    The target of a request with *line* as its request target.
    """
    named = {name.lower(): value for name, value in headers}
    session = named.get(SESSION_HEADER, DEFAULT)
    if not line.startswith("/"):
        url = urlsplit(line)
        path = line.partition("://")[2].partition("/")[2]
        return (
            Target(session=session, host=origin_of(line), path=f"/{path}", is_by_address=False)
            if (url.netloc)
            else Target(session=session, host="", path=line)
        )
    host = ""
    if line.startswith(_SESSION):
        session, line = _first_step(line.removeprefix(_SESSION))
    if line.startswith(_HOST):
        host, line = _first_step(line.removeprefix(_HOST))
        return Target(session=session, host=host, path=line)
    return Target(session=session, host="", path=line)


def _first_step(path: str) -> tuple[str, str]:
    end = next((number for number, sign in enumerate(path) if sign in "/?"), len(path))
    rest = path[end:]
    return path[:end], rest if rest.startswith("/") else f"/{rest}"


def origin_of(url: str) -> str:
    """
    Scheme and host of *url*, those of HTTP for a WebSocket.
    """
    scheme, _, rest = url.partition("://")
    netloc = rest.partition("/")[0].partition("?")[0]
    return f"{_WEB.get(scheme, scheme)}://{netloc.rpartition('@')[2]}"


def socket_url(origin: str, path: str) -> str:
    """
    The URL of a WebSocket at *origin*.
    """
    scheme, _, netloc = origin.partition("://")
    return f"{_SOCKETS.get(scheme, scheme)}://{netloc}{path}"


def named_origins(origins: Sequence[str], host: str) -> list[str]:
    """
    Those of *origins* that *host* names: an origin, a host with its port, or a host alone.
    """
    if "://" in host:
        netloc = urlsplit(host).netloc
        return [origin for origin in origins if origin == host] or _with_netloc(origins, netloc)
    return _with_netloc(origins, host.lower())


def _with_netloc(origins: Iterable[str], netloc: str) -> list[str]:
    wanted = list(origins)
    exact = [origin for origin in wanted if urlsplit(origin).netloc.lower() == netloc.lower()]
    if exact:
        return exact
    name = urlsplit(f"//{netloc}").hostname
    return [origin for origin in wanted if name and urlsplit(origin).hostname == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """
    The addresses of this server: one *url* for all of *origins*, or one for each in *urls*.
    """

    url: str
    origins: tuple[str, ...]
    urls: tuple[tuple[str, str], ...] = ()

    def base(self, origin: str, session: str = DEFAULT, origins: Sequence[str] | None = None) -> str:
        """
        The base URL under which clients of *session*, which has *origins*, reach *origin*.
        """
        own = dict(self.urls).get(origin)
        path = "" if session == DEFAULT else f"{_SESSION}{session}"
        if own is None and len(self.origins if origins is None else origins) > 1:
            path += f"{_HOST}{urlsplit(origin).netloc}"
        return f"{own or self.url}{path}"

    def at(self, host: str) -> Addresses:
        """
        The same as a client sees them that reached this server as *host*, which may be another machine.
        """
        name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
        if not name:
            return self
        urls = tuple((origin, _renamed(url, name)) for origin, url in self.urls)
        return Addresses(url=f"http://{host}", origins=self.origins, urls=urls)

    def bases(self, session: str, origins: Sequence[str]) -> Iterator[tuple[str, str]]:
        """
        Each recorded origin of a session with its base URL, the longest first.
        """
        found = [(origin, self.base(origin, session, origins)) for origin in origins]
        return iter(sorted(found, key=lambda pair: -len(pair[1])))


def _renamed(url: str, name: str) -> str:
    split = urlsplit(url)
    return f"http://{name}:{split.port}" if split.port else f"http://{name}"
