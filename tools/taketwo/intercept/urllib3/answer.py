"""
A recorded answer as a response of urllib3 that no connection has brought.
"""

from __future__ import annotations

import http.client
import inspect
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from urllib3._collections import HTTPHeaderDict
from urllib3.response import HTTPResponse

from taketwo.cassette.content import whole
from taketwo.cassette.header_names import spelled
from taketwo.cassette.model import LiveResponse, Pairs
from taketwo.intercept.answers import has_body, headers_of, is_chunked, reason_of
from taketwo.intercept.http_client.replayed import MemorySocket

if TYPE_CHECKING:
    from urllib3.util.retry import Retry

_COOKIES = frozenset({"set-cookie", "set-cookie2"})
_FIRST_FINAL = 200
_VERSION: dict[str, Any] = {"version": 11}
if "version_string" in inspect.signature(HTTPResponse).parameters:  # since urllib3 2.3
    _VERSION["version_string"] = "HTTP/1.1"


def is_plain(answer: LiveResponse, *, is_whole: bool) -> bool:
    """
    Whether a client cannot tell *answer* from that of a connection; *is_whole* when it is read at once.
    """
    if answer.ended or answer.pauses or answer.status < _FIRST_FINAL or not answer.reason.isascii():
        return False
    return isinstance(answer.body, bytes) and (is_whole or not is_chunked(answer))


def response_of(
    answer: LiveResponse,
    method: str,
    *,
    retries: Retry,
    **options: Any,  # noqa: ANN401 - urllib3's
) -> HTTPResponse | None:
    """
    The response with *answer*, a plain one, to a request by *method*; *options* are those of its class. None
    where http.client reads its headers in another way.
    """
    is_head = method == "HEAD"
    headers, has_cookies = _shown(headers_of(answer, is_head=is_head), as_is=answer.lowercase_names)
    if headers is None:
        return None
    body = _Body(whole(answer.body) if has_body(answer, is_head=is_head) else b"")
    original: Any = Original(body, answer, method, has_cookies=has_cookies)  # it stands for one
    return HTTPResponse(
        body=body,
        headers=_as_dict(headers),
        status=answer.status,
        reason=reason_of(answer),
        original_response=original,
        retries=retries,
        request_method=method,
        **_VERSION,
        **options,
    )


def _as_dict(headers: Pairs) -> HTTPHeaderDict:
    made = HTTPHeaderDict()
    for name, value in headers:  # one by one, in a third of the time that it takes to find out what they are
        made.add(name, value)
    return made


@lru_cache(maxsize=256)  # most answers of a service have the same
def _shown(headers: Pairs, *, as_is: bool) -> tuple[Pairs | None, bool]:
    """
    *headers* as a client is shown them, None where http.client changes something in them; and whether there
    are cookies.
    """
    if any(not value.isascii() or not value.isprintable() or value != value.strip() for _, value in headers):
        return None, False
    shown = headers if as_is else tuple((spelled(name), value) for name, value in headers)
    return shown, any(name.lower() in _COOKIES for name, _ in headers)


class _Body(io.BytesIO):
    """
    What a response reads from; it is closed when it has been read, as that of a connection is.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._close_at_end()
        return data

    def read1(self, size: int | None = -1, /) -> bytes:
        data = super().read1(-1 if size is None else size)
        self._close_at_end()
        return data

    def isclosed(self) -> bool:
        return self.closed

    def _close_at_end(self) -> None:
        if self.tell() == len(self.getbuffer()):
            self.close()


class Original:
    """
    Stands for the response of http.client, which is made when something is asked of it that few ask.

    It is false where there are no cookies: requests asks it for nothing else, and looks for them in vain in
    as much time as all the rest takes.
    """

    def __init__(self, body: _Body, answer: LiveResponse, method: str, *, has_cookies: bool) -> None:
        self._body = body
        self._answer = answer
        self._method = method
        self._has_cookies = has_cookies

    def __bool__(self) -> bool:
        return self._has_cookies

    def isclosed(self) -> bool:
        return self._body.closed

    def close(self) -> None:
        self._body.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a response has
        if name.startswith("__"):  # what a copy looks for in one that has nothing yet
            raise AttributeError(name)
        sock = MemorySocket(lambda: False)
        sock.answer_with(self._answer, is_head=self._method == "HEAD")
        made = http.client.HTTPResponse(sock, method=self._method)  # type: ignore[arg-type]  # it stands for one
        made.begin()
        vars(self).update({key: value for key, value in vars(made).items() if key not in vars(self)})
        return getattr(made, name)
