"""
Detect volatile values (UUIDs, timestamps, ids, ETags) by format, header name or configured rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, TypeVar

from taketwo.cassette.body.gist import Gist
from taketwo.cassette.model import DEFAULT_TIME, JsonValue, Pairs, StoredRequest, StoredResponse
from taketwo.cassette.normalize import COOKIE_DATES
from taketwo.cassette.secrets.signed import time_names, times_in
from taketwo.cassette.visit import Path, Scalar, is_in_json
from taketwo.cassette.volatile.catalogue import Catalogue, catalogue_of
from taketwo.cassette.volatile.generate import NUMBER, SECRET, STAND_IN
from taketwo.cassette.volatile.timestamps import (
    BASIC,
    BASIC_TIME,
    DOTTED,
    ESCAPED,
    TIME,
    Instant,
    dotted_instant,
    epoch_instant,
    form_of,
    instant_of,
)
from taketwo.cassette.volatile.words import is_random_number, looks_random, shape_of
from taketwo.config.placeholders import PlaceholderType, Rule
from taketwo.config.volatile import Entries

Meaning: TypeAlias = "str | int | Instant"
"""What makes a value the same one, however it is written."""

_UUID = r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
_BY_FORMAT = re.compile(f"(?P<uuid>{_UUID})|(?P<time>{TIME})|(?P<dotted>{DOTTED})")
# What every one of them has in it: most texts have not, and are not looked through at every sign.
_HAS_FORMAT = re.compile(r"[0-9a-fA-F]-[0-9a-fA-F]|, \d\d |\d\.\d{6}|/p1\d{15}").search
_HEADERS = ("headers",)
_BARE_UUID = re.compile("[0-9a-fA-F]{32}")
# Of the versions that are made of chance or of the time: those made of a name (3, 5) are always the same.
_RANDOM_UUID = re.compile("[0-9a-f]{12}[1467][0-9a-f]{3}[89ab][0-9a-f]{15}")
_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]{0,17}")
_CONDITIONS = {"if-match": "etag", "if-none-match": "etag", "if-range": "etag"}
_CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate", "authentication-info"})
_OF_CHALLENGE = re.compile(r'\b(?:nonce|nextnonce|opaque)="([^"]+)"')
_ENTITY_TAG = re.compile(r'\A(?:W/)?"(.+)"\Z')
_LAST_SEGMENT = re.compile(r"[^/=?&]+\Z")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|[smhd]))+")
_FRACTION = re.compile(r"-?\d+\.\d+")

_DAY = 24 * 3600.0
_PAST = 1_150 * _DAY  # of a time that a service gives as a number: what is older is part of its data
_FUTURE = 3_700 * _DAY
_DRAWN_WITHIN = 400 * _DAY  # of a time that a client makes up for a request
_REPLAYED = datetime.fromisoformat(DEFAULT_TIME)
_SHORTEST_ID = 8
_ID_NAME = re.compile(r"(?:\A|_)id\Z|Id\Z|\A_?id_|\Aids?\Z|_ids?\Z", re.IGNORECASE)
_ANY = PlaceholderType.ANY.value
_TEXT = PlaceholderType.TEXT.value
_MEANINGLESS = frozenset({PlaceholderType.ANY, PlaceholderType.TEXT})
M = TypeVar("M", StoredRequest, StoredResponse)
_Key = TypeVar("_Key")
_Known = TypeVar("_Known")
_LONGEST_KEPT = 80  # characters of a text of which it is kept what is in it
_MOST_KEPT = 4096
NOTHING: Mapping[Path, Entries] = MappingProxyType({})
_LEAST_RANDOM_NUMBER = 10_000
_SIGNATURES = frozenset({"x-amz-signature", "x-goog-signature", "signature", "sig"})

CARRIERS = {"etag", "x-request-id", "x-correlation-id", "x-trace-id", *_CONDITIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatileValue:
    """
    A value that may be volatile, from ``start`` to ``end`` of the text that holds it.

    ``key`` is the name of the member at which a rule found it, and None where no rule did.
    """

    kind: str
    meaning: Meaning
    text: str
    start: int
    end: int
    form: str = ""
    key: str | None = None
    scope: str = ""


class _Place(NamedTuple):
    """
    What the path of a value says about it: its name, its type by the catalogue, whether a time may be there,
    and the rules of the project that look there.

    One that *tells* says something about the values beside it. In one that *is_plain* there is nothing but
    what is found in a text by its form.
    """

    name: str
    kind: PlaceholderType | None
    is_json: bool
    is_time: bool
    rules: tuple[Rule, ...]
    tells: bool
    is_plain: bool


_TELLS = attrgetter("tells")


class _Places(dict[Path, _Place]):
    """
    The places of paths, each made once, by *make*: one for all items of a list, unless they are *numbered*
    by a rule of the project.
    """

    def __init__(self, make: Callable[[Path], _Place], *, numbered: bool) -> None:
        self._make = make
        self._numbered = numbered

    def __missing__(self, path: Path) -> _Place:
        first = path if self._numbered else tuple([step if isinstance(step, str) else 0 for step in path])
        return _kept(self, path, self._make(path) if first == path else self[first])


class Detector:
    """
    Looks by itself, by the *catalogue* and by *rules*, and keeps count of what each rule found.

    *now*, in seconds since 1970, is when the recording is made: numbers near it can be times.
    """

    def __init__(
        self, rules: Sequence[Rule] = (), *, catalogue: Catalogue | None = None, now: float | None = None
    ) -> None:
        dropping = [rule for rule in rules if rule.type is PlaceholderType.DROP]
        self._dropping = dropping
        self._catalogue = catalogue or catalogue_of()
        self._now = now
        self._rules = [rule for rule in rules if rule.type is not PlaceholderType.DROP]
        self._all_rules = rules
        self._uses = dict.fromkeys(rules, 0)
        self._mistyped: dict[Rule, list[str]] = {rule: [] for rule in rules}
        self._texts: dict[str, Sequence[VolatileValue]] = {}
        self._undropped: dict[tuple[str, Pairs], None] = {}
        self._lasting: dict[tuple[str, Pairs], bool] = {}
        self._plain: dict[tuple[str, tuple[str, ...]], bool] = {}
        steps = [step for rule in self._rules for step in rule.steps]
        numbered = any(isinstance(step, str) and step.isdecimal() for step in steps)
        self._places = _Places(self._place, numbered=numbered)

    def report(self) -> list[dict[str, JsonValue]]:
        """
        For each rule how many values it met, and where one was not what the rule says.
        """
        return [
            {
                "rule": str(rule),
                "type": rule.type.value,
                "uses": self._uses[rule],
                "mistyped": list(self._mistyped[rule]),
            }
            for rule in self._all_rules
        ]

    def without_dropped(self, message: M) -> M:
        """
        *message* without the headers that carry nothing but chance.
        """
        side, headers = _side(message), message.headers
        if (side, headers) in self._undropped:
            return message
        kept = tuple((name, value) for name, value in headers if not self._is_dropped(side, name, value))
        if len(kept) != len(headers):
            return replace(message, headers=kept)
        _kept(self._undropped, (side, headers), None)
        return message

    def _is_dropped(self, side: str, name: str, value: str) -> bool:
        path = (side, "headers", name)
        for rule in self._dropping:
            if rule.is_at(path):
                self._uses[rule] += 1
                return True
        if any(rule.is_at(path) for rule in self._rules if rule.steps):
            return False
        return self._header_type(side, name, value) is PlaceholderType.DROP

    def _header_type(self, side: str, name: str, value: str) -> PlaceholderType | None:
        entries = self._catalogue.request_headers if side == "request" else self._catalogue.response_headers
        return entries.type_of(name, value)

    def finds_nothing(self, message: StoredRequest | StoredResponse, gist: Gist) -> bool:
        """
        Whether nothing in *message*, which has that *gist*, is volatile: then none of its values has to be
        looked at. It may be found to have something that it has not.
        """
        side = _side(message)
        if self._rules or not gist.whole or not self._are_plain(side, gist.names):
            return False
        if not self._are_lasting(side, message.headers):
            return False
        known = self._texts
        new = [text for text in gist.texts if known.get(text) != ()]
        if not self._may_be_in("\n".join([gist.head, *new])):
            for text in new:
                if len(text) <= _LONGEST_KEPT:
                    _kept(known, text, ())
            return True
        return not any(map(self._in_text, (*gist.texts, *gist.head.split("\n"))))

    def _may_be_in(self, text: str) -> bool:
        """
        Whether one of several texts, in lines, may hold what is volatile by its form.
        """
        catalogue = self._catalogue
        return bool(
            "?" in text
            or "</" in text
            or not catalogue.looks_in_lines
            or (("_" in text or "-" in text) and catalogue.prefixes.search(text))
            or _HAS_FORMAT(text)
            or catalogue.any_pattern.search(text)
        )

    def _are_lasting(self, side: str, headers: Pairs) -> bool:
        """
        Whether nothing in *headers* is volatile; many messages have the same ones.
        """
        known = self._lasting.get((side, headers))
        if known is None:
            found = [((side, "headers", name), value) for name, value in headers]
            known = _kept(self._lasting, (side, headers), not any(self.find_all(found)))
        return known

    def _are_plain(self, side: str, names: tuple[str, ...]) -> bool:
        """
        Whether no parameter, and no member of JSON, is volatile by its name, nor such a name by its form.
        """
        known = self._plain.get((side, names))
        if known is None:
            paths = [(side, "json"), *((side, kind, name) for kind in ("json", "query") for name in names)]
            places = [self._places[path] for path in paths]
            is_plain = all(place.is_plain and not place.tells for place in places)
            known = _kept(self._plain, (side, names), is_plain and not any(map(self._in_text, names)))
        return known

    def find_all(self, scalars: Iterable[tuple[Path, Scalar]]) -> list[Sequence[VolatileValue]]:
        """
        What is in each of *scalars*, which are those of one message.
        """
        scalars = list(scalars)
        places = [self._places[path] for path, _ in scalars]
        beside = self._beside(scalars) if any(map(_TELLS, places)) else NOTHING
        # Most values are numbers and short texts at plain places: those come without a call.
        return [
            ()
            if place.is_plain and not beside and (not isinstance(value, str) or len(value) < _SHORTEST_ID)
            else self._found_at(place, path, value, beside)
            for place, (path, value) in zip(places, scalars, strict=True)
        ]

    def find(
        self, path: Path, value: Scalar, beside: Mapping[Path, Entries] = NOTHING
    ) -> Sequence[VolatileValue]:
        """
        What is in the value at *path*, in the order in which it stands there; nothing overlaps.

        *beside* are the types of members by the objects that they are in.
        """
        return self._found_at(self._places[path], path, value, beside)

    def _found_at(
        self, place: _Place, path: Path, value: Scalar, beside: Mapping[Path, Entries]
    ) -> Sequence[VolatileValue]:
        found = [*self._by_rules(place.rules, path, value)] if place.rules else []
        if value is None or isinstance(value, bool):
            return found
        named = [] if place.is_plain and not beside else self._named(place, path, value, beside)
        is_long = isinstance(value, str) and len(value) >= _SHORTEST_ID
        if is_long and not any(one.kind == _ANY for one in named):
            found += self._in_text(str(value))
        found += named
        if not found:
            return found
        if isinstance(value, str) and STAND_IN in value:
            hidden = [one.span() for one in SECRET.finditer(value)]
            found = [one for one in found if not _overlaps(one, hidden)]
        return found if len(found) < 2 else _apart(found)  # noqa: PLR2004 - one overlaps nothing

    def _named(
        self, place: _Place, path: Path, value: float | str, beside: Mapping[Path, Entries]
    ) -> list[VolatileValue]:
        if not path:
            return []
        by_name = self._by_name(place, path, value, beside)
        found = [] if by_name is None else [by_name]
        if isinstance(value, str) and path[1:2] == _HEADERS:
            found += self._by_header(path, value)
        return found

    def is_drawn(self, found: VolatileValue, path: Path) -> bool:
        """
        Whether a client may have drawn anew what was *found* in a request, at *path*, as it does each time.
        """
        match found.kind:
            case "uuid":
                is_random = _RANDOM_UUID.fullmatch(found.text.replace("-", "").lower())
                return bool(is_random) or self._is_drawn_name(_name_of(path))
            case "time":
                return isinstance(found.meaning, tuple) and self._is_drawn_time(found.meaning)
            case "id":
                return self._is_drawn_id(found, path)
            case _:
                return False

    def _is_drawn_id(self, found: VolatileValue, path: Path) -> bool:
        name = _name_of(path)
        is_named = name == "id" or self._is_drawn_name(name)
        return is_named and (looks_random(found.text) or found.form == NUMBER)

    def _is_drawn_name(self, name: str) -> bool:
        return name.lower() in self._catalogue.request_members or name in self._catalogue.request_members

    def _is_drawn_time(self, instant: Instant) -> bool:
        moment = instant[0]
        is_round = moment.second == moment.minute == moment.microsecond == 0
        return not is_round and self._is_near(moment, _DRAWN_WITHIN, _DRAWN_WITHIN)

    def _is_near(self, moment: datetime, past: float, future: float) -> bool:
        """
        Whether *moment* is near the time of the recording, or is one that a replay gave.
        """
        if self._now is None:
            return False
        since = moment.timestamp() - self._now
        replayed = moment - _REPLAYED
        return -past <= since <= future or timedelta(0) <= replayed < timedelta(days=1)

    def _beside(self, scalars: Sequence[tuple[Path, Scalar]]) -> Mapping[Path, Entries]:
        known = self._catalogue.beside
        found: dict[Path, Entries] = {}
        for path, _ in scalars:
            if not is_in_json(path) or known.keys().isdisjoint(path):
                continue
            for number, step in enumerate(path):  # it may be an object itself, with what is in it
                if step in known:
                    found[path[:number]] = {**found.get(path[:number], {}), **known[str(step)]}
        return {**found, **dict(_signed(scalars))}

    def _in_text(self, text: str) -> Sequence[VolatileValue]:
        """
        What is in *text* by its form; most short texts, as names of members, come again and again.
        """
        if len(text) > _LONGEST_KEPT:
            return [*self._search(text)]
        known = self._texts.get(text)
        if known is None:
            known = _kept(self._texts, text, tuple(self._search(text)))
        return known

    def _search(self, text: str) -> Iterator[VolatileValue]:
        if "_" in text or "-" in text:
            yield from self._by_prefix(text)
        if _HAS_FORMAT(text):
            yield from self._by_format(text)
        yield from self._by_pattern(text)
        if "?" in text:
            yield from _signed_times(text)
        if "</" in text:
            for found in self._catalogue.elements.finditer(text):
                kind_of_element = self._catalogue.element_types[found[1]]
                if kind_of_element is not None and looks_random(found[2]):
                    yield _whole_id(kind_of_element, found[2], found.start(2), "")

    def _by_pattern(self, text: str) -> Iterator[VolatileValue]:
        if not self._catalogue.any_pattern.search(text):
            return
        for pattern, kind in self._catalogue.patterns:
            for found in pattern.finditer(text):
                last = _LAST_SEGMENT.search(found[0])
                if last and looks_random(last[0]):
                    yield _whole_id(
                        kind,
                        found[0],
                        found.start(),
                        found[0][: len(found[0]) - len(last[0])] + shape_of(last[0]),
                    )

    def _by_prefix(self, text: str) -> Iterator[VolatileValue]:
        for found in self._catalogue.prefixes.finditer(text):
            prefix, rest = found.groups()
            if (looks_random(rest) or is_random_number(rest)) and not re.fullmatch(_UUID, rest):
                kind = self._catalogue.prefix_types[prefix]
                yield _whole_id(kind, found[0], found.start(), f"{prefix}{shape_of(rest)}")

    def _by_format(self, text: str) -> Iterator[VolatileValue]:
        for found in _BY_FORMAT.finditer(text):
            if found[0] in COOKIE_DATES:
                continue
            if found["dotted"]:
                meaning, form = dotted_instant(found[0])
                typed = self._time_near(meaning, form, found[0])
            else:
                kind = PlaceholderType.UUID if found["uuid"] else PlaceholderType.TIME
                typed = _as_typed(kind, found[0], None, is_json=False)
            if typed is not None:
                yield replace(typed, start=found.start(), end=found.end())

    def _time_near(self, instant: Instant, form: str, text: str) -> VolatileValue | None:
        if not self._is_near(instant[0], _PAST, _FUTURE):
            return None
        return VolatileValue(kind="time", meaning=instant, text=text, start=0, end=len(text), form=form)

    def _by_name(
        self, place: _Place, path: Path, value: float | str, beside: Mapping[Path, Entries]
    ) -> VolatileValue | None:
        """
        What *value* is by the name of its member, field or parameter.
        """
        near = beside.get(path[:-1], {}) if beside else {}
        kind = near.get(place.name) or place.kind
        if kind is None:
            return self._epoch(place.name, value, is_json=place.is_json) if place.is_time else None
        if kind is PlaceholderType.ID:
            return _id_by_name(place.name, value, is_json=place.is_json)
        return _as_typed(kind, value, place.name, is_json=place.is_json)

    def _place(self, path: Path) -> _Place:
        name = _name_of(path)
        is_json, is_sent = is_in_json(path), path[:1] == ("request",)
        kind = self._catalogue.members.get(name) if is_json else None
        if kind is None and is_sent and path[1:] != ("url",):
            entries = self._catalogue.request_members
            kind = entries.get(name) or entries.get(name.lower())
        is_time = self._now is not None and (is_json or is_sent) and self._catalogue.is_time(name)
        rules = tuple(rule for rule in self._rules if rule.is_at(path))
        tells_beside = is_json and not self._catalogue.beside.keys().isdisjoint(path)
        tells = tells_beside or name.lower() in _SIGNATURES
        is_plain = kind is None and not is_time and not rules and path[1:2] != _HEADERS
        return _Place(name, kind, is_json, is_time, rules, tells, is_plain)

    def _epoch(self, name: str, value: float | str, *, is_json: bool) -> VolatileValue | None:
        found = _as_typed(PlaceholderType.TIME, value, name, is_json=is_json)
        if found is None or not isinstance(found.meaning, tuple):
            return None
        if isinstance(value, str) and _BY_FORMAT.fullmatch(value):
            return None
        return found if self._is_near(found.meaning[0], _PAST, _FUTURE) else None

    def _by_header(self, path: Path, text: str) -> Iterator[VolatileValue]:
        side, name = path[0], str(path[-1])
        if name in _CONDITIONS:
            yield from _etags(text.split(", "))
            return
        if name in _CHALLENGES:
            for found in _OF_CHALLENGE.finditer(text):
                yield _whole_id(PlaceholderType.ID, found[1], found.start(1), "")
            return
        kind = self._header_type(str(side), name, text) if side == "response" else None
        if side == "request" and name in CARRIERS:
            kind = PlaceholderType.ETAG if name == "etag" else PlaceholderType.ID
        if kind is PlaceholderType.ETAG:
            yield from _etags([text])
        elif kind in _MEANINGLESS:
            yield from filter(None, [_as_typed(kind, text, None, is_json=False)])
        elif kind is not None and text:
            typed = _as_typed(kind, text, None, is_json=False)
            yield from [typed] if typed is not None else []

    def _by_rules(self, rules: Iterable[Rule], path: Path, value: Scalar) -> Iterator[VolatileValue]:
        for rule in rules:
            if rule.regex is None:
                yield from self._whole(rule, path, value)
            elif isinstance(value, str):
                for part in rule.regex.finditer(value):
                    yield from self._part(rule, path, part)

    def _whole(self, rule: Rule, path: Path, value: Scalar) -> Iterator[VolatileValue]:
        self._uses[rule] += 1
        if value is None or value == "":
            return
        found = _as_typed(rule.type, value, str(path[-1]), is_json=is_in_json(path))
        if found is None:
            self._mistyped[rule].append(_place_and_type(path, value))
        else:
            yield replace(found, scope=self._scope(rule, found))

    def _scope(self, rule: Rule, found: VolatileValue) -> str:
        """
        What keeps short counters apart that two rules find: that they are equal is chance.
        """
        if found.kind != PlaceholderType.COUNTER.value or _ID_NAME.search(found.key or ""):
            return ""
        return f"rule {self._rules.index(rule)}"

    def _part(self, rule: Rule, path: Path, part: re.Match[str]) -> Iterator[VolatileValue]:
        self._uses[rule] += 1
        kind, text = rule.type, part[0]
        found = _as_typed(kind, text, str(path[-1]) if path else "", is_json=False)
        if found is None:
            self._mistyped[rule].append(_place_and_type(path, text))
            return
        form = rule.pattern if kind in {PlaceholderType.ID, PlaceholderType.ETAG} else found.form
        yield VolatileValue(
            kind=found.kind,
            meaning=found.meaning,
            text=text,
            start=part.start(),
            end=part.end(),
            form=form,
            key=found.key,
        )


def _signed(scalars: Sequence[tuple[Path, Scalar]]) -> Iterator[tuple[Path, Entries]]:
    """
    The times of presigned requests, by the objects, queries and forms that they are in.
    """
    groups: dict[Path, list[str]] = {}
    for path, _ in scalars:
        if path and isinstance(path[-1], str) and path[-1].lower() in _SIGNATURES:
            groups[path[:-1]] = []
    if not groups:
        return
    for path, _ in scalars:
        if path[:-1] in groups and isinstance(path[-1], str):
            groups[path[:-1]].append(path[-1])
    for place, names in groups.items():
        times = time_names(names)
        yield place, {name: PlaceholderType.ANY for name in names if name.lower() in times}


def _signed_times(text: str) -> Iterator[VolatileValue]:
    for start, end, value in times_in(text):
        form = f"{_any_form(value)}{'' if text[start:end] == value else ESCAPED}"
        form = {"digits": "seconds-text"}.get(form, form)
        yield VolatileValue(kind=_ANY, meaning="", text=text[start:end], start=start, end=end, form=form)


def _kept(known: dict[_Key, _Known], key: _Key, value: _Known) -> _Known:
    """
    *value*, which is kept in *known*, where there is never more than helps.
    """
    if len(known) >= _MOST_KEPT:
        known.clear()
    known[key] = value
    return value


def _overlaps(found: VolatileValue, spans: Sequence[tuple[int, int]]) -> bool:
    """
    Whether one of *spans*, which are in order, has a part of what was *found*.
    """
    after = bisect_right(spans, found.start, key=itemgetter(1))
    return after < len(spans) and spans[after][0] < found.end


def _apart(found: Iterable[VolatileValue]) -> list[VolatileValue]:
    """
    Those that overlap none which was *found* before them, in the order of the text.
    """
    starts: list[int] = []
    kept: list[VolatileValue] = []
    for one in found:
        at = bisect_right(starts, one.start)
        if (not at or kept[at - 1].end <= one.start) and (at == len(kept) or one.end <= kept[at].start):
            starts.insert(at, one.start)
            kept.insert(at, one)
    return kept


def _name_of(path: Path) -> str:
    """
    The name of the member, field, parameter or header at *path*.
    """
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _side(message: StoredRequest | StoredResponse) -> str:
    return "request" if isinstance(message, StoredRequest) else "response"


def _place_and_type(path: Path, value: Scalar) -> str:
    """
    Where a value stands and of which type it is; not the value, which may be anything.
    """
    kind = {bool: "a boolean", int: "a whole number", float: "a fraction"}.get(type(value), "a text")
    return f"{'.'.join(map(str, path)) or 'a name'} is {kind}"


def _etags(parts: Iterable[str]) -> Iterator[VolatileValue]:
    start = 0
    for part in parts:
        tag = _ENTITY_TAG.search(part)
        inside, held = (tag.start(1), tag[1]) if tag else (0, part)
        if held and not _BY_FORMAT.fullmatch(held):
            yield _whole_id(PlaceholderType.ETAG, held, start + inside, "")
        start += len(part) + 2


def _whole_id(kind: PlaceholderType, text: str, start: int, form: str) -> VolatileValue:
    if kind in _MEANINGLESS:
        form = _any_form(text) if kind is PlaceholderType.ANY else _TEXT
        return VolatileValue(kind=_ANY, meaning="", text=text, start=start, end=start + len(text), form=form)
    return VolatileValue(
        kind=kind.value, meaning=text, text=text, start=start, end=start + len(text), form=form
    )


def _id_by_name(name: str, value: float | str, *, is_json: bool) -> VolatileValue | None:
    text = str(value)
    if isinstance(value, str):
        if not looks_random(text) or _BY_FORMAT.search(text):
            return None
        return VolatileValue(kind="id", meaning=text, text=text, start=0, end=len(text), key=name)
    if not isinstance(value, int) or not is_json or value < _LEAST_RANDOM_NUMBER:
        return None
    return VolatileValue(kind="id", meaning=text, text=text, start=0, end=len(text), form=NUMBER, key=name)


def _any_form(value: Scalar) -> str:
    """
    Of which form a value is that means nothing: a replay gives another one of that form.
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return NUMBER
    text = str(value)
    if BASIC_TIME.fullmatch(text):
        return BASIC
    if _BY_FORMAT.fullmatch(text) and instant_of(text):
        return form_of(text)
    if _DURATION.fullmatch(text):
        return "duration"
    return "digits" if _WHOLE_NUMBER.fullmatch(text) or _FRACTION.fullmatch(text) else _TEXT


