"""
The live service that recorded requests are sent to, not faster than it is asked to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from taketwo.cassette.header_names import header
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.errors import ServiceError
from taketwo.services.http import exchange

_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LONGEST_WAIT: Final = 120.0  # seconds that a service may ask for with Retry-After
_MOST_ATTEMPTS: Final = 4


@dataclass(slots=True, kw_only=True)
class LiveService:
    """
    Sends requests, one after the other.

    *rate* is the most requests in a second, 0 for as many as there are; *timeout* is in seconds.
    """

    rate: float
    timeout: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0, init=False)

    def ask(self, request: LiveRequest, *, is_busy_expected: bool = False) -> LiveResponse:
        """
        The answer to *request*. A service that is busy and says for how long is asked again after that,
        unless *is_busy_expected*: the recording has such an answer too.

        :raises ServiceError: when there is no answer.
        """
        for _ in range(_MOST_ATTEMPTS):
            self._wait()
            response = exchange(request, timeout=self.timeout)
            seconds = header(response.headers, "retry-after")
            if is_busy_expected or response.status not in _BUSY or not seconds.isdecimal():
                return response
            if int(seconds) > _LONGEST_WAIT:
                break
            self.sleep(int(seconds))
        raise ServiceError(
            f"{request.method} {request.url}: {response.status}, and asks to wait {seconds} s; "
            "ask it less often with --rate, or later"
        )

    def _wait(self) -> None:
        if not self.rate:
            return
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate
