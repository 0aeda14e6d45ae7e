"""
Faults that a test asks for: what goes wrong, at which interaction, and how often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from taketwo.config.kinds import between, boolean, kind_of, nearest, one_of, seconds, text
from taketwo.config.tables import Table
from taketwo.errors import ConfigError

_T = TypeVar("_T")


class Kind(Enum):
    """
    What goes wrong.

    * ``STATUS``: the service answers with an error
    * ``SLOW``: the answer begins late; ``SLOW_PIECES``: each piece of it comes late
    * ``CONNECT_TIMEOUT``: no connection; ``POOL_TIMEOUT``: no free connection
    * ``READ_TIMEOUT``: no answer, or nothing more behind so many pieces or messages, and the connection stays
    * ``REFUSED``, ``DNS``, ``TLS``: a connection cannot be made
    * ``NO_ANSWER``: the service closes the connection before it answers
    * ``RESET`` and ``END``: the connection is reset, or closed, in the middle of an answer or a conversation
    * ``SHORT``: the answer or the conversation ends there as if that were all
    * ``MALFORMED_JSON`` and ``MALFORMED_CHUNK``: the body of the answer cannot be read
    * ``CLOSE``: the service closes a WebSocket with a code
    """

    STATUS = "status"
    SLOW = "slow"
    SLOW_PIECES = "slow-pieces"
    CONNECT_TIMEOUT = "connect-timeout"
    READ_TIMEOUT = "read-timeout"
    POOL_TIMEOUT = "pool-timeout"
    REFUSED = "refused"
    DNS = "dns"
    TLS = "tls"
    NO_ANSWER = "no-answer"
    RESET = "reset"
    END = "end"
    SHORT = "short"
    MALFORMED_JSON = "malformed-json"
    MALFORMED_CHUNK = "malformed-chunk"
    CLOSE = "close"


UNCONNECTED = frozenset(
    {Kind.CONNECT_TIMEOUT, Kind.POOL_TIMEOUT, Kind.REFUSED, Kind.DNS, Kind.TLS},
)
"""The faults with which no request reaches the service."""

OF_CONVERSATIONS = frozenset(
    {*UNCONNECTED, Kind.STATUS, Kind.READ_TIMEOUT, Kind.RESET, Kind.SHORT, Kind.CLOSE}
) - {Kind.POOL_TIMEOUT}
"""The faults that a WebSocket conversation may have."""

PIECEWISE = frozenset({Kind.READ_TIMEOUT, Kind.RESET, Kind.END, Kind.SHORT, Kind.MALFORMED_CHUNK, Kind.CLOSE})
"""The faults that may come behind so many pieces, or messages."""

OF_BODIES = (PIECEWISE - {Kind.CLOSE, Kind.READ_TIMEOUT}) | {Kind.MALFORMED_JSON, Kind.SLOW_PIECES}
"""The faults that an answer without a body cannot have."""

_USED_BY = {
    "status": frozenset({Kind.STATUS}),
    "retry_after": frozenset({Kind.STATUS}),
    "body": frozenset({Kind.STATUS}),
    "seconds": frozenset({Kind.SLOW, Kind.SLOW_PIECES}),
    "after": PIECEWISE,
    "code": frozenset({Kind.CLOSE}),
    "reason": frozenset({Kind.CLOSE}),
}
"""The keys that mean something for some kinds alone."""

_FIRST_ERROR, _LAST_STATUS = 400, 599
_UNAVAILABLE, _GOING_WRONG = 503, 1011
_LATE = 30.0  # seconds
_LAST_CODE = 4999
_MOST = 10**6
_MAY_REPEAT = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault.

    * ``status``, ``retry_after`` and ``body`` are those of the answer, where the kind is ``STATUS``
    * ``seconds`` is how late what is slow comes
    * ``after`` is the number of whole pieces, or messages, that still come; None for the middle, and for no
      answer at all to a request that is met by ``READ_TIMEOUT``
    * ``code`` and ``reason`` are those of ``CLOSE``
    * ``on`` names the interactions: one by its number, those of a method and URL, or all that is None
    * ``times`` is how many requests meet it before the recorded answer comes; None for all
    * without ``repeat``, a request that met it must not be sent again
    """

    kind: Kind
    status: int = _UNAVAILABLE
    retry_after: float | None = None
    body: str | None = None
    seconds: float = _LATE
    after: int | None = None
    code: int = _GOING_WRONG
    reason: str = ""
    on: int | str | None = None
    times: int | None = None
    repeat: bool = _MAY_REPEAT

    @property
    def is_unconnected(self) -> bool:
        """
        Whether no request reaches the service.
        """
        return self.kind in UNCONNECTED

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """
        Those of the answer that say when to come again.
        """
        return () if self.retry_after is None else (("retry-after", f"{self.retry_after:g}"),)

    @property
    def name(self) -> str:
        """
        What it is called in messages and on the command line.
        """
        return str(self.status) if self.kind is Kind.STATUS else self.kind.value


