"""
A call of urllib3 in a replay: the answer to it, where nothing is missed without a connection.
"""

from __future__ import annotations

import logging
from typing import Any

from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

from taketwo.cassette.header_names import header
from taketwo.cassette.model import LiveResponse
from taketwo.intercept.http_client.held import is_held
from taketwo.intercept.urllib3.answer import is_plain, response_of
from taketwo.intercept.urllib3.written import Given, is_plain_address, written
from taketwo.playback.active import ActiveCassette, current

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FIRST_ERROR = 400
_log = logging.getLogger("urllib3.connectionpool")


def playing(library: str) -> ActiveCassette | None:
    """
    The cassette whose answers can be given without a connection to the calls of *library*.
    """
    active = current()
    if active is None or library in active.skipped or not active.answers_directly:
        return None
    # Who reads the log of urllib3 reads of each connection.
    return None if is_held() or _log.isEnabledFor(logging.DEBUG) else active


def is_plain_timeout(timeout: object) -> bool:
    """
    Whether *timeout* is one that urllib3 takes: it refuses others.
    """
    if timeout is None or isinstance(timeout, Timeout):
        return True
    return isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0


def find(
    active: ActiveCassette, method: str, base: str, target: str, headers: Given, body: object
) -> int | None:
    """
    The interaction that answers a call, which is used up by it; None where there is none, or a doubt about
    what would be sent. *base* is the scheme and host, *target* the path and query.
    """
    if not is_plain_address(base, target):
        return None
    wanted = written(method, base + target, headers, body)
    return None if wanted is None else active.player.find(wanted)


def given(
    answer: LiveResponse,
    method: str,
    *,
    retries: Retry,
    redirect: bool,
    is_whole: bool,
    **options: Any,  # noqa: ANN401 - urllib3's
) -> HTTPResponse | None:
    """
    *answer* for the client, which reads it at once where that *is_whole*; None where it meets more than that.
    """
    if redirect and answer.status in _REDIRECTS:
        return None
    if answer.status >= _FIRST_ERROR and _is_tried_again(answer, method, retries):
        return None
    if not is_plain(answer, is_whole=is_whole):
        return None
    return response_of(answer, method, retries=retries, **options)


def _is_tried_again(answer: LiveResponse, method: str, retries: Retry) -> bool:
    return retries.is_retry(method, answer.status, bool(header(answer.headers, "retry-after")))
