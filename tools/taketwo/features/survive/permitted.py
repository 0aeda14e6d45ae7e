"""
The answers that the contracts permit in the place of the recorded ones, each with one change.

Candidates come from what the contracts say of each value. Only those are kept that are no contradiction: the
contracts find nothing wrong with them that they do not find wrong with the recorded answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from taketwo.cassette.model import Cassette, Interaction, JsonValue
from taketwo.config.answers import ChangedAnswer, Json, pointer
from taketwo.errors import ConfigError
from taketwo.features.survive import schema_answers
from taketwo.features.survive.candidates import Absent, Candidate, ChangeKind, Edit, value_at
from taketwo.playback.answers import with_changed_answers
from taketwo.results import Location, Steps
from taketwo.usage.messages import NOTHING, json_of
from taketwo.usage.notes import Described, Fault, Mistake, Notes
from taketwo.usage.openapi import DescribedOperation
from taketwo.usage.schema_reading import DescribedValue
from taketwo.usage.usage import UsageReader

_BODY = ("response", "json")
_TOGETHER = (
    {ChangeKind.ABSENT},
    {ChangeKind.NULL},
    {ChangeKind.ABSENT, ChangeKind.EMPTY, ChangeKind.NULL},
)
_SEVERAL = 2
_Identity = tuple[object, ...]

IsRead = Callable[[int, tuple[int, ...]], bool]
"""Whether a test reads the value of an answer, by its number, that positions lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedAnswer:
    """
    An answer that the contract permits, as the change of the recorded one.

    * ``number`` is that of the interaction, from 0, and ``target`` its method and URL
    * ``steps`` lead to what changes in the JSON of its body; ``coordinate`` is where it is described
    * ``changes`` make it of the recorded answer; ``smaller`` do so of the same kind, the smallest first
    """

    number: int
    target: str
    kind: ChangeKind
    steps: Steps
    coordinate: str
    may: str
    changes: tuple[ChangedAnswer, ...]
    smaller: tuple[tuple[ChangedAnswer, ...], ...] = ()

    @property
    def title(self) -> str:
        """
        What is permitted, as a sentence.
        """
        return f"{self.coordinate} may {self.may}"

    @property
    def location(self) -> str:
        part = "status" if self.kind is ChangeKind.STATUS else "json"
        return str(
            Location(interaction=self.number, target=self.target, side="response", part=part, path=self.steps)
        )

    @property
    def group(self) -> tuple[object, ...]:
        """
        What takes turns where not all are tried.
        """
        return self.number, self.kind, self.coordinate

    def apply(self, cassette: Cassette) -> Cassette:
        return with_changed_answers(cassette, self.changes)

    def joined(self, others: Sequence[PermittedAnswer]) -> PermittedAnswer:
        """
        The answer with this change and those of *others* of the same interaction.
        """
        if not others:
            return self
        rest = ", ".join(f"{one.coordinate} {one.may}" for one in others)
        changes = (*self.changes, *(change for one in others for change in one.changes))
        return replace(self, may=f"{self.may}, and with it {rest}", changes=changes, smaller=())


def permitted_answers(
    cassette: Cassette,
    readers: Sequence[UsageReader],
    *,
    is_read: IsRead | None = None,
    has_future: bool = True,
) -> list[PermittedAnswer]:
    """
    Every permitted answer with one change, in the order of the file; those about values that *is_read*.

    Without *has_future* enums have no further members.
    """
    found: list[PermittedAnswer] = []
    for number, item in enumerate(cassette.interactions):
        for reader in readers:
            if reader.is_asked_at(item.request.url):
                found += _Answer(number, item, reader, is_read, has_future).permitted()
    return list({(one.number, repr(one.changes)): one for one in found}.values())


def is_permitted(
    item: Interaction, reader: UsageReader, changes: Sequence[ChangedAnswer], *, future: Steps | None = None
) -> bool:
    """
    Whether the answer of *item* with *changes* contradicts nothing that the recorded one does not.

    At the end of *future* there may be a value that is no member of its enum.
    """
    own = tuple(replace(one, on=1) for one in changes)
    try:
        changed = with_changed_answers(Cassette(test="", interactions=(item,)), own).interactions[0]
    except ConfigError:
        return False
    known = {_identity(one) for one in _mistakes(reader.traced(item))}
    new = [one for one in _mistakes(reader.traced(changed)) if _identity(one) not in known]
    if future is None:
        return not new
    return bool(new) and all(one.fault is Fault.WRONG and one.steps == (*_BODY, *future) for one in new)


def together(
    cassette: Cassette, answers: Sequence[PermittedAnswer], readers: Sequence[UsageReader]
) -> Iterator[list[PermittedAnswer]]:
    """
    Those of *answers* that take something away, for each interaction and each way to do so, as far as they
    can all be in one answer that is permitted.
    """
    for number, item in enumerate(cassette.interactions):
        reader = next((one for one in readers if one.is_asked_at(item.request.url)), None)
        for kinds in _TOGETHER:
            several = [one for one in answers if one.number == number and one.kind in kinds]
            apart = [one for one in several if not any(_is_around(one, other) for other in several)]
            if reader is None or len(apart) < _SEVERAL:
                continue
            if is_permitted(item, reader, apart[0].joined(apart[1:]).changes):
                yield apart


def _is_around(one: PermittedAnswer, other: PermittedAnswer) -> bool:
    """
    Whether what *one* takes away holds what *other* does, or both are about the same value.
    """
    is_outer = one.steps == other.steps[: len(one.steps)]
    return one is not other and is_outer and (len(one.steps) < len(other.steps) or one.may < other.may)


