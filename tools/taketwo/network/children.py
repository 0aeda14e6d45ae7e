"""
Child processes: what they inherit while a test is recorded or replayed, and what they asked for.

As a rule nothing of them is recorded. In a replay they are to reach nothing, in a recording somebody is to
hear of what they reached. Both by two things that children inherit through their environment:

* a proxy on this machine, which most clients use that find it there
* for children that are Python or Node.js, a module which asks that proxy before anything connects without it

Where the requests of children are recorded and replayed, the proxy is one that does that, and they trust it.

The proxy listens from the first child on, and until its test has ended.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from taketwo.network.guard import Closed, is_unguarded, resolve
from taketwo.network.proxy import Judge, Proxy

_FOLDER = Path(__file__).with_name("child")
_VARIABLE = "TAKETWO_CHILD"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_NAMES = (*_PROXIES, *(name.lower() for name in _PROXIES))
BROWSER_DRIVER = str(Path("playwright", "driver"))
"""In the path of the process that drives browsers, whose children they are; some ask for updates."""
_NOBODY = 9
"""The port that nobody listens on: for what was forked before there was a proxy."""


class RecordingProxy(Protocol):
    """
    A proxy that records and replays what child processes ask for; ``variables`` have them trust it, and
    ``java_options`` lead Java to it.
    """

    port: int

    @property
    def java_options(self) -> str: ...

    @property
    def variables(self) -> Mapping[str, str]: ...

    def close(self) -> None: ...


class Children:
    """
    The child processes of one test or fixture.

    *closed* gives what they may reach; with *refuses* they reach nothing else, without it that is noted.
    """

    def __init__(self, closed: Callable[[], Closed], *, refuses: bool) -> None:
        self._make_closed = closed
        self._refuses = refuses
        self._lock = threading.Lock()
        self._asked: dict[str, None] = {}
        self._commands: dict[str, None] = {}
        self._proxy: Proxy | RecordingProxy | None = None
        self._record_with: Callable[[Judge], RecordingProxy] | None = None
        self._home = os.getpid()
        self._names: dict[str, str] = {}
        self._left_alone = ""

    @property
    def refuses(self) -> bool:
        return self._refuses

    def record_with(self, start: Callable[[Judge], RecordingProxy]) -> None:
        """
        Have their requests recorded and replayed by the proxy that *start* makes when the first one starts.
        """
        self._record_with = start

    def leave_alone(self, part: str) -> None:
        """
        Leave programs alone that have *part* in their path: what they ask for is recorded in another way.
        """
        self._left_alone = part

    def take_asked(self) -> str:
        """
        What they asked for and may not reach, since this was called last, as a message; nothing where that is
        nothing.
        """
        with self._lock:
            asked, programs = list(self._asked), list(self._commands)
            self._asked.clear()
        if not asked:
            return ""
        program = f" ({', '.join(programs)})" if programs else ""
        return f"a child process{program} asked for {', '.join(asked)}"

    @cached_property
    def _closed(self) -> Closed:
        return self._make_closed()

    def environment(self, given: Mapping[Any, Any] | None, command: object = ()) -> dict[Any, Any]:
        """
        What a child is to inherit in the place of *given*; without one, of the environment of this process.

        Names and values are texts or bytes, as they were.
        """
        before = dict(os.environ if given is None else given)
        words = _words(command)
        if self._left_alone and words and self._left_alone in words[0]:
            return before
        with self._lock:
            self._commands[_program(words)] = None
        made = _Environment(before)
        port = self._port()
        if self._record_with is not None or not self._keeps_proxy(made):
            made.update(dict.fromkeys(_NAMES, f"http://127.0.0.1:{port}"))
            made.update(dict.fromkeys(_NO_PROXY, ""))
        made[_VARIABLE] = f"{'refuse' if self._refuses else 'tell'} 127.0.0.1:{port}"
        if self._record_with is not None and self._proxy is not None:
            made[_VARIABLE] += " route"
            made.update(getattr(self._proxy, "variables", {}))
            _put_after(made, "JAVA_TOOL_OPTIONS", getattr(self._proxy, "java_options", ""))
        _put_before(made, "PYTHONPATH", str(_FOLDER), os.pathsep)
        _put_before(made, "NODE_OPTIONS", f'--require "{_FOLDER / "preload.cjs"}"', " ")
        return made.values_by_name

    def note(self, what: str) -> None:
        with self._lock:
            self._asked[what] = None

    def close(self) -> None:
        with self._lock:
            proxy, self._proxy = self._proxy, None
        if proxy is not None and os.getpid() == self._home:
            proxy.close()

    def _port(self) -> int:
        with self._lock:
            if self._proxy is None and os.getpid() == self._home:
                self._proxy = (self._record_with or Proxy)(self.judge)
            return self._proxy.port if self._proxy is not None else _NOBODY

    def judge(self, host: str, port: int | None, what: str) -> str:
        """
        Why *what* they ask for is refused, which is noted too; nothing where they may have it.
        """
        if self._allows(host, port):
            return ""
        if self._refuses:
            self.note(what)
            return str(self._closed.refuse(host, port))
        if port is None and not host.startswith("/"):
            # A name that is looked up: what matters is the connection that follows.
            self._names.update(dict.fromkeys(resolve(host), host))
        else:
            self.note(what.replace(host, self._names.get(host, host)))
        return ""

    def _allows(self, host: str, port: int | None) -> bool:
        if host.startswith("/"):
            return self._closed.allows_path(host)
        if not self._closed.allows(host, port):
            return False
        self._closed.allowed.learn(host)
        return True

    def _keeps_proxy(self, made: _Environment) -> bool:
        """
        Whether the child has a proxy of its own that it may use: one that is allowed, or any in a recording.
        """
        own = [value for name in _NAMES if (value := made.get(name, ""))]
        if not own or _VARIABLE in made:
            return False
        if not self._refuses:
            return True
        from urllib.parse import urlsplit  # noqa: PLC0415 - seldom is there one

        places = [urlsplit(value if "//" in value else f"//{value}") for value in own]
        return all(place.hostname and self._closed.allows(place.hostname, place.port) for place in places)


class _Environment(MutableMapping[str, str]):
    """
    An environment whose names and values may be bytes.
    """

    def __init__(self, values: dict[Any, Any]) -> None:
        self.values_by_name = values

    def __getitem__(self, name: str) -> str:
        found = self.values_by_name.get(name)
        return os.fsdecode(self.values_by_name[os.fsencode(name)] if found is None else found)

    def __setitem__(self, name: str, value: str) -> None:
        self.values_by_name.pop(os.fsencode(name), None)
        self.values_by_name[name] = value

    def __delitem__(self, name: str) -> None:
        del self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return map(os.fsdecode, self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


_stack: list[Children] = []


@contextmanager
def watched(children: Children) -> Iterator[Children]:
    """
    While open, processes that are started are those of *children*.
    """
    _stack.append(children)
    try:
        yield children
    finally:
        _stack.remove(children)


def current() -> Children | None:
    """
    Whose children processes are that are started now; nobody's, when the toolkit itself starts them.
    """
    return _stack[-1] if _stack and not is_unguarded() else None


def _put_before(environment: _Environment, name: str, value: str, separator: str) -> None:
    present = environment.get(name, "")
    if not present.startswith(value):
        environment[name] = separator.join([value, *([present] if present else [])])


def _put_after(environment: _Environment, name: str, value: str) -> None:
    """
    Where the last of two options counts.
    """
    present = environment.get(name, "")
    if not present.endswith(value):
        environment[name] = " ".join([*([present] if present else []), value])


def _words(command: object) -> list[str]:
    words: Sequence[object] = [command] if isinstance(command, str | bytes | os.PathLike) else list(command)  # type: ignore[call-overload]  # whatever subprocess takes
    return [os.fsdecode(word) for word in words[:2] if isinstance(word, str | bytes | os.PathLike)]


def _program(names: list[str]) -> str:
    """
    The name of a program and of the script that it runs, without its arguments: these may hold secrets.
    """
    if len(names) == 1:
        names = names[0].split()[:2]
    script = [Path(name).name for name in names[1:] if not name.startswith("-")]
    return " ".join([*[Path(name).name for name in names[:1]], *script])
