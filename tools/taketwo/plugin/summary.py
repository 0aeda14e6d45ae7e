"""
The summary at the end of a run. Imported there, where it has something to say of cassettes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from warnings import WarningMessage

import pytest

from taketwo.plugin.collected.misspelt import misspelt_marker
from taketwo.plugin.collected.unused import Findings, with_joint_unplayed
from taketwo.report.render.summary import (
    attention_lines,
    merged_rules,
    one_a_test,
    placeholder_rule_lines,
    put_in_place,
    summary_lines,
)
from taketwo.report.text import visible


def run_lines(
    results: Sequence[Mapping[str, Any]],
    found: Findings | None,
    **problems: Any,  # noqa: ANN401 - of summary_lines
) -> list[str]:
    """
    What the section ``taketwo`` of pytest's summary says.
    """
    lines = summary_lines(with_joint_unplayed(one_a_test(results)), **problems)
    if found is not None:
        for what in ("unused", "missing"):
            lines += attention_lines(what, getattr(found, what), fails=what in found.failing)
    return lines


def recorded_elsewhere(results: Sequence[Mapping[str, Any]], root: Path) -> list[str]:
    """
    The cassettes that were written, and not below *root*: by workers of pytest-xdist on other hosts.
    """
    return [name for name in put_in_place(results) if not (root / name).is_file()]


def misspelt_markers(warnings: Iterable[WarningMessage]) -> list[str]:
    """
    What the section ``taketwo markers`` says: each marker that looks like one of a cassette, once.
    """
    return [line for line in dict.fromkeys(map(misspelt_marker, warnings)) if line]


def rule_lines(reports: Sequence[Sequence[Mapping[str, Any]]], *, is_whole_run: bool) -> list[str]:
    """
    What the section ``taketwo placeholders`` says of the rules of the project.
    """
    return placeholder_rule_lines(merged_rules(reports), is_whole=is_whole_run)


def write_section(reporter: pytest.TerminalReporter, title: str, lines: Sequence[str]) -> None:
    """
    Write *lines* below a rule with *title*, none when there are none.
    """
    if lines:
        reporter.write_sep("-", title)
        for line in lines:
            reporter.write_line(visible(line))
