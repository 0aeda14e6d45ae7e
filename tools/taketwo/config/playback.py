"""
How strictly a cassette is played, how WebSocket conversations are (``[tool.taketwo.conversations]``), and how
both are judged: what projects seldom say, and a run without cassettes does not ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from taketwo.config.contract import Check, ContractConfig, check, read_contract
from taketwo.config.kinds import boolean, header_names, one_of, seconds
from taketwo.config.tables import Table, of_test
from taketwo.value import Value


class Order(Enum):
    """
    When a recorded interaction may be played.

    * ``ANY``: whenever it is asked for; equal requests get their answers in recorded order
    * ``RECORDED``: when all that were recorded before it have been played
    """

    ANY = "any"
    RECORDED = "recorded"


class Unplayed(Enum):
    """
    What becomes of a test that passes, and did not ask for all that is recorded.

    * ``ALLOW``: nothing
    * ``REPORT``: it is reported at the end of the run
    * ``FAIL``: it fails
    """

    ALLOW = "allow"
    REPORT = "report"
    FAIL = "fail"


class Sleep(Enum):
    """
    What becomes of ``time.sleep`` and ``asyncio.sleep`` in the code of a test that is replayed.

    * ``WAIT``: they take their time
    * ``SKIP``: they take next to none
    """

    WAIT = "wait"
    SKIP = "skip"


class Pace(Enum):
    """
    When a recorded frame, or a piece of a stream, is given to the client.

    * ``FAST``: as soon as it may be
    * ``RECORDED``: at the time at which it came when it was recorded
    """

    FAST = "fast"
    RECORDED = "recorded"


class Playback(Value):
    """
    How strictly a cassette is played; with ``repeats`` the last answer to equal requests is given again.

    ``match_headers`` are headers, in lower case, in which equal requests do not differ. With ``freeze`` the
    test has the clock and the random numbers of its recording. Without ``retry`` a recording keeps the
    answers of a service that refuses requests for their number: they are what the test is about. With a
    ``pace`` as recorded the pieces of streams come when they came.
    """

    order: Order = Order.ANY
    repeats: bool = False
    unplayed: Unplayed = Unplayed.REPORT
    match_headers: tuple[str, ...] = ()
    sleep: Sleep = Sleep.WAIT
    freeze: bool = False
    retry: bool = True
    pace: Pace = Pace.FAST


def read_playback(table: Table, default: Playback = Playback()) -> Playback:  # noqa: B008 - a frozen value
    """
    The strictness that *table* asks for, key by key, and that of *default* for the rest.
    """
    return Playback(
        order=table.take("order", one_of(Order), default.order),
        repeats=table.take("repeats", boolean, default.repeats),
        unplayed=table.take("unplayed", one_of(Unplayed), default.unplayed),
        match_headers=table.take("match_headers", header_names, default.match_headers),
        sleep=table.take("sleep", one_of(Sleep), default.sleep),
        freeze=table.take("freeze", boolean, default.freeze),
    )


def playback_of_test(options: Mapping[str, object], default: Playback) -> Playback:
    """
    The strictness that a test's own options ask for, and that of *default* for the rest.

    :raises ConfigError: listing every mistake.
    """
    return of_test(options, lambda table: _playback_of_test(table, default)) if options else default


def _playback_of_test(table: Table, default: Playback) -> Playback:
    # Of a project, each service has its own.
    retry = table.take("retry", boolean, default.retry)
    return read_playback(table, default).with_changed(retry=retry)


class Manner(Value):
    """
    How conversations are replayed.

    A client that waits for what cannot come may do so for ``patience`` seconds, and as long as it thought
    when it was recorded.
    """

    pace: Pace = Pace.FAST
    patience: float = 3.0  # for the way round that a message takes


def read_manner(table: Table, default: Manner = Manner()) -> Manner:  # noqa: B008 - a frozen value
    return Manner(
        pace=table.take("pace", one_of(Pace), default.pace),
        patience=table.take("patience", seconds, default.patience),
    )


def manner_of_test(options: Mapping[str, object], default: Manner) -> Manner:
    """
    How a test's own options want its conversations replayed, and *default* for the rest.

    :raises ConfigError: listing every mistake.
    """
    return of_test(options, lambda table: read_manner(table, default)) if options else default


class ReplayRules(Value):
    """
    * ``playback``: how strictly cassettes are played where a test does not say it
    * ``conversations``: how those over WebSockets are replayed where a test does not say it
    * ``contract``: what is done about cassettes that contradict their locks
    * ``unused``, ``missing``: what is done about cassettes that no test uses, or that a test has not
    """

    playback: Playback = Playback()
    conversations: Manner = Manner()
    contract: ContractConfig = ContractConfig()
    unused: Check = Check.WARN
    missing: Check = Check.WARN


def read_rules(table: Table) -> ReplayRules:
    return ReplayRules(
        playback=read_playback(table),
        conversations=read_manner(table.table("conversations")),
        contract=read_contract(table.table("contract")),
        unused=table.take("unused", check, Check.WARN),
        missing=table.take("missing", check, Check.WARN),
    )
