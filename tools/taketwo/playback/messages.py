"""
What to say when a cassette has no answer to a request.
"""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import SequenceMatcher
from importlib.util import find_spec

from taketwo.cassette.model import Pairs, StoredRequest
from taketwo.cassette.store.script_id import is_script
from taketwo.compare.structure import ValueDifference
from taketwo.config.extras import install_command
from taketwo.playback.request_differences import Blank, distance, listed, request_differences, short

_MOST_LISTED = 12
_LONGEST_LINE = 200
_MOST_COMPARED = 50  # requests whose addresses are alike, to tell which of them is the nearest


def no_match(
    request: StoredRequest,
    recorded: Sequence[StoredRequest],
    *,
    cassette: str,
    test: str,
    times_played: int,
    deciding: Pairs = (),
    headers: Collection[str] = (),
    notes: Callable[[StoredRequest], Iterable[str]] = lambda _: (),
    blank: Blank = bytes,
) -> str:
    """
    The message for a request of *test* that nothing matches: the request, the nearest recorded, what to type.

    *deciding* are the headers that distinguish it from requests which are equal but for them. *headers* are
    those that count beside the usual ones; *notes* are what else is to be known of the nearest one; *blank*
    hides secrets in what is shown of bytes.
    """
    line = line_of(request)
    if times_played:
        deciders = ", ".join(f"{name}: {short(value)}" for name, value in deciding)
        return "\n".join(
            [
                f"{cassette} has no further answer to {line}{f' with {deciders}' if deciders else ''}",
                f"it was recorded {_times(times_played)}, and every recorded answer has been played",
                advice("more often", test),
            ]
        )
    if not recorded:
        return f"{cassette} holds no interaction, and {_who(test)} sent {line}\n{advice('now', test)}"
    nearest = _nearest(request, recorded, headers)
    found = request_differences(nearest, request, headers, blank=blank)
    return "\n".join(
        [
            f"{cassette} has no answer to {line}",
            f"nearest is {line_of(nearest)}, which differs in:",
            *listed(found),
            *_graphql_as_text(found),
            *notes(nearest),
            advice("like this", test),
        ]
    )


def out_of_order(
    request: StoredRequest,
    recorded: Sequence[StoredRequest],
    *,
    turn: int,
    place: int,
    cassette: str,
    test: str,
) -> str:
    """
    The message for a request that is recorded at *place*, and comes when it is the turn of another one.
    """
    return "\n".join(
        [
            f"{cassette} is played in recorded order, and {line_of(request)} came out of turn",
            f"next is interaction {turn + 1} of {len(recorded)}: {line_of(recorded[turn])}",
            f"what {_who(test)} sent is recorded as interaction {place + 1}",
            'if the order does not matter, say order = "any"; ' + advice("in this order", test),
        ]
    )


def matched_loosely(
    recorded: StoredRequest, sent: StoredRequest, *, blank: Blank = bytes
) -> tuple[str, list[ValueDifference]]:
    """
    A request that only VCR.py's rules take for the recorded one, and in what it differs.
    """
    return line_of(sent), request_differences(recorded, sent, blank=blank)


def never_played(lines: Sequence[str], *, conversations: int, cassette: str, test: str) -> str:
    """
    The message for a test that passed without all that its cassette holds.
    """
    shown = [f"  - {line}" for line in lines[:_MOST_LISTED]]
    more = [f"  - and {len(lines) - len(shown)} more"] if len(lines) > len(shown) else []
    spoken = [f"  - {conversations} of the WebSocket conversations"] if conversations else []
    return "\n".join(
        [
            f"{_who(test)} passed, and never asked for all that {cassette} holds:",
            *shown,
            *more,
            *spoken,
            f"if it is right not to, record again: {record_command(test)}",
            'or allow it: unplayed = "report"',
        ]
    )


def no_cassette(path: str, request: StoredRequest, *, test: str, is_with_fault: bool = False) -> str:
    what_to_do = advice("now", test)
    if is_with_fault:
        what_to_do = (
            "a test with a fault is never recorded: name the cassette of one that records the same with "
            '@pytest.mark.default_cassette("...")'
        )
    return f"there is no cassette {path}, and {_who(test)} sent {line_of(request)}\n{what_to_do}"


def advice(how: str, test: str) -> str:
    """
    What to type when the test is right.
    """
    return f"if {_who(test)} is right to send it {how}, record again: {record_command(test)}"


def record_command(test: str) -> str:
    """
    What records the cassette of *test* again.
    """
    if is_script(test):
        return 'run it with TAKETWO_RECORD_MODE=rewrite, or say record_mode="rewrite"'
    return f"pytest --record-mode=rewrite {shlex.quote(test)}" if test else "pytest --record-mode=rewrite"


def _who(test: str) -> str:
    return "the code" if is_script(test) else "the test"


def _graphql_as_text(found: Sequence[ValueDifference]) -> list[str]:
    """
    The advice where GraphQL operations differ as text, and graphql-core is not installed to compare them.
    """
    if find_spec("graphql") or not any(one.path.endswith("json.query") for one in found):
        return []
    return [f"GraphQL operations are compared as text without graphql-core: {install_command('graphql')}"]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def line_of(request: StoredRequest) -> str:
    """
    A request in as many words as people need to know which one it is.
    """
    query = "&".join(f"{key}={value}" for key, value in request.query)
    line = f"{request.method} {request.url}{'?' if query else ''}{query}"
    return line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"


def _nearest(
    request: StoredRequest, recorded: Sequence[StoredRequest], headers: Collection[str]
) -> StoredRequest:
    """
    The one with the most similar address, and of several the one that differs in the fewest places.
    """
    return _with_distance(request, recorded, headers)[0]


def nearness(
    request: StoredRequest, recorded: Sequence[StoredRequest], headers: Collection[str] = ()
) -> tuple[float, ...]:
    """
    How far the nearest of *recorded* is from *request*, to be compared with that of another cassette.
    """
    if not recorded:
        return (math.inf,)
    nearest, distance_to_it = _with_distance(request, recorded, headers)
    unlike = 1 - SequenceMatcher(a=nearest.url, b=request.url).ratio()
    return (*distance_to_it[:3], unlike, *distance_to_it[3:])


def _with_distance(
    request: StoredRequest, recorded: Sequence[StoredRequest], headers: Collection[str]
) -> tuple[StoredRequest, tuple[float, ...]]:
    query = sorted(request.query)
    apart = [
        (request.url != other.url, request.method != other.method, query != sorted(other.query))
        for other in recorded
    ]
    least = min(apart)
    near = [other for other, differs in zip(recorded, apart, strict=True) if differs == least]
    nearest, fewest = near[0], (sys.maxsize, sys.maxsize)
    for other in near[:_MOST_COMPARED]:
        found = request_differences(other, request, headers)
        if (len(found), distance(found)) < fewest:
            nearest, fewest = other, (len(found), distance(found))
    return nearest, (*least, *fewest)
