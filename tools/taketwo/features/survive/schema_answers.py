"""
Other answers that a JSON Schema permits: of OpenAPI, and of content definitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.openapi.document import as_object, headers_of
from taketwo.contract.references import resolved
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import ALTERNATIVES, Shape
from taketwo.features.survive.candidates import (
    Absent,
    Candidate,
    ChangeKind,
    Edit,
    future_member,
    list_sizes,
    longer_strings,
    shown,
    to_value,
)
from taketwo.results import Steps
from taketwo.usage.openapi import DescribedOperation
from taketwo.usage.schema_reading import DescribedValue, SchemaReader, has_placeholder

_EXTRA: Final = "aMemberOfALaterVersion"
_TIMES: Final = {
    "date-time": ("2024-02-29T23:59:59.999999Z", "2024-02-29T12:00:00+05:30", "2024-02-29T12:00:00Z"),
    "date": ("2024-02-29",),
}
_EXAMPLES: Final = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "uuid": "0b0e7a52-6c4e-4a0a-9d5c-6f1d1d8d7c11",
}
_LARGEST: Final = {"int32": 2**31 - 1, "int64": 2**53 - 1}
_LARGE: Final = 2**31 - 1
_DEEPEST: Final = 8
_FIRST_ERROR: Final = 400
_RANGES: Final = {"4XX": 400, "5XX": 500, "DEFAULT": 500}
_MOST_MEMBERS: Final = 12


def of_value(says: DescribedValue, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    """
    What else the value at the end of *steps* may be; *at* is its coordinate.
    """
    shape = says.shape
    if value is None:
        example = example_of(says.reader, shape, says.direction)
        if example is not Absent.ABSENT and example is not None:
            yield to_value(ChangeKind.VALUE, steps, at, example)
        return
    if shape.nullable:
        yield to_value(ChangeKind.NULL, steps, at, None)
    if "enum" in shape.keywords:
        yield from _of_enum(shape.listed("enum"), value, steps, at)
    elif "const" not in shape.keywords:
        yield from _of_kind(says, value, steps, at)
        yield from _of_alternatives(says, value, steps, at)


def _of_kind(says: DescribedValue, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    """
    Other values of the same type.
    """
    shape = says.shape
    if isinstance(value, bool):
        if "boolean" in shape.types:
            yield to_value(ChangeKind.MEMBER, steps, at, not value)
    elif isinstance(value, int | float):
        yield from _of_number(shape, value, steps, at)
    elif isinstance(value, str):
        stands_for_number = has_placeholder(value) and "string" not in shape.types
        yield from _of_number(shape, 1, steps, at) if stands_for_number else _of_text(shape, value, steps, at)
    elif isinstance(value, Mapping):
        yield from _of_object(says, value, steps, at)
    else:
        yield from _of_list(says, value, steps, at)


def _of_enum(members: Sequence[Json], value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    others = [one for one in members if json_key(one) != json_key(value)]  # type: ignore[arg-type]  # JSON too
    yield from (to_value(ChangeKind.MEMBER, steps, at, one) for one in others[:_MOST_MEMBERS])
    texts = [one for one in members if isinstance(one, str)]
    if others and len(texts) == len(members):  # the only member is the name of an alternative
        new = future_member(texts)
        may = f"be a member that its enum does not have yet, {new!r}"
        yield to_value(ChangeKind.FUTURE, steps, at, new, may=may)


def _of_number(shape: Shape, value: float, steps: Steps, at: str) -> Iterator[Candidate]:
    if not shape.types & {"integer", "number"}:
        return
    keywords, is_whole = shape.keywords, "number" not in shape.types
    factor = _number(keywords, "multipleOf")
    unit: float = factor if factor is not None and factor > 0 else 1
    low, high = _number(keywords, "minimum"), _number(keywords, "maximum")
    above, below = _number(keywords, "exclusiveMinimum"), _number(keywords, "exclusiveMaximum")
    low = above + unit if above is not None else low
    high = below - unit if below is not None else high
    largest = _LARGEST.get(str(keywords.get("format")), _LARGE)
    bounds = [0, low if low is not None else -unit, high if high is not None else largest // unit * unit]
    if not is_whole:
        bounds += [0.5, int(value)]
    seen = {json_key(value)}
    for bound in bounds:
        whole = int(bound) if float(bound).is_integer() else bound
        if json_key(whole) not in seen:
            seen.add(json_key(whole))
            yield to_value(ChangeKind.BOUND, steps, at, whole)


def _of_text(shape: Shape, value: str, steps: Steps, at: str) -> Iterator[Candidate]:
    keywords = shape.keywords
    if "string" not in shape.types or "pattern" in keywords or "contentMediaType" in keywords:
        return
    form = keywords.get("format")
    if isinstance(form, str):
        for other in _TIMES.get(form, ()):
            if other != value:
                yield to_value(ChangeKind.BOUND, steps, at, other)
        return
    if value:
        yield to_value(ChangeKind.EMPTY, steps, at, "", may="be empty")
    most = keywords.get("maxLength")
    longer = list(longer_strings(value, most if isinstance(most, int) else None))
    if longer:
        may = f"have {len(longer[0])} characters"
        smaller = tuple(reversed(longer[1:]))
        yield to_value(ChangeKind.LONG, steps, at, longer[0], may=may, smaller=smaller)


def _of_object(
    says: DescribedValue, value: Mapping[str, JsonValue], steps: Steps, at: str
) -> Iterator[Candidate]:
    shape, required = says.shape, says.shape.names("required")
    properties = shape.schemas("properties")
    for name in value:
        if name not in required:
            yield Candidate(
                kind=ChangeKind.ABSENT,
                steps=(*steps, name),
                coordinate=f"{at}.{name}" if name in properties else f"{at}.*",
                may="be absent",
                edits=(Edit(steps=(*steps, name), value=Absent.ABSENT),),
            )
    for name, schema in properties.items():
        example = Absent.ABSENT if name in value else _example(says.reader, schema, says.direction)
        if example is not Absent.ABSENT:
            may = f"be there, as {shown(example)}"
            yield to_value(ChangeKind.ADDED, (*steps, name), f"{at}.{name}", example, may=may)
    others = shape.keywords.get("additionalProperties", True)
    if not properties and value and isinstance(others, dict):
        yield to_value(ChangeKind.EMPTY, steps, at, {}, may="be empty")
    elif properties and others is not False:
        example = "later" if others in (True, {}) else _example(says.reader, others, says.direction)
        if example is not Absent.ABSENT:
            may = f"have further members, such as {_EXTRA!r}"
            yield to_value(ChangeKind.EXTRA, (*steps, _EXTRA), at, example, may=may)


def _of_list(says: DescribedValue, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    shape = says.shape
    if not isinstance(value, Sequence) or "array" not in shape.types:
        return
    least, most = shape.keywords.get("minItems"), shape.keywords.get("maxItems")
    if not value:
        example = _example(says.reader, shape.keywords.get("items", {}), says.direction)
        if example is not Absent.ABSENT:
            yield to_value(ChangeKind.ONE, steps, at, [example], may="have one item")
        return
    for kind, items, smaller in list_sizes(
        value, least=least if isinstance(least, int) else 0, most=most if isinstance(most, int) else None
    ):
        yield to_value(kind, steps, at, items, may=size_in_words(items), smaller=smaller)


def size_in_words(items: Sequence[JsonValue]) -> str:
    count = len(items)
    return "be empty" if not count else f"have {'one item' if count == 1 else f'{count} items'}"


def _of_alternatives(says: DescribedValue, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    """
    An example of each alternative that the recorded value is none of.
    """
    for keyword in ALTERNATIVES:
        for part in says.shape.listed(keyword):
            example = _example(says.reader, part, says.direction)
            if example is Absent.ABSENT or example is None or _same_form(example, value):
                continue
            yield to_value(
                ChangeKind.MEMBER, steps, at, example, may=f"be another alternative, {shown(example)}"
            )


def _same_form(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() <= other.keys()
    return type(one) is type(other)


def of_operation(says: DescribedOperation, at: str, status: int) -> Iterator[Candidate]:
    """
    The documented failures of an operation that answered with *status*.
    """
    named = {key for key in says.answers if key.isdecimal()}
    for key, answer in says.answers.items():
        other = int(key) if key.isdecimal() else _RANGES.get(key.upper(), 0)
        if other < _FIRST_ERROR or other == status or (not key.isdecimal() and str(other) in named):
            continue
        described = as_object(resolved(says.root, answer))
        media, body = _body_of(says.schemas, as_object(described.get("content")))
        if media and body is Absent.ABSENT:
            continue
        yield Candidate(
            kind=ChangeKind.STATUS,
            steps=(),
            coordinate=f"{at} {key}",
            may=f"answer {other} {usual_phrase(other)}".rstrip(),
            edits=(Edit(steps=(), value=body),),
            status=other,
            media=media,
            headers=dict(_headers(says, described)),
        )


def _body_of(schemas: SchemaReader, content: JsonObject) -> tuple[str, JsonValue | Absent]:
    """
    The media type and an example of a documented body; no type where there is no body.
    """
    for media, described in sorted(content.items(), key=lambda one: "json" not in one[0].lower()):
        schema = as_object(described).get("schema", {})
        if "json" in media.lower():
            return media, _given_example(as_object(described), schemas, schema)
        return media, "it did not work" if media.startswith("text/") else Absent.ABSENT
    return "", Absent.ABSENT


def _given_example(media: JsonObject, schemas: SchemaReader, schema: Json) -> JsonValue | Absent:
    if "example" in media:
        return media["example"]
    example = _example(schemas, schema, Direction.ANSWER)
    return {} if example is Absent.ABSENT and not schema else example


def _headers(says: DescribedOperation, answer: JsonObject) -> Iterator[tuple[str, str]]:
    for name, header in headers_of(says.root, answer).items():
        example = _example(says.schemas, header.get("schema", {}), Direction.ANSWER)
        if isinstance(example, str | int) and not isinstance(example, bool):
            yield name, str(example)


# ------------------------------------------------------------------- examples


def _example(reader: SchemaReader, schema: Json, direction: Direction, depth: int = 0) -> JsonValue | Absent:
    return example_of(reader, reader.shape(schema), direction, depth=depth)


def example_of(
    reader: SchemaReader, shape: Shape, direction: Direction, *, depth: int = 0
) -> JsonValue | Absent:
    """
    A value that fits; ABSENT where none is known. Whoever uses one validates it.
    """
    keywords = shape.keywords
    for given in ("const", "example", "default"):
        if keywords.get(given) is not None:
            return keywords[given]
    listed = shape.listed("examples") or shape.listed("enum")
    if listed:
        return listed[0]
    if depth > _DEEPEST or "pattern" in keywords:
        return Absent.ABSENT
    parts = [part for keyword in ALTERNATIVES for part in shape.listed(keyword)]
    found = (_example(reader, part, direction, depth + 1) for part in parts)
    known = next((one for one in found if one is not Absent.ABSENT), Absent.ABSENT)
    return _example_of_type(reader, shape, direction, depth) if isinstance(known, Absent) else known


def _example_of_type(
    reader: SchemaReader, shape: Shape, direction: Direction, depth: int
) -> JsonValue | Absent:
    keywords = shape.keywords
    if "object" in shape.types or (not shape.types and "properties" in keywords):
        return _example_object(reader, shape, direction, depth)
    if "array" in shape.types:
        return _example_list(reader, shape, direction, depth)
    if "string" in shape.types:
        return _example_text(keywords)
    if "boolean" in shape.types:
        return True
    if shape.types & {"integer", "number"}:
        found = next((one.edits[0].value for one in _of_number(shape, -0.1, (), "")), Absent.ABSENT)
        return _number(keywords, "minimum") or found
    return None if shape.nullable else "text" if not shape.types else Absent.ABSENT


def _example_object(
    reader: SchemaReader, shape: Shape, direction: Direction, depth: int
) -> JsonValue | Absent:
    made: dict[str, JsonValue] = {}
    properties = shape.schemas("properties")
    for name in sorted(shape.names("required")):
        schema = properties.get(name, {})
        if isinstance(schema, dict) and schema.get("writeOnly") is True and direction is Direction.ANSWER:
            continue
        found = _example(reader, schema, direction, depth + 1)
        if isinstance(found, Absent):
            return Absent.ABSENT
        made[name] = found
    return made


def _example_list(reader: SchemaReader, shape: Shape, direction: Direction, depth: int) -> JsonValue | Absent:
    least = shape.keywords.get("minItems", 0)
    if not least:
        return []
    found = _example(reader, shape.keywords.get("items", {}), direction, depth + 1)
    return Absent.ABSENT if isinstance(found, Absent) or not isinstance(least, int) else [found] * least


def _example_text(keywords: JsonObject) -> JsonValue | Absent:
    form, least = keywords.get("format"), keywords.get("minLength", 0)
    if isinstance(form, str):
        return _EXAMPLES.get(form, Absent.ABSENT)
    return "text".ljust(least if isinstance(least, int) else 0, "x")


def _number(keywords: JsonObject, keyword: str) -> float | None:
    value = keywords.get(keyword)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
