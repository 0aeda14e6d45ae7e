"""
What the page shows, as JSON: the page's own script makes everything else of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from taketwo.cassette.body.attachments import leaves_of, names_in
from taketwo.cassette.content import sha256_of, whole
from taketwo.cassette.model import BinaryBody, Body, Cassette, Conversation, Interaction, JsonValue, Pairs
from taketwo.cassette.visit import body_texts
from taketwo.compare.side_by_side import aligned, paired, visible
from taketwo.report.page.audio import Sounds, is_audio
from taketwo.report.page.frames import conversation_sections, conversation_title
from taketwo.report.page.rows import sections, title
from taketwo.report.result_text import counts_text, headline, worst_first
from taketwo.report.text import count
from taketwo.results import CassetteResult, Cause, Difference, RefreshResult, worst_severity

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


_Bodies = Sequence[tuple[Body, Pairs]]


@dataclass(frozen=True, slots=True)
class _Side:
    """
    What may hold a sound, before or after, and the files that its texts may stand for.
    """

    bodies: _Bodies = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of_interaction(cls, one: Interaction | None, files: Mapping[str, bytes]) -> _Side:
        messages = (one.request, one.response) if one is not None else ()
        return cls([(message.body, message.headers) for message in messages], files)

    @classmethod
    def of_conversation(cls, one: Conversation | None, files: Mapping[str, bytes]) -> _Side:
        return cls([(frame.body, ()) for frame in (one.frames if one is not None else ())], files)


def page_content(report: RefreshResult) -> JsonValue:
    room = _Room()
    cases = [_case(case, room) for case in _worst_first(report.cassette_results)]
    return {
        "headline": headline(report),
        "verdict": report.verdict.value,
        "exit": report.exit_code,
        "error": report.error,
        "sum": counts_text(report),
        "command": report.command,
        "written": report.written and report.has_pending,
        "pending": report.pending,
        "statuses": {status.value: len(report.of(status)) for status in worst_first()},
        "causes": [_cause(cause) for cause in report.causes],
        "cases": cases,
        "sounds": room.sounds.json(),
        "unlocked": [visible(name) for name in report.unlocked],
        "orphans": [visible(name) for name in report.orphans],
        "coverage": report.coverage,
        "left_out": list(_left_out(room)),
    }


def case_items(case: CassetteResult) -> list[JsonValue]:
    """
    The interactions of a case, before and after, as the page has them.
    """
    return list(_items(case, _Room()))


def _worst_first(cases: Sequence[CassetteResult]) -> list[CassetteResult]:
    order = worst_first()
    return sorted(cases, key=lambda case: (order.index(case.status), _rank(case), case.cassette))


def _rank(case: CassetteResult) -> int:
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


def _case(case: CassetteResult, room: _Room) -> JsonValue:
    row: dict[str, JsonValue] = {
        "test": visible(case.test),
        "cassette": visible(case.cassette),
        "status": case.status.value,
        "verdict": case.verdict.value,
        "causes": list(case.causes),
        "differences": len(case.differences),
    }
    if case.severity:
        row["severity"] = case.severity.value
    if case.message:
        row["message"] = visible(case.message[-_LONGEST_MESSAGE:])
    if case.before is None and case.after is None:
        return row
    items = list(_items(case, room)) if room.text > 0 else None
    room.text -= _weight(items)
    room.without += items is None
    return {**row, "items": items}


def _items(case: CassetteResult, room: _Room) -> Iterator[JsonValue]:
    before, after = _interactions(case.before), _interactions(case.after)
    for old, new in paired(before, after):
        was = None if old is None else before[old]
        now = None if new is None else after[new]
        number = (old if old is not None else new) or 0
        yield _item(number + 1, was, now, case, room)
    yield from _conversations(case, room)


def _conversations(case: CassetteResult, room: _Room) -> Iterator[JsonValue]:
    before = case.before.conversations if case.before else ()
    after = case.after.conversations if case.after else ()
    urls = [[one.request.url for one in side] for side in (before, after)]
    for old, new in aligned(*urls):
        was = None if old is None else before[old]
        now = None if new is None else after[new]
        number = (old if new is None or old is not None else new) or 0
        yield _conversation(number + 1, was, now, case, room)


def _conversation(
    number: int,
    was: Conversation | None,
    now: Conversation | None,
    case: CassetteResult,
    room: _Room,
) -> JsonValue:
    known = now or was
    row: dict[str, JsonValue] = {
        "number": number,
        "title": f"conversation at {conversation_title(known) if known else ''}",
        "mark": _mark(was, now),
    }
    if was == now:
        return row
    old, new = _files(case)
    sounds = _sounds(_Side.of_conversation(was, old), _Side.of_conversation(now, new), room.sounds)
    return {
        **row,
        "severity": _severity(one for one in case.differences if one.location.conversation == number - 1),
        "sections": conversation_sections(was, now),
        **({"sounds": sounds} if sounds else {}),
    }


def _mark(was: object, now: object) -> str:
    if was is None or now is None:
        return "+" if was is None else "-"
    return "=" if was == now else "~"


def _item(
    number: int,
    was: Interaction | None,
    now: Interaction | None,
    case: CassetteResult,
    room: _Room,
) -> JsonValue:
    known = now or was
    name = title(known) if known else ""
    row: dict[str, JsonValue] = {"number": number, "title": name}
    if was == now and now is not None:
        return {**row, "mark": "=", "status": now.response.status}
    differences = (one for one in case.differences if one.location.interaction == number - 1)
    old, new = _files(case)
    sounds = _sounds(_Side.of_interaction(was, old), _Side.of_interaction(now, new), room.sounds)
    return {
        **row,
        "mark": _mark(was, now),
        "severity": _severity(differences),
        "sections": sections(was, now),
        **({"sounds": sounds} if sounds else {}),
    }


def _severity(differences: Iterable[Difference]) -> str | None:
    severity = worst_severity(differences)
    return severity.value if severity else None


def _sounds(was: _Side, now: _Side, sounds: Sounds) -> list[JsonValue]:
    """
    What one hears before and after, sound by sound in their order, where either side has one.
    """
    heard = [list(_sound_names(side, sounds)) for side in (was, now)]
    return [{"before": before, "after": after} for before, after in zip_longest(*heard)]


def _sound_names(side: _Side, sounds: Sounds) -> Iterator[str]:
    """
    The names of the sounds that are bodies, and of those that texts in bodies stand for.
    """
    sound_ids: list[str] = []
    for body, headers in side.bodies:
        for leaf, kinds in leaves_of(body, headers):
            kind = _media_type(kinds)
            if isinstance(leaf, BinaryBody) and is_audio(kind, leaf.content[:12]):
                sound_ids.append(sounds.add(sha256_of(leaf.content), kind, whole(leaf.content)))
        for _, text in body_texts(body):
            names = (name for name in names_in(text) if name in side.files and name.endswith(".wav"))
            sound_ids += [sounds.add(name, "audio/wav", side.files[name]) for name in names]
    yield from dict.fromkeys(sound_ids)


def _media_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _files(case: CassetteResult) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    before, after = (one.files if one is not None else {} for one in (case.before, case.after))
    return before, after


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
