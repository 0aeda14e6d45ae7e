"""
Whether a cassette holds what the faults of a test are about; a fault that nothing can meet would leave a test
green that shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taketwo.cassette.model import Cassette, Direction, Interaction, StoredRequest
from taketwo.config.faults import OF_BODIES, OF_CONVERSATIONS, PIECEWISE, Fault, Kind, names_of
from taketwo.errors import ConfigError
from taketwo.playback.faults import CONVERSATION, INTERACTION, can_have, concerns

_MOST_LISTED = 12


def check_faults(faults: Sequence[Fault], cassette: Cassette | None, name: str) -> None:
    """
    Refuse those of *faults* that nothing of *cassette*, which is called *name*, can meet.

    Where there is no cassette, the first request says so.

    :raises ConfigError: listing every mistake.
    """
    if cassette is None:
        return
    mistakes = [mistake for fault in faults if (mistake := _mistake(fault, cassette, name))]
    if mistakes:
        raise ConfigError("\n".join(mistakes))


def _mistake(fault: Fault, cassette: Cassette, name: str) -> str:
    named = [place for place in _places(cassette) if concerns(fault.on, *place)]
    if not named:
        return "\n".join([f"vcr.fault: {_where(fault)} is not in {name}", *_listed(cassette)])
    met = [(kind, number) for kind, number, _ in named if can_have(fault.kind, kind)]
    if not met:
        return _wrong_kind(fault, named[0][0])
    met = [place for place in met if _has_what_breaks(cassette, fault, *place)]
    if not met:
        return f"vcr.fault: {_where(fault)} has no body, and the fault {fault.name} is one of bodies"
    if fault.after is None or any(fault.after <= _pieces(cassette, fault, *place) for place in met):
        return ""
    kind, number = met[0]
    pieces = _pieces(cassette, fault, kind, number)
    what = "messages of the service" if kind == CONVERSATION else "pieces"
    has = f"{kind} {number + 1} has no {fault.after} {what} before the fault {fault.name}"
    breaks_off = kind == INTERACTION and fault.kind is not Kind.READ_TIMEOUT
    most = (
        "leave out after: it has one piece, and breaks off in it"
        if breaks_off and not pieces
        else f"after is at most {pieces}"
    )
    return f"vcr.fault.after: {has}; {most}"


def _has_what_breaks(cassette: Cassette, fault: Fault, kind: str, number: int) -> bool:
    is_amid_body = fault.kind is Kind.READ_TIMEOUT and fault.after is not None
    if kind == CONVERSATION or not (is_amid_body or fault.kind in OF_BODIES):
        return True
    item = cassette.interactions[number]
    return item.response.body is not None and item.request.method != "HEAD"


def _places(cassette: Cassette) -> Iterator[tuple[str, int, StoredRequest]]:
    for number, item in enumerate(cassette.interactions):
        yield INTERACTION, number, item.request
    for number, conversation in enumerate(cassette.conversations):
        yield CONVERSATION, number, conversation.request


def _where(fault: Fault) -> str:
    if fault.on is None:
        return "a request that could meet it"
    return f"{INTERACTION} {fault.on}" if isinstance(fault.on, int) else repr(fault.on)


def _listed(cassette: Cassette) -> list[str]:
    lines = [
        f"  {_named(kind, number)}: {request.method} {request.url}"
        for kind, number, request in _places(cassette)
    ]
    more = [f"  and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    return ["name one of these with on=:", *lines[:_MOST_LISTED], *more] if lines else ["it holds nothing"]


def _named(kind: str, number: int) -> str:
    """
    As ``on`` takes it.
    """
    return f"{number + 1}" if kind == INTERACTION else f"'{kind} {number + 1}'"


def _wrong_kind(fault: Fault, kind: str) -> str:
    if kind == INTERACTION:
        return f"vcr.fault: {fault.name} is a fault of WebSocket conversations, and {_where(fault)} is none"
    possible = names_of([one for one in Kind if one in OF_CONVERSATIONS])
    return f"vcr.fault: no WebSocket conversation can have the fault {fault.name}; it can have: {possible}"


def _pieces(cassette: Cassette, fault: Fault, kind: str, number: int) -> int:
    """
    Behind how many pieces, or messages, a break is one; behind the last piece only where more was to come.
    """
    if fault.kind not in PIECEWISE:
        return 0
    if kind == CONVERSATION:
        frames = cassette.conversations[number].frames
        return sum(frame.direction is Direction.RECEIVE for frame in frames)
    return _pieces_of(cassette.interactions[number], fault.kind)


def _pieces_of(item: Interaction, kind: Kind) -> int:
    pieces = sum(size > 0 for size in item.response.chunks)
    if kind is Kind.MALFORMED_CHUNK:
        return max(pieces, 1)
    return max(pieces - 1, 0) if kind is Kind.SHORT else pieces
