"""
From what a refresh found to what its reports tell: names, sentences, ids of causes, and no secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from taketwo.cassette import Cassette, JsonValue, Redactor, masked
from taketwo.cassette.strings import map_json
from taketwo.compare import Drift, drift_between
from taketwo.contract import Change
from taketwo.refresh import Cause as ContractCause
from taketwo.refresh import Refreshed, Retake, Undocumented
from taketwo.report import Case, Cause, Story, behaviour, cause_id


def tell(
    found: Refreshed,
    *,
    command: str,
    redactor: Redactor,
    takes: str = "",
    coverage: JsonValue = None,
) -> Story:
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
            coordinate=self.redactor.text(_coordinate(cause)),
            sentence=self.redactor.text(change.message),
            severity=change.severity,
            cassettes=cause.cassettes,
            explained=cause.explained,
            failing=cause.failing,
        )

    def behaviour(self, cause: Undocumented) -> Cause:
        return Cause(
            id=_id_of_behaviour(cause),
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
        if before is not None and after is not None and (before, after) != (retake.before, retake.after):
            # They held secrets, some of which are known by nothing but the places where they stand.
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
        return cassette and masked(cassette, self.redactor)


def _causes(retake: Retake, found: Refreshed) -> Iterator[str]:
    """
    What explains the drifts of a retake, or what breaks its test; without a drift, what it touches.
    """
    for cause in found.causes:
        is_touched = bool({cause.change, *cause.also} & set(retake.touched_by))
        is_due = retake.cassette in cause.explained or retake.test in cause.failing or not retake.drifts
        if is_touched and is_due:
            yield _id(cause.service, cause.change)
    for told in found.undocumented:
        if retake.undocumented and retake.cassette in told.cassettes:
            yield _id_of_behaviour(told)


def _coordinate(cause: ContractCause) -> str:
    more = len(cause.also)
    return f"{cause.change.coordinate} (and {more} more)" if more else cause.change.coordinate


def _id(service: str, change: Change) -> str:
    return cause_id(service, change.id, change.coordinate, change.message)


def _id_of_behaviour(cause: Undocumented) -> str:
    return cause_id(cause.place, cause.example.kind.value)
