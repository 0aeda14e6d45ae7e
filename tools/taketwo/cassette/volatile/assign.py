r"""
What a service generates (ids, times, counters …) becomes a placeholder; a replay generates it anew.

``<uuid:1>`` is the first generated uuid of the cassette, ``<time:2>`` the second generated time, in the order
of time, ``<counter:3>`` the third generated number by size, ``<etag:1>`` and ``<id:1>`` are opaque values. A
text of the test that happens to look like a placeholder is escaped by a backslash: ``<\uuid:1>``.

``<any:number>`` is what means nothing, such as a latency, and ``<sent:uuid:1>`` the first uuid that the
client drew anew for a request: a replay takes any other there, and gives it back where answers echo it.

A value counts as generated when an answer held it before any request did. From there on it is the same
placeholder wherever it occurs, in requests too:

* uuids and times, which have a form of their own, in any text
* a long opaque value or number anywhere, as a word of its own
* a short one, which occurs in too many texts by chance, where a header or a rule of the project finds it; one
  that a rule found also under the same name, and as a step of a URL
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Protocol

from taketwo.cassette.body.gist import Gists
from taketwo.cassette.model import SENT, Interaction
from taketwo.cassette.visit import Path, Scalar, Visit, is_in_json, map_scalars, scalars_of
from taketwo.cassette.volatile.detect import Detector, Meaning, VolatileValue
from taketwo.cassette.volatile.generate import NUMBER, SECRET, STAND_IN
from taketwo.cassette.volatile.scopes import TAG, Found, Scalars, TimedMessage, with_scopes
from taketwo.cassette.volatile.time_order import Chance, TimeInMessage, in_order
from taketwo.cassette.volatile.timestamps import USUAL_FORM, has_room, without_fraction

_LONG_TEXT = 8
_LONG_NUMBER = 3
_WORD = re.compile(r"[\w-]+(?:[.+=~][\w-]+)*=*")
_RANKED = {"time", "counter"}
_ANY = "any"
_NO_SECTIONS: Mapping[int, int] = MappingProxyType({})
_TYPED = {*_RANKED, "id", _ANY}
_Identity = tuple[str, Meaning, str]
_Base = tuple[str, Meaning]
IsConstant = Callable[[str], bool]
"""Whether a text stands in the source of the tests: then no test draws it anew."""


def assign_placeholders(
    interactions: Sequence[Interaction],
    order: Sequence[tuple[int, int]],
    finder: Detector | None = None,
    *,
    known: Sequence[VolatileValue] = (),
    is_constant: IsConstant | None = None,
    gists: Gists | None = None,
) -> tuple[Interaction, ...]:
    """
    *interactions* with a placeholder for every value that the service generated.

    *order* tells for each interaction when it was issued and answered. Placeholders are numbered by first
    appearance, times and counters by their order. *known* is what was there before them. Requests may hold
    what the client drew anew, where *is_constant* tells what it did not.
    """
    names = names_in(interactions, order, finder, known=known, is_constant=is_constant, gists=gists)
    return with_names(interactions, names)


def names_in(
    interactions: Sequence[Interaction],
    order: Sequence[tuple[int, int]],
    finder: Detector | None = None,
    *,
    known: Sequence[VolatileValue] = (),
    is_constant: IsConstant | None = None,
    sections: Mapping[int, int] = _NO_SECTIONS,
    gists: Gists | None = None,
) -> Names | None:
    """
    The placeholders that :func:`assign_placeholders` puts into *interactions*; None where there are none.

    *sections* tell of each interaction that was under way beside others with which: what a service made for
    them is numbered in the order of the file, since chance decided which came first. *gists* has those that
    are known of the messages.
    """
    finder, gists = finder or Detector(), gists or Gists()
    are_empty = [
        finder.finds_nothing(message, gists.of(message))
        for interaction in interactions
        for message in (interaction.request, interaction.response)
    ]
    if all(are_empty):
        return None
    messages = [
        TimedMessage(
            scalars=scalars_of(message),
            when=when,
            answers=answers,
            address=(interaction.request.method, interaction.request.url),
            drawable=is_constant is not None and not answers,
        )
        for interaction, (issued, answered) in zip(interactions, order, strict=True)
        for message, when, answers in (
            (interaction.request, issued, False),
            (interaction.response, answered, True),
        )
    ]
    found: Found = [
        [()] * len(one.scalars) if is_empty else finder.find_all(one.scalars)
        for one, is_empty in zip(messages, are_empty, strict=True)
    ]
    if not any(map(any, found)):
        return None
    return Names(messages, found, _Tracing(finder, known, is_constant or _everything), sections) or None


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
    The placeholders of a recording with the *messages*, in the order of the file, in which was *found* what
    may be volatile; *tracing* tells what of it is.
    """

    def __init__(
        self,
        messages: Sequence[TimedMessage],
        found: Found,
        tracing: _Tracing,
        sections: Mapping[int, int] = _NO_SECTIONS,
    ) -> None:
        self._found = tracing.through(messages, with_scopes(messages, found))
        self._generated, self._drawn = tracing.generated, tracing.drawn
        self._ids = {*self._generated, *self._drawn}
        inside = (
            (number, one) for number, scalars in enumerate(self._found) for found in scalars for one in found
        )
        self._naming: Naming = _Naming(
            [(number, one) for number, one in inside if _identity(one) in self._ids], self._drawn, sections
        )
        self._know([*self.generated(), *self._drawn.values()])
        self._steps = {one.found.text: one.found for one in self._generated.values() if one.is_new_to_urls}

    def __bool__(self) -> bool:
        return bool(self._ids)

    def visit(self, number: int) -> Visit:
        """
        What puts placeholders into the values of the message *number*, visited in the order of the file.
        """
        return self.visiting(self._found[number])

    def visiting(self, found: Iterable[Sequence[VolatileValue]]) -> Visit:
        """
        The same for a message in which *found* are the values that may be volatile.
        """
        following, named, keys = iter(found), self._named, self._keys

        def visit(path: Path, value: Scalar) -> Scalar:
            inside = next(following)
            if path or inside or not isinstance(value, str):
                return named(path, value, inside)
            # The name of a member or parameter, of which most come again and again.
            known = keys.get(value)
            if known is None:
                known = keys[value] = named(path, value, inside)
            return known

        return visit

    def generated(self) -> list[VolatileValue]:
        """
        What a service generated, as it was found first.
        """
        return [one.found for one in self._generated.values() if one.found.kind != _ANY]

    def name(self, found: VolatileValue) -> str:
        return self._naming.name(found)

    def named_by(self, naming: Naming) -> Names:
        """
        The same for what a service generated, with what *naming* gives in the place of placeholders.
        """
        other = copy(self)
        generated = self.generated()
        other._naming = naming  # noqa: SLF001 - one of the same class, as below
        other._ids = set(map(_identity, generated))  # noqa: SLF001
        other._know(generated)  # noqa: SLF001
        return other

    def _know(self, firsts: Sequence[VolatileValue]) -> None:
        self._keys: dict[str, Scalar] = {}
        self._words = {one.text: one for one in firsts if _is_long(one)}
        self._by_key = {(one.key, one.text): one for one in firsts if one.key is not None}

    def _named(self, path: Path, value: Scalar, found: Sequence[VolatileValue]) -> Scalar:
        if value is None:
            return value
        text = str(value)
        if not isinstance(value, str):
            known = next(iter(found), None) or (None if isinstance(value, bool) else self._known(path, text))
            is_named = known is not None and known.kind in _TYPED and _identity(known) in self._ids
            return self._naming.number(known) if known and is_named else value
        parts, end = [], 0
        for one in found:
            if _identity(one) in self._ids:
                parts += [self._rest(path, text[end : one.start]), self._naming.name(one)]
                end = one.end
        if not parts and (whole := self._known(path, text)) is not None:
            return self._naming.name(_in_place(whole, path))
        return "".join([*parts, self._rest(path, text[end:])])

    def _known(self, path: Path, text: str) -> VolatileValue | None:
        """
        Placeholders for values that are volatile as a whole.
        """
        return self._words.get(text) or (self._by_key.get((str(path[-1]), text)) if path else None)

    def _rest(self, path: Path, text: str) -> str:
        """
        A part of a text in which nothing was found, with what is known from elsewhere.
        """
        if self._steps and path[1:] == ("url",):
            text = "/".join(map(self._step, text.split("/")))
        if not self._words:
            return text
        if self._words.keys().isdisjoint(_WORD.findall(text)):  # the commonest by far
            return text
        if STAND_IN not in text:
            return _WORD.sub(self._word, text)
        # What a stand-in says of a secret is no text of the service.
        parts = SECRET.split(text)
        between = [_WORD.sub(self._word, part) for part in parts]
        return "".join(chain.from_iterable(zip_longest(between, SECRET.findall(text), fillvalue="")))

    def _step(self, step: str) -> str:
        found = self._steps.get(step)
        return self._naming.name(_inside(found)) if found else step

    def _word(self, word: re.Match[str]) -> str:
        found = self._words.get(word[0])
        return self._naming.name(_inside(found)) if found else word[0]


