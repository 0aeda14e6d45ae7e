r"""
What a service mints (ids, times, entity tags) becomes a placeholder, and a replay mints it anew.

``<uuid:1>`` is the first minted uuid of the cassette, ``<time:2>`` the second minted instant in the order of
time, ``<etag:1>`` and ``<id:1>`` are opaque values of headers. A text of the test that happens to look like a
placeholder is kept apart by a backslash: ``<\uuid:1>``.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from taketwo.cassette.model import Interaction, Pairs
from taketwo.cassette.strings import map_interaction, request_texts, response_texts

_KINDS = "uuid|time|etag|id|secret"
_PLACEHOLDER = re.compile(rf"<(\\*)({_KINDS}):([^<>\s]+)>")
_UUID = r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
_TIME = (
    r"(?<![0-9A-Za-z.])\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d"
    r"(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?(?![0-9A-Za-z])"
)
_MINTED = re.compile(f"(?P<uuid>{_UUID})|(?P<time>{_TIME})")
_OPAQUE_HEADERS = {
    "etag": "etag",
    "x-request-id": "id",
    "x-correlation-id": "id",
    "x-trace-id": "id",
}
_CONDITIONS = {"if-match": "etag", "if-none-match": "etag", "if-range": "etag"}
_CARRIERS = {**_OPAQUE_HEADERS, **_CONDITIONS}
_ALONE = 8  # a shorter value may stand in a header of another meaning by chance
_ENTITY_TAG = re.compile(r'\A(?:W/)?"(.+)"\Z')
_USUAL_FORMAT = "T3Z"

Reveal = Callable[[str], str]
_Instant = tuple[datetime, str]
_Meaning = str | _Instant


def put_placeholders(
    interactions: Sequence[Interaction], order: Sequence[tuple[int, int]]
) -> tuple[Interaction, ...]:
    """
    *interactions* with a placeholder for every value that the service minted.

    *order* tells for each interaction when it was issued and answered: a value is minted when an answer
    held it before any request did. Placeholders are numbered by first appearance, times by their order.
    """
    minted = _minted(interactions, order)
    names = _names(interactions, minted)
    opaque = {value: name for value, name in names.items() if not _MINTED.fullmatch(value)}
    return tuple(_with_placeholders(item, names, opaque) for item in interactions)


def escape(text: str) -> str:
    """
    *text* so that nothing in it is taken for a placeholder.
    """
    return _PLACEHOLDER.sub(r"<\\\1\2:\3>", text) if "<" in text else text


class Mint:
    """
    Makes the values that a replay puts in the place of placeholders: the same ones for the same seed.

    *reveal* gives the value that a replay uses for a secret, by the secret's name.
    """

    def __init__(self, *, seed: int, time: str, reveal: Reveal) -> None:
        self._seed = seed
        self._time = datetime.fromisoformat(time)
        self._reveal = reveal

    def fill(self, text: str) -> str:
        """
        *text* with a well-formed value for each placeholder.
        """
        return _PLACEHOLDER.sub(self._value, text) if "<" in text else text

    def fill_but_secrets(self, text: str) -> str:
        """
        The same, except that secrets stay as they are stored.
        """
        return _PLACEHOLDER.sub(self._value_but_secrets, text) if "<" in text else text

    def _value_but_secrets(self, found: re.Match[str]) -> str:
        return found[0] if found[2] == "secret" and not found[1] else self._value(found)

    def _value(self, found: re.Match[str]) -> str:
        escaped, kind, name = found.groups()
        if escaped:
            return f"<{escaped[1:]}{kind}:{name}>"
        match kind:
            case "secret":
                return self._reveal(name)
            case "uuid":
                return str(uuid.UUID(bytes=self._digest(kind, name)[:16], version=4))
            case "time":
                return self._instant(name) or found[0]
            case _:
                return self._digest(kind, name).hex()[:16]

    def _digest(self, kind: str, name: str) -> bytes:
        return hashlib.sha256(f"{self._seed} {kind} {name}".encode()).digest()

    def _instant(self, name: str) -> str | None:
        number, _, form = name.partition(":")
        try:
            return _format_time(self._time + timedelta(seconds=int(number)), form or _USUAL_FORMAT)
        except (ValueError, OverflowError):  # nothing that we wrote: it stays as a person put it there
            return None


def names_of_secrets(interactions: Iterable[Interaction]) -> set[str]:
    """
    The names of the secrets whose stand-ins are in *interactions*.
    """
    return {
        found[3]
        for interaction in interactions
        for _, text in [*request_texts(interaction.request), *response_texts(interaction.response)]
        for found in _PLACEHOLDER.finditer(text)
        if found[2] == "secret" and not found[1]
    }


def _minted(interactions: Sequence[Interaction], order: Sequence[tuple[int, int]]) -> set[str]:
    events = sorted(
        event
        for index, (issued, answered) in enumerate(order)
        for event in ((issued, 0, index), (answered, 1, index))
    )
    sent: set[_Meaning] = set()
    minted: set[str] = set()
    instants: set[_Meaning] = set()
    for _, answer, index in events:
        for value in _values(interactions[index], answer=bool(answer)):
            meaning = _meaning(value)
            # A client may write the instant that it was given in a form of its own.
            if value in minted or meaning in instants or (answer and meaning not in sent):
                minted.add(value)
                instants.update([meaning] if isinstance(meaning, tuple) else [])
            elif not answer:
                sent.add(meaning)
    return minted


def _meaning(value: str) -> _Meaning:
    """
    What makes a value the same one, however it is written.
    """
    return _instant(value) or value.lower()


def _values(interaction: Interaction, *, answer: bool) -> list[str]:
    """
    Whatever in one side of an interaction could have been minted, in the order of the file.
    """
    texts = response_texts(interaction.response) if answer else request_texts(interaction.request)
    values = [
        found[0]
        for _, text in texts
        for found in _MINTED.finditer(text)
        if found["uuid"] or _instant(found[0])
    ]
    headers = interaction.response.headers if answer else interaction.request.headers
    return [*values, *(value for _, value in _opaque(headers))]


def _opaque(headers: Pairs) -> list[tuple[str, str]]:
    return [
        (_CARRIERS[name], _ENTITY_TAG.sub(r"\1", part))
        for name, value in headers
        if name in _CARRIERS
        for part in (value.split(", ") if name in _CONDITIONS else [value])
        if part
    ]


def _names(interactions: Sequence[Interaction], minted: set[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for interaction in interactions:
        kinds = {value: kind for kind, value in _opaque(interaction.response.headers)}
        for value in [*_values(interaction, answer=False), *_values(interaction, answer=True)]:
            kind = "uuid" if re.fullmatch(_UUID, value) else kinds.get(value)
            if value in minted and value not in names and kind:
                counts[kind] = counts.get(kind, 0) + 1
                names[value] = f"<{kind}:{counts[kind]}>"
    return {**names, **_names_of_times(minted)}


def _names_of_times(minted: set[str]) -> dict[str, str]:
    instants = {value: instant for value in minted if (instant := _instant(value))}
    rank = {instant: number for number, instant in enumerate(sorted(set(instants.values())), 1)}
    return {value: _time_placeholder(rank[instant], value) for value, instant in instants.items()}


def _time_placeholder(number: int, value: str) -> str:
    form = _time_format(value)
    return f"<time:{number}>" if form == _USUAL_FORMAT else f"<time:{number}:{form}>"


def _instant(value: str) -> _Instant | None:
    found = re.fullmatch(_TIME, value)
    if not found:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    # A datetime ends at the microsecond, and services count further.
    beyond = (found[2] or "")[7:].ljust(3, "0")
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)), beyond


def _time_format(value: str) -> str:
    """
    The separator, the digits of the fraction, and the zone: ``T3Z`` is what JavaScript writes.
    """
    found = re.fullmatch(_TIME, value)
    separator, fraction, zone = found.groups() if found else ("T", None, None)
    return f"{'T' if separator == 'T' else 'S'}{max(len(fraction or '') - 1, 0)}{zone or ''}"


def _format_time(instant: datetime, form: str) -> str:
    separator, digits, zone = ("T" if form[:1] == "T" else " "), form[1:2], form[2:]
    if zone and zone != "Z":
        instant = instant.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)
    fraction = f".{'0' * int(digits)}" if digits.isdecimal() and digits != "0" else ""
    return f"{instant:%Y-%m-%d}{separator}{instant:%H:%M:%S}{fraction}{zone}"


def _with_placeholders(
    interaction: Interaction, names: Mapping[str, str], opaque: Mapping[str, str]
) -> Interaction:
    changed = map_interaction(
        interaction, lambda text: _MINTED.sub(lambda found: names.get(found[0], found[0]), text)
    )
    if not opaque:
        return changed
    return Interaction(
        replace(changed.request, headers=_opaque_replaced(changed.request.headers, opaque)),
        replace(changed.response, headers=_opaque_replaced(changed.response.headers, opaque)),
    )


def _opaque_replaced(headers: Pairs, opaque: Mapping[str, str]) -> Pairs:
    """
    *headers* with placeholders for opaque values: anywhere in those that carry such values, and in others
    where they are all there is. A value like ``1`` stands in too many texts to be looked for.
    """
    values = "|".join(map(re.escape, sorted(opaque, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w.+/=-])(?:{values})(?![\w.+/=-])")

    def changed(name: str, value: str) -> str:
        if name in _CARRIERS:
            return pattern.sub(lambda found: opaque[found[0]], value)
        return opaque.get(value, value) if len(value) >= _ALONE else value

    return tuple((name, changed(name, value)) for name, value in headers)
