"""
Any YAML or JSON document with the line of every scalar in it, and errors with the line of their place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from taketwo.cassette.text.yaml_full import ANY, Tree, TreeReader, yaml_events
from taketwo.cassette.text.yaml_full import Scalar as Meaning
from taketwo.errors import CassetteFormatError

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')

_LONGEST = 1_000_000  # a search in more than that takes too long for an error message


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """
    One text of a document; it is on the lines *first* to *last*.

    Each line of a *block* is a line of the file, and the text begins below the sign that announces it. A key
    has the path of the object that it is in.
    """

    value: str | bytes
    path: Path
    first: int
    last: int
    block: bool = False


@dataclass(slots=True)
class Document:
    """
    The documents of one file, and every text in them in the order of the file.
    """

    trees: list[Tree] = field(default_factory=list)
    scalars: list[Scalar] = field(default_factory=list)
    has_aliases: bool = False


def read_document(text: str, *, name: str) -> Document:
    """
    What *text* holds: JSON when *name* ends so, else YAML.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    is_json = name.endswith((".json", ".json.new"))
    reader = _Positions(_json_events(text, name) if is_json else yaml_events(text, name), name, ANY)
    trees = reader.all()
    return Document(trees, reader.scalars, reader.has_aliases)


class _Positions(TreeReader):
    """
    A reader that notes where every scalar is.
    """

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - those of its base
        super().__init__(*arguments)
        self.scalars: list[Scalar] = []

    def scalar(self, event: Any) -> Meaning:  # noqa: ANN401 - PyYAML's events have no common type
        value = super().scalar(event)
        self.scalars.append(
            Scalar(
                value=value if isinstance(value, bytes) else event.value,
                path=tuple(self.path),
                first=event.start_mark.line + 1,
                last=event.end_mark.line + 1,
                block=event.style == "|" and isinstance(value, str),
            )
        )
        return value


def _json_events(text: str, name: str) -> Iterator[Any]:
    """
    JSON as the events of YAML: libyaml itself refuses the escapes of JSON beyond the basic plane.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise CassetteFormatError(f"{name}, line {error.lineno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise CassetteFormatError(f"{name}: nested too deep, or a number with too many digits") from None
    line, end = 0, 0
    for found in _TOKEN.finditer(text):
        line, end = line + text.count("\n", end, found.start()), found.start()
        yield _json_event(found[0], yaml.Mark(name, end, line, 0, None, 0))


def _json_event(piece: str, mark: yaml.Mark) -> yaml.Event:
    match piece:
        case "{":
            return yaml.MappingStartEvent(None, None, True, mark, mark)  # noqa: FBT003 - PyYAML's signature
        case "[":
            return yaml.SequenceStartEvent(None, None, True, mark, mark)  # noqa: FBT003 - see above
        case "}":
            return yaml.MappingEndEvent(mark, mark)
        case "]":
            return yaml.SequenceEndEvent(mark, mark)
        case _:
            is_text = piece[0] == '"'
            value = json.loads(piece) if is_text else piece
            return yaml.ScalarEvent(
                None, None, (not is_text, is_text), value, mark, mark, piece[0] if is_text else None
            )


def with_line(error: CassetteFormatError, text: str) -> CassetteFormatError:
    """
    *error*, which is about a file with that *text*, with the line of its place where it has one.
    """
    line = _line_of(text, error.place) if error.place and len(text) <= _LONGEST else 0
    file, colon, reason = str(error).partition(": ")
    return CassetteFormatError(f"{file}, line {line}{colon}{reason}") if line else error


def _line_of(text: str, place: Path) -> int:
    """
    Where what is at *place* begins; 0 where nothing is there, or the text cannot be read so far.
    """
    try:
        scalars = read_document(text, name="").scalars
    except CassetteFormatError:
        return 0
    *above, last = place
    keys = (one.first for one in scalars if one.path == tuple(above) and one.value == last)
    inside = (one.first for one in scalars if one.path[: len(place)] == place)
    return next(keys, 0) or next(inside, 0)
