"""
The one model of what a refresh finds: locations, differences, causes, results, verdicts.

Comparison, attribution, reports and JSON all read and make these values; none has a second set of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from taketwo.cassette.model import Cassette, JsonValue
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.document import Contracts

Step: TypeAlias = str | int
Steps: TypeAlias = tuple[Step, ...]

_FRAMES: Final = "frames"
_FRAME_STEPS: Final = 2
_ITEMS: Final = "[]"
_NAMES: Final = re.compile(r"\[\]|[^.\[\]]+")
_VOLATILE: Final = re.compile(r"<([a-z]+):[^<>\s]+>|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class DifferenceKind(Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """
    A place in a recording, as a value: nobody has to parse a text to know where it is.

    * ``interaction`` or ``conversation`` is its number, from 0; without either it is in the cassette's head
    * ``target`` is the method and the URL, or the URL of a conversation
    * ``frame`` is the number of a conversation's frame, from 0
    * ``side`` is ``request`` or ``response``, of a frame ``send`` or ``receive``; empty for the whole
    * ``part`` is a part of that message: ``status``, ``headers``, ``json`` …
    * ``path`` leads on from there, by names and by indexes from 0
    """

    interaction: int | None = None
    conversation: int | None = None
    target: str = ""
    frame: int | None = None
    side: str = ""
    part: str = ""
    path: Steps = ()

    def at(self, steps: Steps) -> Location:
        """
        The place that *steps* lead to from the whole interaction, the whole conversation, or the head.
        """
        frame = None
        if self.conversation is not None and steps[:1] == (_FRAMES,) and len(steps) >= _FRAME_STEPS:
            frame, steps = int(steps[1]), steps[_FRAME_STEPS:]
        return Location(
            interaction=self.interaction,
            conversation=self.conversation,
            target=self.target,
            frame=frame,
            side=str(steps[0]) if steps else "",
            part=str(steps[1]) if len(steps) > 1 else "",
            path=steps[2:],
        )

    @property
    def steps(self) -> Steps:
        """
        The way to it from the whole interaction, the whole conversation, or the head.
        """
        frame: Steps = () if self.frame is None else (_FRAMES, self.frame)
        return (
            *frame,
            *((self.side,) if self.side else ()),
            *((self.part,) if self.part else ()),
            *self.path,
        )

    @property
    def is_head(self) -> bool:
        return self.interaction is None and self.conversation is None

    @property
    def name(self) -> str:
        """
        The last name on the way to it; empty where there are only indexes.
        """
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")

    @property
    def heading(self) -> str:
        """
        Which interaction or conversation it is in, for people, who count from 1.
        """
        if self.interaction is not None:
            return f"{self.interaction + 1}. {self.target}"
        if self.conversation is not None:
            return f"conversation {self.conversation + 1}. {self.target}"
        return "head"

    @property
    def inside(self) -> str:
        """
        Where it is within that, for people: ``response.json[0].title``; empty for the whole.
        """
        return steps_text(self.steps)

    @property
    def pattern(self) -> str:
        """
        The same for all cassettes: without numbers, indexes and volatile values.
        """
        steps = tuple(None if isinstance(step, int) else _general(step) for step in self.steps)
        inside = "".join("[]" if step is None else f".{step}" for step in steps).removeprefix(".")
        head = _general(self.target) if not self.is_head else self.heading
        return f"{head}  {inside}" if inside else head

    def __str__(self) -> str:
        return f"{self.heading}  {self.inside}" if self.steps else self.heading


def steps_text(steps: Steps) -> str:
    """
    *steps* as people write a path: ``json.notes[0].title``.
    """
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLocation:
    """
    A place in a contract, as a value; the one place that knows how the comparison of contracts writes them.

    * ``owner`` is a GraphQL type or ``@directive``, an OpenAPI operation, or a content definition
    * ``part`` is a field of that type; of an operation a parameter (``query.limit``), ``body`` or a status
    * ``argument`` is an argument of that field
    * ``path`` leads on within a body or content, ``[]`` for the items of a list
    * ``pointer`` leads to what has no name of its own, from the nearest that has one
    """

    kind: Kind
    owner: str = ""
    part: str = ""
    argument: str = ""
    path: tuple[str, ...] = ()
    pointer: str = ""

    @classmethod
    def of(cls, change: Change) -> ContractLocation:
        coordinate, _, pointer = change.coordinate.partition("#")
        if change.kind is Kind.OPENAPI:
            method, _, rest = coordinate.partition(" ")
            path, _, rest = rest.partition(" ")
            part, path_within = _part_and_path(rest)
            return cls(
                kind=change.kind,
                owner=f"{method} {path}".strip(),
                part=part,
                path=path_within,
                pointer=pointer,
            )
        whole, _, argument = coordinate.partition("(")
        owner, *path_inside = _NAMES.findall(whole) or [""]
        is_graphql = change.kind is Kind.GRAPHQL
        return cls(
            kind=change.kind,
            owner=owner,
            part=path_inside[0] if is_graphql and path_inside else "",
            argument=argument.removesuffix(":)"),
            path=() if is_graphql else tuple(path_inside),
            pointer=pointer,
        )

    @property
    def name(self) -> str:
        """
        The name of what is there: of the argument, the parameter, the property, the field, or the owner.
        """
        names = [step for step in self.path if step != _ITEMS]
        inner = self.argument or (names[-1] if names else self.part.rpartition(".")[2])
        return inner or self.owner


def _part_and_path(rest: str) -> tuple[str, tuple[str, ...]]:
    """
    ``200 body[].title`` is the part ``200 body`` and the path from there; a parameter is a part by itself.
    """
    head, body, inside = rest.partition("body")
    return (f"{head}{body}", tuple(_NAMES.findall(inside))) if body else (rest, ())


def _general(text: str) -> str:
    return _VOLATILE.sub("…", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    One difference between two recordings of a test.

    * ``location`` is where it is, by the numbers of the accepted recording
    * ``new_location`` is where it is in the new recording; None for something that is gone
    * ``causes`` are the ids of what has to be decided before it is accepted; ``is_explained`` says that these
      are changes of a contract
    """

    kind: DifferenceKind
    location: Location
    before: JsonValue
    after: JsonValue
    severity: Severity
    new_location: Location | None = field(default=None, repr=False)
    causes: tuple[str, ...] = ()
    is_explained: bool = False

    @property
    def is_whole(self) -> bool:
        """
        Whether a whole interaction or conversation came or went.
        """
        return not self.location.steps and not self.location.is_head


