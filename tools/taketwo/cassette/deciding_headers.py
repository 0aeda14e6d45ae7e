"""
The headers of a request that decide which recorded answer is the one for it.

* ``Range``, every ``If-*``, those that name an operation (``X-Amz-Target``, ``SOAPAction``,
  ``X-HTTP-Method-Override``) and what the project lists always count: a request that has another one is
  another request.
* ``Accept``, ``Accept-Language``, ``Authorization`` and what the ``Vary`` of an answer names tell requests
  apart that are equal otherwise, as far as they were recorded with different ones.

All others mean nothing for a match.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from taketwo.cassette.model import Pairs, StoredRequest

_COUNTED = frozenset({"range", "soapaction", "x-amz-target", "x-http-method-override"})
_USUAL = ("accept", "accept-language", "authorization")
_ANY = "*"

VaryOf = Callable[[int], Collection[str]]
"""The headers that the answer of that number names in its ``Vary``."""


def counted(headers: Pairs, listed: Collection[str] = ()) -> Pairs:
    """
    The headers that always count, in one order; *listed* are names in lower case.
    """
    found = [
        (low, value.strip())
        for name, value in headers
        if (low := name.lower()) in _COUNTED or low.startswith("if-") or low in listed
    ]
    return tuple(sorted(found)) if len(found) > 1 else tuple(found)


def preferred(headers: Pairs, names: Sequence[str]) -> Pairs:
    """
    The values of *names*, empty where there is none.
    """
    return tuple((name, ", ".join(_values(headers, name))) for name in names)


def names_in_vary(headers: Pairs) -> tuple[str, ...]:
    """
    The headers that an answer with *headers* says it depends on.
    """
    named = (part.strip().lower() for value in _values(headers, "vary") for part in value.split(","))
    return tuple(name for name in named if name and name != _ANY)


def variants_of(firsts: Sequence[int], requests: Sequence[StoredRequest], vary: VaryOf) -> dict[int, Pairs]:
    """
    The deciding headers of each request that is equal to another one, and differs from it in one of them.

    *firsts* has for each request the number of the first that is equal to it.
    """
    groups: dict[int, list[int]] = {}
    for number, first in enumerate(firsts):
        groups.setdefault(first, []).append(number)
    found: dict[int, Pairs] = {}
    for numbers in groups.values():
        if len(numbers) > 1:
            found |= _apart(numbers, requests, vary)
    return found


def _apart(numbers: Sequence[int], requests: Sequence[StoredRequest], vary: VaryOf) -> Mapping[int, Pairs]:
    names = sorted({*_USUAL, *(name for number in numbers for name in vary(number))})
    values = [preferred(requests[number].headers, names) for number in numbers]
    messages = [name for place, name in enumerate(names) if len({pairs[place] for pairs in values}) > 1]
    if not messages:
        return {}
    return {number: preferred(requests[number].headers, messages) for number in numbers}


def _values(headers: Pairs, wanted: str) -> list[str]:
    return [" ".join(value.split()) for name, value in headers if name.lower() == wanted]
