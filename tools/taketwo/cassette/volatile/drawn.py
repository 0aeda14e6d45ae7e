"""
What a client draws anew for its requests: a replay takes any other value of the same kind in its place.

A recorded request holds ``<sent:uuid:1>`` where the client drew a uuid. :func:`aligned` gives the request as
it would have been recorded with the values of the one that comes in, as far as these are of that kind, and
what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from taketwo.cassette.model import DRAWN, Body, StoredRequest
from taketwo.cassette.visit import Path, Scalar, map_scalars, scalars_of
from taketwo.cassette.volatile.generate import NUMBER, PLACEHOLDER, Bindings
from taketwo.cassette.volatile.timestamps import moment_of

_UUID = r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"
_TIME = r"[0-9A-Za-z:.,+ -]{4,40}"
_PATTERNS = {"uuid": _UUID, "time": _TIME, "id": r"[^\s/?&\"'<>]{4,}"}
_ANY = r"[^\n]*"
_KINDS = {"uuid": "a uuid", "time": "a time", "id": "an id", "any": "a value"}
_MOST_APART = 1.0  # seconds: two forms of one time, of which one has no fraction


@dataclass(slots=True)
class Alignment:
    """
    A recorded request with the values of one that came in, and what they are.

    ``kinds`` tells, by the place, for what another value was taken.
    """

    request: StoredRequest
    bindings: Bindings
    kinds: dict[str, str] = field(default_factory=dict)


def holds_drawn(request: StoredRequest) -> bool:
    """
    Whether there is something in *request*, headers included, that the client drew anew.
    """
    return any(_is_drawn(value) for _, value in scalars_of(request) if isinstance(value, str))


def aligned(recorded: StoredRequest, received: StoredRequest, bound: Bindings) -> Alignment:
    """
    *recorded* with what *received* has where the client draws values; *bound* are those that it sent before.
    """
    came: dict[Path, list[Scalar]] = {}
    for path, value in scalars_of(received):
        came.setdefault(path, []).append(value)
    bindings = Bindings()
    bindings.update(bound)
    walk = _Walk(came, bindings)
    found = map_scalars(recorded, walk.visit)
    return Alignment(found, bindings, walk.kinds)


def aligned_body(recorded: Body, received: Body, bound: Bindings) -> Alignment:
    """
    The same of a message that has a body only.
    """
    one, other = (StoredRequest(method="", url="", body=body) for body in (recorded, received))
    return aligned(one, other, bound)


class _Walk:
    def __init__(self, came: Mapping[Path, list[Scalar]], bindings: Bindings) -> None:
        self._came = came
        self._bindings = bindings
        self._seen: dict[Path, int] = {}
        self.kinds: dict[str, str] = {}

    def visit(self, path: Path, value: Scalar) -> Scalar:
        number = self._seen.get(path, 0)
        self._seen[path] = number + 1
        if not isinstance(value, str) or not _is_drawn(value) or not path:
            return value
        candidates = self._came.get(path, [])
        if number >= len(candidates):
            return value
        received = candidates[number]
        if not self._takes(value, received):
            return value
        self._note(path, value)
        return received

    def _takes(self, value: str, received: Scalar) -> bool:
        whole = PLACEHOLDER.fullmatch(value)
        if whole and whole[2] == "any":
            return True
        if received is None or isinstance(received, bool):
            return False
        if not isinstance(received, str) and (not whole or not _is_number(whole[3])):
            return False
        pattern, places = _pattern(value)
        found = pattern.fullmatch(str(received))
        if found is None:
            return False
        return all(self._bind(name, text) for name, text in zip(places, found.groups(), strict=True) if name)

    def _bind(self, name: str, text: str) -> bool:
        """
        Whether *text* can stand where *name* does: the same that was there before, if any was.
        """
        kind, number, form = [*name.split(":", 2), ""][:3]
        place = f"{kind}:{number}"
        if kind == "time":
            moment = moment_of(text, form)
            if moment is None:
                return False
            known = self._bindings.moments.setdefault(place, moment)
            return abs((known - moment).total_seconds()) < _MOST_APART
        if kind == "uuid":
            text = text.replace("-", "").lower()
        return self._bindings.texts.setdefault(place, text) == text

    def _note(self, path: Path, value: str) -> None:
        place = ".".join(map(str, path[1:]))
        drawn = next(each for each in PLACEHOLDER.finditer(value) if each[2] in DRAWN)
        kind = "any" if drawn[2] == "any" else drawn[3].partition(":")[0]
        self.kinds[place] = _KINDS.get(kind, "a value")


def _is_drawn(value: str) -> bool:
    return "<" in value and any(each[2] in DRAWN and not each[1] for each in PLACEHOLDER.finditer(value))


def _is_number(name: str) -> bool:
    """
    Whether what a placeholder stands for is a number in JSON.
    """
    kind, _, form = name.split(":", 2) if name.count(":") > 1 else (name, "", "")
    return (kind == "id" and form == NUMBER) or (kind == "time" and not form.endswith("text"))


@cache
def _pattern(value: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """
    What finds texts that are like *value*, and the placeholder of each group; an empty one for any value.
    """
    parts, places, end = [], [], 0
    for found in PLACEHOLDER.finditer(value):
        if found[1] or found[2] not in DRAWN:
            continue
        kind = found[3].partition(":")[0]
        parts += [re.escape(value[end : found.start()]), f"({_PATTERNS.get(kind, _ANY)})"]
        if found[2] == "any":
            parts[-1] = f"({_ANY})"
        places.append("" if found[2] == "any" else found[3])
        end = found.end()
    return re.compile("".join([*parts, re.escape(value[end:])])), tuple(places)