def faults_of_test(options: Mapping[str, object]) -> tuple[Fault, ...]:
    """
    The faults that a test's own options ask for by ``fault=``.

    :raises ConfigError: listing every mistake.
    """
    asked = options.get("fault")
    if asked is None:
        return ()
    several = asked if isinstance(asked, list | tuple) else [asked]
    return tuple(read_fault(one) for one in several)


def read_fault(asked: object, **further: object) -> Fault:
    """
    A fault as tests write it: its name, a status, or a table of both and more, with *further* keys.

    :raises ConfigError: listing every mistake.
    """
    if isinstance(asked, Fault):
        return asked
    if isinstance(asked, str | int) and not isinstance(asked, bool):
        asked = {"kind": asked}
    if not isinstance(asked, dict):
        raise ConfigError(
            f"vcr.fault: expected the name of a fault, a status or a table, got {kind_of(asked)}\n{_ADVICE}"
        )
    given = {**asked, **further}
    table = Table(given, "vcr.fault")
    fault = _read(table, given)
    table.refuse_unknown()
    table.refuse_mistakes("this test asks for a fault that is not known:")
    return fault


def _read(table: Table, asked: Mapping[str, object]) -> Fault:
    kind, status = table.take("kind", _kind_or_status, (Kind.STATUS, _UNAVAILABLE))
    if not {"kind", "status"} & set(asked):
        table.mistake(f"needs a kind: {_NAMES}")
    elif not table.mistakes:
        _refuse_unused(table, asked, kind)
    return Fault(
        kind=kind,
        status=table.take("status", between(_FIRST_ERROR, _LAST_STATUS), status),
        retry_after=table.take("retry_after", _or_none(_count_or_seconds), None),
        body=table.take("body", _or_none(text), None),
        seconds=table.take("seconds", seconds, _LATE),
        after=table.take("after", _or_none(between(0, _MOST)), None),
        code=table.take("code", between(1000, _LAST_CODE), _GOING_WRONG),
        reason=table.take("reason", text, ""),
        on=table.take("on", _or_none(_place), None),
        times=table.take("times", _or_none(between(1, _MOST)), None),
        repeat=table.take("repeat", boolean, _MAY_REPEAT),
    )


def _refuse_unused(table: Table, asked: Mapping[str, object], kind: Kind) -> None:
    for key, kinds in _USED_BY.items():
        if asked.get(key) is not None and kind not in kinds:
            table.mistake_at(
                key, f"is for {names_of([one for one in Kind if one in kinds])}, not {kind.value}"
            )


def _kind_or_status(value: object) -> tuple[Kind, int]:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, int) and not isinstance(number, bool):
        return Kind.STATUS, between(_FIRST_ERROR, _LAST_STATUS)(number)
    try:
        return one_of(Kind)(value), _UNAVAILABLE
    except ValueError:
        near = nearest(str(value), [each.value for each in Kind])
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(f"a status from 400 to 599, or one of {_NAMES}{hint}", repr(value)) from None


def _place(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return between(1, _MOST)(value)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError("the number of an interaction, or a method and a URL such as 'POST */orders'")


def _count_or_seconds(value: object) -> float:
    return 0.0 if value == 0 and not isinstance(value, bool) else seconds(value)


def _or_none(read: Callable[[object], _T]) -> Callable[[object], _T | None]:
    return lambda value: None if value is None else read(value)


def names_of(kinds: Sequence[Kind]) -> str:
    return ", ".join(kind.value for kind in kinds)


_NAMES = names_of(list(Kind))
_ADVICE = 'for example fault="read-timeout", fault=503 or fault={"kind": "reset", "on": 2, "times": 1}'
