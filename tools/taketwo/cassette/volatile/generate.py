"""
The placeholder of a volatile value in a cassette, and the value that a replay generates for it.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import datetime
from functools import cache

from taketwo.cassette.model import DRAWN, SENT, Interaction
from taketwo.cassette.secrets.stand_ins import is_number, played, secrets_of
from taketwo.cassette.visit import Scalar, request_texts, response_texts
from taketwo.cassette.volatile.timestamps import USUAL_FORM, write_instant, write_moment
from taketwo.config.text_shapes import Shape, parse_shape

_KINDS = "uuid|time|counter|etag|id|any|sent|secret"
PLACEHOLDER = re.compile(rf"<(\\*)({_KINDS}):([^<>\s]+)>")
STAND_IN = "<secret:"
SECRET = re.compile(rf"{STAND_IN}[^<>\s]+>")
"""The placeholder of a secret, in any form."""

_TYPED = frozenset({"counter", "time", "id", "any", "sent"})
_ANY: dict[str, Scalar] = {"number": 1, "boolean": True, "digits": "1", "duration": "1s", "text": "any"}
_FIRST_COUNT = 100_000  # more than what a test itself is likely to say

NUMBER = "number"
"""The form of an id that is a number in JSON."""

Reveal = Callable[[str], str]


def escape(text: str) -> str:
    """
    *text* so that nothing in it is taken for a placeholder.
    """
    return PLACEHOLDER.sub(r"<\\\1\2:\3>", text) if "<" in text else text


def stands_for_number(text: str) -> bool:
    """
    Whether a text of JSON is the placeholder of a number.
    """
    found = PLACEHOLDER.fullmatch(text) if text.startswith("<") else None
    if not found or found[1] or found[2] not in {*_TYPED, "secret"}:
        return False
    if found[2] == "secret":
        return is_number(found[3])
    value = _AS_TYPED.number(found[2], found[3])
    return isinstance(value, int | float) and not isinstance(value, bool)


def seed_of(test: str) -> int:
    """
    The seed of a test's cassette: the same on every machine, another one for every test.
    """
    return int.from_bytes(hashlib.sha256(test.encode()).digest()[:4], "big")


class Bindings:
    """
    What the client sent where it draws values anew: by their placeholders the digits of uuids and the texts
    of ids, and instants.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.moments: dict[str, datetime] = {}

    def update(self, other: Bindings) -> None:
        self.texts |= other.texts
        self.moments |= other.moments

    def without(self, other: Bindings) -> Bindings:
        """
        These but for those that *other* has.
        """
        rest = Bindings()
        rest.texts = {place: text for place, text in self.texts.items() if place not in other.texts}
        rest.moments = {place: moment for place, moment in self.moments.items() if place not in other.moments}
        return rest

    def forget(self, other: Bindings) -> None:
        """
        Lose what *other* has.
        """
        rest = self.without(other)
        self.texts, self.moments = rest.texts, rest.moments


