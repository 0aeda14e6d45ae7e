"""
Differences in audio as a listener hears them, one for each file and not one for each piece of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from taketwo.cassette.body.attachments import attachment_name, file_content
from taketwo.cassette.body.embedded import reference_in
from taketwo.cassette.content import whole
from taketwo.cassette.model import BinaryBody, JsonValue, StoredRequest, StoredResponse
from taketwo.compare.audio_similarity import audio_difference
from taketwo.compare.structure import ValueDifference
from taketwo.results import DifferenceKind, Steps

Files = Mapping[str, bytes]


def with_audio_differences(
    found: Iterable[ValueDifference], before: Files, after: Files
) -> Iterator[ValueDifference]:
    """
    The differences of *found*; those between two references to audio once for each pair of files.

    A piece more or less of a file that is reported already is not reported by itself.
    """
    reported: set[tuple[str, str]] = set()
    waiting: list[ValueDifference] = []
    for difference in found:
        pair = _pair(difference)
        if pair is None:
            waiting.append(difference)
            continue
        if pair in reported:
            continue
        heard = audio_difference(before.get(pair[0], b""), after.get(pair[1], b""))
        reported.add(pair)
        waiting.append(_with_audio(difference, heard, pair) if heard else difference)
    names = {name for pair in reported for name in pair}
    yield from (difference for difference in waiting if not _is_piece(difference, names))


def audio_body_difference(
    before: StoredRequest | StoredResponse, after: StoredRequest | StoredResponse, steps: Steps
) -> ValueDifference | None:
    """
    How two bodies of audio differ; None when they do not, or when they are none.
    """
    old, new = before.body, after.body
    if not (isinstance(old, BinaryBody) and isinstance(new, BinaryBody)) or old == new:
        return None
    heard = audio_difference(whole(file_content(old)), whole(file_content(new)))
    names = attachment_name(old, before.headers), attachment_name(new, after.headers)
    return (
        _with_audio(ValueDifference(DifferenceKind.CHANGED, steps, None, None, steps), heard, names)
        if heard
        else None
    )


def _with_audio(
    difference: ValueDifference, heard: tuple[str, str], names: tuple[str | None, str | None]
) -> ValueDifference:
    """
    *difference* as it is *heard*, with the files that one plays to hear it.
    """
    before, after = (f"{name}: {text}" if name else text for name, text in zip(names, heard, strict=True))
    return replace(difference, before=before, after=after)


def _pair(difference: ValueDifference) -> tuple[str, str] | None:
    old, new = reference_in(difference.before), reference_in(difference.after)
    return (old[0], new[0]) if difference.kind is DifferenceKind.CHANGED and old and new else None


def _is_piece(difference: ValueDifference, names: set[str]) -> bool:
    if difference.kind is DifferenceKind.CHANGED or not names:
        return False
    shown = difference.before if difference.kind is DifferenceKind.REMOVED else difference.after
    return bool(names & set(_names(shown)))


def _names(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        reference = reference_in(value)
        yield from [reference[0]] if reference else []
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _names(item)
