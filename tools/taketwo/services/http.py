"""
The few requests that the toolkit itself makes: health, reset, contract.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from taketwo.errors import ServiceError, ServiceUnreachable


# Classes of our own, which is how the interception knows what the toolkit sends: that is never recorded.
class _Connection(http.client.HTTPConnection):
    pass


class _SecureConnection(http.client.HTTPSConnection):
    pass


_MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def download(url: str, *, timeout: float = 60.0) -> tuple[int, bytes]:
    """
    Status and body of the document at *url*, wherever that leads; *timeout* is in seconds.

    :raises ServiceError: when there is no answer.
    """
    for _ in range(_MOST_REDIRECTS):
        status, body, location = _exchanged("GET", url, None, {}, timeout)
        if status not in _REDIRECTS or not location:
            return status, body
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
    status, content, _ = _exchanged(method, url, body, headers or {}, timeout)
    return status, content


def _exchanged(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
) -> tuple[int, bytes, str]:
    split = urlsplit(url)
    connect = _SecureConnection if split.scheme == "https" else _Connection
    connection = connect(split.hostname or "", split.port, timeout=timeout)
    target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
    try:
        connection.request(method, target, body=body, headers={"Connection": "close", **headers})
        response = connection.getresponse()
        return response.status, response.read(), response.getheader("location", "")
    except (ConnectionRefusedError, socket.gaierror) as error:
        reason = "connection refused" if isinstance(error, ConnectionRefusedError) else "no such host"
        raise ServiceUnreachable(f"{method} {url}", reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{method} {url}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()
