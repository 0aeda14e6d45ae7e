"""
``rate``, ``concurrency`` and ``retry`` of a service: how fast it may be recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taketwo.config.kinds import between, kind_of
from taketwo.config.tables import Table

RETRY_SECONDS = 120.0
"""How long to wait for a service that refuses one request, where ``retry`` names no number."""

_MOST_AT_A_TIME = 10_000
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*/\s*([0-9]*)\s*(s|m|h|d|second|minute|hour|day)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """
    How fast a service may be recorded.

    * ``interval``: seconds from one request to the next, 0 for no limit; ``rate`` is the same as written
    * ``concurrency``: how many requests may be under way, 0 for any number
    * ``retry``: the most seconds to wait for one request that is refused for the number of them; 0 for none
    """

    interval: float = 0.0
    rate: str = ""
    concurrency: int = 0
    retry: float = RETRY_SECONDS


def read_quota(table: Table) -> Quota | None:
    """
    The quota that the *table* of a service describes, None where it has none.
    """
    interval, rate = table.take("rate", _rate, (0.0, ""))
    concurrency = table.take("concurrency", between(1, _MOST_AT_A_TIME), 0)
    retry = table.take("retry", _retry, RETRY_SECONDS)
    if not any(map(table.has, ("rate", "concurrency", "retry"))):
        return None
    return Quota(interval=interval, rate=rate, concurrency=concurrency, retry=retry)


def _rate(value: object) -> tuple[float, str]:
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or float(found[1]) <= 0 or found[2].strip("0") == "" != found[2]:
        got = repr(value) if isinstance(value, str | int | float) else kind_of(value)
        raise ValueError('a rate such as "3/s", "100/m" or "5000/h"', got)
    seconds = int(found[2] or 1) * _SECONDS[found[3][0]]
    return seconds / float(found[1]), found[0]


def _retry(value: object) -> float:
    if isinstance(value, bool):
        return RETRY_SECONDS if value else 0.0
    if isinstance(value, int | float) and value > 0:
        return float(value)
    raise ValueError("true, false, or a number of seconds above 0", kind_of(value))
