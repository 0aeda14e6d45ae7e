"""
What a pytest run says about cassettes when it ends.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from taketwo.report.text import contradiction_lines

_SENTENCES = {
    "new": "recorded for the first time",
    "changed": "recorded again, and changed",
    "unchanged": "recorded again, not one byte changed",
    "pending": "recorded, for a review",
    "kept": "recorded, and not put in place",
    "removed": "removed, since the test sends nothing any more",
}
_PUT_IN_PLACE = ("new", "changed", "unchanged")
_NAMED = {"new", "changed", "kept", "removed"}
_RANKS = {state: rank for rank, state in enumerate(_SENTENCES)}
_MOST_NAMES = 20

_ATTENTION = {
    "unused": ("that no test uses; to delete them: taketwo prune --yes", "cassette"),
    "missing": ("without a cassette; to record what is missing: pytest --record-mode=once", "test"),
}

_LEFT_ALONE = (
    "without requests to a service that ignore_hosts, ignore_localhost or before_record_request leaves "
    "alone; a replay starts no service for them"
)

_MOST_PLACES = 5
_REWRITTEN = "git keeps line ends by '*.yaml text eol=lf' in .gitattributes"


def summary_lines(
    results: Sequence[Mapping[str, Any]],
    *,
    errors: Sequence[str],
    locks_behind: Sequence[str],
    late: Sequence[str] = (),
    asked: Sequence[str] = (),
    rewritten: Mapping[str, str] = MappingProxyType({}),
    repeated: Mapping[str, int] = MappingProxyType({}),
    elsewhere: Collection[str] = (),
) -> list[str]:
    """
    The lines of the summary; none when nothing happened that one would want to know.
    """
    return [
        *errors,
        *_recorded(results),
        *_elsewhere(elsewhere),
        *_ended(results),
        *_colliding(results),
        *_noted(results, "unplayed", "with interactions that were never played"),
        *_noted(results, "contradictions", "that contradict the contract in the lock of their service"),
        *_noted(results, "unanswered", "without the requests that got no answer; a replay has none for them"),
        *_noted(results, "left_alone", _LEFT_ALONE),
        *_contradicted(results),
        *(_lock_behind(name) for name in locks_behind),
        *_late(late),
        *_asked_by_children(asked),
        *_rewritten(rewritten),
        *(_repeated(name, times) for name, times in sorted(repeated.items())),
    ]


def put_in_place(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """
    The cassettes that *results* say were written.
    """
    return sorted({str(each["cassette"]) for each in results if each["state"] in _PUT_IN_PLACE})


def _elsewhere(names: Collection[str]) -> list[str]:
    if not names:
        return []
    count = "1 of them is" if len(names) == 1 else f"{len(names)} of them are"
    where = f"{count} not here: removed, or where a worker of pytest-xdist on another host recorded"
    return [f"{where}; copy the cassettes from there, or divide the recording by: taketwo refresh --shard"]


def some(names: Sequence[str]) -> list[str]:
    """
    *names* as lines of a list that ends somewhere.
    """
    lines = [f"  {name}" for name in names[:_MOST_NAMES]]
    return [*lines, f"  and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else lines


def one_a_test(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """
    One result for each test and cassette, however often the test was run: that of its last attempt, and what
    was put in place by an earlier one.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for result in results:
        key = str(result.get("test", "")), str(result["cassette"])
        before = found.get(key)
        states = [each["state"] for each in (before, result) if each is not None]
        state = min(states, key=lambda one: _RANKS.get(one, len(_RANKS)))
        found[key] = result if state == result["state"] else {**result, "state": state}
    return list(found.values())


