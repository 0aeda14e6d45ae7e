"""
Whether two recordings mean the same, though their bytes differ.

The order of JSON members means nothing, nor does how a document is laid out, nor a header that only describes
the server or the bytes. Placeholders may have other numbers, as long as each of the accepted recording stands
for one value of the new one, and times have the same order: values that are equal by chance are equal in one
recording and not in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.volatile.generate import PLACEHOLDER

MEANINGLESS_HEADERS = frozenset({"etag", "server", "date", "x-powered-by", "content-length"})
"""Headers that only describe the server, or the bytes of the body."""

_RANKED = frozenset({"time", "counter"})


def with_accepted_meaning(accepted: Cassette | None, new: Cassette) -> Cassette:
    """
    *new* with the interactions of the *accepted* recording, where those mean the same.
    """
    if accepted is None or not means_the_same(accepted, new):
        return new
    return replace(new, interactions=accepted.interactions)


def means_the_same(before: Cassette, after: Cassette) -> bool:
    """
    Whether the interactions of two recordings of one test mean the same, and all else is equal.
    """
    if len(before.interactions) != len(after.interactions):
        return False
    if before.conversations != after.conversations or before.files != after.files or before.parts:
        return False
    comparison = _Comparison()
    pairs = zip(before.interactions, after.interactions, strict=True)
    return all(comparison.interactions(old, new) for old, new in pairs) and comparison.keeps_order()


@dataclass(slots=True)
class _Comparison:
    """
    Which placeholder of the second recording stands where one of the first does.
    """

    _names: dict[str, str] = field(default_factory=dict)

    def interactions(self, old: Interaction, new: Interaction) -> bool:
        return self._requests(old.request, new.request) and self._responses(old.response, new.response)

    def keeps_order(self) -> bool:
        """
        Whether what is in order in the first recording is in no other order in the second.
        """
        for kind in _RANKED:
            ranks = [(_number(old), _number(new)) for old, new in self._names.items() if _kind(old) == kind]
            numbers = [new for _, new in sorted(ranks)]
            if numbers != sorted(numbers):
                return False
        return True

    def _requests(self, old: StoredRequest, new: StoredRequest) -> bool:
        return (
            old.method == new.method
            and self._text(old.url, new.url)
            and self._pairs(old.query, new.query)
            and self._pairs(old.headers, new.headers)
            and self._body(old.body, new.body)
        )

    def _responses(self, old: StoredResponse, new: StoredResponse) -> bool:
        return (
            (old.status, old.version, old.reason, old.ended)
            == (new.status, new.version, new.reason, new.ended)
            and self._pairs(_telling(old.headers), _telling(new.headers))
            and self._body(old.body, new.body)
        )

    def _pairs(self, old: Pairs, new: Pairs) -> bool:
        return len(old) == len(new) and all(
            name == other and self._text(value, again)
            for (name, value), (other, again) in zip(old, new, strict=True)
        )

    def _body(self, old: Body, new: Body) -> bool:
        if isinstance(old, JsonBody) and isinstance(new, JsonBody):
            return self._value(old.value, new.value)
        if isinstance(old, BinaryBody) or type(old) is not type(new):
            return old == new
        before, after = (body_to_bytes(body).decode("utf-8", "surrogateescape") for body in (old, new))
        return self._text(before, after)

    def _value(self, old: JsonValue, new: JsonValue) -> bool:
        if isinstance(old, str) and isinstance(new, str):
            return self._text(old, new)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return old.keys() == new.keys() and all(self._value(old[key], new[key]) for key in old)
        if _is_list(old) and _is_list(new):
            return len(old) == len(new) and all(map(self._value, old, new))
        return type(old) is type(new) and old == new

    def _text(self, old: str, new: str) -> bool:
        if "<" not in old:
            return old == new
        if PLACEHOLDER.sub("<>", old) != PLACEHOLDER.sub("<>", new):
            return False
        pairs = zip(PLACEHOLDER.finditer(old), PLACEHOLDER.finditer(new), strict=True)
        return all(self._same(one[0], other[0]) for one, other in pairs)

    def _same(self, old: str, new: str) -> bool:
        """
        Whether the placeholder *old* can stand for the value of *new*, here as everywhere.
        """
        if _kind(old) != _kind(new) or _form(old) != _form(new) or _kind(old) == "secret":
            return old == new
        return self._names.setdefault(_base(old), _base(new)) == _base(new)


def _telling(headers: Iterable[tuple[str, str]]) -> Pairs:
    return tuple(pair for pair in headers if pair[0] not in MEANINGLESS_HEADERS)


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _steps(placeholder: str) -> list[str]:
    """
    The kind, the number and the form of a placeholder; what the client drew has ``sent`` in front.
    """
    steps = placeholder[1:-1].split(":", 3 if placeholder.startswith("<sent:") else 2)
    head = ":".join(steps[:2]) if steps[0] == "sent" else steps[0]
    return [head, *steps[2:]] if steps[0] == "sent" else steps


def _kind(placeholder: str) -> str:
    return _steps(placeholder)[0]


def _number(placeholder: str) -> int:
    number = _steps(placeholder)[1]
    return int(number) if number.isdecimal() else 0


def _form(placeholder: str) -> str:
    return ":".join(_steps(placeholder)[2:])


def _base(placeholder: str) -> str:
    return f"<{':'.join(_steps(placeholder)[:2])}>"