def _as_typed(
    kind: PlaceholderType, value: Scalar, key: str | None, *, is_json: bool
) -> VolatileValue | None:
    """
    *value* as what a rule says that it is, or None when it is not.
    """
    text = str(value)
    typed = _typed(kind, value, is_json=is_json)
    if typed is None:
        return None
    meaning, form = typed
    tag = _ENTITY_TAG.search(text) if kind is PlaceholderType.ETAG else None
    start, end = tag.span(1) if tag else (0, len(text))
    return VolatileValue(
        kind=_ANY if kind in _MEANINGLESS else kind.value,
        meaning=meaning,
        text=text[start:end],
        start=start,
        end=end,
        form=form,
        key=key,
    )


def _typed(kind: PlaceholderType, value: Scalar, *, is_json: bool) -> tuple[Meaning, str] | None:
    if kind is PlaceholderType.ANY:
        return "", _any_form(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if kind is PlaceholderType.COUNTER and isinstance(value, int):
            return value, ""
        if kind is PlaceholderType.ID and isinstance(value, int):
            return str(value), NUMBER
        return epoch_instant(value) if kind is PlaceholderType.TIME else None
    return None if value is None else _typed_text(kind, value, is_json=is_json)


def _typed_text(kind: PlaceholderType, text: str, *, is_json: bool) -> tuple[Meaning, str] | None:
    match kind:
        case PlaceholderType.COUNTER:
            return (int(text), "text" if is_json else "") if _WHOLE_NUMBER.fullmatch(text) else None
        case PlaceholderType.UUID:
            return _uuid(text)
        case PlaceholderType.TIME:
            return _time(text, is_json=is_json)
        case PlaceholderType.ETAG:
            tag = _ENTITY_TAG.search(text)
            return (tag[1] if tag else text), ""
        case PlaceholderType.ID | PlaceholderType.TEXT:
            return (text, "") if kind is PlaceholderType.ID else ("", _TEXT)
        case _:
            return None


def _uuid(text: str) -> tuple[Meaning, str] | None:
    is_bare = bool(_BARE_UUID.fullmatch(text))
    if not is_bare and not re.fullmatch(_UUID, text):
        return None
    is_upper = text == text.upper() and text != text.lower()
    form = ("hex" if is_bare else "") + ("-" if is_bare and is_upper else "") + ("upper" if is_upper else "")
    return text.replace("-", "").lower(), form


def _time(text: str, *, is_json: bool) -> tuple[Meaning, str] | None:
    instant = instant_of(text)
    if instant is not None:
        return instant, form_of(text)
    if not _WHOLE_NUMBER.fullmatch(text):
        return None
    since = epoch_instant(int(text))
    return (since[0], f"{since[1]}-text" if is_json else since[1]) if since else None
