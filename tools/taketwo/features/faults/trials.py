"""
Which faults are tried at which interactions of a cassette.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taketwo.cassette.model import Cassette, Direction, JsonBody, StoredRequest
from taketwo.config.faults import OF_CONVERSATIONS, Fault, Kind, read_fault

_BREAKS = ("no-answer", "reset", "end", "malformed-chunk", "malformed-json")
_STATUSES = ("401", "429", "503")
_TIMEOUTS = ("connect-timeout", "read-timeout", "pool-timeout")
_UNREACHED = ("dns", "refused", "tls")
_SLOW = ("slow", "slow-pieces")

GROUPS = {
    "status": _STATUSES,
    "timeout": _TIMEOUTS,
    "connection": _UNREACHED,
    "slow": _SLOW,
    "break": _BREAKS,
}
"""The names that stand for several faults."""

_OF_HTTP = ("401", "429", "503", "connect-timeout", "read-timeout", "slow-pieces", "dns", "tls", *_BREAKS)
_OF_CONVERSATIONS = ("503", "connect-timeout", "read-timeout", "dns", "tls", "reset", "close")
_RETRIED = {"429": 1, "503": 1}  # seconds that the service asks the client to wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    One fault at one interaction or conversation, which ``place`` names as messages do.
    """

    fault: Fault
    number: int
    is_conversation: bool
    place: str

    @property
    def marker(self) -> str:
        """
        The marker with which a test reproduces it.
        """
        return self.marker_with()

    def marker_with(self, *further: str) -> str:
        """
        The same, with *further* keys and their values.
        """
        fault = self.fault
        kind = f'"status": {fault.status}' if fault.kind is Kind.STATUS else f'"kind": "{fault.kind.value}"'
        waits = "" if fault.retry_after is None else f', "retry_after": {fault.retry_after:g}'
        on = f'"{fault.on}"' if isinstance(fault.on, str) else f"{fault.on}"
        keys = ", ".join([f'{kind}{waits}, "on": {on}', *further])
        return f"@pytest.mark.vcr(fault={{{keys}}})"


def known_names() -> list[str]:
    return sorted({*GROUPS, *(name for group in GROUPS.values() for name in group), *_OF_CONVERSATIONS})


def chosen_names(asked: Sequence[str]) -> frozenset[str]:
    """
    The faults that *asked* names, one by one or as groups; all where it names none.
    """
    if not asked:
        return frozenset({*_OF_HTTP, *_OF_CONVERSATIONS})
    return frozenset(one for name in asked for one in GROUPS.get(name, (name,)))


def trials_of(cassette: Cassette, names: frozenset[str]) -> list[Trial]:
    """
    Every trial of *cassette* with the faults of *names*, in the order of the file.
    """
    found: list[Trial] = []
    for number, item in enumerate(cassette.interactions):
        for name in _applicable(item.request.method, item.response.body, item.response.chunks, names):
            fault = read_fault(name, on=number + 1, retry_after=_RETRIED.get(name))
            found.append(_trial(fault, number, item.request, is_conversation=False))
    for number, conversation in enumerate(cassette.conversations):
        has_frames = any(frame.direction is Direction.RECEIVE for frame in conversation.frames)
        for name in sorted(names):
            fault = read_fault(name, on=f"conversation {number + 1}")
            needs_frames = fault.kind in {Kind.READ_TIMEOUT, Kind.RESET, Kind.CLOSE}
            if fault.kind in OF_CONVERSATIONS and (has_frames or not needs_frames):
                found.append(_trial(fault, number, conversation.request, is_conversation=True))
    return found


def may_pass_for_whole(trial: Trial, cassette: Cassette) -> bool:
    """
    Whether half of the answer may look like a whole one; half of a JSON document never does.
    """
    if trial.is_conversation:
        return True
    return not isinstance(cassette.interactions[trial.number].response.body, JsonBody)


def sample(trials: Sequence[Trial], limit: int, *, test: str) -> list[Trial]:
    """
    At most *limit* of them, always the same ones, in their order; each interaction has its turn.
    """
    if not limit or len(trials) <= limit:
        return list(trials)
    chosen = random.Random(test).sample(range(len(trials)), limit)  # noqa: S311 - no secret
    return [trials[number] for number in sorted(chosen)]


def _applicable(method: str, body: object, chunks: Sequence[int], names: frozenset[str]) -> Iterator[str]:
    has_body = body is not None and method != "HEAD"
    for name in sorted(names):
        if name == "malformed-json" and not isinstance(body, JsonBody):
            continue
        if name in {"reset", "end", "malformed-chunk"} and not has_body:
            continue
        if name == "slow-pieces" and not chunks:
            continue
        if name != "close":
            yield name


def _trial(fault: Fault, number: int, request: StoredRequest, *, is_conversation: bool) -> Trial:
    what = "conversation" if is_conversation else "interaction"
    place = f"{what} {number + 1}, {request.method} {request.url}"
    return Trial(fault=fault, number=number, is_conversation=is_conversation, place=place)
