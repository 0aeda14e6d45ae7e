"""
What changed in the requests and the answers of one OpenAPI operation.

The two are judged in opposite directions: a request breaks when less is accepted, an answer when more, or
other, can come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.changes import Change, Kind
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.openapi.document import Operation, as_object, headers_of, place_in, without
from taketwo.contract.openapi.pairing import media_types, status_pairs
from taketwo.contract.openapi.rules import openapi_change
from taketwo.contract.references import same
from taketwo.contract.roots import Roots
from taketwo.contract.schema.changes import SchemaComparer
from taketwo.contract.schema.fallback import documentation_change, other_changes, step, unknown_change
from taketwo.contract.schema.location import SchemaLocation
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import DOCUMENTATION, shape_of

#: Keys that are for people; tags group operations on a page.
FOR_PEOPLE: Final = DOCUMENTATION | {"tags"}

_FLAGS: Final = {
    "deprecated": ("deprecated", "no-longer-deprecated"),
    "required": ("became-required", "became-optional"),
}
_BYTES: Final[tuple[JsonObject, ...]] = (
    {"type": "string", "format": "binary"},
    {"type": "string", "contentMediaType": "application/octet-stream"},
)
_STYLE: Final = frozenset({"allowReserved", "explode", "style"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """
    Compares what the operation named *operation* is sent and what it answers.
    """

    schemas: SchemaComparer
    operation: str

    @property
    def roots(self) -> Roots:
        return self.schemas.roots

    def changes(self, old: Operation, new: Operation) -> Iterator[Change]:
        yield from self._parameter_changes(old.parameters, new.parameters)
        yield from self._body_changes(old.body, new.body)
        yield from self._answer_changes(old.answers, new.answers)

    def beside(
        self, old: JsonObject, new: JsonObject, coordinate: str, known: Iterable[str]
    ) -> Iterator[Change]:
        """
        What changed in an object but for the *known* keys: for people, and what no rule knows.
        """
        before, after = (without(side, {*side} - FOR_PEOPLE) for side in (old, new))
        if not same(before, after):
            yield documentation_change(self.operation, Kind.OPENAPI)
        known = {*known, *FOR_PEOPLE}
        yield from other_changes(self.roots, (old, new), known, coordinate=coordinate, kind=Kind.OPENAPI)

    def _parameter_changes(self, old: dict[str, JsonObject], new: dict[str, JsonObject]) -> Iterator[Change]:
        parameters = DictDiff.of(old, new)
        renames = parameters.renames(_likeness)
        for key, parameter in parameters.removed.items():
            what = f"{_named(parameter)} was removed{renamed_to(renames.get(key))}"
            yield openapi_change("request-parameter-removed", f"{self.operation} {key}", what)
        for key, parameter in parameters.added.items():
            required = "required-" if parameter.get("required") is True else ""
            what = f"{_named(parameter)} was added"
            yield openapi_change(f"request-{required}parameter-added", f"{self.operation} {key}", what)
        for key, (before, after) in parameters.kept.items():
            yield from self._kept_parameter_changes(f"{self.operation} {key}", before, after)

    def _kept_parameter_changes(self, coordinate: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
        if old.get("name") != new.get("name") and place_in(old) == "path":
            what = f"the path names it {new.get('name')} and named it {old.get('name')}"
            yield openapi_change("request-path-parameter-renamed", coordinate, what)
        if _written(old) != _written(new):
            yield openapi_change("request-parameter-style-changed", coordinate, "it is written another way")
        place = self._place(coordinate, "request-parameter", "request-parameter-property")
        yield from self._value_changes(old, new, place, {*_STYLE, "in", "name"})

    def _value_changes(
        self, old: JsonObject, new: JsonObject, place: SchemaLocation, known: Iterable[str] = ()
    ) -> Iterator[Change]:
        """
        The changes of a parameter or a header, whose value ``schema`` describes, or ``content``.
        """
        flags = ("deprecated",) if place_in(old) == "path" else _FLAGS
        yield from flag_changes(place.subject, place.coordinate, old, new, flags=flags)
        yield from self._media_changes(old, new, place, {*known, "content", "deprecated", "required"})
        media = media_types(old, new)
        for before, after in media.kept.values():
            yield from self._media_changes(before, after, place)
        for name in (*media.removed, *media.added):
            yield unknown_change(place.coordinate, place.kind, path=f"/content{step(name)}")

    def _media_changes(
        self, old: JsonObject, new: JsonObject, place: SchemaLocation, known: Iterable[str] = ()
    ) -> Iterator[Change]:
        yield from self.schemas.changes(_schema_of(old), _schema_of(new), place)
        old, new = self._with_shared_encodings(old, new)
        yield from self.beside(old, new, place.coordinate, {*known, "schema"})

    def _with_shared_encodings(self, old: JsonObject, new: JsonObject) -> tuple[JsonObject, JsonObject]:
        """
        Both without the encodings of properties that only one of them has: those came or went with them.
        """
        if "encoding" not in old and "encoding" not in new:
            return old, new
        names = [
            shape_of(root, _schema_of(media)).schemas("properties").keys()
            for root, media in ((self.roots.old, old), (self.roots.new, new))
        ]
        apart = names[0] ^ names[1]
        before, after = (
            {**media, "encoding": without(as_object(media.get("encoding")), apart)} for media in (old, new)
        )
        return before, after

    def _body_changes(self, old: JsonObject, new: JsonObject) -> Iterator[Change]:
        coordinate = f"{self.operation} body"
        if not old or not new:
            yield from _whole_body_changes(coordinate, old, new)
            return
        yield from flag_changes("request-body", coordinate, old, new, flags=("required",))
        place = self._place(coordinate, "request-body", "request-property")
        yield from self._content_changes("request-body", old, new, place)
        yield from self.beside(old, new, coordinate, {"content", "required"})

    def _content_changes(
        self, subject: str, old: JsonObject, new: JsonObject, place: SchemaLocation
    ) -> Iterator[Change]:
        media = media_types(old, new)
        for name in media.removed:
            what = f"media type {name} was removed"
            yield openapi_change(f"{subject}-media-type-removed", place.coordinate, what)
        for name in media.added:
            what = f"media type {name} was added"
            yield openapi_change(f"{subject}-media-type-added", place.coordinate, what)
        for before, after in media.kept.values():
            yield from self._media_changes(before, after, place)

    def _answer_changes(self, old: dict[str, JsonObject], new: dict[str, JsonObject]) -> Iterator[Change]:
        answers = DictDiff.of(old, new)
        pairs = status_pairs(answers)
        for name, other in pairs:
            yield from self._kept_answer_changes(f"{self.operation} {name}", old[name], new[other])
        yield from self._range_changes(answers, pairs)
        for status, (before, after) in answers.kept.items():
            yield from self._kept_answer_changes(f"{self.operation} {status}", before, after)

    def _range_changes(
        self, answers: DictDiff[JsonObject], pairs: Sequence[tuple[str, str]]
    ) -> Iterator[Change]:
        """
        Statuses that came and went. One that a range held was there before, a range that came may hold more.
        """
        removed = answers.removed.keys() - {name for name, _ in pairs}
        added = answers.added.keys() - {other for _, other in pairs if "X" not in other}
        for status in sorted(removed):
            change_id = f"response-{_outcome(status)}-status-removed"
            what = f"status {status} is no longer answered"
            yield openapi_change(change_id, f"{self.operation} {status}", what)
        for status in sorted(added):
            change_id = f"response-{_outcome(status)}-status-added"
            yield openapi_change(change_id, f"{self.operation} {status}", f"status {status} may be answered")

    def _kept_answer_changes(self, coordinate: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
        place = self._place(f"{coordinate} body", "response-body", "response-property", Direction.ANSWER)
        yield from self._content_changes("response", old, new, place)
        yield from self._header_changes(
            coordinate, DictDiff.of(headers_of(self.roots.old, old), headers_of(self.roots.new, new))
        )
        yield from self.beside(old, new, coordinate, {"content", "headers"})

    def _header_changes(self, coordinate: str, headers: DictDiff[JsonObject]) -> Iterator[Change]:
        for name in headers.removed:
            what = f"header {name} was removed"
            yield openapi_change("response-header-removed", f"{coordinate} header.{name}", what)
        for name in headers.added:
            what = f"header {name} was added"
            yield openapi_change("response-header-added", f"{coordinate} header.{name}", what)
        for name, (before, after) in headers.kept.items():
            at = f"{coordinate} header.{name}"
            place = self._place(at, "response-header", "response-header-property", Direction.ANSWER)
            yield from self._value_changes(before, after, place, {*_STYLE})

    def _place(
        self, coordinate: str, subject: str, inner: str, direction: Direction = Direction.REQUEST
    ) -> SchemaLocation:
        return SchemaLocation(
            kind=Kind.OPENAPI,
            subject=subject,
            inner=inner,
            coordinate=coordinate,
            owner=self.operation,
            direction=direction,
        )


def _schema_of(media: JsonObject) -> Json:
    """
    The schema of a value; bytes are anything, however that is written.
    """
    schema = media.get("schema", True)
    is_bytes = isinstance(schema, dict) and without(schema, DOCUMENTATION) in _BYTES
    return True if is_bytes else schema


def flag_changes(
    subject: str, coordinate: str, old: JsonObject, new: JsonObject, *, flags: Iterable[str] = _FLAGS
) -> Iterator[Change]:
    """
    ``deprecated`` and ``required``, switched on or off.
    """
    for flag in flags:
        before, after = (side.get(flag) is True for side in (old, new))
        if before != after:
            switched_on, switched_off = _FLAGS[flag]
            what = f"it is {'now' if after else 'no longer'} {flag}"
            yield openapi_change(f"{subject}-{switched_on if after else switched_off}", coordinate, what)


def _written(parameter: JsonObject) -> tuple[Json, Json, Json]:
    """
    How a value is written, with the defaults where nothing is given.
    """
    usual = "form" if place_in(parameter) in {"cookie", "query"} else "simple"
    style = parameter.get("style", usual)
    return style, parameter.get("explode", style == "form"), parameter.get("allowReserved", False)


def _likeness(parameter: JsonObject) -> str:
    """
    What a parameter must share with another to be taken for the same one under a new name.
    """
    named = without(parameter, {*FOR_PEOPLE, "name", "schema"})
    return json_key({**named, "schema": without(as_object(parameter.get("schema")), FOR_PEOPLE)})


def _named(parameter: JsonObject) -> str:
    return f"{place_in(parameter)} parameter {parameter.get('name')}"


def _whole_body_changes(coordinate: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    if old:
        yield openapi_change("request-body-removed", coordinate, "a request has no body any more")
    elif new.get("required") is True:
        yield openapi_change("request-required-body-added", coordinate, "a request has a body")
    elif new:
        yield openapi_change("request-body-added", coordinate, "a request may have a body")


def _outcome(status: str) -> str:
    return "success" if status[:1] in {"1", "2", "3"} else "error"
