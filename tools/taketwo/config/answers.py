"""
Changed answers that a test asks for with ``@pytest.mark.vcr(answer=…)``: where in which recorded answer, and
what is there instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from taketwo.config.kinds import NOTHING, between, boolean, kind_of, table_of_texts
from taketwo.config.tables import Table
from taketwo.errors import ConfigError

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"

_FIRST_STATUS, _LAST_STATUS = 200, 599
_MOST = 10**6
_FIRST: int | str = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """
    One change of a recorded answer.

    * ``on`` names the interactions: one by its number from 1, or those of a method and URL, ``GET https://…``
    * ``at`` is a JSON Pointer (RFC 6901) into the body; empty for the whole body
    * ``value`` is put there, or what is there goes where it is to be ``removed``; with neither the body stays
    * ``status`` and ``headers`` replace those of the answer
    """

    on: int | str = 1
    at: str = ""
    value: Json = None
    has_value: bool = False
    removed: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def steps(self) -> tuple[str, ...]:
        """
        The keys of the pointer, as they read without its escapes.
        """
        return tuple(one.replace("~1", "/").replace("~0", "~") for one in self.at.split("/")[1:])

    def as_option(self) -> dict[str, object]:
        """
        The table that a test writes for it.
        """
        written: dict[str, object] = {"on": self.on}
        if self.status is not None:
            written["status"] = self.status
        if self.headers:
            written["headers"] = dict(self.headers)
        if self.at:
            written["at"] = self.at
        if self.has_value:
            written["value"] = self.value
        if self.removed:
            written["remove"] = True
        return written


def pointer(steps: tuple[str | int, ...]) -> str:
    """
    The JSON Pointer of *steps*.
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def answers_of_test(options: Mapping[str, object]) -> tuple[ChangedAnswer, ...]:
    """
    The changed answers that a test's own options ask for by ``answer=``.

    :raises ConfigError: listing every mistake.
    """
    asked = options.get("answer")
    if asked is None:
        return ()
    several = asked if isinstance(asked, list | tuple) else [asked]
    tables = [
        Table(one, "vcr.answer" if several is not asked else f"vcr.answer[{number}]")
        for number, one in enumerate(several, 1)
    ]
    found = tuple(map(_read, tables))
    for table in tables:
        table.refuse_unknown()
    mistakes = sorted(mistake for table in tables for mistake in table.mistakes)
    if mistakes:
        raise ConfigError("\n".join(["this test cannot be played as it asks:", *mistakes]))
    return found


def _read(table: Table) -> ChangedAnswer:
    changed = ChangedAnswer(
        on=table.take("on", _on, default=_FIRST),
        at=table.take("at", _pointer, ""),
        value=table.take("value", _json, None),
        has_value=table.has_key("value"),
        removed=table.take("remove", boolean, default=False),
        status=table.take("status", between(_FIRST_STATUS, _LAST_STATUS), None),
        headers=table.take("headers", table_of_texts, NOTHING),
    )
    if changed.has_value and changed.removed:
        table.mistake("has both value and remove; give one of them")
    elif not (changed.has_value or changed.removed or changed.headers or changed.status is not None):
        table.mistake("changes nothing; give value, remove=True, status or headers")
    return changed


def _on(value: object) -> int | str:
    if isinstance(value, str) and " " in value.strip():
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST:
        return value
    raise ValueError('the number of an interaction, or its method and URL as in "GET https://…"', repr(value))


def _pointer(value: object) -> str:
    if isinstance(value, str) and (not value or value.startswith("/")):
        return value
    shown = repr(value) if isinstance(value, str) else kind_of(value)
    raise ValueError('a JSON Pointer such as "/items/0/name"', shown)


def _json(value: object) -> Json:
    """
    A value of JSON as tests write it: tuples are lists.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): _json(one) for key, one in value.items()}
    raise ValueError("a value of JSON", type(value).__name__)