def _recorded(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """
    What became of the cassettes; one that several tests share counts once.
    """
    states: dict[str, set[str]] = {}
    for result in results:
        states.setdefault(str(result["state"]), set()).add(str(result["cassette"]))
    counted: set[str] = set()
    lines = []
    for state, sentence in _SENTENCES.items():
        names = states.get(state, set()) - (counted if state in _PUT_IN_PLACE else set())
        if not names:
            continue
        counted |= names if state in _PUT_IN_PLACE else set()
        lines.append(f"{_cassettes(len(names))} {sentence}")
        if state in _NAMED:
            lines += some(_reasons(results, names) if state == "kept" else sorted(names))
    return lines


def _reasons(results: Sequence[Mapping[str, Any]], names: Iterable[str]) -> list[str]:
    """
    *names* of cassettes that were not put in place, each with the reason.
    """
    reasons = {
        str(result["cassette"]): str(result.get("kept_because", ""))
        for result in results
        if result["state"] == "kept"
    }
    return [f"{name}: {reasons[name]}" if reasons[name] else name for name in sorted(names)]


def _ended(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """
    The recordings of tests that neither passed nor failed, with how they ended.
    """
    found = sorted(
        f"{result['cassette']}: {result['ended']}"
        for result in results
        if result.get("ended") and result["state"] in {"new", "changed"}
    )
    return [f"{_cassettes(len(found))} of a test that did not pass", *some(found)] if found else []


def _colliding(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """
    The cassettes that are one file where names differ by more than their case, if one of them is new.
    """
    names: dict[str, dict[str, None]] = {}
    for name in sorted(str(result["cassette"]) for result in results):
        names.setdefault(unicodedata.normalize("NFC", name.casefold()), {})[name] = None
    new = {str(result["cassette"]) for result in results if result["state"] == "new"}
    found = [", ".join(group) for group in names.values() if len(group) > 1 and not new.isdisjoint(group)]
    if not found:
        return []
    return [
        (
            "names that differ only in case, and are one file on macOS and Windows; rename a test, or name "
            'its cassette: @pytest.mark.default_cassette("...")'
        ),
        *some(found),
    ]


def _noted(results: Sequence[Mapping[str, Any]], what: str, sentence: str) -> list[str]:
    found = sorted((str(result["cassette"]), int(result[what])) for result in results if result.get(what))
    if not found:
        return []
    return [f"{_cassettes(len(found))} {sentence}", *some([f"{name}: {count}" for name, count in found])]


def _contradicted(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return contradiction_lines(Counter(one for result in results for one in result.get("contradicted", ())))


def _late(messages: Sequence[str]) -> list[str]:
    if not messages:
        return []
    count = "1 request" if len(messages) == 1 else f"{len(messages)} requests"
    return [f"{count} refused, since the test had ended by then", *some(messages)]


def _asked_by_children(messages: Sequence[str]) -> list[str]:
    if not messages:
        return []
    return ["child processes asked for what is not recorded; a replay refuses it, and fails", *some(messages)]


def _rewritten(found: Mapping[str, str]) -> list[str]:
    """
    What a checkout or an editor did to cassettes, once for each of its kinds.
    """
    by_kind: dict[str, list[str]] = {}
    for name, what in sorted(found.items()):
        by_kind.setdefault(what, []).append(name)
    lines = []
    for what, names in by_kind.items():
        lines.append(f"{_cassettes(len(names))} with {what}: read as without, and no change; {_REWRITTEN}")
        lines += some(names)
    return lines


def _repeated(service: str, times: int) -> str:
    count = "1 request" if times == 1 else f"{times} requests"
    return (
        f"{service} answered 429 or 503 to {count}; after a wait they were sent again, and none is recorded"
    )


def _lock_behind(service: str) -> str:
    return (
        f"the contract of {service} is not the one in the lock; it is pending beside the lock, and what was "
        "recorded now is replayed by it; what changed: taketwo report; to accept it: taketwo accept"
    )


def _cassettes(count: int) -> str:
    return "1 cassette" if count == 1 else f"{count} cassettes"


def attention_lines(what: str, names: Sequence[str], *, fails: bool) -> list[str]:
    """
    The lines about all that is *what*: unused, missing.
    """
    if not names:
        return []
    sentence, noun = _ATTENTION[what]
    count = f"1 {noun}" if len(names) == 1 else f"{len(names)} {noun}s"
    return [f"{'FAILED: ' if fails else ''}{count} {sentence}", *some(names)]


def merged_rules(reports: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """
    The reports of several processes as one; see :meth:`taketwo.cassette.volatile.detect.Detector.report`.
    """
    merged: dict[str, dict[str, Any]] = {}
    for one in (one for report in reports for one in report):
        known = merged.setdefault(one["rule"], {**one, "uses": 0, "mistyped": []})
        known["uses"] += one["uses"]
        known["mistyped"] += one["mistyped"]
    return list(merged.values())


def placeholder_rule_lines(rules: Iterable[Mapping[str, Any]], *, is_whole: bool) -> list[str]:
    """
    The rules that matched nothing, known only after a run of all tests, and those that matched another type.
    """
    lines: list[str] = []
    for rule in rules:
        if is_whole and not rule["uses"]:
            lines.append(f"a placeholder rule matched nothing: {rule['rule']}")
            lines.append("  correct it, or delete it from [[tool.taketwo.placeholders]]")
        if rule["mistyped"]:
            counted = Counter(rule["mistyped"])
            lines.append(f"a placeholder rule met what is no {rule['type']}: {rule['rule']}")
            lines += [f"  {_times(count)}{place}" for place, count in sorted(counted.items())[:_MOST_PLACES]]
            lines += [f"  and {len(counted) - _MOST_PLACES} more"] if len(counted) > _MOST_PLACES else []
    return lines


def _times(count: int) -> str:
    return f"{count} times " if count > 1 else ""
