"""
pycurl used by itself: refused by name, since libcurl goes past Python's sockets.

Its classes are written in C, so that each is replaced by one that is derived from it. With pytest-recording,
``import pycurl`` gives a stand-in, whose handle is one of these as well. Tornado's client is recorded
above it (:mod:`taketwo.intercept.tornado`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial, wraps
from types import ModuleType
from typing import Any, TypeAlias

from taketwo.cassette.model import LiveRequest
from taketwo.intercept.patching import Replacements
from taketwo.intercept.refused import refuse

Handle: TypeAlias = Any
"""A ``pycurl.Curl``."""
Class: TypeAlias = Any

_ADVICE = "use httpx, requests or aiohttp, or tornado's client over pycurl, which are recorded"
_PERFORMING = ("perform", "perform_rb", "perform_rs")
_STAND_IN = "pytest_recording.network"
_TORNADO = "tornado.curl_httpclient"
_ASKED = "_taketwo_asked"
_METHODS = {
    "HTTPGET": "GET",
    "POST": "POST",
    "POSTFIELDS": "POST",
    "COPYPOSTFIELDS": "POST",
    "HTTPPOST": "POST",
    "MIMEPOST": "POST",
    "UPLOAD": "PUT",
    "PUT": "PUT",
    "NOBODY": "HEAD",
}
"""Options that decide the method of a request."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """
    What a handle has been asked for: ``custom`` is a method that it was given by name.
    """

    url: str = ""
    method: str = "GET"
    custom: str = ""

    def request(self) -> LiveRequest:
        url = self.url if "://" in self.url else f"http://{self.url}"  # as libcurl reads it
        return LiveRequest(method=self.custom or self.method, url=url)


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - pycurl, or what stands in for it
    # What stands in for it says that it is a module.
    real = module if issubclass(type(module), ModuleType) else vars(sys.modules[_STAND_IN])["pycurl"]
    replacements.replace(real, "Curl", partial(_watched, _Options(real)))
    replacements.replace(real, "CurlMulti", _watched_group)
    if hasattr(real, "AsyncCurlMulti"):
        replacements.replace(real.AsyncCurlMulti, "add_handle", _adding)


def install_stand_in(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - pytest_recording.network
    """
    Have the stand-in of pytest-recording ask the same: it has kept libcurl's own class.
    """
    if module.Curl is None:
        return

    def making(init: Callable[..., None]) -> Callable[..., None]:
        @wraps(init)
        def __init__(self: Any, handle: Handle = None) -> None:  # noqa: ANN401, N807 - as the original
            init(self, module.pycurl.Curl() if handle is None else handle)

        return __init__

    replacements.replace(module.Curl, "__init__", making)


class _Options:
    """
    What the options of *module* say of a request.
    """

    def __init__(self, module: ModuleType) -> None:
        self._url, self._custom = vars(module)["URL"], vars(module)["CUSTOMREQUEST"]
        named = {name: getattr(module, name, None) for name in _METHODS}
        self._methods: Mapping[object, str] = {
            option: _METHODS[name] for name, option in named.items() if option is not None
        }

    def changed(self, asked: _Asked, option: int, value: object) -> _Asked:
        if option == self._url:
            return replace(asked, url=_text(value))
        if option == self._custom:
            return replace(asked, custom=_text(value))
        method = self._methods.get(option)
        if method is None:
            return asked
        if value or isinstance(value, (str, bytes)):  # a body may be empty
            return replace(asked, method=method)
        return replace(asked, method="GET") if asked.method == method else asked


def _watched(options: _Options, base: Class) -> Class:
    """
    The class of handles that know what they have been asked for, and say so before they do it.
    """

    def setopt(self: Handle, option: int, value: object) -> Any:  # noqa: ANN401 - as the original
        result = base.setopt(self, option, value)
        _note(self, options.changed(_asked(self), option, value))
        return result

    def setopt_string(self: Handle, option: int, value: object) -> Any:  # noqa: ANN401 - as the original
        result = base.setopt_string(self, option, value)
        _note(self, options.changed(_asked(self), option, value))
        return result

    def unsetopt(self: Handle, option: int) -> Any:  # noqa: ANN401 - as the original
        result = base.unsetopt(self, option)
        _note(self, options.changed(_asked(self), option, None))
        return result

    def reset(self: Handle) -> Any:  # noqa: ANN401 - as the original
        _note(self, _Asked())
        return base.reset(self)

    def duphandle(self: Handle) -> Handle:
        copied = base.duphandle(self)
        _note(copied, _asked(self))
        return copied

    watched: tuple[Callable[..., Any], ...] = (setopt, setopt_string, unsetopt, reset, duphandle)
    names: dict[str, Any] = {each.__name__: each for each in watched}
    names |= {name: _performing(getattr(base, name)) for name in _PERFORMING if hasattr(base, name)}
    return type("Curl", (base,), {**names, "__doc__": base.__doc__, "__module__": base.__module__})


def _performing(perform: Callable[[Handle], Any]) -> Callable[[Handle], Any]:
    @wraps(perform)
    def performed(self: Handle) -> Any:  # noqa: ANN401 - as the original
        _refuse(self)
        return perform(self)

    return performed


def _watched_group(base: Class) -> Class:
    """
    The class of groups of handles that say what they are asked for; tornado's is left alone.
    """

    def add_handle(self: Any, curl: Handle) -> Any:  # noqa: ANN401 - as the original
        if sys._getframe(1).f_globals.get("__name__") != _TORNADO:  # noqa: SLF001 - who called this
            _refuse_of(curl)
        return base.add_handle(self, _of_libcurl(curl))

    def remove_handle(self: Any, curl: Handle) -> Any:  # noqa: ANN401 - as the original
        return base.remove_handle(self, _of_libcurl(curl))

    names: dict[str, Any] = {"add_handle": add_handle, "remove_handle": remove_handle}
    return type("CurlMulti", (base,), {**names, "__doc__": base.__doc__, "__module__": base.__module__})


def _adding(add: Callable[[Any, Handle], Any]) -> Callable[[Any, Handle], Any]:
    @wraps(add)
    def added(self: Any, curl: Handle) -> Any:  # noqa: ANN401 - as the original
        _refuse_of(curl)
        return add(self, _of_libcurl(curl))

    return added


def _of_libcurl(curl: Handle) -> Handle:
    """
    The handle behind a stand-in, which libcurl does not take.
    """
    return curl.handle if type(curl).__module__ == _STAND_IN else curl


def _refuse_of(curl: Handle) -> None:
    """
    As below, of what a group is given; a stand-in asks whether the network is closed when it is to perform.
    """
    _refuse(_of_libcurl(curl))
    _ = curl.perform


def _refuse(handle: Handle) -> None:
    """
    :raises CannotRecord: while a cassette is open that does not leave the request alone.
    """
    asked = _asked(handle)
    if not asked.url.lower().startswith("file:"):
        refuse("pycurl", asked.request(), _ADVICE)


def _asked(handle: Handle) -> _Asked:
    asked: _Asked = getattr(handle, _ASKED, _Asked())
    return asked


def _note(handle: Handle, asked: _Asked) -> None:
    setattr(handle, _ASKED, asked)


def _text(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        return value.decode("latin-1")
    return "" if value is None else str(value)