@dataclass(frozen=True, slots=True)
class _Volatile:
    """
    A volatile value, as it was found first; ``is_new_to_urls`` when no URL had held it by then.
    """

    found: VolatileValue
    is_new_to_urls: bool


@dataclass(slots=True)
class _SentValues:
    """
    What the test has sent so far.
    """

    identities: set[_Base] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    members: set[tuple[str, str]] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, known: Sequence[VolatileValue]) -> _SentValues:
        """
        What is *known* counts as sent.
        """
        return cls(
            identities=set(map(_base, known)),
            words={one.text for one in known},
            members={(one.key, one.text) for one in known if one.key is not None},
        )

    def note(self, scalars: Scalars, drawn: Container[str]) -> None:
        for path, value in scalars:
            text = str(value)
            if text in drawn:
                continue
            self.words.add(text)
            self.words.update(_WORD.findall(text))
            if path:
                self.members.add((str(path[-1]), text))
            if path[1:] == ("url",):
                self.steps.update(text.split("/"))

    def holds(self, found: VolatileValue) -> bool:
        if found.kind == _ANY:
            return False
        return (
            _base(found) in self.identities
            or (_is_long(found) and found.text in self.words)
            or (found.key is not None and (found.key, found.text) in self.members)
        )


class _Tracing:
    """
    Follows values through the messages of a recording in the order in which they were sent.

    ``generated`` are those that an answer held first, and ``drawn`` those that the client drew for a request.
    """

    def __init__(self, finder: Detector, known: Sequence[VolatileValue], is_constant: IsConstant) -> None:
        self._finder = finder
        self._is_constant = is_constant
        self._sent = _SentValues.of(known)
        self._latest: dict[_Base, list[VolatileValue]] = {}
        self.generated: dict[_Identity, _Volatile] = {}
        self.drawn: dict[_Identity, VolatileValue] = {}

    def through(self, messages: Sequence[TimedMessage], found: Found) -> Found:
        """
        What was *found*, each value with the scope of the one that it is the same as.
        """
        for _, _, number in sorted((one.when, one.answers, number) for number, one in enumerate(messages)):
            if messages[number].answers:
                if any(found[number]):  # most hold nothing of the kind
                    found[number] = [[self._answered(one) for one in inside] for inside in found[number]]
            else:
                self._note(messages[number], found[number])
                found[number] = [[self._linked(one) for one in inside] for inside in found[number]]
        return found

    def _note(self, message: TimedMessage, found: Sequence[Sequence[VolatileValue]]) -> None:
        for (path, _), inside in zip(message.scalars, found, strict=True):
            for one in inside:
                self._note_value(one, path, drawable=message.drawable)
        # A second that the client drew is the one of the service by chance.
        drawn = {one.text for inside in found for one in inside if _identity(one) in self.drawn}
        self._sent.note(message.scalars, drawn)

    def _note_value(self, one: VolatileValue, path: Path, *, drawable: bool) -> None:
        if one.kind == _ANY:
            if drawable:
                self._mint(one)
            return
        base = _base(one)
        if base in self._latest or base in self._sent.identities:
            return
        if drawable and self._finder.is_drawn(one, path) and not self._is_constant(one.text):
            self.drawn[_identity(one)] = one
            self._latest.setdefault(base, []).append(one)
        else:
            self._sent.identities.add(base)

    def _linked(self, one: VolatileValue) -> VolatileValue:
        """
        What a request holds, as the value of that meaning that the client got last.
        """
        known = self._latest.get(_base(one))
        if not known or _identity(one) in self.generated or _identity(one) in self.drawn:
            return one
        return replace(one, scope=known[-1].scope)

    def _answered(self, one: VolatileValue) -> VolatileValue:
        if _identity(one) in self.generated or _identity(one) in self.drawn:
            return one
        if (drawn := self._drawn_as(one)) is not None:
            return replace(one, scope=drawn.scope)
        if not one.scope.startswith(TAG) and self._is_linked(one):
            return self._linked(one)
        if not self._sent.holds(one):
            self._mint(one)
        return one

    def _is_linked(self, one: VolatileValue) -> bool:
        """
        Whether a value that is known in another place is the same here.
        """
        known = self._latest.get(_base(one))
        if not known:
            return False
        if one.kind == "counter":
            return _is_long(one) or not one.scope
        return not one.scope

    def _drawn_as(self, one: VolatileValue) -> VolatileValue | None:
        """
        What the client drew that an answer echoes: by the same name where it may be equal by chance.
        """
        known = [each for each in self._latest.get(_base(one), ()) if _identity(each) in self.drawn]
        return next(
            (each for each in known if not one.scope or _name_in(one.scope) == _name_in(each.scope)), None
        )

    def _mint(self, one: VolatileValue) -> None:
        is_new = one.key is not None and one.text not in self._sent.steps
        self.generated.setdefault(_identity(one), _Volatile(one, is_new and one.kind != _ANY))
        self._latest.setdefault(_base(one), []).append(one)


