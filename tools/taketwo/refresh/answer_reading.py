"""
One answer as it was and as it is, read by the old and by the new contract of its service.

Both contracts say at which places of an answer they describe what. A change of the contract explains a
difference at its own location, and only where it shows: what the old contract forbade and the new one
allows, or what the new one no longer allows.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from taketwo.cassette.model import Interaction, JsonBody, JsonValue, StoredResponse
from taketwo.compare.structure import canonical, is_list
from taketwo.contract.changes import Change, Kind
from taketwo.results import ContractLocation, Difference, DifferenceKind, Steps
from taketwo.usage.messages import NOTHING, json_of, media_type
from taketwo.usage.notes import Fault, Mistake, Notes
from taketwo.usage.touching import parent_of
from taketwo.usage.usage import UsageReader

_REFUSED: Final = range(400, 500)
_NO_SUCH: Final = frozenset({404, 405, 410, 501})
_UNAUTHORISED: Final = frozenset({401, 403})
_SUCCESS: Final = range(200, 300)
_STATUS: Final[Steps] = ("response", "status")
_BODY: Final[Steps] = ("response", "json")
_BODY_PARTS: Final = frozenset({"json", "text", "base64", "file", "form", "parts", "audio"})

# No answer shows these.
_SILENT: Final = re.compile(
    r"documentation-changed|operation-id-changed|.*deprecat.*|component-.*|contract-(added|removed)"
)
_NEW_MEMBER: Final = re.compile(r".*property-added(-as-required)?|(input-)?field-added|response-header-added")
_LOST_MEMBER: Final = re.compile(
    r".*property-removed(-and-refused)?|(input-)?field-removed|response-header-removed|.*became-write-only"
)
_NEW_ENUM_MEMBER: Final = re.compile(r".*enum-value-added")
_LOST_ENUM_MEMBER: Final = re.compile(r".*enum-value-removed")
_DEFAULT: Final = re.compile(r".*-default-(added|changed|removed)")
_NEW_STATUS: Final = re.compile(r"response-(success|error)-status-added")
_LOST_STATUS: Final = re.compile(r"response-(success|error)-status-removed")
_MEDIA_TYPE: Final = re.compile(r"response-media-type-(added|removed)")
_STRICTER: Final = re.compile(
    r"operation-security-(required|scheme-removed)|security-scheme-(changed|removed)"
)
_LAXER: Final = re.compile(r"operation-security-(optional|scheme-added)|security-scheme-(added|changed)")
_LOST_OPERATION: Final = re.compile(r"operation-removed|definition-removed|definition-parent-changed")
_OF_AN_INPUT: Final = re.compile(
    r"required-input-field-added|input-field-type-changed|enum-value-removed|input-one-of-added"
)
# These imply what is within, and these what is around.
_IMPLIES_INNER: Final = re.compile(
    r"(type|type-interface|type-kind|union-member|schema-\w+-type)-(removed|changed|added)"
    r"|(operation|field|argument|input-field|definition)-removed|.*property-removed(-and-refused)?"
    r"|.*additional-properties-(allowed|forbidden)|.*(all|any|one)-of-(added|removed)|.*-type-changed"
)
_IMPLIES_OUTER: Final = re.compile(r"required-.*-added|.*became-required|(argument|input-field)-type-changed")
# These alone refuse no request that was right, and those alone accept none that was wrong.
_ONLY_WIDENS: Final = re.compile(
    r"request-.*(-widened|became-(optional|nullable)|(enum-value|media-type|any-of|one-of)-added"
    r"|additional-properties-allowed|(enum|pattern|format|(min|max)[a-z-]*|multiple-of)-removed)"
)
_ONLY_NARROWS: Final = re.compile(
    r"request-.*(-narrowed|became-(required|not-nullable)|(enum-value|media-type|any-of|one-of)-removed"
    r"|additional-properties-forbidden|(enum|pattern|format|(min|max)[a-z-]*|multiple-of)-added)"
)
# The names of arguments that say how many items a list may have.
_SIZES: Final = frozenset({"count", "first", "last", "limit", "max", "maximum", "size", "take", "top"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NEW_OPERATION: Final = re.compile(r"operation-added|definition-added")
# A GraphQL document that names what is gone is refused as a whole.
_NO_LONGER_NAMED: Final = re.compile(
    r"(argument|directive|enum-value|field|input-field|type|union-member)-removed|type-kind-changed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContracts:
    """
    What reads recordings by the old and by the new contract of a service, and the changes between them.
    """

    old: UsageReader
    new: UsageReader
    changes: Sequence[Change]

    @property
    def service(self) -> str:
        return self.old.service


@dataclass(frozen=True, kw_only=True)
class AnswerReading:
    """
    One interaction *before* and *after*, with the contracts of a service that it was asked of.
    """

    before: Interaction
    after: Interaction
    contracts: ServiceContracts

    def explains(self, difference: Difference) -> tuple[Change, ...]:
        """
        The changes that explain *difference*, which is one between the two.
        """
        location = difference.location
        if location.side != "response":
            return ()
        if self.replaced_by:
            return self.replaced_by
        if location.part in {"status", "reason"}:
            return self._status_changes
        own = tuple(change for change in self._loud if self._shows(change, difference))
        return own or self._implied(difference)

    @cached_property
    def replaced_by(self) -> tuple[Change, ...]:
        """
        The changes by which the service gives another answer altogether: it refuses, or refuses no more.
        """
        was, now = _is_refusal(self.before), _is_refusal(self.after)
        if was == now:
            return ()
        reasons = self._reasons_to_refuse if now else self._reasons_to_accept
        return tuple(change for change in self._loud if reasons(change))

    # ------------------------------------------------------ a refused request

    def _reasons_to_refuse(self, change: Change) -> bool:
        status = self.after.response.status
        touched = self._touched(self._old_before, change.kind)
        if _LOST_OPERATION.fullmatch(change.id):
            return change.coordinate in touched and (status in _NO_SUCH or change.kind is Kind.DEFINITIONS)
        if _STRICTER.fullmatch(change.id):
            return change.coordinate in touched and status in _UNAUTHORISED
        if change.kind is Kind.GRAPHQL and _NO_LONGER_NAMED.fullmatch(change.id):
            return any(_is_within(coordinate, change.coordinate) for coordinate in touched)
        if _ONLY_WIDENS.fullmatch(change.id):
            return False
        mistakes = self._request_mistakes(self.contracts.new, self.contracts.old)
        return _is_about(change, mistakes) or (bool(mistakes) and self._is_of_an_input(change))

    def _is_of_an_input(self, change: Change) -> bool:
        """
        Whether it is of an input that the request gives: where a document is wrong in a value, graphql-core
        points to the argument around it.
        """
        if change.kind is not Kind.GRAPHQL or not _OF_AN_INPUT.fullmatch(change.id):
            return False
        omitted = {one for notes in self._old_before if notes.kind is change.kind for one in notes.omitted}
        touched = self._touched(self._old_before, change.kind)
        return change.coordinate in touched | omitted or (
            "added" in change.id and parent_of(change.coordinate) in touched
        )

    def _reasons_to_accept(self, change: Change) -> bool:
        status = self.before.response.status
        touched = self._touched(self._new_after, change.kind)
        if _NEW_OPERATION.fullmatch(change.id):
            return change.coordinate in touched and (status in _NO_SUCH or change.kind is Kind.DEFINITIONS)
        if _LAXER.fullmatch(change.id):
            return change.coordinate in touched and status in _UNAUTHORISED
        if _ONLY_NARROWS.fullmatch(change.id):
            return False
        return _is_about(change, self._request_mistakes(self.contracts.old, self.contracts.new))

    def _request_mistakes(self, reader: UsageReader, other: UsageReader) -> list[Mistake]:
        """
        What *reader* finds wrong in the request, and *other* does not.
        """
        asked = replace(
            self.before,
            response=StoredResponse(
                status=200, headers=(("content-type", "application/json"),), body=JsonBody({"data": {}})
            ),
        )
        known = {_identity(one) for one in _mistakes(other.traced(asked))}
        return [
            one
            for one in _mistakes(reader.traced(asked))
            if one.steps[:1] != ("response",) and _identity(one) not in known
        ]

    # ------------------------------------------------------- another status

    @cached_property
    def _status_changes(self) -> tuple[Change, ...]:
        if self.before.response.status == self.after.response.status:
            return ()
        old, new = _at(self._old_before, _STATUS), _at(self._new_after, _STATUS)
        return tuple(
            change
            for change in self._loud
            if (_NEW_STATUS.fullmatch(change.id) and change.coordinate in new)
            or (_LOST_STATUS.fullmatch(change.id) and change.coordinate in old)
        )

    def _implied(self, difference: Difference) -> tuple[Change, ...]:
        """
        The changes that imply it: another status has a body of its own, another media type another form.
        """
        if self._status_changes and not self._is_described_the_same(difference):
            return self._status_changes
        whole_body = difference.location.part in _BODY_PARTS and not difference.location.path
        if whole_body or difference.location.name.lower() == "content-type":
            return self._media_changes
        return ()

    @cached_property
    def _media_changes(self) -> tuple[Change, ...]:
        kinds = [media_type(one.response.headers) for one in (self.before, self.after)]
        if kinds[0] == kinds[1]:
            return ()
        bodies = {f"{one} body" for one in (*_at(self._old_before, _STATUS), *_at(self._new_after, _STATUS))}
        return tuple(
            change
            for change in self._loud
            if _MEDIA_TYPE.fullmatch(change.id) and change.coordinate in bodies
        )

    def _is_described_the_same(self, difference: Difference) -> bool:
        """
        Whether both successful statuses promise the same of this value: then a new value is no part of it.
        """
        if difference.kind is not DifferenceKind.CHANGED or difference.new_location is None:
            return False
        if not {self.before.response.status, self.after.response.status} <= set(_SUCCESS):
            return False
        old = _at(self._old_before, difference.location.steps).values()
        new = _at(self._new_after, difference.new_location.steps).values()
        return bool(old) and set(old) == set(new)

    # ---------------------------------------------------- a value in an answer

    def _shows(self, change: Change, difference: Difference) -> bool:
        """
        Whether *change* is at the location of *difference* and shows there.
        """
        if _DEFAULT.fullmatch(change.id):
            return self._shows_default(change, difference)
        here = self._coordinates(difference)
        at_own = change.coordinate.partition("#")[0] in here
        if _NEW_MEMBER.fullmatch(change.id):
            return at_own and difference.kind is DifferenceKind.ADDED
        if _LOST_MEMBER.fullmatch(change.id):
            return at_own and difference.kind is DifferenceKind.REMOVED
        if change.coordinate != change.coordinate.partition("#")[0]:
            # What no rule knows may do anything, at its own location.
            return at_own and difference.kind is DifferenceKind.CHANGED
        if not _is_that_member(change, difference):
            return False
        return any(at_own or _is_about(change, [mistake]) for mistake in self._contradictions(difference))

    def _coordinates(self, difference: Difference) -> Collection[str]:
        old = difference.location.steps
        new = difference.new_location.steps if difference.new_location is not None else old
        return {
            *(() if difference.kind is DifferenceKind.ADDED else _at(self._old_before, old)),
            *(() if difference.kind is DifferenceKind.ADDED else _at(self._new_before, old)),
            *(() if difference.kind is DifferenceKind.REMOVED else _at(self._old_after, new)),
            *(() if difference.kind is DifferenceKind.REMOVED else _at(self._new_after, new)),
        }

    def _contradictions(self, difference: Difference) -> Iterator[Mistake]:
        """
        What only one of the contracts finds wrong with the value before, or with the one after.
        """
        old = difference.location.steps
        new = difference.new_location.steps if difference.new_location is not None else old
        for mistakes, steps in ((self._forced, old), (self._freed, new)):
            for one in mistakes:
                is_at = one.steps == steps[: len(one.steps)]
                is_missing = one.fault is Fault.MISSING and one.coordinate.rpartition(".")[2] == steps[-1]
                if is_at and (one.fault is not Fault.MISSING or is_missing):
                    yield one

    @cached_property
    def _forced(self) -> list[Mistake]:
        """
        What the new contract forbids in the answer that was given before.
        """
        return _only(self._new_before, self._old_before)

    @cached_property
    def _freed(self) -> list[Mistake]:
        """
        What the old contract forbids in the answer that is given now, and the new one does not.
        """
        return _only(self._old_after, self._new_after)

    # --------------------------------------------------------------- defaults

    def _shows_default(self, change: Change, difference: Difference) -> bool:
        """
        Whether the new default is the value that now appears, or makes a list longer, shorter, or sorted
        differently where the request says nothing.
        """
        is_own = change.coordinate in self._coordinates(difference)
        is_omitted = any(
            change.coordinate in notes.omitted for notes in self._old_before if notes.kind is change.kind
        )
        if not (is_own or is_omitted):
            return False
        if is_own or ContractLocation.of(change).name == difference.location.name:
            was, now = _canonical(change.before), _canonical(change.after)
            was_absent = difference.kind is DifferenceKind.ADDED
            return canonical(difference.after) == now and (was_absent or canonical(difference.before) == was)
        return self._is_of_another_selection(change, difference)

    def _is_of_another_selection(self, change: Change, difference: Difference) -> bool:
        """
        Whether it is in a list, below what the argument belongs to, of which items are left out or added, or
        which has another order.
        """
        owner = parent_of(change.coordinate)
        roots = [_BODY] if change.kind is not Kind.GRAPHQL else list(_places(self._old_before, owner))
        steps = difference.location.steps
        root = next((one for one in roots if steps[: len(one)] == one), None)
        index = next(
            (at for at, step in enumerate(steps) if at >= len(root or ()) and isinstance(step, int)), None
        )
        if root is None or index is None:
            return False
        before, after = (_value_at(one, steps[:index]) for one in (self.before, self.after))
        if not is_list(before) or not is_list(after):
            return False
        return _is_a_selection(before, after) and not _is_shorter_than(change, before, after)

    # ------------------------------------------------------------ the readings

    @cached_property
    def _loud(self) -> list[Change]:
        return [change for change in self.contracts.changes if not _SILENT.fullmatch(change.id)]

    @cached_property
    def _old_before(self) -> tuple[Notes, ...]:
        return self.contracts.old.traced(self.before)

    @cached_property
    def _new_before(self) -> tuple[Notes, ...]:
        return self.contracts.new.traced(self.before)

    @cached_property
    def _old_after(self) -> tuple[Notes, ...]:
        return self.contracts.old.traced(self.after)

    @cached_property
    def _new_after(self) -> tuple[Notes, ...]:
        return self.contracts.new.traced(self.after)

    def _touched(self, noted: Iterable[Notes], kind: Kind) -> set[str]:
        return {coordinate for notes in noted if notes.kind is kind for coordinate in notes.touched}


def _is_refusal(interaction: Interaction) -> bool:
    """
    A status of 4xx, or GraphQL's errors without data. A failure of the service itself is none.
    """
    if interaction.response.status in {*_REFUSED, 501}:
        return True
    answer = json_of(interaction.response.body)
    return isinstance(answer, Mapping) and bool(answer.get("errors")) and answer.get("data") is None


def _is_about(change: Change, mistakes: Iterable[Mistake]) -> bool:
    """
    Whether one of *mistakes* is where *change* is, or where it implies one.
    """
    return any(
        mistake.kind is change.kind
        and (
            mistake.coordinate == change.coordinate
            or (
                _IMPLIES_INNER.fullmatch(change.id) is not None
                and _is_within(mistake.coordinate, change.coordinate)
            )
            or (
                _IMPLIES_OUTER.fullmatch(change.id) is not None
                and mistake.coordinate == parent_of(change.coordinate)
            )
        )
        for mistake in mistakes
    )


def _is_within(coordinate: str, owner: str) -> bool:
    return coordinate == owner or coordinate.startswith((f"{owner}.", f"{owner}("))


def _is_that_member(change: Change, difference: Difference) -> bool:
    """
    Whether a change of an enum is about the very value that appears, or that is gone.
    """
    if _NEW_ENUM_MEMBER.fullmatch(change.id):
        return _member(change.after, change) == canonical(difference.after)
    if _LOST_ENUM_MEMBER.fullmatch(change.id):
        return _member(change.before, change) == canonical(difference.before)
    return True


def _member(value: str, change: Change) -> str:
    """
    A member as canonical JSON; GraphQL has its name in the coordinate.
    """
    return _canonical(value) if value else canonical(ContractLocation.of(change).part)


def _canonical(text: str) -> str:
    """
    The value of a change as recorded values are compared; no value is null.
    """
    return canonical(json.loads(text) if text else None)


def _mistakes(noted: Iterable[Notes]) -> Iterator[Mistake]:
    return (mistake for notes in noted for mistake in notes.mistakes)


def _identity(mistake: Mistake) -> tuple[Kind, str, Steps, Fault]:
    return mistake.kind, mistake.coordinate, mistake.steps, mistake.fault


def _only(noted: Iterable[Notes], other: Iterable[Notes]) -> list[Mistake]:
    known = {_identity(one) for one in _mistakes(other)}
    return [one for one in _mistakes(noted) if one.steps[:1] == ("response",) and _identity(one) not in known]


def _at(noted: Iterable[Notes], steps: Steps) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for notes in noted:
        found.update((notes.places or {}).get(steps, {}))
    return found


def _places(noted: Iterable[Notes], coordinate: str) -> Iterator[Steps]:
    return (
        steps for notes in noted for steps, touched in (notes.places or {}).items() if coordinate in touched
    )


def _value_at(interaction: Interaction, steps: Steps) -> JsonValue:
    """
    The value in the body of the answer that *steps* lead to; NOTHING where they lead nowhere.
    """
    value = json_of(interaction.response.body)
    for step in steps[len(_BODY) :]:
        if isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(step, int) and is_list(value) and step < len(value):
            value = value[step]
        else:
            return NOTHING
    return value


def _is_shorter_than(change: Change, before: Sequence[JsonValue], after: Sequence[JsonValue]) -> bool:
    """
    Whether *after* misses items that the new default of a size lets in: then something else took them.
    """
    words = {word.lower() for word in _WORD.findall(ContractLocation.of(change).name)}
    size = json.loads(change.after) if change.after and words & _SIZES else None
    return isinstance(size, int) and len(after) < min(size, len(before))


def _is_a_selection(before: Sequence[JsonValue], after: Sequence[JsonValue]) -> bool:
    old, new = Counter(map(canonical, before)), Counter(map(canonical, after))
    return old <= new or new <= old
