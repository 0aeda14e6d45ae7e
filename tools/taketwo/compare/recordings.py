"""
What differs between the accepted recording of a test and a new one, and how bad it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import Body, Cassette, Interaction, JsonBody, JsonValue, StoredResponse, TextBody
from taketwo.cassette.text.messages import request_lines, response_lines
from taketwo.cassette.volatile.generate import stands_for_number
from taketwo.compare.audio_diff import audio_body_difference, with_audio_differences
from taketwo.compare.conversations import conversation_differences
from taketwo.compare.side_by_side import paired
from taketwo.compare.structure import ValueDifference, differences, same
from taketwo.contract.changes import Severity
from taketwo.results import Difference, DifferenceKind, Location, Steps

_STYLE: Steps = ("response", "style")


def compare_cassettes(before: Cassette, after: Cassette) -> tuple[Difference, ...]:
    """
    Every difference between two recordings, in the order of the file.

    Interactions are aligned by method and URL, so that one which was added does not make all that follow
    look changed. The head counts as far as a person wrote it: the contract's hash is no difference here.
    """
    return (*_interactions(before, after), *_conversations(before, after), *_head(before, after))


def _head(before: Cassette, after: Cassette) -> Iterator[Difference]:
    for difference in differences(_head_lines(before), _head_lines(after)):
        yield _difference(difference, (Location(), Location()), Severity.SAFE)


def _head_lines(cassette: Cassette) -> JsonValue:
    ended = cassette.ended
    return {
        "test": cassette.test,
        "services": sorted(cassette.services),
        "time": cassette.time,
        "outcome": ended.outcome.value if ended else "passed",
        **({"raised": ended.raised} if ended and ended.raised else {}),
    }


def _conversations(before: Cassette, after: Cassette) -> Iterator[Difference]:
    for old, new, difference, severity in conversation_differences(before, after):
        yield _difference(difference, (old, new), severity)


def _interactions(before: Cassette, after: Cassette) -> Iterator[Difference]:
    old, new = before.interactions, after.interactions
    for index, other in paired(old, new):
        if index is not None and other is not None:
            yield from interaction_differences(index, before, after, other)
        elif index is not None:
            yield _whole(DifferenceKind.REMOVED, index, old[index])
        elif other is not None:
            yield _whole(DifferenceKind.ADDED, other, new[other])


def interaction_differences(
    index: int, before: Cassette, after: Cassette, other: int
) -> Iterator[Difference]:
    """
    What differs between the interaction *index* of one recording and the *other* of the other.
    """
    old, new = before.interactions[index], after.interactions[other]
    places = _place(index, old), _place(other, new)
    asked = differences(request_lines(old.request), request_lines(new.request), "request")
    for difference in with_audio_differences(asked, before.files, after.files):
        yield _difference(difference, places, Severity.DANGEROUS)
    for difference in with_audio_differences(
        _of_answers(old.response, new.response), before.files, after.files
    ):
        yield _difference(difference, places, _severity(difference))


def answer_difference(difference: ValueDifference, index: int, interaction: Interaction) -> Difference:
    """
    A *difference* in the answer of an *interaction*, whose number in both recordings is *index*.
    """
    place = _place(index, interaction)
    return _difference(difference, (place, place), _severity(difference))


def _of_answers(before: StoredResponse, after: StoredResponse) -> Iterator[ValueDifference]:
    """
    JSON that is kept as text, since no style of ours gives its bytes back, is compared by value too.
    """
    old, new = _as_json(before.body), _as_json(after.body)
    if old is None or new is None:
        heard = audio_body_difference(before, after, ("response", "audio"))
        if heard is not None:
            before, after = replace(before, body=None), replace(after, body=None)
        yield from differences(response_lines(before), response_lines(after), "response")
        yield from [heard] if heard else []
        return
    shown, wanted = replace(before, body=old), replace(after, body=new)
    yield from differences(response_lines(shown), response_lines(wanted), "response")
    if same(old.value, new.value) and before.body != after.body:
        yield ValueDifference(DifferenceKind.CHANGED, _STYLE, _style(before.body), _style(after.body), _STYLE)


def _as_json(body: Body) -> JsonBody | None:
    match body:
        case JsonBody(value):
            return JsonBody(value)
        case TextBody(text) if text.lstrip()[:1] in {"{", "["}:
            parsed, value = parse_json(text.encode("utf-8"))
            return JsonBody(value) if parsed else None
        case _:
            return None


def _style(body: Body) -> str:
    return body.style.value if isinstance(body, JsonBody) else "a style of its own"


def _whole(kind: DifferenceKind, index: int, interaction: Interaction) -> Difference:
    shown: JsonValue = {
        "request": request_lines(interaction.request),
        "response": response_lines(interaction.response),
    }
    place = _place(index, interaction)
    return Difference(
        kind=kind,
        location=place,
        new_location=place if kind is DifferenceKind.ADDED else None,
        before=shown if kind is DifferenceKind.REMOVED else None,
        after=shown if kind is DifferenceKind.ADDED else None,
        severity=Severity.DANGEROUS,
    )


def _difference(
    difference: ValueDifference, places: tuple[Location, Location], severity: Severity
) -> Difference:
    old, new = places
    return Difference(
        kind=difference.kind,
        location=old.at(difference.steps),
        new_location=None if difference.kind is DifferenceKind.REMOVED else new.at(difference.new_steps),
        before=difference.before,
        after=difference.after,
        severity=severity,
    )


def _place(index: int, interaction: Interaction) -> Location:
    return Location(interaction=index, target=_line(interaction))


def _severity(difference: ValueDifference) -> Severity:
    """
    What a difference in an answer means to its readers.

    Gone, of another type, or another status: they break. New: they need not look. Another value of the same
    type, or another header: they may rely on it. How it was put (spacing, the phrase beside the status): none
    reads that.
    """
    part = difference.steps[1]
    if part in {"reason", "style"} or difference.kind is DifferenceKind.ADDED:
        return Severity.SAFE
    if part == "headers":
        return Severity.DANGEROUS
    if part == "status" or difference.kind is DifferenceKind.REMOVED:
        return Severity.BREAKING
    return Severity.DANGEROUS if _type(difference.before) == _type(difference.after) else Severity.BREAKING


def _type(value: JsonValue) -> str:
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    # The placeholder of a number is a text in the file, and a number to whoever reads the answer.
    is_number = isinstance(value, int | float) or (isinstance(value, str) and stands_for_number(value))
    return "number" if is_number else type(value).__name__


def _line(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.request.url}"
