"""
An interaction before and after, as rows for the page to put beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.content import Content, sha256_of
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    EventsBody,
    FormBody,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.bodies import body_lines
from taketwo.compare.side_by_side import Row, aligned_json, aligned_text, one_sided, visible
from taketwo.report.text import query_text, readable_size, status_line
from taketwo.results import DifferenceKind

# A head names a message of a conversation: its time may differ, which is no difference.
SAME, CHANGED, REMOVED, ADDED, GAP, HEAD = range(6)

_CODES: Final = {
    None: SAME,
    DifferenceKind.CHANGED: CHANGED,
    DifferenceKind.REMOVED: REMOVED,
    DifferenceKind.ADDED: ADDED,
}
_LONGEST_RUN = 60
_KEPT_OF_RUN = 20
_LONGEST_LINE = 800
_BEFORE_DIFFERENCE = 80


def sections(before: Interaction | None, after: Interaction | None) -> list[JsonValue]:
    """
    The parts of an interaction that hold anything, each with its rows; either side may be missing.
    """
    sides = (before, after)
    requests = [one.request if one is not None else None for one in sides]
    responses = [one.response if one is not None else None for one in sides]
    return [*message_sections("request", *requests), *message_sections("response", *responses)]


def title(interaction: Interaction) -> str:
    return visible(f"{interaction.request.method} {interaction.request.url}")


def compact(rows: Iterable[Row]) -> list[JsonValue]:
    """
    Rows as lists that begin with a number; of long runs without a difference the middle is counted only.
    """
    found: list[JsonValue] = []
    for is_same, group in groupby(rows, key=lambda row: row.kind is None):
        run = [_row(row) for row in group]
        if is_same and len(run) > _LONGEST_RUN:
            left_out = len(run) - 2 * _KEPT_OF_RUN
            run = [*run[:_KEPT_OF_RUN], [GAP, left_out], *run[-_KEPT_OF_RUN:]]
        found += run
    return found


_Message = StoredRequest | StoredResponse | None


def message_sections(name: str, before: _Message, after: _Message) -> Iterator[JsonValue]:
    headers = [message.headers if message is not None else () for message in (before, after)]
    bodies = [message.body if message is not None else None for message in (before, after)]
    parts = [
        (name, _beside(_head(before), _head(after))),
        ("headers", _of_pairs(*headers)),
        ("body", body_rows(*bodies)),
    ]
    for part, rows in parts:
        shown = compact(rows)
        if shown:
            yield {"of": name, "part": part, "rows": shown}


def _head(message: _Message) -> str | None:
    match message:
        case StoredRequest():
            return visible(f"{message.method} {message.url}{query_text(message.query)}")
        case StoredResponse():
            return visible(status_line(message))
        case None:
            return None


def _beside(before: str | None, after: str | None) -> Iterator[Row]:
    if before is not None and after is not None:
        yield Row(None if before == after else DifferenceKind.CHANGED, before, after)
    elif before is not None or after is not None:
        yield Row(DifferenceKind.ADDED if before is None else DifferenceKind.REMOVED, before, after)


def _of_pairs(before: Pairs, after: Pairs) -> Iterator[Row]:
    old, new = _grouped(before), _grouped(after)
    for name, value in old.items():
        yield from _beside(value, new.get(name))
    for name, value in new.items():
        if name not in old:
            yield from _beside(None, value)


def _grouped(pairs: Pairs) -> dict[str, str]:
    """
    One line for each header, also for one that comes twice.
    """
    lines: dict[str, str] = {}
    for name, value in pairs:
        line = visible(value)
        lines[name] = f"{lines[name]}, {line}" if name in lines else f"{visible(name)}: {line}"
    return lines


def body_rows(before: Body, after: Body) -> Iterator[Row]:
    if before is None and after is None:
        return
    if before is None or after is None:
        kind = DifferenceKind.ADDED if before is None else DifferenceKind.REMOVED
        yield from _alone(after if before is None else before, kind)
        return
    old, new = _json_of(before), _json_of(after)
    match before, after:
        case _ if old is not None and new is not None:
            yield from aligned_json(old.value, new.value)
        case TextBody(was), TextBody(text):
            yield from aligned_text(was, text)
        case BinaryBody(was), BinaryBody(content):
            yield from _beside(_binary(was), _binary(content))
        case _:
            yield from _alone(before, DifferenceKind.REMOVED)
            yield from _alone(after, DifferenceKind.ADDED)


def _alone(body: Body, kind: DifferenceKind) -> Iterator[Row]:
    structure = _json_of(body)
    if structure is not None and not isinstance(body, TextBody):
        body = structure
    match body:
        case JsonBody(value):
            yield from one_sided(value, kind)
        case TextBody(text):
            for line in text.split("\n"):
                yield from one_sided_text(line, kind)
        case BinaryBody(content):
            yield from one_sided_text(_binary(content), kind)


def one_sided_text(line: str, kind: DifferenceKind) -> Iterator[Row]:
    shown = visible(line)
    yield Row(
        kind,
        None if kind is DifferenceKind.ADDED else shown,
        None if kind is DifferenceKind.REMOVED else shown,
    )


def _json_of(body: Body) -> JsonBody | None:
    match body:
        case JsonBody():
            return body
        case FormBody() | MultipartBody() | EventsBody():
            return JsonBody(body_lines(body))
        case TextBody(text) if text.lstrip()[:1] in {"{", "["}:
            parsed, value = parse_json(text.encode("utf-8", "surrogatepass"))
            return JsonBody(value) if parsed else None
        case _:
            return None


def _binary(content: Content) -> str:
    return f"(binary, {readable_size(len(content))}, sha256 {sha256_of(content)[:16]}…)"


def _row(row: Row) -> list[JsonValue]:
    code = _CODES[row.kind]
    if row.kind is None and row.before != row.after:
        return [HEAD, row.before, row.after]
    if row.before is not None and row.after is not None and row.kind is not None:
        return [code, *_cut_pair(row.before, row.after)]
    return [code, _cut(row.after if row.before is None else row.before)]


def _cut(line: str | None) -> str:
    line = line or ""
    more = len(line) - _LONGEST_LINE
    return f"{line[:_LONGEST_LINE]}… ({more} more characters)" if more > 0 else line


def _cut_pair(before: str, after: str) -> tuple[str, str]:
    """
    Two long lines from a little before they begin to differ.
    """
    if max(len(before), len(after)) <= _LONGEST_LINE:
        return before, after
    most = min(len(before), len(after))
    equal = next((index for index in range(most) if before[index] != after[index]), most)
    start = equal - _BEFORE_DIFFERENCE
    if start <= 0:
        return _cut(before), _cut(after)
    lead = f"({start} equal characters) …"
    return lead + _cut(before[start:]), lead + _cut(after[start:])