def worst_severity(differences: Iterable[Difference]) -> Severity | None:
    return max((difference.severity for difference in differences), default=None)


def cause_id(*parts: str) -> str:
    """
    Six characters that are the same in every run and on every machine.
    """
    text = "\n".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def contract_cause_id(service: str, change: Change) -> str:
    return cause_id(service, change.id, change.coordinate, change.message)


def behaviour_cause_id(difference: Difference) -> str:
    return cause_id(difference.location.pattern, difference.kind.value)


@dataclass(frozen=True, slots=True)
class Shard:
    """
    One part of a refresh that several machines share: the *number* of it, from 1, and how many there are.
    """

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequest:
    """
    What to record again: everything, what *paths* and *keyword* select, or, by default, what a change of a
    contract touches. Of that, with a *shard*, its part.

    *since* names a revision of git: then the changes are those of the locks since that revision, and what
    was edited since then is recorded too. One that *resumes* goes on where the last one was interrupted.
    """

    everything: bool = False
    paths: tuple[str, ...] = ()
    keyword: str = ""
    since: str = ""
    shard: Shard | None = None
    resumes: bool = False

    @property
    def is_explicit(self) -> bool:
        return self.everything or bool(self.paths or self.keyword)

    @property
    def is_whole(self) -> bool:
        return self.everything and not (self.paths or self.keyword)


