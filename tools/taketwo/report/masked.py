"""
A result without secrets: what every report is made of.
"""

from __future__ import annotations

from dataclasses import replace

from taketwo.cassette.model import Cassette
from taketwo.cassette.secrets.mask import mask
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.visit import map_json
from taketwo.compare.recordings import compare_cassettes
from taketwo.results import CassetteResult, Cause, Difference, Location, RefreshResult


def masked(result: RefreshResult, redactor: Redactor) -> RefreshResult:
    """
    *result* with every secret that *redactor* knows, or finds where it stands, replaced by its name.
    """
    return replace(
        result,
        causes=tuple(_cause(one, redactor) for one in result.causes),
        contradictions={redactor.text(what): tests for what, tests in result.contradictions.items()},
        cassette_results=tuple(_cassette_result(one, redactor) for one in result.cassette_results),
    )


def _cause(cause: Cause, redactor: Redactor) -> Cause:
    text = redactor.text
    return replace(cause, coordinate=text(cause.coordinate), sentence=text(cause.sentence))


def _cassette_result(result: CassetteResult, redactor: Redactor) -> CassetteResult:
    before, after = _cassette(result.before, redactor), _cassette(result.after, redactor)
    return replace(
        result,
        test=redactor.text(result.test),
        differences=tuple(_differences(result, (before, after), redactor)),
        message=redactor.text(result.message),
        before=before,
        after=after,
    )


def _cassette(cassette: Cassette | None, redactor: Redactor) -> Cassette | None:
    return cassette and mask(cassette, redactor)


def _differences(
    result: CassetteResult, masked_cassettes: tuple[Cassette | None, Cassette | None], redactor: Redactor
) -> list[Difference]:
    before, after = masked_cassettes
    if before is None or after is None or masked_cassettes == (result.before, result.after):
        return [_difference(one, redactor) for one in result.differences]
    # They held secrets, some of which are known by nothing but the places where they stand.
    shown = {_key(one): one for one in compare_cassettes(before, after)}
    return [
        replace(one, location=new.location, before=new.before, after=new.after)
        for one in result.differences
        if (new := shown.get(_key(one))) is not None
    ]


def _key(difference: Difference) -> object:
    location = difference.location
    place = location.interaction, location.conversation, location.steps
    return difference.kind, place, difference.new_location and difference.new_location.steps


def _difference(difference: Difference, redactor: Redactor) -> Difference:
    text = redactor.text
    return replace(
        difference,
        location=_location(difference.location, redactor),
        before=map_json(difference.before, text, text),
        after=map_json(difference.after, text, text),
    )


def _location(location: Location, redactor: Redactor) -> Location:
    text = redactor.text
    path = tuple(text(step) if isinstance(step, str) else step for step in location.path)
    return replace(location, target=text(location.target), path=path)
