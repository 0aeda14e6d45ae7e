"""
Which values in a message could have been minted: by their looks, by their header, by a rule of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taketwo.cassette.model import JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.visit import Path, Scalar, is_in_json, plain_texts
from taketwo.cassette.volatile.timestamps import TIME, Instant, epoch_instant, form_of, instant_of
from taketwo.config.placeholders import PlaceholderType, Rule

Meaning: TypeAlias = "str | int | Instant"
"""What makes a value the same one, however it is written."""

_UUID = r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
_BY_FORMAT = re.compile(f"(?P<uuid>{_UUID})|(?P<time>{TIME})")
# What every one of them has in it: most texts have not, and are not looked through at every sign.
_HAS_FORMAT = re.compile(r"[0-9a-fA-F]-[0-9a-fA-F]|, \d\d ").search
_HEADERS = ("headers",)
_BARE_UUID = re.compile("[0-9a-fA-F]{32}")
_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]{0,17}")
_OPAQUE_HEADERS = {
    "etag": "etag",
    "x-request-id": "id",
    "x-correlation-id": "id",
    "x-trace-id": "id",
}
_CONDITIONS = {"if-match": "etag", "if-none-match": "etag", "if-range": "etag"}
CARRIERS = {**_OPAQUE_HEADERS, **_CONDITIONS}
_ENTITY_TAG = re.compile(r'\A(?:W/)?"(.+)"\Z')


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatileValue:
    """
    A value that could have been minted, from ``start`` to ``end`` of the text that holds it.

    ``key`` is the name of the member at which a rule found it, and None where no rule did.
    """

    kind: str
    meaning: Meaning
    text: str
    start: int
    end: int
    form: str = ""
    key: str | None = None


class Detector:
    """
    Looks by itself, and by *rules*, and keeps count of what each rule found.
    """

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = rules
        self._uses = dict.fromkeys(rules, 0)
        self._mistyped: dict[Rule, list[str]] = {rule: [] for rule in rules}

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
            for rule in self._rules
        ]

    def may_find(self, message: StoredRequest | StoredResponse) -> bool:
        """
        Whether there may be anything for :meth:`find_all` in *message*.
        """
        if self._rules or any(name in CARRIERS for name, _ in message.headers):
            return True
        return bool(_HAS_FORMAT("\n".join(plain_texts(message))))

    def find_all(self, scalars: Iterable[tuple[Path, Scalar]]) -> list[Sequence[VolatileValue]]:
        """
        What is in each of *scalars*, most of which hold nothing that anybody has to look for.
        """
        find, has_looks = self.find, _HAS_FORMAT
        if self._rules:
            return [find(path, value) for path, value in scalars]
        return [
            find(path, value)
            if isinstance(value, str)
            # A sign is found sooner than a pattern that has to have it.
            and ((("-" in value or ", " in value) and has_looks(value)) or path[1:2] == _HEADERS)
            else ()
            for path, value in scalars
        ]

    def find(self, path: Path, value: Scalar) -> list[VolatileValue]:
        """
        What is in the value at *path*, in the order in which it stands there; nothing overlaps.
        """
        found = [*self._by_rules(path, value)] if self._rules else []
        if isinstance(value, str):
            if path[1:2] == _HEADERS:
                found += _by_header(path, value)
            if _HAS_FORMAT(value):
                found += _by_format(value)
        if len(found) < 2:  # noqa: PLR2004 - one overlaps nothing
            return found
        kept: list[VolatileValue] = []
        for one in found:
            if all(one.end <= other.start or one.start >= other.end for other in kept):
                kept.append(one)
        return sorted(kept, key=lambda one: one.start)

    def _by_rules(self, path: Path, value: Scalar) -> Iterator[VolatileValue]:
        for rule in self._rules:
            if not rule.is_at(path):
                continue
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
            yield found

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


def _place_and_type(path: Path, value: Scalar) -> str:
    """
    Where a value stands and of which type it is; not the value, which may be anything.
    """
    kind = {bool: "a boolean", int: "a whole number", float: "a fraction"}.get(type(value), "a text")
    return f"{'.'.join(map(str, path)) or 'a name'} is {kind}"


def _by_format(text: str) -> Iterator[VolatileValue]:
    for found in _BY_FORMAT.finditer(text):
        kind = PlaceholderType.UUID if found["uuid"] else PlaceholderType.TIME
        typed = _as_typed(kind, found[0], None, is_json=False)
        if typed is not None:
            yield VolatileValue(
                kind=typed.kind,
                meaning=typed.meaning,
                text=found[0],
                start=found.start(),
                end=found.end(),
                form=typed.form,
            )


def _by_header(path: Path, text: str) -> Iterator[VolatileValue]:
    name = path[-1]
    if name not in CARRIERS:
        return
    start = 0
    for part in text.split(", ") if name in _CONDITIONS else [text]:
        tag = _ENTITY_TAG.search(part)
        inside, held = (tag.start(1), tag[1]) if tag else (0, part)
        if held and not _BY_FORMAT.fullmatch(held):
            yield VolatileValue(
                kind=CARRIERS[str(name)],
                meaning=held,
                text=held,
                start=start + inside,
                end=start + inside + len(held),
            )
        start += len(part) + 2


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
        kind=kind.value, meaning=meaning, text=text[start:end], start=start, end=end, form=form, key=key
    )


def _typed(kind: PlaceholderType, value: Scalar, *, is_json: bool) -> tuple[Meaning, str] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if kind is PlaceholderType.COUNTER and isinstance(value, int):
            return value, ""
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
        case PlaceholderType.ID:
            return text, ""


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
