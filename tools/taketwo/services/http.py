"""
The few requests that the toolkit itself makes: health, reset, contract.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from taketwo.errors import ServiceError, ServiceUnreachable


# Classes of our own, which is how the interception knows what the toolkit sends: that is never recorded.
class _Connection(http.client.HTTPConnection):
    pass


class _SecureConnection(http.client.HTTPSConnection):
    pass


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
    split = urlsplit(url)
    connect = _SecureConnection if split.scheme == "https" else _Connection
    connection = connect(split.hostname or "", split.port, timeout=timeout)
    target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
    try:
        connection.request(method, target, body=body, headers={"Connection": "close", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    except (ConnectionRefusedError, socket.gaierror) as error:
        reason = "connection refused" if isinstance(error, ConnectionRefusedError) else "no such host"
        raise ServiceUnreachable(f"{method} {url}", reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{method} {url}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()
