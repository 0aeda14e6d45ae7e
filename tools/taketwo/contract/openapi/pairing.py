"""
Which media types and which statuses of two OpenAPI documents belong together, however they are written.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from taketwo.contract.canonical import JsonObject
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.openapi.document import as_object

_RANGE: Final = re.compile(r"[1-5]XX")


def media_types(old: JsonObject, new: JsonObject) -> DictDiff[JsonObject]:
    """
    What the ``content`` of both describes, by media type.

    A type is the same in any case and with any charset; one that has parameters on one side only is the same
    where nothing else has its name.
    """
    before, after = _by_media(old), _by_media(new)
    once = [
        {name for name, count in Counter(map(_bare, side)).items() if count == 1} for side in (before, after)
    ]
    by_bare = {_bare(name): name for name in before}
    renamed = {
        name: by_bare[_bare(name)]
        for name in after
        if name not in before and _bare(name) in once[0] & once[1] and ";" in name + by_bare[_bare(name)]
    }
    return DictDiff.of(before, {renamed.get(name, name): media for name, media in after.items()})


def status_pairs(answers: DictDiff[JsonObject]) -> tuple[tuple[str, str], ...]:
    """
    The statuses that came or went with a range that holds them: ``2XX`` and ``200``, in either order.
    """
    narrowed = [(old, new) for old in answers.removed for new in answers.added if _holds(old, new)]
    widened = [(old, new) for old in answers.removed for new in answers.added if _holds(new, old)]
    return (*narrowed, *widened)


def _holds(status_range: str, status: str) -> bool:
    return _RANGE.fullmatch(status_range) is not None and status[:1] == status_range[0] and status.isdecimal()


def _by_media(described: JsonObject) -> dict[str, JsonObject]:
    return {_spelled(name): as_object(media) for name, media in as_object(described.get("content")).items()}


def _spelled(name: str) -> str:
    bare, *parameters = (part.strip().lower() for part in name.split(";"))
    kept = sorted(part for part in parameters if part and not part.startswith(("boundary", "charset")))
    return ";".join((bare, *kept))


def _bare(name: str) -> str:
    return name.partition(";")[0]
