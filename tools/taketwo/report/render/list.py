"""
A list of cassettes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.report.text import Line, one_line, readable_size

_HEAD = ("interactions", "size", "services", "", "cassette", "test")
_RIGHT = {0, 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """
    One cassette of a list; ``damage`` is why it cannot be read, if it cannot.
    """

    cassette: str
    test: str
    interactions: int
    conversations: int = 0
    services: tuple[str, ...]
    size: int
    pending: bool
    damage: str = ""


def list_lines(listed: Sequence[Listed]) -> list[Line]:
    """
    A line for each cassette, and their sum: what is narrow comes first, so that the columns stay together.
    """
    if not listed:
        return [Line("there are no cassettes; to record some: pytest --record-mode=rewrite")]
    rows = [_HEAD, *map(_row, listed)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    head, *lines = [_aligned(row, widths) for row in rows]
    return [
        Line(head, "dim"),
        *(Line(text, _style(one)) for text, one in zip(lines, listed, strict=True)),
        *(Line(one_line(one.damage), "red") for one in listed if one.damage),
        Line(_sum(listed), "bold"),
    ]


def listed_json(one: Listed) -> JsonValue:
    return {
        "cassette": one.cassette,
        "test": one.test,
        "interactions": one.interactions,
        "conversations": one.conversations,
        "services": list(one.services),
        "bytes": one.size,
        "pending": one.pending,
        "damage": one.damage or None,
    }


def _row(one: Listed) -> tuple[str, ...]:
    state = "damaged" if one.damage else "pending" if one.pending else ""
    spoken = f" + {one.conversations}" if one.conversations else ""
    count = "-" if one.damage else f"{one.interactions}{spoken}"
    services = ", ".join(one.services) or "-"
    return (count, readable_size(one.size), services, state, one_line(one.cassette), one_line(one.test))


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if column in _RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        if width
    )
    return "  ".join(cells).rstrip()


def _style(one: Listed) -> str:
    return "red" if one.damage else "yellow" if one.pending else ""


def _sum(listed: Sequence[Listed]) -> str:
    pending = sum(one.pending for one in listed)
    damaged = sum(bool(one.damage) for one in listed)
    parts = [
        _count(len(listed), "cassette"),
        _count(sum(one.interactions for one in listed), "interaction"),
        *_conversation_count(sum(one.conversations for one in listed)),
        readable_size(sum(one.size for one in listed)),
        *([f"{pending} pending"] if pending else []),
        *([f"{damaged} damaged"] if damaged else []),
    ]
    return ", ".join(parts)


def _conversation_count(count: int) -> list[str]:
    return [_count(count, "conversation")] if count else []


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
