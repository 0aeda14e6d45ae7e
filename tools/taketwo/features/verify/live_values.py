"""
The values that a live service gives in the place of the recorded ones, and the requests that send them back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from taketwo.cassette.model import (
    DEFAULT_TIME,
    DRAWN,
    Body,
    Cassette,
    EventsBody,
    JsonBody,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.encodings import split_encoding
from taketwo.cassette.secrets.stand_ins import dummy, plain_name
from taketwo.cassette.visit import Scalar, map_request, response_texts
from taketwo.cassette.volatile.generate import PLACEHOLDER, Generator
from taketwo.compare.structure import is_list

_SECRET = "secret"  # noqa: S105 - a type of placeholder
_LONGEST_TEXT = 100_000  # characters of a body without structure in which values are looked for

Key = tuple[str, str]
"""A type and a number, or ``secret`` and a name: all placeholders that stand for one value have one key."""


class MissingValueError(Exception):
    """
    A request cannot be sent, since it needs a value that nothing has given.
    """


class LiveValues:
    """
    The live values behind the placeholders of *cassette*, as far as answers have given them.

    *secrets* are the values in force by the names of the secrets.
    """

    def __init__(self, cassette: Cassette, secrets: Mapping[str, str]) -> None:
        self._interactions = cassette.interactions
        self._secrets = secrets
        self._values: dict[Key, Scalar] = {}
        self._written: dict[str, Scalar] = {}
        self._generator = Generator(
            seed=cassette.seed,
            time=cassette.time or DEFAULT_TIME,
            counters=cassette.counters,
            reveal=lambda name: secrets.get(name, dummy(name)),
        )
        self._first_in_answer = _first_in_answers(cassette)
        self.drawn: set[str] = set()

    def request(self, number: int, *, without: Collection[str] = ()) -> StoredRequest:
        """
        The recorded request with the live values, and *without* the headers of these names.

        :raises MissingValueError: when the answer that gives one was not received, or did not hold it.
        """
        recorded = self._interactions[number].request
        headers = tuple(pair for pair in recorded.headers if pair[0].lower() not in without)
        return map_request(
            replace(recorded, headers=headers),
            partial(self._fill, number),
            values=partial(self._fill_value, number),
        )

    def learn(self, number: int, live: StoredResponse) -> None:
        """
        Note the values that *live*, the answer to the request *number*, has where placeholders were recorded.
        """
        recorded = self._interactions[number].response
        self._align_pairs(recorded.headers, live.headers)
        self._align_bodies(recorded.body, live.body)

    # ------------------------------------------------------------- sending

    def _fill(self, number: int, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: str(self._value(number, found)), text) if "<" in text else text

    def _fill_value(self, number: int, text: str) -> Scalar:
        found = PLACEHOLDER.fullmatch(text) if text.startswith("<") else None
        return self._value(number, found) if found else self._fill(number, text)

    def _value(self, number: int, found: re.Match[str]) -> Scalar:
        escaped, kind, name = found.groups()
        generated = self._generator.fill_value(found[0])
        if escaped:
            return generated
        if kind in DRAWN:
            self.drawn.add(str(generated))
            return generated
        if found[0] in self._written:
            return self._written[found[0]]
        key = _key(kind, name)
        if key in self._values:
            return _written_as(name, self._values[key])
        if kind == _SECRET and plain_name(name) in self._secrets:
            return generated
        given_by = self._first_in_answer.get(key)
        if given_by is not None and given_by < number:
            request = self._interactions[given_by].request
            raise MissingValueError(f"it needs what {request.method} {request.url} answers")
        if kind == _SECRET:
            raise MissingValueError(
                f"it needs the secret {plain_name(name)}: {_how_to_give(plain_name(name))}"
            )
        return generated

    # ------------------------------------------------------------ learning

    def _align_bodies(self, recorded: Body, live: Body) -> None:
        if isinstance(recorded, JsonBody) and isinstance(live, JsonBody):
            self._align_values(recorded.value, live.value)
        elif isinstance(recorded, EventsBody) and isinstance(live, EventsBody):
            for old, new in zip(recorded.events, live.events, strict=False):
                self._align_pairs(old.fields, new.fields)
                self._align_bodies(old.data, new.data)
        elif isinstance(recorded, TextBody) and isinstance(live, TextBody):
            self._align_texts(recorded.text, live.text)

    def _align_pairs(self, recorded: Pairs, live: Pairs) -> None:
        for name in dict.fromkeys(name for name, _ in recorded):
            old = [value for each, value in recorded if each == name]
            new = [value for each, value in live if each == name]
            for before, after in zip(old, new, strict=False):
                self._align_texts(before, after)

    def _align_values(self, recorded: JsonValue, live: JsonValue) -> None:
        if isinstance(recorded, Mapping) and isinstance(live, Mapping):
            for name, value in recorded.items():
                if name in live:
                    self._align_values(value, live[name])
        elif is_list(recorded) and is_list(live):
            for old, new in zip(recorded, live, strict=False):
                self._align_values(old, new)
        elif isinstance(recorded, str):
            found = PLACEHOLDER.fullmatch(recorded)
            if found and not found[1] and isinstance(live, str | int | float):
                self._note(found, live)
            elif isinstance(live, str):
                self._align_texts(recorded, live)

    def _align_texts(self, recorded: str, live: str) -> None:
        places = [found for found in PLACEHOLDER.finditer(recorded) if not found[1]]
        if not places or len(live) > _LONGEST_TEXT:
            return
        found_live = re.fullmatch(_pattern(recorded, places), live, re.DOTALL)
        if found_live is not None:
            for place, value in zip(places, found_live.groups(), strict=True):
                self._note(place, value)

    def _note(self, found: re.Match[str], value: Scalar) -> None:
        _, kind, name = found.groups()
        if kind in DRAWN:
            return
        self._written.setdefault(found[0], value)
        if not (kind == _SECRET and split_encoding(name)[1]):
            self._values.setdefault(_key(kind, name), value)


def _how_to_give(secret: str) -> str:
    if secret.isidentifier():
        return "set the variable of that name, or give the header with --header"
    return "give the header that sends it with --header, or in the headers of the service in pyproject.toml"


def _first_in_answers(cassette: Cassette) -> dict[Key, int]:
    """
    The number of the interaction whose answer is the first to hold each value.
    """
    first: dict[Key, int] = {}
    for number, item in enumerate(cassette.interactions):
        for _, text in response_texts(item.response):
            for key in _keys_in(text):
                first.setdefault(key, number)
    return first


def _keys_in(text: str) -> Iterator[Key]:
    if "<" in text:
        yield from (_key(found[2], found[3]) for found in PLACEHOLDER.finditer(text) if not found[1])


def _key(kind: str, name: str) -> Key:
    # The rest of a time says how it is written, and no two of those are one text.
    if kind == "time":
        return kind, name
    return kind, plain_name(name) if kind == _SECRET else name.partition(":")[0]


def _written_as(name: str, value: Scalar) -> Scalar:
    """
    A value that was seen in one form, in the form of the placeholder *name*.
    """
    form = split_encoding(name)[0].partition(":")[2]
    if not isinstance(value, str) or not form:
        return value
    text = value.replace("-", "") if "hex" in form else value
    return text.upper() if "upper" in form else text


def _pattern(recorded: str, places: list[re.Match[str]]) -> str:
    """
    What matches *recorded* with any value for each placeholder.
    """
    parts, end = [], 0
    for place in places:
        parts += [re.escape(recorded[end : place.start()]), "(.+?)"]
        end = place.end()
    return "".join([*parts, re.escape(recorded[end:])])
