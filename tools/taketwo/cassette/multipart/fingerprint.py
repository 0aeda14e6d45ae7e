"""
What of a multipart body decides whether two are equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from taketwo.cassette.model import Body, MultipartBody, Pairs, Part
from taketwo.cassette.multipart.body import filename_of, name_of, part_headers

# What is looked at in another way, or says how the body is written.
_PASSED_OVER = {"content-disposition", "content-length", "content-transfer-encoding", "content-type"}
_PARAMETER = re.compile(r';\s*([^=\s;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')

FingerprintOf = Callable[[Body, str], tuple[str, ...]]
"""Makes that of a body and its media type."""


def multipart_fingerprint(body: MultipartBody, media_type: str, print_of: FingerprintOf) -> tuple[str, ...]:
    """
    The parts, as their name, file name, type, other headers and body; boundaries mean nothing.

    The fields of a form may come in any order, those of one name excepted.
    """
    kind = media_type.partition(";")[0].strip().lower()
    parts = list(body.parts)
    if kind == "multipart/form-data":
        parts.sort(key=lambda part: name_of(part) or "")
    return ("parts", kind, *(_part_fingerprint(part, print_of) for part in parts))


def _part_fingerprint(part: Part, print_of: FingerprintOf) -> str:
    headers = () if part.raw else part_headers(part)
    media_type = dict(headers).get("content-type", "")
    return json.dumps(
        [
            name_of(part),
            filename_of(part),
            _normal_type(media_type),
            _others(headers),
            print_of(part.body, media_type),
        ]
    )


def _others(headers: Pairs) -> list[tuple[str, str]]:
    return sorted((name, value.strip()) for name, value in headers if name not in _PASSED_OVER)


def _normal_type(value: str) -> list[str]:
    """
    A media type with its parameters, whatever their order and quotes are.
    """
    kind, semicolon, _ = value.partition(";")
    named = _PARAMETER.findall(value[len(kind) :]) if semicolon else []
    parameters = sorted((name.lower(), text.strip('"').lower()) for name, text in named)
    return [kind.strip().lower(), *(f"{name}={text}" for name, text in parameters if name != "boundary")]
