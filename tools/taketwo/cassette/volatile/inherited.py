"""
The volatile values of one recording in those that come after it.

A fixture of wider scope asks a service for something, and its tests use what they got: the id of a user, the
URL of an upload. In the fixture's cassette there is a placeholder for it. A test's cassette holds what the
replay of the fixture gives for that placeholder, so that it is the same in each recording, and what the test
sends when both are replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from taketwo.cassette.model import Cassette, Interaction
from taketwo.cassette.visit import Message, Scalar, map_scalars, scalars_of
from taketwo.cassette.volatile.assign import Names
from taketwo.cassette.volatile.detect import Detector, Meaning, VolatileValue
from taketwo.cassette.volatile.generate import Generator
from taketwo.cassette.volatile.timestamps import dotted_instant, epoch_instant, instant_of


class Inherited:
    """
    The values that got *names* in the recording of *cassette*; most recordings have no later one that asks.
    """

    def __init__(self, names: Names | None, cassette: Cassette) -> None:
        self._found = names
        self._cassette = cassette

    @cached_property
    def _generator(self) -> Generator:
        head = self._cassette
        return Generator(seed=head.seed, time=head.time, counters=head.counters, reveal=str)

    @cached_property
    def _names(self) -> Names | None:
        return self._found and self._found.named_by(_Played(self._found, self._generator))

    @cached_property
    def known(self) -> Sequence[VolatileValue]:
        names = self._found
        return [_played(one, names, self._generator) for one in names.generated()] if names else []

    def put_in(self, interaction: Interaction, finder: Detector) -> Interaction:
        """
        *interaction* of a later recording, with the values that the replay gives.
        """
        if self._names is None:
            return interaction
        return Interaction(
            self._put_in(interaction.request, finder), self._put_in(interaction.response, finder)
        )

    def _put_in(self, message: Message, finder: Detector) -> Message:
        if self._names is None:
            return message
        return map_scalars(message, self._names.visiting(finder.find_all(scalars_of(message))))


def with_inherited(
    interactions: Iterable[Interaction], inherited: Iterable[Inherited], finder: Detector
) -> list[Interaction]:
    """
    *interactions* with the values of all that was recorded before.
    """
    items = list(interactions)
    for earlier in inherited:
        items = [earlier.put_in(item, finder) for item in items]
    return items


class _Played:
    """
    Puts in the place of a value what a replay gives for its placeholder.
    """

    def __init__(self, names: Names, generator: Generator) -> None:
        self._names = names
        self._generator = generator

    def name(self, found: VolatileValue) -> str:
        return self._generator.fill(self._names.name(found))

    def number(self, found: VolatileValue) -> Scalar:
        return self._generator.fill_value(self._names.name(found))


def _played(found: VolatileValue, names: Names, generator: Generator) -> VolatileValue:
    """
    *found* as a replay gives it.
    """
    text = generator.fill(names.name(found))
    return replace(found, text=text, meaning=_meaning(found, text), start=0, end=len(text))


def _meaning(found: VolatileValue, text: str) -> Meaning:
    match found.kind:
        case "uuid":
            return text.replace("-", "").lower()
        case "counter":
            return int(text)
        case "time" if found.form in {"dotted", "dotless"}:
            return dotted_instant(text)[0]
        case "time":
            since = epoch_instant(int(text)) if text.lstrip("-").isdecimal() else None
            return since[0] if since else instant_of(text) or text
        case _:
            return text