def _name_in(scope: str) -> str:
    """
    The name of what a *scope* tells apart: ``response.json.echo.at 0 of message 3`` is an ``at``.
    """
    return scope.partition(" ")[0].rpartition(".")[2]


def _everything(_text: str) -> bool:
    return True


def _base(found: VolatileValue) -> _Base:
    return found.kind, found.meaning


def _identity(found: VolatileValue) -> _Identity:
    return found.kind, found.meaning, found.scope


def _is_long(found: VolatileValue) -> bool:
    """
    Whether a value without a form of its own is hardly in a text by chance.
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
    is_number = found.kind in _RANKED or found.form == NUMBER
    if not is_number or not is_in_json(path):
        return inside
    return replace(inside, form=f"{inside.form}-text".lstrip("-"))


def _inside(found: VolatileValue) -> VolatileValue:
    return (
        replace(found, form=found.form.removesuffix("text").rstrip("-")) if found.kind in _RANKED else found
    )


class Naming(Protocol):
    """
    What replaces a volatile value.
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
    The placeholder of each value that is volatile, *named* with its message; *drawn* are those that the
    client drew, *sections* those of the interactions that were under way beside others.
    """

    def __init__(
        self,
        named: Sequence[tuple[int, VolatileValue]],
        drawn: Container[_Identity],
        sections: Mapping[int, int],
    ) -> None:
        self._numbers: dict[_Identity, int] = {}
        self._patterns: dict[_Identity, str] = {}
        self._whole: set[_Identity] = set()
        self._drawn = drawn
        counts: dict[str, int] = {}
        times: dict[_Identity, TimeInMessage] = {}
        counters: dict[_Identity, int] = {}
        for message, one in named:
            identity = _identity(one)
            if one.kind == "time" and not has_room(one.form):
                self._whole.add(identity)
            if one.form and one.kind != "uuid":
                self._patterns.setdefault(identity, one.form)
            if one.kind == _ANY or identity in self._numbers:
                continue
            group = f"{SENT}:{one.kind}" if identity in drawn else one.kind
            self._numbers[identity] = counts[group] = counts.get(group, 0) + 1
            if isinstance(one.meaning, tuple) and group == "time":
                is_beside = message // 2 in sections
                chance = Chance.BESIDE if is_beside else Chance.SECONDS if one.scope else Chance.NONE
                times[identity] = TimeInMessage(one.meaning, message, _name_in(one.scope), chance)
            elif group == "counter":
                counters[identity] = message
        self._rank_times(times)
        self._rank_counters(counters, sections)

    def _rank_times(self, times: Mapping[_Identity, TimeInMessage]) -> None:
        identities = list(times)
        ordered = in_order(list(times.values()))
        self._numbers.update({identities[each]: number for number, each in enumerate(ordered, 1)})

    def _rank_counters(self, messages: Mapping[_Identity, int], sections: Mapping[int, int]) -> None:
        """
        Number counters by their order as far as one rule found them; of equal ones the first that appears
        comes first. Those of one section share their numbers out by the order of their *messages*.
        """
        scopes = {each[2]: number for number, each in reversed(list(enumerate(messages)))}
        ordered = sorted(messages, key=lambda each: (scopes[each[2]], each[1]))
        beside: dict[tuple[str, int], list[int]] = {}
        for place, each in enumerate(ordered):
            section = sections.get(messages[each] // 2)
            if section is not None:
                beside.setdefault((each[2], section), []).append(place)
        for places in beside.values():
            members = sorted((ordered[place] for place in places), key=lambda each: (messages[each], each[1]))
            for place, each in zip(places, members, strict=True):
                ordered[place] = each
        self._numbers.update({each: number for number, each in enumerate(ordered, 1)})

    def name(self, found: VolatileValue) -> str:
        if found.kind == _ANY:
            return f"<{_ANY}:{found.form}>"
        identity = _identity(found)
        form = self._form(found)
        head = f"{SENT}:{found.kind}" if identity in self._drawn else found.kind
        return f"<{head}:{self._numbers[identity]}{':' if form else ''}{form}>"

    def number(self, found: VolatileValue) -> Scalar:
        return self.name(found)

    def _form(self, found: VolatileValue) -> str:
        identity = _identity(found)
        if found.kind == "time":
            is_whole = identity in self._whole and has_room(found.form) and identity not in self._drawn
            form = without_fraction(found.form) if is_whole else found.form
            return "" if form == USUAL_FORM else form
        if found.kind not in {"id", "etag"}:
            return found.form
        known = self._patterns.get(identity, "")
        return found.form if known == NUMBER and found.form.startswith(NUMBER) else known
