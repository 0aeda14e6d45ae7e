"""
From what a refresh found to what its reports tell: names, sentences, ids of causes, and no secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from taketwo.cassette.model import Cassette, JsonValue
from taketwo.cassette.secrets.mask import mask
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.visit import map_json
from taketwo.compare.recordings import Difference, compare_cassettes
from taketwo.contract.changes import Change
from taketwo.report.model import CassetteReport, Cause, Report, cause_id
from taketwo.report.render.terminal import behaviour
from taketwo.results import CassetteResult, RefreshResult, UnexplainedDifference
from taketwo.results import Cause as ContractCause


def build_report(
    found: RefreshResult,
    *,
    command: str,
    redactor: Redactor,
    pending: str = "",
    coverage: JsonValue = None,
) -> Report:
    messages = _Builder(redactor)
    causes = [messages.cause(one) for one in found.causes]
    return Report(
        command=command,
        verdict=found.verdict.value,
        exit_code=found.exit_code,
        written=found.written,
        causes=(*causes, *(messages.behaviour(one) for one in found.unexplained)),
        cases=tuple(messages.case(one, found) for one in found.cassette_results),
        unlocked=tuple(diff.service for diff in found.contract_diffs if not diff.is_locked),
        orphans=found.orphans,
        pending=pending,
        coverage=coverage,
    )


@dataclass(frozen=True, slots=True)
class _Builder:
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

    def behaviour(self, cause: UnexplainedDifference) -> Cause:
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

    def case(self, cassette_result: CassetteResult, found: RefreshResult) -> CassetteReport:
        before, after = self._cassette(cassette_result.before), self._cassette(cassette_result.after)
        return CassetteReport(
            test=self.redactor.text(cassette_result.test),
            cassette=cassette_result.cassette,
            status=cassette_result.status.value,
            verdict=cassette_result.verdict.value,
            causes=tuple(_causes(cassette_result, found)),
            differences=self._differences(cassette_result, before, after),
            message=self.redactor.text(cassette_result.message),
            before=before,
            after=after,
        )

    def _differences(
        self, cassette_result: CassetteResult, before: Cassette | None, after: Cassette | None
    ) -> tuple[Difference, ...]:
        if (
            before is not None
            and after is not None
            and (before, after) != (cassette_result.before, cassette_result.after)
        ):
            # They held secrets, some of which are known by nothing but the places where they stand.
            return compare_cassettes(before, after)
        return tuple(self._difference(difference) for difference in cassette_result.differences)

    def _difference(self, difference: Difference) -> Difference:
        text = self.redactor.text
        return replace(
            difference,
            place=text(difference.place),
            before=map_json(difference.before, text, text),
            after=map_json(difference.after, text, text),
        )

    def _cassette(self, cassette: Cassette | None) -> Cassette | None:
        return cassette and mask(cassette, self.redactor)


def _causes(cassette_result: CassetteResult, found: RefreshResult) -> Iterator[str]:
    """
    What explains the drifts of a retake, or what breaks its test; without a drift, what it touches.
    """
    for cause in found.causes:
        is_touched = bool({cause.change, *cause.also} & set(cassette_result.touched_by))
        is_due = (
            cassette_result.cassette in cause.explained
            or cassette_result.test in cause.failing
            or not cassette_result.differences
        )
        if is_touched and is_due:
            yield _id(cause.service, cause.change)
    for told in found.unexplained:
        if cassette_result.unexplained and cassette_result.cassette in told.cassettes:
            yield _id_of_behaviour(told)


def _coordinate(cause: ContractCause) -> str:
    more = len(cause.also)
    return f"{cause.change.coordinate} (and {more} more)" if more else cause.change.coordinate


def _id(service: str, change: Change) -> str:
    return cause_id(service, change.id, change.coordinate, change.message)


def _id_of_behaviour(cause: UnexplainedDifference) -> str:
    return cause_id(cause.place, cause.example.kind.value)
