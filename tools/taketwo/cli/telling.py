"""
From what a refresh found to what its reports tell: names, sentences, ids of causes, and no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from taketwo.cassette import Cassette, Interaction, JsonValue, Redactor
from taketwo.cassette.strings import map_json
from taketwo.compare import Drift, drift_between
from taketwo.contract import Change
from taketwo.refresh import Cause as ContractCause
from taketwo.refresh import Refreshed, Retake, Status, Undocumented
from taketwo.report import Case, Cause, Story, behaviour, cause_id


def tell(
    found: Refreshed,
    *,
    command: str,
    redactor: Redactor,
    takes: str = "",
    coverage: JsonValue = None,
) -> Story:
    found = _assuming(found)
    telling = _Telling(redactor)
    causes = [telling.cause(one) for one in found.causes]
    return Story(
        command=command,
        verdict=found.verdict.value,
        exit_code=found.exit_code,
        written=found.written,
        causes=(*causes, *(telling.behaviour(one) for one in found.undocumented)),
        cases=tuple(telling.case(one, found) for one in found.retakes),
        unlocked=tuple(news.service for news in found.news if not news.is_locked),
        orphans=found.orphans,
        takes=takes,
        coverage=coverage,
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    redactor: Redactor

    def cause(self, cause: ContractCause) -> Cause:
        change = cause.change
        return Cause(
            id=_id(cause.service, change),
            rule=change.id,
            service=cause.service,
            coordinate=self.redactor.text(change.coordinate),
            sentence=self.redactor.text(change.message),
            severity=change.severity,
            cassettes=cause.cassettes,
            explained=cause.explained,
            failing=cause.failing,
        )

    def behaviour(self, cause: Undocumented) -> Cause:
        return Cause(
            id=cause_id(cause.place),
            rule="",
            service="",
            coordinate=self.redactor.text(cause.place),
            sentence=self.redactor.text(behaviour(cause.example)),
            severity=cause.severity,
            cassettes=cause.cassettes,
            explained=cause.cassettes,
        )

    def case(self, retake: Retake, found: Refreshed) -> Case:
        before, after = self._cassette(retake.before), self._cassette(retake.after)
        return Case(
            test=self.redactor.text(retake.test),
            cassette=retake.cassette,
            status=retake.status.value,
            verdict=retake.verdict.value,
            causes=tuple(_causes(retake, found)),
            drifts=self._drifts(retake, before, after),
            message=self.redactor.text(retake.message),
            before=before,
            after=after,
        )

    def _drifts(self, retake: Retake, before: Cassette | None, after: Cassette | None) -> tuple[Drift, ...]:
        if before is not None and after is not None and not before.test:
            # A cassette of VCR.py holds what it was recorded with, secrets by their places included.
            return drift_between(before, after)
        return tuple(self._drift(drift) for drift in retake.drifts)

    def _drift(self, drift: Drift) -> Drift:
        text = self.redactor.text
        return replace(
            drift,
            place=text(drift.place),
            before=map_json(drift.before, text, text),
            after=map_json(drift.after, text, text),
        )

    def _cassette(self, cassette: Cassette | None) -> Cassette | None:
        return cassette and replace(
            cassette, interactions=tuple(map(self._interaction, cassette.interactions))
        )

    def _interaction(self, interaction: Interaction) -> Interaction:
        request, response = interaction.request, interaction.response
        return Interaction(self.redactor.request(request), self.redactor.response(response))


def _causes(retake: Retake, found: Refreshed) -> Iterator[str]:
    for cause in found.causes:
        if {cause.change, *cause.also} & set(retake.touched_by) and retake.cassette in {
            *cause.cassettes,
            *cause.explained,
        }:
            yield _id(cause.service, cause.change)
    for told in found.undocumented:
        if retake.cassette in told.cassettes:
            yield cause_id(told.place)


def _id(service: str, change: Change) -> str:
    return cause_id(service, change.id, change.coordinate, change.message)


def _assuming(found: Refreshed) -> Refreshed:
    """
    Where nobody looked for causes: whatever changed in a contract touches all that was recorded again.
    """
    if found.causes or found.undocumented:
        return found
    changes = [(news.service, change) for news in found.news if news.differs for change in news.changes]
    retakes = tuple(_touched(retake, [change for _, change in changes]) for retake in found.retakes)
    explained = tuple(retake.cassette for retake in retakes if retake.touched_by and retake.drifts)
    touched = tuple(retake.cassette for retake in retakes if retake.touched_by)
    failing = tuple(retake.test for retake in retakes if retake.touched_by and retake.status is Status.FAILED)
    causes = tuple(
        ContractCause(service=service, change=change, cassettes=touched, explained=explained, failing=failing)
        for service, change in changes
    )
    return replace(
        found,
        retakes=retakes,
        causes=causes,
        undocumented=tuple(sorted(_behaviours(retakes), key=lambda one: one.severity, reverse=True)),
    )


def _touched(retake: Retake, changes: list[Change]) -> Retake:
    if changes:
        return replace(retake, touched_by=tuple(changes))
    return replace(retake, undocumented=retake.drifts)


def _behaviours(retakes: tuple[Retake, ...]) -> Iterator[Undocumented]:
    places: dict[str, list[tuple[str, Drift]]] = {}
    for retake in retakes:
        for drift in retake.undocumented:
            place = re.sub(r"\[\d+\]", "[]", re.sub(r"^\d+\. ", "", drift.place))
            places.setdefault(place, []).append((retake.cassette, drift))
    for place, seen in sorted(places.items()):
        yield Undocumented(
            place=place,
            severity=max(drift.severity for _, drift in seen),
            cassettes=tuple(dict.fromkeys(cassette for cassette, _ in seen)),
            example=seen[0][1],
        )