class Generator:
    """
    Makes the values that a replay puts in the place of placeholders: the same ones for the same seed.

    *reveal* gives the value that a replay uses for a secret, by the secret's name; *counters* is the number
    that is counted from, where it is not the usual one.
    """

    def __init__(self, *, seed: int, time: str, reveal: Reveal, counters: int = 0) -> None:
        self._seed = seed
        self._first_count = counters or _FIRST_COUNT
        self._time = datetime.fromisoformat(time)
        self._reveal = reveal
        self._sent_secrets: Mapping[str, str] = {}
        self.bound = Bindings()

    def revealing(self, values: Mapping[str, str]) -> Generator:
        """
        The same, which plays *values* for the secrets of those names that say no form.
        """
        other = copy(self)
        other._sent_secrets = values  # noqa: SLF001 - a copy
        return other

    def fill(self, text: str) -> str:
        """
        *text* with a well-formed value for each placeholder.
        """
        return PLACEHOLDER.sub(self._value, text) if "<" in text else text

    def fill_value(self, text: str) -> Scalar:
        """
        The same for a text of JSON: a placeholder of a number becomes a number.
        """
        return self._filled(text, self.fill)

    def fill_but_secrets(self, text: str) -> str:
        """
        As :meth:`fill`, except that secrets stay as they are stored.
        """
        return PLACEHOLDER.sub(self._value_but_secrets, text) if "<" in text else text

    def fill_value_but_secrets(self, text: str) -> Scalar:
        return self._filled(text, self.fill_but_secrets)

    def fill_but_drawn(self, text: str) -> str:
        """
        As :meth:`fill_but_secrets`, except that what the client draws anew stays as it is stored too.
        """
        return PLACEHOLDER.sub(self._value_but_drawn, text) if "<" in text else text

    def fill_value_but_drawn(self, text: str) -> Scalar:
        found = PLACEHOLDER.fullmatch(text) if text.startswith("<") else None
        return text if found and found[2] in DRAWN else self._filled(text, self.fill_but_drawn)

    def number(self, kind: str, name: str) -> Scalar:
        """
        What stands for a placeholder that is all there is of a text.
        """
        filled = self._typed(kind, name)
        # Nothing that we wrote stays as a person put it there.
        return f"<{kind}:{name}>" if filled is None else filled

    def _typed(self, kind: str, name: str) -> Scalar:
        number, _, form = name.partition(":")
        if kind in {"any", SENT}:
            return self._any(name) if kind == "any" else self._sent(number, form)
        if not number.isdecimal():
            return None
        if kind == "time":
            return self._time_of(number, form)
        if kind == "id":
            count = 10**8 + int.from_bytes(self._digest("id", number)[:4], "big") % 10**8
            return count if form == NUMBER else str(count)
        count = int(number[:15]) + self._first_count
        return str(count) if form else count

    def _time_of(self, number: str, form: str) -> Scalar:
        try:
            return write_instant(self._time, int(number), form or USUAL_FORM)
        except (ValueError, OverflowError):
            return None

    def _any(self, form: str) -> Scalar:
        return _ANY[form] if form in _ANY else self._time_of("0", form)

    def _sent(self, kind: str, name: str) -> Scalar:
        """
        What the client sent where it drew a value of *kind*; as long as it has not, one of our own.
        """
        number, _, form = name.partition(":")
        if not number.isdecimal():
            return None
        place = f"{kind}:{number}"
        if kind == "time":
            moment = self.bound.moments.get(place)
            return self._time_of(number, form) if moment is None else write_moment(moment, form or USUAL_FORM)
        bound = self.bound.texts.get(place)
        digest = self._digest(SENT, number)
        if kind == "uuid":
            return _write_uuid(bound or digest.hex()[:32], form)
        if kind != "id":
            return None
        if not form.startswith(NUMBER):
            return bound or digest.hex()[:16]
        digits = bound or str(int.from_bytes(digest[:4], "big"))
        return int(digits) if form == NUMBER else digits

    def _filled(self, text: str, fill: Callable[[str], str]) -> Scalar:
        if not text.startswith("<"):
            return fill(text)
        found = PLACEHOLDER.fullmatch(text)
        if found and not found[1] and _is_typed(found[2], found[3]):
            return self.number(found[2], found[3])
        if found and not found[1] and found[2] == "secret" and is_number(found[3]):
            value = fill(text)
            return int(value) if value.isdecimal() else value
        return fill(text)

    def _value_but_drawn(self, found: re.Match[str]) -> str:
        return found[0] if found[2] in DRAWN else self._value_but_secrets(found)

    def _value_but_secrets(self, found: re.Match[str]) -> str:
        return found[0] if found[2] == "secret" and not found[1] else self._value(found)

    def _value(self, found: re.Match[str]) -> str:
        escaped, kind, name = found.groups()
        if escaped:
            return f"<{escaped[1:]}{kind}:{name}>"
        match kind:
            case "secret":
                sent = self._sent_secrets
                return played(name, self._reveal, at=int(self._time.timestamp()), sent=sent)
            case "uuid":
                return self._uuid(*name.partition(":")[::2])
            case "any" if name == "boolean":
                return "true"
            case _ if _is_typed(kind, name):
                return str(self.number(kind, name))
            case _:
                return self._opaque(kind, *name.partition(":")[::2])

    def _uuid(self, number: str, form: str) -> str:
        return _write_uuid(uuid.UUID(bytes=self._digest("uuid", number)[:16], version=4).hex, form)

    def _opaque(self, kind: str, number: str, pattern: str) -> str:
        shape = _shape(pattern)
        if shape is None:
            return self._digest(kind, f"{number}:{pattern}" if pattern else number).hex()[:16]
        start = int.from_bytes(self._digest(kind, pattern), "big")
        return shape.nth(start + int(number[:15]) if number.isdecimal() else start)

    def _digest(self, kind: str, name: str) -> bytes:
        return hashlib.sha256(f"{self._seed} {kind} {name}".encode()).digest()


def _is_typed(kind: str, name: str) -> bool:
    return kind in _TYPED and (kind != "id" or name.partition(":")[2].startswith(NUMBER))


def _write_uuid(digits: str, form: str) -> str:
    made = uuid.UUID(hex=digits)
    text = made.hex if "hex" in form else str(made)
    return text.upper() if "upper" in form else text


def names_of_secrets(interactions: Iterable[Interaction]) -> set[str]:
    """
    The names of the secrets whose stand-ins are in *interactions*, each with its form where it says one.
    """
    return {
        name
        for interaction in interactions
        for _, text in [*request_texts(interaction.request), *response_texts(interaction.response)]
        for found in PLACEHOLDER.finditer(text)
        if found[2] == "secret" and not found[1]
        for name in secrets_of(found[3])
    }


@cache
def _shape(pattern: str) -> Shape | None:
    try:
        return parse_shape(pattern) if pattern else None
    except (ValueError, OverflowError, re.error):  # nothing that we wrote
        return None


_AS_TYPED = Generator(seed=0, time="2026-01-01T00:00:00Z", reveal=str)
