"""
Whether a service refuses a request for its number, and how long it wants to be left alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from taketwo.cassette.model import Pairs

_LONGEST_STEP = 32.0
_FIRST_STEP = 1.0


def refusal_delay(status: int, headers: Pairs, *, attempt: int) -> float | None:
    """
    The seconds to wait before the request is sent again; None for an answer that is none of a quota.

    That is 429, and 503 with ``Retry-After``. Where no header tells how long, each *attempt*, from 0, waits
    twice as long as the one before.
    """
    if status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return None
    delay = _delay_in(headers)
    if delay is not None:
        return delay
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    return min(_FIRST_STEP * 2.0**attempt, _LONGEST_STEP)


def _delay_in(headers: Pairs) -> float | None:
    by_name = {name.lower(): value.strip() for name, value in headers}
    milliseconds = _number(by_name.get("retry-after-ms", ""))
    if milliseconds is not None:  # of OpenAI and Azure
        return milliseconds / 1000
    after = by_name.get("retry-after", "")
    seconds = _number(after)
    return _until(after, by_name.get("date", "")) if seconds is None else seconds


def _until(moment: str, now: str) -> float | None:
    """
    The seconds until the HTTP date *moment*: by the clock of the service, where it says what time it is.
    """
    end = _date(moment)
    if end is None:
        return None
    return max((end - (_date(now) or datetime.now(UTC))).total_seconds(), 0.0)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _number(text: str) -> float | None:
    is_number = text.isascii() and text.replace(".", "", 1).isdigit()
    return float(text) if is_number else None