class Status(Enum):
    """
    What became of one test's cassette.

    * ``UNCHANGED``: not one byte differs
    * ``RENEWED``: only the fingerprint of the contract differs, no request and no response
    * ``CHANGED``: a request or a response differs
    * ``NEW``: there was no cassette
    * ``FAILED``: the test no longer passes; its cassette stays
    """

    UNCHANGED = "unchanged"
    RENEWED = "renewed"
    CHANGED = "changed"
    NEW = "new"
    FAILED = "failed"


class Verdict(Enum):
    """
    What became of the contract and of the recordings; the worse one is the later one.

    * ``CLEAN``: neither changed
    * ``NOT_EXERCISED``: a contract changed, and no recording
    * ``EXPLAINED``: recordings changed, and changes of contracts explain every difference
    * ``UNEXPLAINED``: a recording changed, or a test fails, and no change of a contract explains it
    """

    CLEAN = "clean"
    NOT_EXERCISED = "not exercised"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteResult:
    """
    One test's new recording beside its accepted one. *cassette* is relative to the project.

    * where they differ, *before* and *after* are what they hold, for whoever shows or keeps them
    * *touched_by* are the changes of contracts that the cassette touches
    * *causes* are the ids of what has to be decided about it: the causes of its differences; where there is
      no difference, the changes that it touches
    """

    test: str
    cassette: str
    status: Status
    differences: tuple[Difference, ...] = ()
    message: str = ""
    before: Cassette | None = field(default=None, repr=False)
    after: Cassette | None = field(default=None, repr=False)
    touched_by: tuple[Change, ...] = ()
    causes: tuple[str, ...] = ()
    is_failure_explained: bool = False

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """
        The differences that no change of a contract explains; nothing in the head comes from a service.
        """
        return tuple(one for one in self.differences if not (one.is_explained or one.location.is_head))

    @property
    def severity(self) -> Severity | None:
        return Severity.BREAKING if self.status is Status.FAILED else worst_severity(self.differences)

    @property
    def verdict(self) -> Verdict:
        """
        A test that fails is explained only where its failure shows what a change of a contract explains.
        """
        is_failed = self.status is Status.FAILED
        if self.unexplained or (is_failed and not self.is_failure_explained):
            return Verdict.UNEXPLAINED
        if is_failed or any(one.is_explained for one in self.differences):
            return Verdict.EXPLAINED
        return Verdict.NOT_EXERCISED if self.touched_by else Verdict.CLEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedTest:
    """
    Why a test was recorded again: the changes its cassette touches, or another reason in words.
    """

    test: str
    cassette: str
    changes: tuple[Change, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    What one decision is about: a change of a contract, or a change of behaviour that no contract explains.

    * ``id`` is short, the same in every run, and what ``--cause`` takes
    * ``changes`` are the change, and the same one where other places share what changed; none for behaviour
    * ``coordinate`` and ``sentence`` say it to people
    * ``tests`` and ``cassettes`` touch it, whether they were recorded again or not
    * ``explained`` are the cassettes with a difference that is due to it
    * ``failing`` are the tests that no longer pass because of it
    * ``unread`` are the cassettes that hold what changed while their tests do not read it; where all are, and
      no test fails, ``severity`` is safe, and ``promised`` is what the contract alone would say
    """

    id: str
    severity: Severity
    coordinate: str
    sentence: str
    service: str = ""
    changes: tuple[Change, ...] = ()
    tests: tuple[str, ...] = ()
    cassettes: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    promised: Severity | None = None

    @property
    def readers(self) -> tuple[str, ...]:
        """
        The cassettes whose tests read what changed, or may: what nobody knows counts as read.
        """
        return tuple(name for name in self.cassettes if name not in self.unread)

    @property
    def rule(self) -> str:
        """
        The id of the change; empty for a change of behaviour.
        """
        return self.changes[0].id if self.changes else ""

    @property
    def is_contract_change(self) -> bool:
        return bool(self.changes)

    @property
    def is_used(self) -> bool:
        """
        Whether any cassette touches it. A breaking change that none does breaks no test.
        """
        return bool(self.cassettes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDiff:
    """
    What a service's contract shows now, and what changed since the lock.
    """

    service: str
    live: Contracts
    changes: tuple[Change, ...]
    is_locked: bool

    @property
    def differs(self) -> bool:
        return self.is_locked and bool(self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What accepting some causes, and no others, comes to.

    * ``accepted`` are the cassettes with nothing left to decide
    * ``left`` are those that have other causes too, each with these
    * ``locks`` are the services of which the lock is accepted, each with the changes that nothing touches
    * ``open_locks`` are those of which it is not, each with the causes that keep it
    """

    accepted: tuple[str, ...] = ()
    left: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    locks: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    open_locks: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return not (self.left or self.open_locks)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshResult:
    """
    Everything that a refresh found, and what reports need to say beside it.

    * ``written``: whether pending recordings and locks were left for a review
    * ``causes`` are what to decide: first what no contract explains, then the changes of all contracts, the
      worst that is used first
    * ``contradictions`` are what new recordings have that the contracts of their services contradict, each
      with the tests that have it
    * ``chosen`` are the reasons why each test was recorded
    * ``command`` is what a user types to refresh
    * ``pending`` is the folder that holds what would wait, where a check was asked to keep it
    * ``coverage`` is what no recording exercises, where that is known
    * ``error`` is why nothing was found
    """

    contract_diffs: tuple[ContractDiff, ...] = ()
    cassette_results: tuple[CassetteResult, ...] = ()
    orphans: tuple[str, ...] = ()
    written: bool = False
    causes: tuple[Cause, ...] = ()
    contradictions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: tuple[SelectedTest, ...] = ()
    command: str = "taketwo refresh"
    pending: str = ""
    coverage: JsonValue = None
    error: str = ""

    def of(self, status: Status) -> list[CassetteResult]:
        return [one for one in self.cassette_results if one.status is status]

    @property
    def contract_causes(self) -> list[Cause]:
        return [cause for cause in self.causes if cause.is_contract_change]

    @property
    def unexplained_causes(self) -> list[Cause]:
        return [cause for cause in self.causes if not cause.is_contract_change]

    @property
    def unlocked(self) -> tuple[str, ...]:
        """
        The services whose contract had no lock.
        """
        return tuple(diff.service for diff in self.contract_diffs if not diff.is_locked)

    @property
    def has_pending(self) -> bool:
        """
        Whether there is something to accept or reject.
        """
        return bool(self.of(Status.CHANGED) or self.of(Status.RENEWED) or self.contract_causes)

    @property
    def verdict(self) -> Verdict:
        """
        The worst of the cassettes; NOT_EXERCISED when a contract changed and no cassette touches that.
        """
        found = [one.verdict for one in self.cassette_results]
        if self.contract_causes:
            found.append(Verdict.NOT_EXERCISED)
        return max(found, key=list(Verdict).index, default=Verdict.CLEAN)

    @property
    def exit_code(self) -> int:
        """
        0 clean; 1 something to review; 2 breaking, or a test that no longer passes; 3 could not run.
        """
        if self.error:
            return 3
        if any(one.severity is Severity.BREAKING for one in self.cassette_results):
            return 2
        if self.contradictions:
            return 1
        to_review = {Status.RENEWED, Status.CHANGED} | (set() if self.written else {Status.NEW})
        differs = any(diff.differs for diff in self.contract_diffs) or bool(
            self.unlocked and not self.written
        )
        return 1 if differs or any(one.status in to_review for one in self.cassette_results) else 0
