"""
Whether a cell keeps what is promised, from the four passes over it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from tests.toolkit.clients.passes import Outcome, Pass, Ran, module_of
from tests.toolkit.clients.recorders import OURS, Recorder
from tests.toolkit.clients.table import Row

_ENTRY = re.compile(r"^\s*- request:", re.MULTILINE)
# What the server says of a piece that it sent without knowing that the one before it was received.
_LATE = re.compile(r"\b(apple|pear) late\b")
_NOT_RUN = Outcome(passed=False, text="the test did not run")
# What the message for a request that was changed has to name, beside the cassette.
_APPLE, _PEAR = "(apple|61 70 70 6c 65)", "(pear|70 65 61 72)"  # or their bytes
_WORDS = rf"recorded .*{_APPLE}.*, received .*{_PEAR}"
_BY_HEADER = {"not_modified": r"(?i)if-none-match", "ranges": r"(?i)\brange\b"}
# The client says first how long the file is.
_BY_LENGTH = {"upload": r"json\.file\.size_bytes: recorded 261, received 260"}
_NAMED: Mapping[str, Mapping[str, str]] = {
    "http": {
        "get": r'query\.word: recorded "apple", received "pear"',
        "json_object": r'json\.word: recorded "apple", received "pear"',
        "json_list": r'json\[0\]: recorded "apple", received "pear"',
        "form": r'word\b.*: recorded "apple", received "pear"',
        "multipart_text": r"\bnote\b.*: recorded .*apple.*, received .*pear",
        "multipart_binary": r"\bfile\b.*: recorded ",
        **_BY_HEADER,
        "unanswered": r"there is no cassette",
    },
    "sockets": {},
}
# Things that no replay could repeat, so that their recording is refused.
_REFUSED = {"unanswered": "was refused: what it sent got no answer, and the cassette would be empty"}


def is_refused(thing: str) -> bool:
    """
    Whether there is nothing in it that could be replayed, so that the toolkit refuses to record it.
    """
    return thing in _REFUSED


def problems(row: Row, thing: str, runs: Mapping[Pass, Ran], *, recorder: Recorder = OURS) -> dict[Pass, str]:
    """
    What is wrong with a cell, by the pass that shows it; nothing when it is as it should be.

    Of another recorder than the toolkit it is only asked that a change makes the test fail, whatever it says.
    """
    cell, name = f"{module_of(row)}::test_{thing}", f"{row.name}-{thing}"
    outcomes = {which: ran.outcomes.get(cell, _NOT_RUN) for which, ran in runs.items()}
    if is_refused(thing) and recorder is OURS:
        return _not_refused(row, thing, outcomes)
    found = {
        Pass.RECORD: [*_failed(outcomes[Pass.RECORD]), *_incomplete(name, cell, runs[Pass.RECORD])],
        Pass.REPLAY: [*_failed(outcomes[Pass.REPLAY])],
        Pass.CHANGED: [*_unnoticed(row, thing, outcomes[Pass.CHANGED], recorder)],
        Pass.AGAIN: [*_failed(outcomes[Pass.AGAIN]), *_moved(cell, runs)],
    }
    return {which: "\n".join(texts) for which, texts in found.items() if texts}


def _not_refused(row: Row, thing: str, outcomes: Mapping[Pass, Outcome]) -> dict[Pass, str]:
    found = {
        which: f"the recording was not refused:\n{outcome.text}"
        for which, outcome in outcomes.items()
        if which.records and _REFUSED[thing] not in outcome.text
    }
    for which in (Pass.REPLAY, Pass.CHANGED):
        if texts := list(_unnoticed(row, thing, outcomes[which], OURS)):
            found[which] = "\n".join(texts)
    return found


def _failed(outcome: Outcome) -> Iterator[str]:
    if not outcome.passed:
        yield outcome.text


def _incomplete(name: str, cell: str, ran: Ran) -> Iterator[str]:
    text = ran.cassettes.get(cell)
    if text is None:
        yield "there is no cassette"
        return
    recorded = len(_ENTRY.findall(text))
    if recorded != ran.answered.get(name, 0):
        yield f"the service gave {ran.answered.get(name, 0)} answers, {recorded} are in the cassette"
    if _LATE.search(text):
        yield "the cassette holds what the service sent when the client no longer listened, or did not hear"


def _unnoticed(row: Row, thing: str, outcome: Outcome, recorder: Recorder) -> Iterator[str]:
    named = (_NAMED[row.shared] if row.adapter else _BY_HEADER | _BY_LENGTH).get(thing, _WORDS)
    if outcome.passed:
        yield "the test passed"
    elif recorder is not OURS:
        return
    elif "taketwo.errors" not in outcome.text:
        yield f"the test failed, but not for a request that is not recorded:\n{outcome.text}"
    elif not re.search(named, outcome.text):
        yield f"the message does not name what differs:\n{outcome.text}"


def _moved(cell: str, runs: Mapping[Pass, Ran]) -> Iterator[str]:
    before = runs[Pass.RECORD].cassettes.get(cell, "").splitlines()
    after = runs[Pass.AGAIN].cassettes.get(cell, "").splitlines()
    if before != after:
        changed = difflib.unified_diff(before, after, "recorded", "again", lineterm="", n=1)
        yield "the recording changed:\n" + "\n".join(changed)
