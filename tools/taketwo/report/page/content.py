"""
What the page shows, as JSON: the page's own script makes everything else of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from taketwo.cassette import BinaryBody, Cassette, Interaction, JsonValue, Pairs
from taketwo.cassette.attachments import sha256_of
from taketwo.compare import Drift, paired, visible, worst
from taketwo.report.page.audio import Sounds, is_audio
from taketwo.report.page.rows import sections, title
from taketwo.report.story import STATUSES, Case, Cause, Story, count

_MOST_TEXT = 24_000_000  # signs of rows on one page
_LONGEST_MESSAGE = 20_000


@dataclass(slots=True)
class _Room:
    """
    What is left of a page, and what had none.
    """

    sounds: Sounds = field(default_factory=Sounds)
    text: int = _MOST_TEXT
    without: int = 0


def page_content(story: Story) -> JsonValue:
    room = _Room()
    cases = [_case(case, room) for case in _worst_first(story.cases)]
    return {
        "headline": story.headline,
        "verdict": story.verdict,
        "exit": story.exit_code,
        "error": story.error,
        "sum": story.sum,
        "command": story.command,
        "written": story.written and story.waits,
        "takes": story.takes,
        "statuses": {status: len(story.of(status)) for status in STATUSES},
        "causes": [_cause(cause) for cause in story.causes],
        "cases": cases,
        "sounds": room.sounds.json(),
        "unlocked": list(story.unlocked),
        "orphans": list(story.orphans),
        "coverage": story.coverage,
        "left_out": list(_left_out(room)),
    }


def _worst_first(cases: Sequence[Case]) -> list[Case]:
    order = list(STATUSES)
    return sorted(cases, key=lambda case: (order.index(case.status), _rank(case), case.cassette))


def _rank(case: Case) -> int:
    return {"breaking": 0, "dangerous": 1, "safe": 2}[case.severity.value] if case.severity else 3


def _cause(cause: Cause) -> JsonValue:
    return {
        "id": cause.id,
        "rule": cause.rule,
        "service": cause.service,
        "coordinate": visible(cause.coordinate),
        "sentence": visible(cause.sentence),
        "severity": cause.severity.value,
        "cassettes": list(cause.cassettes),
        "explained": list(cause.explained),
        "failing": list(cause.failing),
    }


def _case(case: Case, room: _Room) -> JsonValue:
    told: dict[str, JsonValue] = {
        "test": visible(case.test),
        "cassette": visible(case.cassette),
        "status": case.status,
        "verdict": case.verdict,
        "causes": list(case.causes),
        "differences": len(case.drifts),
    }
    if case.severity:
        told["severity"] = case.severity.value
    if case.message:
        told["message"] = visible(case.message[-_LONGEST_MESSAGE:])
    if case.before is None and case.after is None:
        return told
    items = list(_items(case, room)) if room.text > 0 else None
    room.text -= _weight(items)
    room.without += items is None
    return {**told, "items": items}


def _items(case: Case, room: _Room) -> Iterator[JsonValue]:
    before, after = _interactions(case.before), _interactions(case.after)
    severities = _severities(case.drifts)
    for old, new in paired(before, after):
        was = None if old is None else before[old]
        now = None if new is None else after[new]
        number = (new if old is None else old) or 0
        yield _item(number + 1, was, now, severities, room)


def _item(
    number: int,
    was: Interaction | None,
    now: Interaction | None,
    severities: dict[str, str],
    room: _Room,
) -> JsonValue:
    known = now or was
    name = title(known) if known else ""
    told: dict[str, JsonValue] = {"number": number, "title": name}
    if was == now and now is not None:
        return {**told, "mark": "=", "status": now.response.status}
    place = f"{number}. {known.request.method} {known.request.url}" if known else ""
    mark = "+" if was is None else "-" if now is None else "~"
    sounds = _sounds(was, now, room.sounds)
    return {
        **told,
        "mark": mark,
        "severity": severities.get(place),
        "sections": sections(was, now),
        **({"sounds": sounds} if sounds else {}),
    }


def _severities(drifts: Sequence[Drift]) -> dict[str, str]:
    found: dict[str, list[Drift]] = {}
    for drift in drifts:
        found.setdefault(drift.place.partition("  ")[0], []).append(drift)
    return {
        place: severity.value
        for place, group in found.items()
        if (severity := worst(tuple(group))) is not None
    }


def _sounds(was: Interaction | None, now: Interaction | None, sounds: Sounds) -> list[JsonValue]:
    """
    What one hears before and after, the request's sound and the response's, where either side has one.
    """
    found: list[JsonValue] = []
    for side in ("request", "response"):
        names = [_sound(side, interaction, sounds) for interaction in (was, now)]
        if any(names):
            found.append({"of": side, "before": names[0], "after": names[1]})
    return found


def _sound(side: str, interaction: Interaction | None, sounds: Sounds) -> str | None:
    if interaction is None:
        return None
    message = interaction.request if side == "request" else interaction.response
    kind = _media_type(message.headers)
    match message.body:
        case BinaryBody(content) if is_audio(kind, content):
            return sounds.add(sha256_of(content), kind, content)
        case _:
            return None


def _media_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _interactions(cassette: Cassette | None) -> Sequence[Interaction]:
    return cassette.interactions if cassette else ()


def _weight(items: JsonValue) -> int:
    return len(json.dumps(items, ensure_ascii=False)) if items else 0


def _left_out(room: _Room) -> Iterator[str]:
    if room.without:
        yield (
            f"the differences of {count(room.without, 'cassette')} are left out, to keep this page small: "
            "taketwo diff shows them"
        )
    if room.sounds.left_out:
        yield f"{count(room.sounds.left_out, 'sound')} can be seen and not be heard, to keep this page small"
