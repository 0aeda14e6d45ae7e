"""
What a test reads of the answers while it is recorded, and where nobody can know.

An answer is observed when its client parses it as JSON. It is taken for wholly read when anybody but its
client gets at its text or its bytes. Code in C takes values out of an object unobserved: once a library in C
that is no client's is called, everything that the test gets is taken for read.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import FrameType
from typing import Any, Final

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import JsonValue
from taketwo.compare.structure import is_list
from taketwo.plugin.reads.tracking import ReadTracker
from taketwo.results import Steps

# The class of an answer by its client, and what gives its text or bytes, whole or in pieces.
_ANSWERS: Final = {
    "httpx": "Response",
    "httpx2": "Response",
    "requests": "Response",
    "urllib3": "HTTPResponse",
    "aiohttp": "ClientResponse",
}
_WHOLE: Final = ("content", "text", "data", "read", "aread")
_PIECES: Final = (
    *("iter_bytes", "iter_text", "iter_lines", "iter_raw", "iter_content", "stream", "read_chunked"),
    *("aiter_bytes", "aiter_text", "aiter_lines", "aiter_raw", "readinto", "read1"),
)
_OURS: Final = __name__.partition(".")[0]
# What comes with a client, and never gets a parsed answer. Everything else in C may read one.
_OF_CLIENTS: Final = frozenset(
    {
        *_ANSWERS,
        *("_brotli", "_cffi_backend", "_zstd", "brotli", "charset_normalizer", "cryptography", "frozenlist"),
        *("greenlet", "h11", "h2", "httpcore", "httptools", "idna", "multidict", "propcache", "socks"),
        *("uvloop", "websockets", "yarl", "zstandard", "coverage", "execnet", "builtins", "taketwo"),
    }
)


class ObservedReads:
    """
    What one test read of each answer, by the bytes of its JSON.
    """

    def __init__(self) -> None:
        self._tracker = ReadTracker()
        self._numbers: dict[bytes, int] = {}
        self._values: dict[int, Any] = {}
        self._lock = threading.Lock()
        self.is_unknown = False
        self._is_over = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """
        Observe while open. Somebody else's profiler is left alone, and then nothing is known.
        """
        self.is_unknown = sys.getprofile() is not None
        with ExitStack() as stack:
            if not self.is_unknown:
                stack.enter_context(self._tracker.watching(self._parsed))
                stack.enter_context(_accessors(self._accessed))
            try:
                yield
            finally:
                self._is_over = True
                self._stop_profiling()

    def is_read(self, content: bytes, stored: JsonValue, path: Steps) -> bool:
        """
        Whether the value at *path* of an answer was read; *content* is its JSON, *stored* the cassette's.
        """
        number = self._numbers.get(content)
        if self.is_unknown or number is None or not path:
            return True
        steps = _positions(self._values[number], stored, path)
        return steps is None or self._tracker.shows(number, steps)

    def _parsed(self, content: bytes, module: str) -> tuple[int, ...]:
        package = module.partition(".")[0]
        if package == _OURS:
            return ()
        if package not in _ANSWERS:
            # Whoever has the text of an answer may do anything with it.
            with self._lock:
                self._note_raw(content)
            return ()
        with self._lock:
            number = self._numbers.setdefault(content, len(self._numbers))
        if number not in self._values:
            self._values[number] = parse_json(content)[1]
        if sys.getprofile() is None and not self.is_unknown:
            # Of calls into C no other trace is left; in a run that records, its price does not count.
            threading.setprofile(self._profile)
            sys.setprofile(self._profile)
        return (number,)

    def _accessed(self, content: object) -> None:
        """
        Note that somebody got at the text or the bytes of an answer; None is in pieces.
        """
        if isinstance(content, str):
            # In which character set the bytes were, nobody says here.
            self.is_unknown = self.is_unknown or not content.isascii()
            content = content.encode("utf-8", "surrogatepass")
        if isinstance(content, bytes | bytearray):
            with self._lock:
                self._note_raw(bytes(content))
        else:
            self.is_unknown = True

    def _note_raw(self, content: bytes) -> None:
        number = self._numbers.setdefault(content, len(self._numbers))
        self._values.setdefault(number, None)
        self._tracker.note_whole(number)

    def _profile(self, frame: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - as sys has it
        if event != "c_call" or self.is_unknown or self._is_over:
            return
        top = _library(called)
        if top not in _OF_CLIENTS and top not in sys.stdlib_module_names and not _is_importing(frame):
            self.is_unknown = True
            self._stop_profiling()

    def _stop_profiling(self) -> None:
        if sys.getprofile() == self._profile:
            sys.setprofile(None)
            threading.setprofile(None)


def _positions(live: JsonValue, stored: JsonValue, path: Steps) -> tuple[int, ...] | None:
    """
    *path* by positions; None where the cassette holds another form of the answer.
    """
    found: list[int] = []
    for step in path:
        if isinstance(live, Mapping) and isinstance(stored, Mapping) and len(live) == len(stored):
            if step not in stored:
                return None
            index = list(stored).index(str(step))
            live, stored = list(live.values())[index], stored[str(step)]
        elif is_list(live) and is_list(stored) and len(live) == len(stored) and isinstance(step, int):
            index = step
            live, stored = live[index], stored[index]
        else:
            return None
        found.append(index)
    return tuple(found)


@contextmanager
def _accessors(accessed: Callable[[object], None]) -> Iterator[None]:
    """
    While open, *accessed* is called with each text that anybody but a client takes out of an answer.

    The accessors of the clients' answers are replaced, which are public, and put back at the end.
    """
    with ExitStack() as stack:
        for module, name in _ANSWERS.items():
            owner = getattr(sys.modules.get(module), name, None)
            for accessor in (*_WHOLE, *_PIECES) if owner is not None else ():
                _replace(stack, owner, accessor, lambda original: _watched(original, accessed))
            if module == "aiohttp" and owner is not None:
                _replace(stack, owner, "json", _with_loads)
        yield


def _replace(stack: ExitStack, owner: Any, name: str, make: Callable[[Any], Any]) -> None:  # noqa: ANN401 - a class
    original = vars(owner).get(name)
    if isinstance(original, property) or callable(original):
        stack.callback(setattr, owner, name, original)
        setattr(owner, name, make(original))


def _watched(original: Any, accessed: Callable[[object], None]) -> Any:  # noqa: ANN401 - a method or a property
    if not isinstance(original, property):

        @wraps(original)
        def method(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the method has it
            if _is_outside(sys._getframe(1)):  # noqa: SLF001 - who asks
                accessed(None)
            return original(*arguments, **options)

        return method

    def value(answer: object) -> object:
        found = original.fget(answer) if original.fget is not None else None
        if _is_outside(sys._getframe(1)):  # noqa: SLF001 - who asks
            accessed(found)
        return found

    return property(value, original.fset, original.fdel, original.__doc__)


def _with_loads(original: Any) -> Any:  # noqa: ANN401 - a method
    """
    Aiohttp has bound ``json.loads`` before it was watched; by its name it is the watched one.
    """

    @wraps(original)
    def method(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the method has it
        return original(*arguments, **{"loads": json.loads, **options})

    return method


def _library(called: Any) -> str:  # noqa: ANN401 - any function in C
    """
    The package that a function or a method in C is from; a subclass in Python has it from another one.
    """
    module = getattr(called, "__module__", None)
    if not module:
        owners = type(getattr(called, "__self__", None)).__mro__
        module = next((owner.__module__ for owner in owners if called.__name__ in vars(owner)), "builtins")
    return str(module).partition(".")[0]


def _is_outside(frame: FrameType) -> bool:
    return _package(frame) not in {*_ANSWERS, _OURS}


def _is_importing(frame: FrameType | None) -> bool:
    """
    Whether a module is being imported: what it calls then depends on which test is the first to need it.
    """
    while frame is not None and _package(frame) != "_pytest":
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
