"""
Which equal values are the same value, and which are equal by chance.

Times that are written to the second are equal whenever two things happen in one second, so that one recording
has one time where the next has two. Such a coarse time is distinguished by where it is: by the object that
it belongs to, by its name there, and, where nothing says whose it is, by the message. Short entity tags are
distinguished by the address that they are of, and short counters by the rule that found them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from taketwo.cassette.visit import Path, Scalar
from taketwo.cassette.volatile.detect import VolatileValue
from taketwo.cassette.volatile.timestamps import Instant

Scalars = Sequence[tuple[Path, Scalar]]
Found = list[list[Sequence[VolatileValue]]]
"""For each message and each of its values what is in it."""

TAG = "tag of "
"""How the scope of a short entity tag begins."""

_SHORT_TAG = 24
_OF_THE_ANSWER = frozenset(
    {"at", "date", "exp", "iat", "nbf", "now", "time", "timestamp", "ts", "expires_at"}
)
_SAVED = ("created", "updated", "modified", "changed")
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedMessage:
    """
    What one message holds, and when it was sent; what a service generates is in an answer first.

    ``address`` is the method and URL of the request. In a message that is ``drawable``, a client may have
    drawn values anew.
    """

    scalars: Scalars
    when: int
    answers: bool
    address: tuple[str, str] = ("", "")
    drawable: bool = False


def with_scopes(messages: Sequence[TimedMessage], found: Found) -> Found:
    """
    What was *found* in *messages*, with scopes.
    """
    coarse = _coarse_forms(found)
    return [
        list(_scoped(message, number, values, coarse)) if any(values) else values
        for number, (message, values) in enumerate(zip(messages, found, strict=True))
    ]


def _coarse_forms(found: Found) -> frozenset[str]:
    """
    The forms of times in which none has a fraction of a second.
    """
    forms: dict[str, bool] = {}
    for values in found:
        for one in (one for scalar in values for one in scalar if one.kind == "time"):
            forms[one.form] = forms.get(one.form, True) and _is_whole(one.meaning)
    return frozenset(form for form, is_coarse in forms.items() if is_coarse)


def _is_whole(meaning: str | int | Instant) -> bool:
    return isinstance(meaning, tuple) and not meaning[0].microsecond and not int(meaning[1])


def _scoped(
    message: TimedMessage, number: int, values: Sequence[Sequence[VolatileValue]], coarse: frozenset[str]
) -> Iterator[Sequence[VolatileValue]]:
    owners: Mapping[Path, str] | None = None
    for (path, _), inside in zip(message.scalars, values, strict=True):
        if not inside:
            yield inside
            continue
        if owners is None:
            owners = {at[:-1]: str(value) for at, value in message.scalars if at and at[-1] == "id"}
        yield [
            _with_scope(one, path, place, (message, number), owners, coarse)
            for place, one in enumerate(inside)
        ]


def _with_scope(
    found: VolatileValue,
    path: Path,
    place: int,
    where: tuple[TimedMessage, int],
    owners: Mapping[Path, str],
    coarse: frozenset[str],
) -> VolatileValue:
    message, number = where
    if found.kind == "etag" and len(found.text) < _SHORT_TAG and path[1:2] == ("headers",):
        return replace(found, scope=f"{TAG}{message.address[1]}")
    if found.kind != "time" or found.form not in coarse:
        return found
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    key = next(("saved" for word in _SAVED if name.lower().startswith(word)), name)
    owner = next(
        (owners[path[:length]] for length in range(len(path) - 1, 0, -1) if path[:length] in owners), None
    )
    if owner is not None:
        return replace(found, scope=f"{key} of {owner}")
    inside = f"{'.'.join(map(str, path[:-1]))}.{key} {place}"
    method, url = message.address
    if method in _READING and name not in _OF_THE_ANSWER and message.answers:
        return replace(found, scope=f"{inside} of {url}")
    return replace(found, scope=f"{inside} of message {number}")