@dataclass(frozen=True)
class _Answer:
    """
    One recorded answer, and what the contracts of its service say of it.
    """

    number: int
    item: Interaction
    reader: UsageReader
    is_read: IsRead | None
    has_future: bool

    def permitted(self) -> Iterator[PermittedAnswer]:
        for notes in self._noted:
            for one in notes.described or ():
                for candidate in self._candidates(one, notes):
                    if self._matters(candidate) and (answer := self._permitted(candidate)) is not None:
                        yield answer

    @cached_property
    def _noted(self) -> tuple[Notes, ...]:
        return self.reader.described(self.item)

    @cached_property
    def _json(self) -> JsonValue:
        return json_of(self.item.response.body)

    @cached_property
    def _is_graphql(self) -> bool:
        """
        Whether the answer is one of GraphQL: what an OpenAPI document says of its members is less than what
        its specification does.
        """
        described = (one.says for notes in self._noted for one in notes.described or ())
        return any(not isinstance(says, DescribedOperation | DescribedValue) for says in described)

    def _candidates(self, one: Described, notes: Notes) -> Iterator[Candidate]:
        at, says = one.coordinate, one.says
        if isinstance(says, DescribedOperation):
            yield from schema_answers.of_operation(says, at, self.item.response.status)
            return
        if one.steps[: len(_BODY)] != _BODY or self._json is NOTHING:
            return
        steps = one.steps[len(_BODY) :]
        value = value_at(self._json, steps)
        if isinstance(value, Absent):
            return
        if isinstance(says, DescribedValue):
            if not self._is_graphql:
                yield from schema_answers.of_value(says, value, steps, at)
        else:
            yield from self._of_graphql(one, notes, value, steps)

    def _of_graphql(
        self, one: Described, notes: Notes, value: JsonValue, steps: Steps
    ) -> Iterator[Candidate]:
        # Only where a GraphQL contract was read, and so with its library.
        from taketwo.features.survive import graphql_answers  # noqa: PLC0415 - its library is an extra
        from taketwo.usage.graphql.answers import DescribedField  # noqa: PLC0415 - as above

        answer: Steps = steps[: next(n for n, step in enumerate(steps) if step == "data")]
        if not isinstance(one.says, DescribedField):
            yield graphql_answers.errors_without_data(answer, one.coordinate)
            return
        yield from graphql_answers.of_field(one.says, value, steps, one.coordinate)
        if value is not None and not self._has_errors(answer):
            fields = {
                each.steps[len(_BODY) :]: each.says
                for each in notes.described or ()
                if isinstance(each.says, DescribedField)
            }
            yield graphql_answers.beside_errors(fields, steps, one.coordinate, answer)

    def _has_errors(self, answer: Steps) -> bool:
        whole = value_at(self._json, answer)
        return not isinstance(whole, Mapping) or bool(whole.get("errors"))

    def _matters(self, candidate: Candidate) -> bool:
        """
        Whether the test reads what changes: what no client looks at, no client can fail at.
        """
        if self.is_read is None or candidate.kind in {ChangeKind.STATUS, ChangeKind.ERRORS, ChangeKind.ADDED}:
            return True
        steps = candidate.steps[:-1] if candidate.kind is ChangeKind.EXTRA else candidate.steps
        positions = _positions(self._json, steps)
        return positions is None or self.is_read(self.number, positions)

    def _permitted(self, candidate: Candidate) -> PermittedAnswer | None:
        changes = self._changes(candidate, candidate.edits)
        future = candidate.steps if candidate.kind is ChangeKind.FUTURE else None
        if future is not None and not self.has_future:
            return None
        if not is_permitted(self.item, self.reader, changes, future=future):
            return None
        smaller = (self._changes(candidate, edits) for edits in candidate.smaller)
        return PermittedAnswer(
            number=self.number,
            target=f"{self.item.request.method} {self.item.request.url}",
            kind=candidate.kind,
            steps=candidate.steps,
            coordinate=candidate.coordinate,
            may=candidate.may,
            changes=changes,
            smaller=tuple(one for one in smaller if is_permitted(self.item, self.reader, one)),
        )

    def _changes(self, candidate: Candidate, edits: Sequence[Edit]) -> tuple[ChangedAnswer, ...]:
        headers = dict(candidate.headers)
        if candidate.media:
            headers["content-type"] = candidate.media
        return tuple(
            ChangedAnswer(
                on=self.number + 1,
                at=pointer(edit.steps),
                value=None if isinstance(edit.value, Absent) else _plain(edit.value),
                has_value=not isinstance(edit.value, Absent),
                removed=isinstance(edit.value, Absent),
                status=candidate.status,
                headers=headers,
            )
            for edit in edits
        )


def _plain(value: JsonValue) -> Json:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _positions(value: JsonValue, steps: Steps) -> tuple[int, ...] | None:
    """
    *steps* as positions of keys and items; None where they lead to what is not there.
    """
    found: list[int] = []
    for step in steps:
        if isinstance(value, Mapping) and step in value:
            found.append(list(value).index(str(step)))
            value = value[str(step)]
        elif isinstance(step, int) and isinstance(value, list | tuple) and step < len(value):
            found.append(step)
            value = value[step]
        else:
            return None
    return tuple(found)


def _mistakes(noted: Sequence[Notes]) -> Iterator[Mistake]:
    return (one for notes in noted for one in notes.mistakes if one.steps[:1] != ("request",))


def _identity(mistake: Mistake) -> _Identity:
    return mistake.kind, mistake.coordinate, mistake.fault, mistake.message
