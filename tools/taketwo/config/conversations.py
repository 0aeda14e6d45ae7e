"""
``[tool.taketwo.conversations]``: how conversations over WebSockets are replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from taketwo.config.kinds import one_of, seconds
from taketwo.config.tables import Table, of_test


class Pace(Enum):
    """
    When a recorded frame is given to the client.

    * ``FAST``: as soon as it may be
    * ``RECORDED``: at the time at which it came when it was recorded
    """

    FAST = "fast"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """
    How conversations are replayed.

    A client that waits for what cannot come may do so for ``patience`` seconds, and as long as it thought
    when it was recorded.
    """

    pace: Pace = Pace.FAST
    patience: float = 3.0  # for the way round that a message takes


def read_manner(table: Table, default: Manner = Manner()) -> Manner:
    return Manner(
        pace=table.take("pace", one_of(Pace), default.pace),
        patience=table.take("patience", seconds, default.patience),
    )


def manner_of_test(options: Mapping[str, object], default: Manner) -> Manner:
    """
    How a test's own options want its conversations replayed, and *default* for the rest.

    :raises ConfigError: naming every mistake at once.
    """
    return of_test(options, lambda table: read_manner(table, default)) if options else default
