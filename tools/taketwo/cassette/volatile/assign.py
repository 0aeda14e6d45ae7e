r"""
What a service mints (ids, times, counters …) becomes a placeholder, and a replay mints it anew.

``<uuid:1>`` is the first minted uuid of the cassette, ``<time:2>`` the second minted instant in the order of
time, ``<counter:3>`` the third minted number by size, ``<etag:1>`` and ``<id:1>`` are opaque values. A text
of the test that happens to look like a placeholder is kept apart by a backslash: ``<\uuid:1>``.

A value is minted when an answer held it before any request did. From there on it is the same placeholder
wherever it stands, in requests too:

* uuids and times, which can be told by their looks, in any text
* a long opaque value or number anywhere, as a word of its own
* a short one, which stands in too many texts by chance, where a header or a rule of the project finds it; one
  that a rule found also under the same name, and as a step of a URL
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Protocol

from taketwo.cassette.model import Interaction
from taketwo.cassette.visit import Path, Scalar, Visit, is_in_json, map_scalars, scalars_of
from taketwo.cassette.volatile.detect import Detector, Meaning, VolatileValue
from taketwo.cassette.volatile.timestamps import USUAL_FORM, has_room, without_fraction

Scalars = Sequence[tuple[Path, Scalar]]

_LONG_TEXT = 8
_LONG_NUMBER = 3
_WORD = re.compile(r"[\w-]+(?:[.+=~][\w-]+)*=*")
_RANKED = {"time", "counter"}
_Identity = tuple[str, Meaning]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedMessage:
    """
    What one message holds, and when it was said; what a service mints is in an answer first.
    """

    scalars: Scalars
    when: int
    answers: bool


def assign_placeholders(
    interactions: Sequence[Interaction],
    order: Sequence[tuple[int, int]],
    finder: Detector | None = None,
    *,
    known: Sequence[VolatileValue] = (),
) -> tuple[Interaction, ...]:
    """
    *interactions* with a placeholder for every value that the service minted.

    *order* tells for each interaction when it was issued and answered. Placeholders are numbered by first
    appearance, times and counters by their order. *known* is what was there before them.
    """
    return with_names(interactions, names_in(interactions, order, finder, known=known))


def names_in(
    interactions: Sequence[Interaction],
    order: Sequence[tuple[int, int]],
    finder: Detector | None = None,
    *,
    known: Sequence[VolatileValue] = (),
) -> Names | None:
    """
    The placeholders that :func:`put_placeholders` puts into *interactions*; None where there are none.
    """
    finder = finder or Detector()
    # Nothing is minted that no answer holds, and to look through all texts at once takes little.
    if not any(finder.may_find(item.response) for item in interactions):
        return None
    said = [
        TimedMessage(scalars=scalars_of(message), when=when, answers=answers)
        for interaction, (issued, answered) in zip(interactions, order, strict=True)
        for message, when, answers in (
            (interaction.request, issued, False),
            (interaction.response, answered, True),
        )
    ]
    names = Names(said, finder, known)
    return names or None


def with_names(interactions: Sequence[Interaction], names: Names | None) -> tuple[Interaction, ...]:
    """
    *interactions* with the placeholders that were found in them.
    """
    if names is None:
        return tuple(interactions)
    return tuple(_with_names(item, names, 2 * number) for number, item in enumerate(interactions))


def _with_names(interaction: Interaction, names: Names, number: int) -> Interaction:
    return Interaction(
        map_scalars(interaction.request, names.visit(number)),
        map_scalars(interaction.response, names.visit(number + 1)),
    )


class Names:
    """
    The placeholders of a take, whose messages are *said* in the order of the file.
    """

    def __init__(
        self, said: Sequence[TimedMessage], finder: Detector, known: Sequence[VolatileValue] = ()
    ) -> None:
        self._found = [finder.find_all(one.scalars) for one in said]
        self._minted = _volatile_values(said, self._found, known)
        inside = (one for scalars in self._found for found in scalars for one in found)
        self._naming: Naming = _Naming(one for one in inside if _identity(one) in self._minted)
        firsts = [one.found for one in self._minted.values()]
        self._words = {one.text: one for one in firsts if _is_long(one)}
        self._by_key = {(one.key, one.text): one for one in firsts if one.key is not None}
        self._steps = {one.found.text: one.found for one in self._minted.values() if one.is_new_to_urls}

    def __bool__(self) -> bool:
        return bool(self._minted)

    def visit(self, number: int) -> Visit:
        """
        What puts placeholders into the values of the message *number*, visited in the order of the file.
        """
        return self.visiting(self._found[number])

    def visiting(self, found: Iterable[Sequence[VolatileValue]]) -> Visit:
        """
        The same for a message in which *found* is what could have been minted, value by value.
        """
        following = iter(found)
        return lambda path, value: self._named(path, value, next(following))

    def minted(self) -> list[VolatileValue]:
        """
        What has a placeholder, as it was found first.
        """
        return [one.found for one in self._minted.values()]

    def name(self, found: VolatileValue) -> str:
        return self._naming.name(found)

    def named_by(self, naming: Naming) -> Names:
        """
        The same, with what *naming* gives in the place of placeholders.
        """
        other = copy(self)
        other._naming = naming  # noqa: SLF001 - one of the same class
        return other

    def _named(self, path: Path, value: Scalar, found: Sequence[VolatileValue]) -> Scalar:
        if value is None or isinstance(value, bool):
            return value
        text = str(value)
        if not isinstance(value, str):
            known = next(iter(found), None) or self._known(path, text)
            is_number = known is not None and known.kind in _RANKED and _identity(known) in self._minted
            return self._naming.number(known) if known and is_number else value
        parts, end = [], 0
        for one in found:
            if _identity(one) in self._minted:
                parts += [self._rest(path, text[end : one.start]), self._naming.name(one)]
                end = one.end
        if not parts and (whole := self._known(path, text)) is not None:
            return self._naming.name(_in_place(whole, path))
        return "".join([*parts, self._rest(path, text[end:])])

    def _known(self, path: Path, text: str) -> VolatileValue | None:
        """
        What was minted and is all there is of a value.
        """
        return self._words.get(text) or (self._by_key.get((str(path[-1]), text)) if path else None)

    def _rest(self, path: Path, text: str) -> str:
        """
        A part of a text in which nothing was found, with what is known from elsewhere.
        """
        if self._steps and path[1:] == ("url",):
            text = "/".join(map(self._step, text.split("/")))
        return _WORD.sub(self._word, text) if self._words else text

    def _step(self, step: str) -> str:
        found = self._steps.get(step)
        return self._naming.name(_inside(found)) if found else step

    def _word(self, word: re.Match[str]) -> str:
        found = self._words.get(word[0])
        return self._naming.name(_inside(found)) if found else word[0]


@dataclass(frozen=True, slots=True)
class _Volatile:
    """
    What was minted, as it was found first; ``is_new_to_urls`` when no URL had held it by then.
    """

    found: VolatileValue
    is_new_to_urls: bool


@dataclass(slots=True)
class _SentValues:
    """
    What the test has said so far.
    """

    identities: set[_Identity] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    members: set[tuple[str, str]] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, known: Sequence[VolatileValue]) -> _SentValues:
        """
        What is *known* counts as said.
        """
        return cls(
            identities=set(map(_identity, known)),
            words={one.text for one in known},
            members={(one.key, one.text) for one in known if one.key is not None},
        )

    def note(self, scalars: Scalars) -> None:
        for path, value in scalars:
            text = str(value)
            self.words.add(text)
            self.words.update(_WORD.findall(text))
            if path:
                self.members.add((str(path[-1]), text))
            if path[1:] == ("url",):
                self.steps.update(text.split("/"))

    def holds(self, found: VolatileValue) -> bool:
        return (
            _identity(found) in self.identities
            or (_is_long(found) and found.text in self.words)
            or (found.key is not None and (found.key, found.text) in self.members)
        )


def _volatile_values(
    said: Sequence[TimedMessage],
    found: Sequence[Sequence[Sequence[VolatileValue]]],
    known: Sequence[VolatileValue],
) -> dict[_Identity, _Volatile]:
    sent = _SentValues.of(known)
    minted: dict[_Identity, _Volatile] = {}
    if not any(one.answers and any(scalars) for one, scalars in zip(said, found, strict=True)):
        return minted
    for _, _, number in sorted((one.when, one.answers, number) for number, one in enumerate(said)):
        values = [one for scalar in found[number] for one in scalar if _identity(one) not in minted]
        if not said[number].answers:
            sent.note(said[number].scalars)
            sent.identities.update(map(_identity, values))
            continue
        for one in values:
            if not sent.holds(one):
                is_new = one.key is not None and one.text not in sent.steps
                minted.setdefault(_identity(one), _Volatile(one, is_new))
    return minted


def _identity(found: VolatileValue) -> _Identity:
    return found.kind, found.meaning


def _is_long(found: VolatileValue) -> bool:
    """
    Whether a value that cannot be told by its looks is hardly in a text by chance.
    """
    if found.kind == "uuid" and found.form in {"", "upper"}:
        return False
    if found.kind in _RANKED:
        return found.text.lstrip("-").isdecimal() and len(found.text.lstrip("-")) >= _LONG_NUMBER
    return len(found.text) >= _LONG_TEXT


def _in_place(found: VolatileValue, path: Path) -> VolatileValue:
    """
    *found* as it is when it is all there is of a text at *path*.
    """
    inside = _inside(found)
    if found.kind not in _RANKED or not is_in_json(path):
        return inside
    return replace(inside, form=f"{inside.form}-text".lstrip("-"))


def _inside(found: VolatileValue) -> VolatileValue:
    return (
        replace(found, form=found.form.removesuffix("text").rstrip("-")) if found.kind in _RANKED else found
    )


class Naming(Protocol):
    """
    What is put in the place of a value that was minted.
    """

    def name(self, found: VolatileValue) -> str:
        """
        In a text.
        """

    def number(self, found: VolatileValue) -> Scalar:
        """
        In the place of a number.
        """


class _Naming:
    """
    The placeholder of each value that was minted.
    """

    def __init__(self, minted: Iterable[VolatileValue]) -> None:
        self._numbers: dict[_Identity, int] = {}
        self._patterns: dict[_Identity, str] = {}
        self._whole: set[_Identity] = set()
        counts: dict[str, int] = {}
        for one in minted:
            identity = _identity(one)
            if one.kind in _RANKED:
                self._numbers[identity] = 0
                if one.kind == "time" and not has_room(one.form):
                    self._whole.add(identity)
                continue
            if identity not in self._numbers:
                self._numbers[identity] = counts[one.kind] = counts.get(one.kind, 0) + 1
            if one.form and one.kind != "uuid":
                self._patterns.setdefault(identity, one.form)
        for kind in _RANKED:
            ranked = sorted(identity for identity in self._numbers if identity[0] == kind)
            self._numbers.update({identity: number for number, identity in enumerate(ranked, 1)})

    def name(self, found: VolatileValue) -> str:
        form = self._form(found)
        return f"<{found.kind}:{self._numbers[_identity(found)]}{':' if form else ''}{form}>"

    def number(self, found: VolatileValue) -> Scalar:
        return self.name(found)

    def _form(self, found: VolatileValue) -> str:
        identity = _identity(found)
        if found.kind == "time":
            is_whole = identity in self._whole and has_room(found.form)
            form = without_fraction(found.form) if is_whole else found.form
            return "" if form == USUAL_FORM else form
        return self._patterns.get(identity, "") if found.kind in {"id", "etag"} else found.form
