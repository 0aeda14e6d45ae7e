"""
The few requests that the toolkit itself makes: health, reset, contract.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from taketwo.cassette.content import whole
from taketwo.cassette.header_names import header
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.errors import ServiceError, ServiceUnreachable


# Classes of our own, which is how the interception knows what the toolkit sends: that is never recorded.
class _Connection(http.client.HTTPConnection):
    pass


class _SecureConnection(http.client.HTTPSConnection):
    pass


_MOST_REDIRECTS: Final = 5
_OWN_HEADERS: Final = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_WITH_BODY: Final = frozenset({"PATCH", "POST", "PUT"})


def download(url: str, *, timeout: float = 60.0) -> tuple[int, bytes]:
    """
    Status and body of the document at *url*, wherever that leads; *timeout* is in seconds.

    :raises ServiceError: when there is no answer.
    """
    for _ in range(_MOST_REDIRECTS):
        found = exchange(LiveRequest(method="GET", url=url), timeout=timeout)
        location = header(found.headers, "location")
        if found.status not in _REDIRECTS or not location:
            return found.status, whole(found.body)
        url = urljoin(url, location)
    raise ServiceError(f"GET {url}: more than {_MOST_REDIRECTS} redirects")


def send(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
) -> tuple[int, bytes]:
    """
    Status and body of the answer; *timeout* is in seconds.

    :raises ServiceUnreachable: when nothing listens there.
    :raises ServiceError: when there is no answer for another reason.
    """
    request = LiveRequest(method=method, url=url, headers=tuple((headers or {}).items()), body=body or b"")
    found = exchange(request, timeout=timeout)
    return found.status, whole(found.body)


def exchange(request: LiveRequest, *, timeout: float) -> LiveResponse:
    """
    The answer to *request*, its body as it is on the wire; no redirect is followed.

    *timeout* is in seconds, for the connection and for each read.

    :raises ServiceUnreachable: when nothing listens there.
    :raises ServiceError: when there is no answer for another reason.
    """
    split = urlsplit(request.url)
    connect = _SecureConnection if split.scheme == "https" else _Connection
    connection = connect(split.hostname or "", split.port, timeout=timeout)
    target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
    what = f"{request.method} {request.url}"
    try:
        has_encoding = bool(header(request.headers, "accept-encoding"))
        connection.putrequest(request.method, target, skip_accept_encoding=has_encoding)
        for name, value in _sent_headers(request):
            connection.putheader(name, value.encode("utf-8"))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        return LiveResponse(
            status=response.status,
            reason=response.reason,
            headers=tuple((name.lower(), value) for name, value in response.getheaders()),
            body=response.read(),
        )
    except (ConnectionRefusedError, socket.gaierror) as error:
        reason = "connection refused" if isinstance(error, ConnectionRefusedError) else "no such host"
        raise ServiceUnreachable(what, reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{what}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()


def _sent_headers(request: LiveRequest) -> Iterator[tuple[str, str]]:
    yield "Connection", "close"
    yield from ((name, value) for name, value in request.headers if name.lower() not in _OWN_HEADERS)
    if request.body or request.method in _WITH_BODY:
        yield "Content-Length", str(len(request.body))
